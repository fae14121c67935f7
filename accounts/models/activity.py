"""What people did in a team: append-only.

The database refuses to change a row (accounts/migrations): all that may happen to one is that a
name is emptied when its person leaves, and that it goes with its whole team.
"""

from typing import Any, NoReturn

from django.db import models

from accounts.models.people import Team, User
from accounts.models.tiktok_account import TikTokAccount


class ActivityRows(models.QuerySet["Activity"]):
    def delete(self) -> NoReturn:
        raise TypeError("The history is append-only; its rows go with their team.")


class Activity(models.Model):
    """One thing somebody did; rows are never changed, and outlive what they tell of."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="activities")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    # The name it had then: of the actor, or of a client who has no account here. Emptied when
    # the person deletes their account.
    actor_name = models.CharField(max_length=120, blank=True)
    # A word of accounts/activity.py's VERBS.
    verb = models.CharField(max_length=40)
    # What it was done to, as people knew it then; never what TikTok gave us, which can be deleted.
    subject = models.CharField(max_length=200, blank=True)
    # No foreign key: posts are a layer above, and this stays when they go.
    post_id = models.BigIntegerField(null=True, blank=True)
    # The TikTok account it concerns. Its number stays when the account goes, its name does not.
    account = models.ForeignKey(
        TikTokAccount,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    old = models.TextField(blank=True)
    new = models.TextField(blank=True)
    at = models.DateTimeField()

    objects = ActivityRows.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The team's history, the latest first: all of it, one person's, one kind of action.
            models.Index(fields=["team", "-at", "-id"], name="activity_team_at"),
            models.Index(fields=["team", "actor", "-at", "-id"], name="activity_team_actor_at"),
            models.Index(fields=["team", "verb", "-at", "-id"], name="activity_team_verb_at"),
            # A post's history.
            models.Index(
                fields=["post_id", "at"],
                condition=models.Q(post_id__isnull=False),
                name="activity_post_at",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.verb} {self.subject}".strip()

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The history is append-only; its rows go with their team.")
