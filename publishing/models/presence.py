from django.db import models

from accounts.models import User


class Presence(models.Model):
    """Somebody has a posting form, or the page of one of its posts, open in a browser.

    Good for seconds only: `seen_at` is when that page last said so.
    """

    form_token = models.UUIDField()
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # In the posting form; otherwise on the post's page.
    is_editing = models.BooleanField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form_token", "person", "is_editing"], name="one_presence_per_page"
            ),
        ]
        indexes = [models.Index(fields=["seen_at"], name="presence_seen")]

    def __str__(self) -> str:
        return f"{self.person} at {self.form_token}"
