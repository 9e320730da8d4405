"""What the lexicon found in a telling, without its text, and how far past reports are read again."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class TextReading(models.Model):
    """What one lexicon read in one telling. Where two lexicons read it, the later row counts.

    `hits` is JSON: [[rule, part, start, end], …], offsets in characters of that text; `indicators` are the words of
    them, separated by spaces. No text stands here. `unread` counts characters past the cap.
    """

    report = models.ForeignKey("reports.Report", on_delete=models.PROTECT, related_name="+")
    version_id = models.BigIntegerField()
    lexicon = models.CharField(max_length=64)  # SHA-256 of its files, hex
    indicators = models.CharField(max_length=300, blank=True)
    hits = models.TextField()
    unread = models.PositiveIntegerField(default=0)
    # A keyed digest of the telling's texts as they are compared, so that equal ones are known without being kept.
    words = models.BinaryField(max_length=8, null=True)
    # By which texts with much the same wording are found (`domain.wording`); none of a short one.
    wording = models.BinaryField(max_length=60, null=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version_id", "lexicon"], name="reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id}: {self.indicators}"


class Round(models.Model):
    """Reports read with a lexicon that came in force: from the oldest on, as far as `after_report`."""

    lexicon = models.CharField(max_length=64, unique=True)
    version = models.CharField(max_length=32)
    after_report = models.BigIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    worded = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.version
