"""One table. A row is work that is still to be done; what is done has no row."""

from __future__ import annotations

from django.db import models


class Delivery(models.Model):
    subscriber = models.CharField(max_length=64)
    event = models.CharField(max_length=64)
    ids = models.TextField()  # a JSON list of integers: rows of the publisher's table, never personal data
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    behind = models.BooleanField(default=False)  # its subscriber goes after all others (flow.py)

    class Meta:
        indexes = (models.Index(fields=["behind", "available_at", "id"], name="delivery_in_order"),)

    def __str__(self) -> str:
        return f"{self.event} for {self.subscriber}"
