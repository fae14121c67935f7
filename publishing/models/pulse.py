"""Signs of life of the engine's parts."""

from django.db import models


class PulseName(models.TextChoices):
    TICK = "tick", "The scheduler ticked"
    DELIVERIES = "deliveries", "The deliveries worker took a message"
    PREPARED = "prepared", "The site was prepared for its start"
    # Here only while it lasts; its moment is when the silence began.
    SILENCE = "silence", "Owners were told that the scheduler is silent"


class Pulse(models.Model):
    """When something last happened: one row a name, written over each time."""

    name = models.CharField(max_length=12, primary_key=True, choices=PulseName.choices)
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.at.isoformat()}"
