"""A post's approvals as its page shows them: who must, who did, and what this person can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext

from accounts.models import Membership
from accounts.permissions import Permission, may
from publishing.approvals import approvers_of, valid_approvals, why_not_approve, why_not_request
from publishing.models import Approval, ClientLink, Post
from publishing.states import State

NAMED = 3


@dataclass(frozen=True)
class Step:
    """One of the approvals that the post needs; `answer` once it is given."""

    number: int
    answer: Approval | None


def approval_context(found: Post, member: Membership | None, now: datetime) -> dict[str, Any]:
    waits = found.state == State.IN_REVIEW
    given = {
        one.step: one
        for one in valid_approvals(found).select_related("person", "client_link__created_by")
    }
    steps = [Step(number, given.get(number)) for number in range(1, found.approvals_needed + 1)]
    answers = list(found.approvals.select_related("person", "client_link__created_by"))
    why_not = why_not_approve(found, member) if waits else ""
    return {
        "approval_steps": steps if found.state != State.DRAFT else [],
        "approval_answers": [one for one in reversed(answers) if one not in given.values()],
        "approvers": _names(found) if waits else "",
        "why_not_approve": why_not if waits and may(member, Permission.APPROVE) else "",
        "can_approve": waits and not why_not,
        "can_request_changes": waits and not why_not_request(found, member),
        "can_make_link": may(member, Permission.PLAN) or may(member, Permission.APPROVE),
        "client_links": _open_links(found, now),
    }


def _names(found: Post) -> str:
    """Who may give the next approval, in words; "" when nobody may."""
    names = [str(one.user) for one in approvers_of(found)]
    if len(names) > NAMED:
        more = len(names) - NAMED
        text = ngettext("{names} or {n} other", "{names} or {n} others", more)
        return text.format(names=", ".join(names[:NAMED]), n=more)
    *others, last = names or [""]
    if not others:
        return last
    return gettext("{names} or {last}").format(names=", ".join(others), last=last)


def _open_links(found: Post, now: datetime) -> list[ClientLink]:
    links = found.client_links.filter(revoked_at=None, expires_at__gt=now)
    return list(links.select_related("created_by"))
