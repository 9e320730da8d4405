"""A box opened by its code: the letters that lie in it. Right and wrong codes do the same work."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from amaan.portal.domain.codes import BoxKeys, digits_of, keys_of
from amaan.portal.domain.sealing import NotOpened, open_with
from amaan.portal.models import Letter, Mailbox
from amaan.portal.services.pacing import CODES
from amaan.portal.services.sending import door_keys


class NoSuchBox(Exception):
    """No box belongs to what was typed, or what was typed is no code: the same answer, after the same work."""


@dataclass(frozen=True)
class OpenBox:
    """`letters` are what `correspondence` wrote, oldest first: {"kind": "status"|"message"|…, "at": …, …}."""

    keys: BoxKeys
    letters: tuple[dict[str, Any], ...]


def open_box(typed: str) -> OpenBox:
    """Raises NoSuchBox, TooManyAtOnce."""
    door = door_keys()
    with CODES.one_try():
        try:
            return reopen_box(keys_of(digits_of(typed), door.salt, door.pepper))
        except NoSuchBox:
            CODES.note_wrong()
            raise


def reopen_box(keys: BoxKeys) -> OpenBox:
    """With keys that came from a code a little earlier. Raises NoSuchBox."""
    box = Mailbox.objects.filter(address=keys.address).first()
    if box is None or not secrets.compare_digest(bytes(box.public), keys.public):
        raise NoSuchBox
    rows = Letter.objects.filter(mailbox=box).order_by("id").values_list("sealed", flat=True)
    return OpenBox(keys, tuple(_opened(keys.private, bytes(row)) for row in rows))


def _opened(private: bytes, sealed: bytes) -> dict[str, Any]:
    try:
        value = open_with(private, sealed)
    except NotOpened:
        return {"kind": "unreadable"}
    return value if isinstance(value, dict) else {"kind": "unreadable"}
