"""The states of a post and every allowed move between them.

`Post.move_to` is the only writer of `Post.state`; it refuses a move that is not in `MOVES`.
"""

from django.db import models
from django.utils.translation import gettext_lazy


class State(models.TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    IN_REVIEW = "in_review", gettext_lazy("Waiting for approval")
    SCHEDULED = "scheduled", gettext_lazy("Scheduled")
    UPLOADING = "uploading", gettext_lazy("Sending")
    PROCESSING = "processing", gettext_lazy("Processing")
    PUBLISHED = "published", gettext_lazy("Published")
    IN_INBOX = "in_inbox", gettext_lazy("In inbox")
    FAILED = "failed", gettext_lazy("Failed")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Unconfirmed")
    NEEDS_ATTENTION = "needs_attention", gettext_lazy("Needs attention")
    CANCELED = "canceled", gettext_lazy("Canceled")


S = State
# TikTok may name the end of an attempt late, whatever became of the post meanwhile.
ARRIVED = frozenset({S.PUBLISHED, S.IN_INBOX})
MOVES: dict[State, frozenset[State]] = {
    S.DRAFT: frozenset({S.IN_REVIEW, S.SCHEDULED, S.CANCELED}),
    # Held when the approval was not given in time.
    S.IN_REVIEW: frozenset({S.DRAFT, S.SCHEDULED, S.NEEDS_ATTENTION, S.CANCELED}),
    S.SCHEDULED: ARRIVED | {S.DRAFT, S.UPLOADING, S.NEEDS_ATTENTION, S.FAILED, S.CANCELED},
    S.UPLOADING: frozenset(
        {
            S.SCHEDULED,
            S.PROCESSING,
            S.PUBLISHED,
            S.IN_INBOX,
            S.FAILED,
            S.UNCONFIRMED,
            S.NEEDS_ATTENTION,
            S.CANCELED,
        }
    ),
    S.PROCESSING: frozenset(
        {S.SCHEDULED, S.PUBLISHED, S.IN_INBOX, S.FAILED, S.UNCONFIRMED, S.NEEDS_ATTENTION}
    ),
    S.PUBLISHED: frozenset(),
    S.IN_INBOX: frozenset({S.PUBLISHED}),
    S.FAILED: ARRIVED | {S.DRAFT, S.SCHEDULED, S.CANCELED},
    # A late answer may still settle it; a person may also post again or let it rest.
    S.UNCONFIRMED: frozenset({S.PUBLISHED, S.IN_INBOX, S.FAILED, S.SCHEDULED, S.CANCELED}),
    S.NEEDS_ATTENTION: ARRIVED | {S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.CANCELED},
    S.CANCELED: frozenset({S.DRAFT}),
}

# What TikTok may count against the creator's cap, now or once it goes out.
COUNTED_BY_CAP = frozenset({S.SCHEDULED, S.UPLOADING, S.PROCESSING, S.PUBLISHED, S.UNCONFIRMED})
IN_FLIGHT = frozenset({S.UPLOADING, S.PROCESSING})
WAITING_FOR_DUE = frozenset({S.SCHEDULED, S.IN_REVIEW})
# Nothing of these goes to TikTok: they may lack account, media and choices.
MAY_BE_INCOMPLETE = (S.DRAFT, S.CANCELED)
# People are told when the engine brings a post there.
NEWS = frozenset({S.PUBLISHED, S.IN_INBOX, S.FAILED, S.NEEDS_ATTENTION, S.UNCONFIRMED})
EDITABLE = frozenset({S.DRAFT, S.IN_REVIEW, S.SCHEDULED, S.FAILED, S.NEEDS_ATTENTION})


class MoveRefused(Exception):
    """The move is not in the table, or somebody else moved the post first."""


def may_move(old: str, new: str) -> bool:
    return State(new) in MOVES[State(old)]
