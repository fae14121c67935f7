"""What TikTok reported by webhook."""

from django.db import models
from django.db.models import Q


class WebhookEvent(models.Model):
    """One event, kept once however often TikTok delivers it.

    Append-only: `worked_off_at` is set when its news is in the post or the account, or when
    nothing here can use it; nothing else ever changes. A field that TikTok did not send is "".
    """

    # SHA-256 of the event's own words: a second delivery has the same ones.
    key = models.CharField(max_length=64, unique=True)
    event = models.CharField(max_length=100)
    publish_id = models.CharField(max_length=128, blank=True, db_index=True)
    # As long as Post.public_post_id.
    post_id = models.CharField(max_length=32, blank=True)
    user_openid = models.CharField(max_length=128, blank=True, db_index=True)
    reason = models.CharField(max_length=100, blank=True)
    # TikTok's create_time; None when it sent no moment.
    created_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(db_index=True)
    worked_off_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["received_at", "id"]
        indexes = [
            # The tick: what waits, whatever the table holds.
            models.Index(
                fields=["id"],
                condition=Q(worked_off_at__isnull=True),
                name="webhook_event_waiting",
            ),
        ]

    def __str__(self) -> str:
        return self.event
