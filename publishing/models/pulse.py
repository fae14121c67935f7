"""Signs of life of the engine's parts."""

from django.db import models
from django.utils.translation import gettext_lazy


class PulseName(models.TextChoices):
    TICK = "tick", gettext_lazy("The scheduler ticked")
    DELIVERIES = "deliveries", gettext_lazy("The deliveries worker took a message")
    PREPARED = "prepared", gettext_lazy("The site was prepared for its start")
    # Here only while it lasts; its moment is when the silence began.
    SILENCE = "silence", gettext_lazy("Owners were told that the scheduler is silent")


class Pulse(models.Model):
    """When something last happened: one row a name, written over each time."""

    name = models.CharField(max_length=12, primary_key=True, choices=PulseName.choices)
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.at.isoformat()}"
