from pathlib import PurePath
from uuid import uuid4

from django.db import models
from django.utils.timezone import now as current_moment
from django.utils.translation import gettext_lazy

from accounts.models import Team, User


class MediaKind(models.TextChoices):
    VIDEO = "video", gettext_lazy("Video")
    PHOTO = "photo", gettext_lazy("Photo")


def media_path(asset: "MediaAsset", name: str) -> str:
    return f"teams/{asset.team_id}/{uuid4().hex}{PurePath(name).suffix.lower()}"


class MediaAsset(models.Model):
    """A file a team uploaded, measured once on arrival and never changed afterwards."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="media")
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=8, choices=MediaKind.choices)
    file = models.FileField(upload_to=media_path, max_length=200)
    poster = models.FileField(upload_to=media_path, max_length=200, blank=True)
    original_name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    rotation_degrees = models.SmallIntegerField(default=0)
    duration_ms = models.PositiveBigIntegerField(null=True, blank=True)
    codec = models.CharField(max_length=32, blank=True)
    frame_rate = models.FloatField(null=True, blank=True)
    has_audio = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=current_moment)
    # Then the file is gone; row and poster stay for the posts that show it.
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.original_name

    @property
    def duration_s(self) -> float:
        return (self.duration_ms or 0) / 1000
