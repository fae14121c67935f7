"""TikTok's word that a creator's permission is gone: the tokens are dead already.

Source: webhooks-events (authorization.removed).
"""

import logging
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from accounts.connecting import wipe_tokens
from accounts.models import AccountStatus, TikTokAccount

logger = logging.getLogger("duecast.accounts")

NO_CAUSE = gettext_lazy("TikTok ended Duecast’s permission for this account and gave no reason.")
CAUSES = {
    "0": NO_CAUSE,
    "1": gettext_lazy("The creator ended Duecast’s permission in the TikTok app."),
    "2": gettext_lazy("TikTok says that the creator deleted this account."),
    "3": gettext_lazy(
        "TikTok ended Duecast’s permission because of a change of the creator’s age."
    ),
    "4": gettext_lazy("TikTok has banned this account."),
    "5": gettext_lazy("Duecast’s permission was revoked from the side of its TikTok app."),
}


def removal_counts(account: TikTokAccount, removed_at: datetime | None) -> bool:
    """Whether a removal at `removed_at` ended the permission that the account has now.

    An event may come days late: what was removed before the account was connected (again) is
    another permission. One without a moment proves nothing; the next call to TikTok will tell.
    """
    is_held = account.status != AccountStatus.DISCONNECTED
    return is_held and removed_at is not None and removed_at > account.connected_at


def believe_removal(account: TikTokAccount, reason: str) -> str:
    """Takes the dead tokens off the account; it must be connected again. Returns the cause.

    Nothing is revoked: there is nothing left to revoke. Owners are told by the next sweep.
    """
    cause = str(CAUSES.get(reason, NO_CAUSE))
    text = gettext("{cause} Connect the account again.").format(cause=cause)
    wipe_tokens(account, AccountStatus.RECONNECT_NEEDED, text)
    logger.warning(
        "TikTok removed the permission (reason %s)",
        reason or "none",
        extra={"account": account.pk, "team": account.team_id},
    )
    return cause
