from django.db import models
from django.utils.timezone import now as current_moment

from accounts.models import Team, User


class HashtagGroup(models.Model):
    """Hashtags a team puts into captions together; `hashtags` has one space between two."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="hashtag_groups")
    name = models.CharField(max_length=60)
    hashtags = models.TextField()
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=current_moment)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="hashtag_group_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> list[str]:
        return self.hashtags.split(" ")
