from accounts.models.outbox import OutboxMail
from accounts.models.people import Invitation, Membership, Role, Team, User
from accounts.models.site import SiteVerification
from accounts.models.tiktok_account import AccountStatus, TikTokAccount

__all__ = [
    "AccountStatus",
    "Invitation",
    "Membership",
    "OutboxMail",
    "Role",
    "SiteVerification",
    "Team",
    "TikTokAccount",
    "User",
]
