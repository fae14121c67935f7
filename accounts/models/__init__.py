from accounts.models.outbox import OutboxMail
from accounts.models.people import Invitation, Membership, Role, Team, User
from accounts.models.tiktok_account import AccountStatus, TikTokAccount

__all__ = [
    "AccountStatus",
    "Invitation",
    "Membership",
    "OutboxMail",
    "Role",
    "Team",
    "TikTokAccount",
    "User",
]
