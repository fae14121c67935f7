"""Teams with a rule, and posts that wait for approval, as people would have made them."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils.timezone import now as current_moment

from accounts.models import Membership, Role, Team
from publishing.models import Post
from publishing.plan import Plan
from publishing.scheduling import schedule_post
from tests.factories import make_account, make_member, make_team
from tests.publishing.factories import make_creator, make_media

CREATOR = make_creator()


def make_team_with_rule(steps: int = 1, before_min: int = 60, **overrides: Any) -> Team:
    return make_team(approval_steps=steps, approve_before_min=before_min, **overrides)


def hand_in_post(
    team: Team,
    author: Membership | None = None,
    *,
    due_at: datetime | None = None,
    now: datetime | None = None,
    **overrides: Any,
) -> Post:
    """A post of the team's newest account, sent by `author` from the posting screen."""
    now = now or current_moment()
    account = overrides.pop("account", None) or team.tiktok_accounts.last() or make_account(team)
    plan = Plan(
        **{
            "account": account,
            "media": make_media(team),
            "caption": "Autumn menu #cafe",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "due_at": due_at or now + timedelta(days=1),
        }
        | overrides
    )
    author = author or make_member(team, Role.EDITOR)
    return schedule_post(team, author.user, plan, uuid4(), CREATOR, now)
