"""A file of posts that somebody brought, from the look at it until its drafts are made."""

from uuid import uuid4

from django.db import models

from accounts.models import Team, User


class ImportRun(models.Model):
    """What the file held. `rows` are its cells as they were read, each a mapping by column."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="import_runs")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=255)
    rows = models.JSONField()
    created_at = models.DateTimeField()
    # Set with the drafts, in one transaction: a second press finds it and makes nothing.
    done_at = models.DateTimeField(null=True, blank=True)
    made = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="import_run_created")]

    def __str__(self) -> str:
        return self.file_name
