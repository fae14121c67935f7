"""A secret link by which somebody without an account sees certain posts and answers."""

from datetime import datetime

from django.db import models

from accounts.models import Team, User
from publishing.models.post import Post


class ClientLink(models.Model):
    """Only the token's SHA-256 is kept: who reads the database cannot open the page."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="client_links")
    posts = models.ManyToManyField(Post, related_name="client_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    client_name = models.CharField(max_length=80)
    # Without it the client only comments.
    may_approve = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # A team's links that still open something.
            models.Index(
                fields=["team", "-created_at"],
                condition=models.Q(revoked_at__isnull=True),
                name="client_link_open",
            ),
        ]

    def __str__(self) -> str:
        return self.client_name

    def opens_at(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
