from datetime import datetime
from typing import Any, NoReturn

from django.db import models

from accounts.models import User
from publishing.models.post import Post

# As much as its column holds: how long a reason is, its language says too.
MAX_REASON = 200


class AppendOnly(TypeError):
    """A consent record would have been changed or taken away."""

    def __init__(self) -> None:
        super().__init__("Consent records are only ever added, and voided once.")


class ConsentRecords(models.QuerySet["Consent"]):
    """Refuses every change but `void`. Records go only with their post, as a whole."""

    def void(self, reason: str, now: datetime) -> int:
        """Ends those that still count; returns how many. A record is voided once."""
        counting = self.filter(voided_at=None)
        return models.QuerySet.update(counting, voided_at=now, voided_reason=reason[:MAX_REASON])

    def update(self, **fields: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class Consent(models.Model):
    """A person's express consent to exactly this content with exactly these choices.

    Append-only: a change of content or choices sets `voided_at`, nothing else ever changes.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="consents")
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    person_email = models.EmailField()
    given_at = models.DateTimeField()
    open_id = models.CharField(max_length=128)
    nickname_shown = models.CharField(max_length=128)
    declaration = models.TextField()
    declaration_links = models.JSONField(default=dict)
    declaration_version = models.CharField(max_length=32)
    options_offered = models.JSONField(default=dict)
    choices = models.JSONField(default=dict)
    # SHA-256 of each file, in the post's order.
    media_sha256s = models.JSONField(default=list)
    title_sha256 = models.CharField(max_length=64, blank=True)
    caption_sha256 = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    voided_at = models.DateTimeField(null=True, blank=True)
    voided_reason = models.CharField(max_length=MAX_REASON, blank=True)

    objects = ConsentRecords.as_manager()

    class Meta:
        ordering = ["given_at", "id"]

    def __str__(self) -> str:
        return f"{self.person_email} for post {self.post_id}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise AppendOnly

    @property
    def who(self) -> str:
        """The person's name as it is now; of somebody who left, the address from then."""
        return str(self.person) if self.person else self.person_email
