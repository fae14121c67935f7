from django.db import models

from accounts.models import TikTokAccount


class RateUse(models.Model):
    """One place in one of TikTok's per-minute windows, taken before the call.

    It frees 60 s after the call's answer; without one (a killed worker) 60 s after the longest
    time a call may take.
    """

    account = models.ForeignKey(TikTokAccount, on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=24)
    frees_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["account", "endpoint", "frees_at"], name="rate_window")]

    def __str__(self) -> str:
        return f"{self.endpoint} of account {self.account_id}"
