"""What people say to each other about a post."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext

from accounts.models import User
from publishing.models.post import Post

MAX_COMMENT = 2000


class Comment(models.Model):
    """Plain text with line breaks. A deleted one loses its words and leaves its place."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # Of somebody who has no account here; an author's name comes and goes with the author.
    author_name = models.CharField(max_length=120, blank=True)
    text = models.TextField(max_length=MAX_COMMENT, blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    mentions = models.ManyToManyField(User, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(text=""), name="deleted_comment_has_no_words"
            ),
        ]
        indexes = [
            # The thread of a post.
            models.Index(fields=["post", "at", "id"], name="comment_of_post"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def who(self) -> str:
        return self.author_name or str(self.author or gettext("Somebody who left"))
