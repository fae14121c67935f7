from django.db import models

from accounts.models import User
from publishing.models.post import Post


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
    voided_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["given_at", "id"]

    def __str__(self) -> str:
        return f"{self.person_email} for post {self.post_id}"
