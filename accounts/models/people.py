"""People, the teams they work in and the invitations that bring them there."""

from typing import ClassVar
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext, gettext_lazy


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        text = gettext("“{name}” is not a time zone such as Europe/Berlin.")
        raise ValidationError(text.format(name=name))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80, blank=True)
    # Empty means: show times in the team's zone.
    timezone = models.CharField(max_length=64, blank=True, validators=[validate_zone])
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=current_moment)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name or self.email


class Role(models.TextChoices):
    OWNER = "owner", gettext_lazy("Owner")
    MANAGER = "manager", gettext_lazy("Manager")
    EDITOR = "editor", gettext_lazy("Editor")
    APPROVER = "approver", gettext_lazy("Approver")
    VIEWER = "viewer", gettext_lazy("Viewer")


MAX_APPROVAL_STEPS = 2


class Team(models.Model):
    name = models.CharField(max_length=80)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    created_at = models.DateTimeField(default=current_moment)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    # How many people approve a post, one after the other, and how long before it is due at the
    # latest (accounts/approval_rules.py). An account may have a rule of its own.
    approval_steps = models.PositiveSmallIntegerField(default=0)
    approve_before_min = models.PositiveIntegerField(default=60)
    # Whether the approval of a client, by link, counts as one of them.
    client_counts = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approval_steps__lte=MAX_APPROVAL_STEPS),
                name="team_approval_steps_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    joined_at = models.DateTimeField(default=current_moment)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} ({self.role})"


class Invitation(models.Model):
    """A place in a team for whoever holds the link; only the token's SHA-256 is kept."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Role.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=current_moment)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"
