"""The journal of one try to bring a post to TikTok."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.tokens import decrypt, encrypt
from publishing.models.post import Post


class Outcome(models.TextChoices):
    PUBLISHED = "published", gettext_lazy("Published")
    IN_INBOX = "in_inbox", gettext_lazy("Delivered to the inbox")
    NOT_POSTED = "not_posted", gettext_lazy("Not posted")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Unconfirmed")


# After one of these TikTok has the post, or may have it.
TAKEN = frozenset({Outcome.PUBLISHED, Outcome.IN_INBOX, Outcome.UNCONFIRMED})


class Source(models.TextChoices):
    """How TikTok gets the media; its own words."""

    FILE_UPLOAD = "FILE_UPLOAD", gettext_lazy("Sent by us")
    PULL_FROM_URL = "PULL_FROM_URL", gettext_lazy("Fetched by TikTok")


class Attempt(models.Model):
    """One try. Its columns are the journal's lines, each committed before the next step:

    claimed → creator checked → init intended → publish_id and upload URL stored →
    bytes confirmed up to N → all bytes sent → TikTok's verdict. `JournalLine` tells the same
    story to people, with TikTok's words.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveIntegerField()
    claimed_at = models.DateTimeField()
    # The post's fingerprint when the init was intended: changed content never resumes an upload.
    fingerprint = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=16, choices=Source.choices, default=Source.FILE_UPLOAD)
    # Part of the address under which TikTok fetches the media; "" when it does not.
    pull_token = models.CharField(max_length=64, blank=True, db_index=True)
    creator_checked_at = models.DateTimeField(null=True, blank=True)
    # The lease under which the creator was checked: an older check is not used.
    creator_checked_lease = models.CharField(max_length=32, blank=True)
    init_intended_at = models.DateTimeField(null=True, blank=True)
    initialised_at = models.DateTimeField(null=True, blank=True)
    publish_id = models.CharField(max_length=64, blank=True, db_index=True)
    upload_url_encrypted = models.TextField(blank=True)
    chunk_size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    bytes_confirmed = models.PositiveBigIntegerField(default=0)
    # Of the last stay that sent enough to measure the line.
    upload_bytes_per_s = models.PositiveBigIntegerField(null=True, blank=True)
    bytes_sent_at = models.DateTimeField(null=True, blank=True)
    polls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    tiktok_status = models.CharField(max_length=40, blank=True)
    fail_reason = models.CharField(max_length=100, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    # TikTok named the outcome when the post had gone another way: it tells nothing of this try.
    is_lone = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="attempt_number_once"),
            models.UniqueConstraint(
                fields=["post"], condition=Q(ended_at__isnull=True), name="one_open_attempt"
            ),
        ]
        indexes = [
            # The cap ledger: tries of the last day that posts may not stand for (cap.lone_tries).
            models.Index(
                fields=["init_intended_at"],
                condition=Q(outcome=Outcome.UNCONFIRMED) | Q(is_lone=True),
                name="attempt_lone",
            ),
            # The line's rate: the last uploads that measured it.
            models.Index(
                fields=["initialised_at"],
                condition=Q(upload_bytes_per_s__isnull=False),
                name="attempt_measured",
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} of post {self.post_id}"

    @property
    def upload_url(self) -> str:
        return decrypt(self.upload_url_encrypted)

    @upload_url.setter
    def upload_url(self, url: str) -> None:
        self.upload_url_encrypted = encrypt(url)


class JournalLine(models.Model):
    """What happened, for people and for support: append-only.

    `kind` is a short fixed word; `code`, `log_id` and `http_status` are TikTok's, verbatim.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="journal")
    attempt = models.ForeignKey(Attempt, null=True, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(default=current_moment)
    kind = models.CharField(max_length=32)
    text = models.TextField(blank=True)
    code = models.CharField(max_length=100, blank=True)
    message = models.TextField(blank=True)
    log_id = models.CharField(max_length=100, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"
