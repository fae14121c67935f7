"""Who is meant by "@Ada Lovelace" or "@ada" in a text."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

from accounts.models import User

Handles = Mapping[str, list[User]]


def handles_of(people: Iterable[User]) -> Handles:
    """Every way to write one of them after an @, in small letters: the name, the e-mail address,
    and what stands before its @. Two of one name are both meant."""
    meant: dict[str, list[User]] = defaultdict(list)
    for person in people:
        local = person.email.partition("@")[0]
        for handle in {_plain(person.name), _plain(local), _plain(person.email)} - {""}:
            meant[handle].append(person)
    return meant


def mentioned_in(text: str, handles: Handles) -> set[User]:
    """Those of the people whom the text calls."""
    found = pattern_of(handles).findall(unicodedata.normalize("NFC", text))
    return {person for handle in found for person in handles.get(_plain(handle), [])}


def pattern_of(handles: Handles) -> re.Pattern[str]:
    """Matches "@handle"; its one group is the handle. The longest comes first, and none is taken
    out of a longer word or an address."""
    longest_first = sorted(handles, key=len, reverse=True)
    # Never matches: an empty choice would match every @.
    words = (
        "|".join(re.escape(handle).replace(r"\ ", r"\s+") for handle in longest_first) or r"(?!)"
    )
    return re.compile(rf"(?<![\w.@])@({words})(?!\w|[.@+-]\w)", re.IGNORECASE)


def _spaced(handle: str) -> str:
    return r"\s+".join(re.escape(word) for word in handle.split())


def best_handle(person: User, handles: Handles) -> str:
    """The shortest way to call this person and nobody else; the name first."""
    local = person.email.partition("@")[0]
    for handle in (person.name, local):
        if handle and handles.get(_plain(handle)) == [person]:
            return " ".join(handle.split())
    return person.email


def _plain(handle: str) -> str:
    return " ".join(unicodedata.normalize("NFC", handle).lower().split())
