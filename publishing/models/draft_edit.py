"""What a draft was like before a person sat down at it: until the history tells what changed."""

from django.db import models

from accounts.models import User
from publishing.models.post import Post


class DraftEdit(models.Model):
    """A sitting of one person at one draft; publishing/edits.py turns it into history."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="edit")
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # The draft did not exist before.
    is_new = models.BooleanField()
    # {label: words}
    before = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Those that nobody went on with.
            models.Index(fields=["saved_at"], name="draft_edit_saved_at"),
        ]

    def __str__(self) -> str:
        return f"{self.person} at {self.post}"
