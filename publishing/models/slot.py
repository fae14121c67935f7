"""A team's posting plan: at which times of the week an account posts."""

from django.db import models
from django.db.models import Q
from django.utils.dates import WEEKDAYS

from accounts.models import TikTokAccount


class Weekday(models.IntegerChoices):
    MONDAY = 0, WEEKDAYS[0]
    TUESDAY = 1, WEEKDAYS[1]
    WEDNESDAY = 2, WEEKDAYS[2]
    THURSDAY = 3, WEEKDAYS[3]
    FRIDAY = 4, WEEKDAYS[4]
    SATURDAY = 5, WEEKDAYS[5]
    SUNDAY = 6, WEEKDAYS[6]


class PostingSlot(models.Model):
    """A time of the week, as clocks in the team's zone show it."""

    account = models.ForeignKey(TikTokAccount, on_delete=models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    clock = models.TimeField()

    class Meta:
        ordering = ["weekday", "clock"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "weekday", "clock"], name="one_slot_per_time"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="slot_weekday_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.clock:%H:%M}"
