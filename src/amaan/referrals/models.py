"""Imports and what could not be read."""

from __future__ import annotations

from django.db import models


class Batch(models.Model):
    """One run of an import, with its summary."""

    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT)
    by = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)  # the paths as given: file names may name people
    received = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    versions = models.PositiveIntegerField(default=0)
    duplicates = models.PositiveIntegerField(default=0)
    quarantined = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"import:{self.pk}"


class Quarantined(models.Model):
    """A package that could not be read, as it came: exhibits, a reason, and its history of retries."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.Unit", on_delete=models.PROTECT)
    digest = models.BinaryField(max_length=32)
    code = models.CharField(max_length=24)
    exhibits = models.TextField()  # JSON list of exhibit ids
    sealed = models.BinaryField()  # JSON: the reason in full, entity, number, names
    received_at = models.DateTimeField()
    retries = models.PositiveSmallIntegerField(default=0)
    resolved_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=20, blank=True)  # of the report that it became

    class Meta:
        constraints = (models.UniqueConstraint(fields=["unit", "digest"], name="quarantined_once"),)
        indexes = (
            models.Index(
                fields=["unit", "received_at"],
                name="quarantined_waiting",
                condition=models.Q(resolved_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.pk}"


class Shape(models.Model):
    """The list of paths that receipts of one digest speak of, kept for as long as such receipts exist."""

    digest = models.CharField(max_length=16, primary_key=True)
    kind = models.CharField(max_length=12)
    names = models.TextField()

    def __str__(self) -> str:
        return f"{self.kind} {self.digest}"
