"""A creator's names and picture, kept by us: TikTok's picture links die after two hours."""

import logging

from accounts.avatars import keep_avatar
from accounts.models import TikTokAccount
from accounts.tiktok_app import BASIC_SCOPE
from tiktok.app import App
from tiktok.errors import TikTokError
from tiktok.reads import CreatorInfo, fetch_user_info

logger = logging.getLogger("duecast.accounts")

BASIC_FIELDS = ("open_id", "union_id", "display_name", "avatar_url")
PROFILE_SCOPE = "user.info.profile"


def fetch_profile(app: App, account: TikTokAccount) -> bool:
    """Asks TikTok who this is, as far as the granted permissions allow. A failure is harmless:
    False, and the posting screen asks again."""
    if BASIC_SCOPE not in account.scopes:
        return False
    fields = BASIC_FIELDS + (("username",) if PROFILE_SCOPE in account.scopes else ())
    try:
        user = fetch_user_info(app, account.access_token, fields)
    except TikTokError as error:
        extra = {"account": account.pk, "code": error.code, "log_id": error.log_id}
        logger.warning("The creator’s profile could not be read", extra=extra)
        return False
    names = {
        "nickname": user.display_name,
        "username": user.username,
        "union_id": user.union_id,
    }
    _store_names(account, names)
    keep_avatar(app, account, user.avatar_url)
    return True


def note_creator(app: App, account: TikTokAccount, creator: CreatorInfo) -> None:
    """Keeps the names of a creator_info answer, and the picture when there is none yet."""
    note_names(account, creator)
    if not account.avatar:
        keep_avatar(app, account, creator.avatar_url)


def note_names(account: TikTokAccount, creator: CreatorInfo) -> None:
    """Keeps the names of a creator_info answer: no call, so a due post need not wait for it."""
    _store_names(account, {"nickname": creator.nickname, "username": creator.username})


def _store_names(account: TikTokAccount, names: dict[str, str]) -> None:
    known = {name: text[:128] for name, text in names.items() if text}
    changed = {name: text for name, text in known.items() if getattr(account, name) != text}
    if changed:
        TikTokAccount.objects.filter(pk=account.pk).update(**changed)
    for name, text in changed.items():
        setattr(account, name, text)
