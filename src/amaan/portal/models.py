"""All that the door keeps: boxes without names, envelopes that it can't open, letters that only a code opens."""

from __future__ import annotations

from django.db import models


class Mailbox(models.Model):
    """A reporter's box. Address and public key come from the code, which is kept nowhere."""

    address = models.BinaryField(max_length=16, unique=True)
    public = models.BinaryField(max_length=32)  # X25519: letters are sealed to it

    class Meta:
        verbose_name_plural = "mailboxes"


class Envelope(models.Model):
    """What was sent, sealed to the desk's key, until the worker has carried it across; then the row is gone.

    `leaf`, `salt` and `body` are a ledger entry that the door made and signed for (`domain.receipts`); empty where the
    envelope is no report. `many` says that it came among very many, which delays nobody's help and loses nothing.
    """

    number = models.BinaryField(
        max_length=16, unique=True
    )  # random: by it the desk knows what it has already
    sealed = models.BinaryField()
    leaf = models.BinaryField(blank=True)
    salt = models.BinaryField(blank=True)
    body = models.BinaryField(blank=True)
    many = models.BooleanField(default=False)
    received_at = models.DateTimeField(db_index=True)


class Letter(models.Model):
    """What the desk says to a reporter, sealed to the mailbox's public key and padded. Opened with the code only."""

    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="letters")
    number = models.BinaryField(max_length=16, unique=True)
    sealed = models.BinaryField()


class Minute(models.Model):
    """How many envelopes came in a minute, whoever sent them; gone when later ones come. The worker takes
    envelopes away at once, so that they themselves can't be counted."""

    began_at = models.DateTimeField(unique=True)
    sent = models.PositiveIntegerField(default=0)


class Codes(models.Model):
    """One row: by it a desk elsewhere sees whether the door makes the same box of a code (`keys.mark_of`)."""

    mark = models.BinaryField(max_length=16)


class LeftForm(models.Model):
    """A form whose way out was taken (`services.leaving`): a keyed digest of a random number, and the day. It tells
    neither who nor what; gone when the form could not be read any more in any case."""

    mark = models.BinaryField(max_length=16, unique=True)
    on = models.DateField(db_index=True)
