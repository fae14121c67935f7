"""The look that a person takes at TikTok before what it may have already can go out again."""

from datetime import datetime, timedelta

from django.utils.translation import gettext

from accounts.models import User
from publishing.journal import add_line
from publishing.models import Post
from publishing.states import MoveRefused, State
from publishing.verdict import may_be_on_tiktok, taken_tries

# From these a person may bring it to TikTok again.
LOOKABLE = frozenset(
    {
        State.DRAFT,
        State.SCHEDULED,
        State.FAILED,
        State.NEEDS_ATTENTION,
        State.UNCONFIRMED,
        State.CANCELED,
    }
)
# A line of the post's story.
LOOKED = "looked"
# Nobody edits a draft in the ten minutes that are enough for "post again", and TikTok has nearly
# always shown within a day what it has.
LOOK_COUNTS = timedelta(days=1)


class LookFirst(MoveRefused):
    """TikTok may have the post, and this person has not looked for it there."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "TikTok may have this post already. See what is known, and look before you decide."
            )
        )


def must_look(post: Post) -> bool:
    """Whether there is something to look for before the post can go out."""
    return post.state in LOOKABLE and may_be_on_tiktok(post)


def note_look(post: Post, person: User, now: datetime) -> None:
    """Keeps that `person` looked for the post at TikTok and did not find it."""
    text = gettext("It was not found at {account}.").format(account=post.account)
    add_line(post, LOOKED, now, text, attempt=taken_tries(post).last(), actor=person)


def lacks_look(draft: Post, person: User, now: datetime) -> bool:
    """Whether TikTok may have what is a draft again and `person` has not looked within a day.

    A look before the latest such try does not count, nor does a colleague's.
    """
    latest = taken_tries(draft).last()
    if latest is None:
        return False
    lines = latest.lines.filter(kind=LOOKED, actor=person, at__gt=now - LOOK_COUNTS)
    return not lines.exists()
