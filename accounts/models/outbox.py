from django.db import models
from django.utils.timezone import now as current_moment


class OutboxMail(models.Model):
    """A mail kept on this machine because no SMTP server is set; owners can read it."""

    subject = models.CharField(max_length=300)
    sender = models.CharField(max_length=300)
    recipients = models.TextField()
    body = models.TextField()
    created_at = models.DateTimeField(default=current_moment)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.recipients}"
