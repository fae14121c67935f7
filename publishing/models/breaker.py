from django.db import models


class Breaker(models.Model):
    """The same answer from TikTok to several accounts, for one lane of posts.

    While `opened_at` is set, the lane waits. `failures` holds the latest moment (ISO 8601) of each
    account by its id.
    """

    code = models.CharField(max_length=100)
    # A mode, or a mode and how TikTok gets the media.
    lane = models.CharField(max_length=40)
    failures = models.JSONField(default=dict)
    opened_at = models.DateTimeField(null=True, blank=True)
    # When one post, the canary, may try; it has until `canary_until` to say how it went.
    probe_at = models.DateTimeField(null=True, blank=True)
    probes = models.PositiveIntegerField(default=0)
    canary_id = models.BigIntegerField(null=True, blank=True)
    canary_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "lane"], name="one_breaker_per_code_and_lane"),
        ]

    def __str__(self) -> str:
        return f"{self.code} for {self.lane}"
