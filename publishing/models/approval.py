"""What people and clients answered about a post: append-only."""

from datetime import datetime
from typing import Any, NoReturn

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import User
from publishing.models.client_link import ClientLink
from publishing.models.post import Post

# As much as its column holds: how long a reason is, its language says too.
MAX_REASON = 200


class Decision(models.TextChoices):
    APPROVED = "approved", gettext_lazy("Approved")
    CHANGES_REQUESTED = "changes_requested", gettext_lazy("Changes requested")
    COMMENTED = "commented", gettext_lazy("Commented")


class ApprovalsAreKept(TypeError):
    """An answer would have been changed or taken away."""

    def __init__(self) -> None:
        super().__init__("Approvals are only ever added, and ended once.")


class Approvals(models.QuerySet["Approval"]):
    """Refuses every change but `end`. Rows go only with their post, as a whole."""

    def end(self, reason: str, now: datetime) -> int:
        """Ends those that still count; returns how many. A row is ended once."""
        counting = self.filter(ended_at=None)
        return models.QuerySet.update(counting, ended_at=now, ended_reason=reason[:MAX_REASON])

    def update(self, **fields: Any) -> NoReturn:
        raise ApprovalsAreKept

    def delete(self) -> NoReturn:
        raise ApprovalsAreKept


class Approval(models.Model):
    """One answer to exactly this content: an approval, a request for changes, a client's comment.

    `step` is 1 or 2 for an approval that counts, null for everything else.
    """

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="approvals")
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    decision = models.CharField(max_length=20, choices=Decision.choices)
    # A member, or a client by link; the name as it was then.
    person = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    client_link = models.ForeignKey(
        ClientLink, null=True, on_delete=models.SET_NULL, related_name="answers"
    )
    person_name = models.CharField(max_length=120)
    comment = models.TextField(blank=True)
    # Of the post as it was shown: Post.fingerprint.
    fingerprint = models.CharField(max_length=64)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.CharField(max_length=MAX_REASON, blank=True)

    objects = Approvals.as_manager()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="approval_decision_known"
            ),
            models.CheckConstraint(
                condition=Q(step=None) | Q(step__in=(1, 2), decision=Decision.APPROVED),
                name="approval_step_is_approved",
            ),
            models.UniqueConstraint(
                fields=["post", "step"],
                condition=Q(step__isnull=False, ended_at=None),
                name="one_approval_per_step",
            ),
            # Two in order are two people, whatever the page lets through.
            models.UniqueConstraint(
                fields=["post", "person"],
                condition=Q(step__isnull=False, ended_at=None, person__isnull=False),
                name="one_approval_per_person",
            ),
            models.UniqueConstraint(
                fields=["post", "client_link"],
                condition=Q(step__isnull=False, ended_at=None, client_link__isnull=False),
                name="one_approval_per_link",
            ),
        ]
        indexes = [
            # How much a link has been answered by lately.
            models.Index(fields=["client_link", "at"], name="approval_link_at"),
        ]

    def __str__(self) -> str:
        return f"{self.person_name}: {self.get_decision_display()}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise ApprovalsAreKept
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise ApprovalsAreKept

    @property
    def who(self) -> str:
        """The person's name as it is now; of a client, and of somebody who left, as it was."""
        return str(self.person) if self.person else self.person_name
