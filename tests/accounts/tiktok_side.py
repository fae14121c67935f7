"""What the simulator knows about our tokens, and accounts whose tokens it knows."""

from datetime import datetime
from typing import Any

from accounts.models import Team, TikTokAccount
from simulator.control import Control
from tests.factories import make_account
from tiktok.app import App
from tiktok.errors import AccessTokenInvalid
from tiktok.reads import fetch_user_info

TOKEN_PATH = "/v2/oauth/token/"
REVOKE_PATH = "/v2/oauth/revoke/"
CREATOR = "maple.bakery"


def make_live_account(
    control: Control,
    team: Team | None = None,
    *,
    creator: str = CREATOR,
    now: datetime | None = None,
    **overrides: Any,
) -> TikTokAccount:
    """An account with a pair that the simulator has just issued, with its lifetimes."""
    issued = control.issue_tokens(creator)
    fields = {
        "open_id": control.creator(creator)["open_id"],
        "scopes": sorted(issued["scope"].split(",")),
        "access_token": issued["access_token"],
        "refresh_token": issued["refresh_token"],
    } | overrides
    return make_account(
        team,
        now=now,
        access_lifetime_s=issued["expires_in"],
        refresh_lifetime_s=issued["refresh_expires_in"],
        **fields,
    )


def count_calls(control: Control, path: str) -> int:
    return sum(request["path"] == path for request in control.requests())


def is_accepted(app: App, access_token: str) -> bool:
    """Whether TikTok still takes this access token."""
    try:
        fetch_user_info(app, access_token, ("open_id",))
    except AccessTokenInvalid:
        return False
    return True
