"""Which posts a page of the calendar shows: read from its address, and offered as a form."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext

from accounts.models import Activity, Membership, TikTokAccount, User
from accounts.reach import accounts_within_reach
from publishing.models import Label, MediaKind, Post, PostPhoto
from publishing.states import State
from publishing.text_search import has_word

LONGEST_TEXT = 100
# What the history says of whoever was ever in the team.
JOINING = ("team_created", "invitation_accepted", "member_left")


@dataclass(frozen=True)
class Filters:
    """Any of the values of each kind; a kind without values, and an empty text, let all pass."""

    account_ids: tuple[int, ...] = ()
    states: tuple[str, ...] = ()
    author_ids: tuple[int, ...] = ()
    label_ids: tuple[int, ...] = ()
    text: str = ""

    @property
    def is_active(self) -> bool:
        return bool(self.address())

    def apply(self, posts: QuerySet[Post]) -> QuerySet[Post]:
        """Those of `posts` that fit, none of them twice."""
        if self.account_ids:
            posts = posts.filter(account__in=self.account_ids)
        if self.states:
            posts = posts.filter(state__in=self.states)
        if self.author_ids:
            posts = posts.filter(author__in=self.author_ids)
        if self.label_ids:
            labeled = Post.labels.through.objects.filter(
                post=OuterRef("pk"), label__in=self.label_ids
            )
            posts = posts.filter(Exists(labeled))
        for word in self.text.split():
            photos = PostPhoto.objects.filter(
                has_word(word, "media__original_name"), post=OuterRef("pk")
            )
            texts = has_word(word, "caption", "title", "media__original_name")
            # Most posts are videos: they are spared the look at their photos.
            posts = posts.filter(texts | Q(Exists(photos), kind=MediaKind.PHOTO))
        return posts

    def address(self) -> list[tuple[str, str]]:
        """The filters as pairs of a query; the same filters always in the same order."""
        kinds: list[tuple[str, Sequence[int | str]]] = [
            ("account", self.account_ids),
            ("state", self.states),
            ("author", self.author_ids),
            ("label", self.label_ids),
            ("q", [self.text] if self.text else []),
        ]
        return [(name, str(value)) for name, values in kinds for value in values]


@dataclass(frozen=True)
class Option:
    """`thing` is what the value stands for: an account, a state, an author or a label."""

    value: str
    word: str
    thing: Any
    is_chosen: bool


@dataclass(frozen=True)
class Menu:
    """Everything of one kind that can be chosen, several at a time; `word` stands alone,
    `word_within` in a line of others."""

    name: str
    word: str
    word_within: str
    options: list[Option]

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]


def read_filters(query: QueryDict, member: Membership) -> Filters:
    """What the address asks for, within this member's reach; what is not there counts as not
    asked. A query for each kind that is asked for."""
    states = query.getlist("state")
    return Filters(
        account_ids=_known(accounts_within_reach(member), query.getlist("account")),
        states=tuple(state for state in State.values if state in states),
        author_ids=_known(_authors(member), query.getlist("author")),
        label_ids=_known(_labels(member), query.getlist("label")),
        # PostgreSQL takes no NUL.
        text=" ".join(query.get("q", "").replace("\0", "").split())[:LONGEST_TEXT].strip(),
    )


def filter_form(
    filters: Filters,
    member: Membership,
    action: str,
    keeps: Sequence[tuple[str, str]] = (),
    *,
    accounts: Sequence[TikTokAccount] | None = None,
    labels: Sequence[Label] | None = None,
) -> dict[str, Any]:
    """What calendar/_filters.html shows, in three queries.

    `keeps` are the pairs of the page's address that stay: its view, its month. `accounts` and
    `labels` are all within the member's reach, for a page that has them already.
    """
    if accounts is None:
        reached = accounts_within_reach(member)
        accounts = list(reached.only("nickname", "username", "open_id", "hue", "avatar"))
    labels = list(_labels(member)) if labels is None else labels
    states = [_option(state, filters.states, str(state.label)) for state in State]
    menus = [
        Menu(
            "account",
            gettext("Account"),
            gettext("account"),
            _options(accounts, filters.account_ids),
        ),
        Menu("state", gettext("State"), gettext("state"), states),
        Menu(
            "author",
            gettext("Author"),
            gettext("author"),
            _options(_authors(member), filters.author_ids),
        ),
        Menu("label", gettext("Label"), gettext("label"), _options(labels, filters.label_ids)),
    ]
    return {
        "filters": filters,
        "filter_menus": [menu for menu in menus if menu.options],
        "filter_count": len(filters.address()),
        "filter_action": action,
        "filter_keeps": keeps,
        "filter_clear": f"{action}?{urlencode(keeps)}" if keeps else action,
        "filter_longest_text": LONGEST_TEXT,
    }


def _authors(member: Membership) -> QuerySet[User]:
    """The team's people, and those who once joined it and have left posts behind."""
    joined = Activity.objects.filter(team=member.team_id, verb__in=JOINING).values("actor")
    posts = Post.objects.filter(team=member.team_id, author=OuterRef("pk"))
    is_former = Q(pk__in=joined) & Exists(posts)
    is_member = Q(pk__in=Membership.objects.filter(team=member.team_id).values("user"))
    people = User.objects.filter(is_member | is_former).only("name", "email")
    return people.order_by("name", "email")


def _labels(member: Membership) -> QuerySet[Label]:
    return Label.objects.filter(team=member.team_id)


def _known(offered: QuerySet[Any], asked: Iterable[str]) -> tuple[int, ...]:
    # 18 digits fit into the database's integers.
    ids = {int(key) for key in asked if key.isascii() and key.isdigit() and len(key) <= 18}
    if not ids:
        return ()
    return tuple(sorted(offered.filter(pk__in=ids).values_list("pk", flat=True)))


def _options(things: Iterable[Model], chosen: Sequence[int]) -> list[Option]:
    return [Option(str(thing.pk), str(thing), thing, thing.pk in chosen) for thing in things]


def _option(state: State, chosen: Sequence[str], word: str) -> Option:
    return Option(state.value, word, state, state in chosen)
