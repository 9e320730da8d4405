"""Leaving for good: a form whose way out was taken can't be opened again, on no phone and by nobody.

A browser's Back sends the last form again, and with it everything that was told. So the way out carries a mark of the
form, made by a secret of the door; the door keeps the mark, which belongs to no person, until the day's form key that
sealed the form is erased as well.
"""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, router, transaction
from django.utils import timezone

from amaan.keyring.domain import derive, keyed_digest
from amaan.portal.keys import DAYS, DoorNotReady
from amaan.portal.models import LeftForm
from amaan.portal.services.sending import door_keys

_MARK: Final = 16
_log = logging.getLogger("amaan.portal")


def way_out(nonce: str) -> str:
    """64 hex digits for the way out of the pages of one form (`domain.once`); the nonce can't be read from them."""
    mark = _mark(nonce)
    return (mark + _signature(mark)).hex()


def leave_form(told: str) -> None:
    """What `way_out` wrote: its form is shut from now on. Anything else, and a fault, hold up nobody who leaves."""
    try:
        whole = bytes.fromhex(told)
        mark, signature = whole[:_MARK], whole[_MARK:]
        if not secrets.compare_digest(signature, _signature(mark)):
            return
        _shut(mark)
    except ValueError:
        return
    except (DoorNotReady, DatabaseError):
        _log.exception("a form that was left could not be shut")


def shut_sent(nonce: str) -> None:
    """The form has been sent: its questions are shut, so that Back on a borrowed phone shows nothing of them.

    To send it once more is still possible, for whoever lost the page with the code on the way.
    """
    try:
        _shut(_sent_mark(nonce))
    except (DoorNotReady, DatabaseError):
        _log.exception("a form that was sent could not be shut")


def was_left(nonce: str) -> bool:
    """Whether the way out of this form was taken. Where the database doesn't answer nobody's report is lost for it."""
    return bool(_among([_mark(nonce)]))


def left_or_sent(nonce: str) -> tuple[bool, bool]:
    """Whether the way out of this form was taken, and whether it has been sent; one look for each page of it."""
    left, sent = _mark(nonce), _sent_mark(nonce)
    shut = _among([left, sent])
    return left in shut, sent in shut


def _shut(mark: bytes) -> None:
    today = timezone.now().date()
    with transaction.atomic(using=router.db_for_write(LeftForm)):
        _, fresh = LeftForm.objects.get_or_create(mark=mark, defaults={"on": today})
        if fresh:
            LeftForm.objects.filter(on__lt=today - timedelta(days=DAYS)).delete()


def _among(marks: list[bytes]) -> set[bytes]:
    try:
        return {
            bytes(mark) for mark in LeftForm.objects.filter(mark__in=marks).values_list("mark", flat=True)
        }
    except DatabaseError:
        _log.exception("nobody could say whether a form was left")
        return set()


def _mark(nonce: str) -> bytes:
    return keyed_digest(derive(door_keys().pepper, "amaan/portal/left/1"), nonce.encode())[:_MARK]


def _sent_mark(nonce: str) -> bytes:
    return keyed_digest(derive(door_keys().pepper, "amaan/portal/left/3"), nonce.encode())[:_MARK]


def _signature(mark: bytes) -> bytes:
    return keyed_digest(derive(door_keys().pepper, "amaan/portal/left/2"), mark)[:_MARK]
