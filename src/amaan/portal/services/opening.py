"""A box opened by its code: the letters that lie in it. Right and wrong codes do the same work."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from nacl.public import PrivateKey

from amaan.portal.domain.codes import BoxKeys, digits_of, keys_of
from amaan.portal.domain.sealing import NotOpened, open_with
from amaan.portal.models import Letter, Mailbox
from amaan.portal.services.sending import door_keys


class NoSuchBox(Exception):
    """No box belongs to what was typed, or what was typed is no code: the same answer, after the same work."""


@dataclass(frozen=True)
class OpenBox:
    """`letters` are what `correspondence` wrote, oldest first: {"kind": "status"|"message"|…, "at": …, …}."""

    keys: BoxKeys
    letters: tuple[dict[str, Any], ...]


def open_box(typed: str) -> OpenBox:
    """Raises NoSuchBox."""
    door = door_keys()
    return reopen_box(keys_of(digits_of(typed), door.salt, door.pepper))


def reopen_box(keys: BoxKeys) -> OpenBox:
    """With keys that came from a code a little earlier. Raises NoSuchBox."""
    box = Mailbox.objects.filter(address=keys.address).first()
    rows = Letter.objects.filter(mailbox=box).order_by("id") if box else Letter.objects.none()
    letters = tuple(_opened(keys.private, bytes(row)) for row in rows.values_list("sealed", flat=True))
    if box is None or not secrets.compare_digest(bytes(box.public), keys.public):
        raise NoSuchBox
    return OpenBox(keys, tuple(letter for letter in letters if letter))


def _opened(private: bytes, sealed: bytes) -> dict[str, Any]:
    try:
        value = open_with(private, sealed)
    except NotOpened:
        return {"kind": "unreadable"}
    return value if isinstance(value, dict) else {"kind": "unreadable"}


def keys_from_private(address: bytes, private: bytes) -> BoxKeys:
    return BoxKeys(address, bytes(PrivateKey(private).public_key), private)
