"""Where an exhibit's bytes lie. What it was called, and whose it is, later rooms keep (sealed)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from amaan.evidence.domain import ADDRESS_BYTES


class Exhibit(models.Model):
    """`offset` and `length` are the sealed bytes' place in the pack; `size` is the plaintext's."""

    address = models.BinaryField(unique=True)
    pack = models.CharField(max_length=32)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    size = models.BigIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("pack", "offset"), name="exhibit_one_place"),
            models.CheckConstraint(
                condition=Exact(Length("address"), ADDRESS_BYTES), name="exhibit_address_whole"
            ),
            models.CheckConstraint(
                condition=models.Q(offset__gt=0, length__gt=models.F("size"), size__gte=0),
                name="exhibit_place_possible",
            ),
        )

    def __str__(self) -> str:
        return f"exhibit {self.pk}"
