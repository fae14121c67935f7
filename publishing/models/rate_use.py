from django.db import models

from accounts.models import TikTokAccount


class RateUse(models.Model):
    """One place in one of TikTok's per-minute windows, taken before the call.

    It frees 60 s after the call's answer; without one (a killed worker) 60 s after the longest
    time a call may take. `place` counts from 0.
    """

    account = models.ForeignKey(TikTokAccount, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=24)
    place = models.PositiveSmallIntegerField()
    frees_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "endpoint", "place"], name="rate_place")
        ]

    def __str__(self) -> str:
        return f"{self.endpoint} of account {self.account_id}"
