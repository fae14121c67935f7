from django.db import models
from django.utils.timezone import now as current_moment

from accounts.models.people import User


class SiteVerification(models.Model):
    """A token that TikTok gave to prove that this site's address is ours; it is no secret.

    Sandbox and production, or a domain and a prefix of it, each have their own.
    """

    token = models.CharField(max_length=100, unique=True)
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=current_moment)

    class Meta:
        ordering = ["added_at", "id"]

    def __str__(self) -> str:
        return self.file_name

    @property
    def file_name(self) -> str:
        return f"tiktok{self.token}.txt"
