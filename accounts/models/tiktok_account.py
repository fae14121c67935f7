"""A connected TikTok account and its tokens."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy

from accounts.models.people import MAX_APPROVAL_STEPS, Membership, Team, User
from accounts.tokens import decrypt, encrypt


class AccountStatus(models.TextChoices):
    CONNECTED = "connected", gettext_lazy("Connected")
    RECONNECT_NEEDED = "reconnect_needed", gettext_lazy("Reconnect needed")
    DISCONNECTED = "disconnected", gettext_lazy("Disconnected")


class TikTokAccount(models.Model):
    """One creator, connected to one team.

    Tokens are encrypted at rest and only reachable through `access_token` and `refresh_token`.
    Both expiry moments come from TikTok's answers, never from constants.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tiktok_accounts")
    # TikTok's id of this person for this app; one team at a time may hold it.
    open_id = models.CharField(max_length=128, unique=True)
    union_id = models.CharField(max_length=128, blank=True)
    username = models.CharField(max_length=128, blank=True)
    nickname = models.CharField(max_length=128, blank=True)
    # Fetched and kept by us: TikTok's own picture links die after two hours.
    avatar = models.FileField(upload_to="avatars/", blank=True)
    hue = models.PositiveSmallIntegerField(default=0)
    scopes = models.JSONField(default=list)
    daily_cap = models.PositiveSmallIntegerField(default=15)
    # Minutes that the team keeps between two of its posts; 0 is none.
    min_gap_min = models.PositiveSmallIntegerField(default=10)
    # Set when TikTok itself said that the cap is reached: other tools count against it too.
    cap_reached_until = models.DateTimeField(null=True, blank=True)

    # A limited account is for owners, managers and these members only (accounts/reach.py).
    is_limited = models.BooleanField(default=False)
    allowed_members = models.ManyToManyField(
        Membership, blank=True, related_name="limited_accounts"
    )

    # Null: as the team has it.
    approval_steps = models.PositiveSmallIntegerField(null=True, blank=True)
    approve_before_min = models.PositiveIntegerField(null=True, blank=True)

    status = models.CharField(
        max_length=20, choices=AccountStatus.choices, default=AccountStatus.CONNECTED
    )
    status_reason = models.TextField(blank=True)
    connected_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    connected_at = models.DateTimeField(default=current_moment)
    # Set when an owner deleted the account; the row stays for posts that reached TikTok.
    deleted_at = models.DateTimeField(null=True, blank=True)

    access_token_encrypted = models.TextField(blank=True)
    refresh_token_encrypted = models.TextField(blank=True)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # Next refresh: 75 % of the returned lifetime, less jitter; later after a failure.
    refresh_due_at = models.DateTimeField(null=True, blank=True)
    refresh_failures = models.PositiveIntegerField(default=0)
    refresh_error = models.TextField(blank=True)
    # The smallest number of days before the refresh token's end that people were warned of.
    end_warned_days = models.PositiveSmallIntegerField(null=True, blank=True)
    # When owners were told that the account must be connected again; cleared by connecting.
    reconnect_told_at = models.DateTimeField(null=True, blank=True)
    refresh_lease_token = models.UUIDField(null=True, blank=True)
    refresh_lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["nickname", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=AccountStatus.values), name="account_status_known"
            ),
            models.CheckConstraint(
                condition=Q(approval_steps=None) | Q(approval_steps__lte=MAX_APPROVAL_STEPS),
                name="account_approval_steps_known",
            ),
        ]
        indexes = [
            # The refresh sweep: connected accounts whose refresh is due.
            models.Index(
                fields=["refresh_due_at"],
                condition=Q(status="connected"),
                name="account_refresh_due",
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or self.username or self.open_id

    def __repr__(self) -> str:
        return f"<TikTokAccount {self.pk} {self.status}>"

    @property
    def access_token(self) -> str:
        return decrypt(self.access_token_encrypted)

    @access_token.setter
    def access_token(self, token: str) -> None:
        self.access_token_encrypted = encrypt(token)

    @property
    def refresh_token(self) -> str:
        return decrypt(self.refresh_token_encrypted)

    @refresh_token.setter
    def refresh_token(self, token: str) -> None:
        self.refresh_token_encrypted = encrypt(token)

    @property
    def is_connected(self) -> bool:
        return self.status == AccountStatus.CONNECTED
