"""Where an exhibit's bytes lie. What it was called, and whose it is, later rooms keep (sealed)."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import Exact

from amaan.evidence.domain import ADDRESS_BYTES, RECIPIENT_ID_BYTES, MediaPolicy


class Exhibit(models.Model):
    """`offset` and `length` are the sealed bytes' place in the pack; `size` is the plaintext's.

    `recipient` says whose key opens an uploaded file (8 bytes; null for what this installation opens itself), and
    `sealed_digest` is SHA-256 of its sealed bytes: what can't be opened here can still be compared.
    """

    address = models.BinaryField(unique=True)
    pack = models.CharField(max_length=32)
    offset = models.BigIntegerField()
    length = models.BigIntegerField()
    size = models.BigIntegerField()
    created_at = models.DateTimeField()
    recipient = models.BinaryField(null=True)
    sealed_digest = models.BinaryField(null=True)

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
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=True, sealed_digest__isnull=True)
                | (
                    models.Q(recipient__isnull=False, sealed_digest__isnull=False)
                    & Exact(Length("recipient"), RECIPIENT_ID_BYTES)
                    & Exact(Length("sealed_digest"), 32)
                ),
                name="exhibit_recipient_whole",
            ),
        )

    def __str__(self) -> str:
        return f"exhibit {self.pk}"


class MediaRule(models.Model):
    """Which media policy held from when on, and the public key (as text) that files were sealed to. The newest row
    holds; without one, `hash-only` does. Rows are added when the environment or the key has changed."""

    policy = models.CharField(max_length=16)
    recipient = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(policy=MediaPolicy.HASH_ONLY.value, recipient="")
                | (models.Q(policy=MediaPolicy.SEALED.value) & ~models.Q(recipient="")),
                name="media_rule_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.policy} since {self.since:%Y-%m-%d %H:%M}"
