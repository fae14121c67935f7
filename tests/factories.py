"""Rows for tests: plain functions with keyword overrides, one per model."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.utils.timezone import now as current_moment

from accounts.models import Membership, Role, Team, TikTokAccount, User

PASSWORD = "correct horse battery"
ALL_SCOPES = ["user.info.basic", "video.publish", "video.upload"]
_numbers = count(1)


def make_user(*, is_verified: bool = True, **overrides: Any) -> User:
    """A person with a verified e-mail address and PASSWORD."""
    number = next(_numbers)
    fields = {"email": f"person{number}@example.com", "name": f"Person {number}"} | overrides
    user = User.objects.create_user(password=fields.pop("password", PASSWORD), **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=is_verified)
    return user


def make_team(**overrides: Any) -> Team:
    fields = {"name": f"Team {next(_numbers)}", "timezone": "Europe/Berlin"} | overrides
    return Team.objects.create(**fields)


def make_member(team: Team | None = None, role: str = Role.OWNER, **overrides: Any) -> Membership:
    """A membership; the person and the team are made when they are not given."""
    user = overrides.pop("user", None) or make_user()
    return Membership.objects.create(team=team or make_team(), user=user, role=role, **overrides)


def make_account(
    team: Team | None = None,
    *,
    access_lifetime_s: int = 86_400,
    refresh_lifetime_s: int = 31_536_000,
    now: datetime | None = None,
    **overrides: Any,
) -> TikTokAccount:
    """A connected account whose tokens were given at `now`; it asks for no gap between posts."""
    number = next(_numbers)
    now = now or current_moment()
    fields = {
        "team": team or make_team(),
        "open_id": f"-open-id-{number}",
        "username": f"creator{number}",
        "nickname": f"Creator {number}",
        "scopes": list(ALL_SCOPES),
        "min_gap_min": 0,
        "access_token": f"act.test-{number}",
        "refresh_token": f"rft.test-{number}",
        "connected_at": now,
        "refreshed_at": now,
        "refresh_due_at": now + timedelta(seconds=access_lifetime_s * 0.75),
        "access_expires_at": now + timedelta(seconds=access_lifetime_s),
        "refresh_expires_at": now + timedelta(seconds=refresh_lifetime_s),
    } | overrides
    return TikTokAccount.objects.create(**fields)
