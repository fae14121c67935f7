"""What a team sorts its plan by: coloured labels on posts, and notes on days."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from accounts.models import Team, User

HUES = 12


class Label(models.Model):
    """A label or campaign; `hue` is one of the twelve that accounts have too."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=40)
    hue = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="one_label_per_name"),
            models.CheckConstraint(condition=Q(hue__lt=HUES), name="label_hue_known"),
        ]

    def __str__(self) -> str:
        return self.name


class DayNoteKind(models.TextChoices):
    NOTE = "note", gettext_lazy("Note")
    LAUNCH = "launch", gettext_lazy("Launch")
    HOLIDAY = "holiday", gettext_lazy("Holiday")


class DayNote(models.Model):
    """Something that everybody in the team should know of a day; a date, no moment."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="day_notes")
    date = models.DateField()
    kind = models.CharField(max_length=8, choices=DayNoteKind.choices, default=DayNoteKind.NOTE)
    text = models.CharField(max_length=140)
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["date", "id"]
        indexes = [models.Index(fields=["team", "date"], name="day_note_team_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DayNoteKind.values), name="day_note_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text
