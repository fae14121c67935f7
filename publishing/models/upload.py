from uuid import uuid4

from django.db import models

from accounts.models import Team, User
from publishing.models.media import MediaAsset, MediaKind


class Upload(models.Model):
    """A file on its way from one person's browser; how much has arrived, the file itself says."""

    uuid = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="uploads")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    # What its sender says; what it is, shows when it is whole.
    kind = models.CharField(max_length=8, choices=MediaKind.choices, default=MediaKind.VIDEO)
    original_name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    created_at = models.DateTimeField()
    # Moves on with every part that arrives.
    expires_at = models.DateTimeField(db_index=True)
    media = models.ForeignKey(MediaAsset, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size_bytes__gt=0), name="upload_is_not_empty")
        ]

    def __str__(self) -> str:
        return self.original_name
