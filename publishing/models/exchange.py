"""One call to TikTok about a post and its answer, without secrets, for support."""

from django.db import models

from publishing.models.post import Post


class Exchange(models.Model):
    """Append-only, and kept for 30 days. `request` and `answer` are JSON as text: PostgreSQL's own
    type refuses some of what TikTok may send."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="exchanges")
    at = models.DateTimeField(db_index=True)
    method = models.CharField(max_length=8)
    endpoint = models.CharField(max_length=100)
    request = models.TextField()
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField()
    # The code of a call that got no answer.
    error = models.CharField(max_length=100, blank=True)
    duration_ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.http_status or self.error}"
