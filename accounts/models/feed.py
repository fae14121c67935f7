"""A member's secret calendar address."""

from django.db import models

from accounts.models.people import Membership


class CalendarFeed(models.Model):
    """One per member, so it ends with the membership; only the token's SHA-256 is kept."""

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Calendar feed of {self.membership}"
