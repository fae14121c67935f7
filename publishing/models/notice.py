"""What people are told, and what each of them wants to be told."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy

from accounts.models import Team, TikTokAccount, User
from publishing.models.post import Post


class NoticeKind(models.TextChoices):
    PUBLISHED = "published", gettext_lazy("Post published")
    FAILED = "failed", gettext_lazy("Post failed")
    NEEDS_ATTENTION = "needs_attention", gettext_lazy("Post needs attention")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Post unconfirmed")
    PREFLIGHT = "preflight", gettext_lazy("Check before a post found a problem")
    MOVED = "moved", gettext_lazy("Post moved to another time")
    TAKEN_DOWN = "taken_down", gettext_lazy("Post no longer public")
    RECONNECT_NEEDED = "reconnect_needed", gettext_lazy("Account must be connected again")
    MENTIONED = "mentioned", gettext_lazy("You are mentioned")
    COMMENTED = "commented", gettext_lazy("New comment")
    HELD = "held", gettext_lazy("Posting held for several accounts")
    APPROVAL_ASKED = "approval_asked", gettext_lazy("Post waits for approval")
    APPROVED = "approved", gettext_lazy("Post approved")
    CHANGES_REQUESTED = "changes_requested", gettext_lazy("Changes requested")
    CLIENT_ANSWERED = "client_answered", gettext_lazy("Client answered")
    APPROVAL_LATE = "approval_late", gettext_lazy("Approval not given in time")
    SCHEDULER_SILENT = "scheduler_silent", gettext_lazy("Scheduler silent")


class Notice(models.Model):
    """One piece of news for one person: shown in the app, sent by mail, or both."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    post = models.ForeignKey(Post, null=True, on_delete=models.CASCADE, related_name="notices")
    account = models.ForeignKey(
        TikTokAccount, null=True, on_delete=models.CASCADE, related_name="notices"
    )
    headline = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    # TikTok's own, when there was an error.
    code = models.CharField(max_length=100, blank=True)
    log_id = models.CharField(max_length=100, blank=True)
    at = models.DateTimeField(default=current_moment)
    # What it is about; the same news reaches a person once. "" never repeats anything.
    key = models.CharField(max_length=120, blank=True)
    in_app = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True, blank=True)
    by_mail = models.BooleanField(default=False)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "key"], condition=~Q(key=""), name="notice_once_per_key"
            ),
        ]
        indexes = [
            # The page and its count.
            models.Index(fields=["person", "team", "-at"], name="notice_of_person"),
            # The bell on every page.
            models.Index(
                fields=["person", "team"],
                condition=Q(in_app=True, read_at__isnull=True),
                name="notice_unread",
            ),
            # The mail sweep.
            models.Index(
                fields=["person", "team", "at"],
                condition=Q(by_mail=True, mailed_at__isnull=True, read_at__isnull=True),
                name="notice_waits_for_mail",
            ),
        ]

    def __str__(self) -> str:
        return self.headline


class NoticeChoice(models.Model):
    """How one person wants one kind of news in one team; without a row the defaults hold."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    in_app = models.BooleanField()
    by_mail = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "team", "kind"], name="one_notice_choice_per_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.kind}: app {self.in_app}, mail {self.by_mail}"


class MailPace(models.TextChoices):
    AT_ONCE = "at_once", gettext_lazy("As it happens, at most one mail every 15 minutes")
    HOURLY = "hourly", gettext_lazy("At most one mail an hour")
    DAILY = "daily", gettext_lazy("Once a day, at 08:00")


class NoticePace(models.Model):
    """How often one person is mailed about one team, and where the next mail stands."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_paces")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    pace = models.CharField(max_length=10, choices=MailPace.choices, default=MailPace.AT_ONCE)
    last_mail_at = models.DateTimeField(null=True, blank=True)
    # Until then a sweep is at it, or the mail server is given a rest.
    rests_until = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team"], name="one_notice_pace_per_team"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.pace}"
