"""Data keys, wrapped: useless without a root key from AMAAN_KEYS."""

from __future__ import annotations

from django.db import models


class DataKey(models.Model):
    """One a batch. The id is random (63 bits) and chosen first, so that the wrapping binds it."""

    id = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=16)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"data key {self.id}"
