from accounts.models.activity import Activity
from accounts.models.feed import CalendarFeed
from accounts.models.outbox import OutboxMail
from accounts.models.people import (
    MAX_APPROVAL_STEPS,
    Invitation,
    Membership,
    Role,
    Team,
    User,
)
from accounts.models.site import SiteVerification
from accounts.models.tiktok_account import AccountStatus, TikTokAccount

__all__ = [
    "MAX_APPROVAL_STEPS",
    "AccountStatus",
    "Activity",
    "CalendarFeed",
    "Invitation",
    "Membership",
    "OutboxMail",
    "Role",
    "SiteVerification",
    "Team",
    "TikTokAccount",
    "User",
]
