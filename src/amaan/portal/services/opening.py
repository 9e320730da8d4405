"""A box opened by its code: the letters that lie in it. Right and wrong codes do the same work.

Between two pages the box's private key travels in the form, sealed under the day's form key, for BOX_OPEN after the
code was typed. Nothing on the server says that a box is open.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from nacl.public import PrivateKey

from amaan.portal.domain.codes import BoxKeys, digits_of, keys_of
from amaan.portal.domain.sealing import NotOpened, open_form, open_with, seal_form
from amaan.portal.keys import form_keys
from amaan.portal.models import Letter, Mailbox
from amaan.portal.services.pacing import CODES
from amaan.portal.services.sending import door_keys

BOX_OPEN: Final = timedelta(minutes=15)
_BOX: Final = "box"
_KEPT: Final = "kept"


class NoSuchBox(Exception):
    """No box belongs to what was typed, or what was typed is no code: the same answer, after the same work."""


class BoxShut(Exception):
    """The code was typed too long ago, or the form is none of ours. `address` where it is known."""

    def __init__(self, address: bytes = b"") -> None:
        super().__init__("The box has shut; type the code again.")
        self.address = address


@dataclass(frozen=True)
class OpenBox:
    """`letters` are what `correspondence` wrote, oldest first: {"kind": "status"|"message"|…, "at": …, …}."""

    keys: BoxKeys
    letters: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class HeldBox:
    """A box that was opened at `opened_at`, as a form carries it. `nonce` (hex) is this page's own: what is sent from
    it is sent once, however often its button is pressed."""

    keys: BoxKeys
    opened_at: datetime
    nonce: str


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


def hold_box(keys: BoxKeys, opened_at: datetime) -> str:
    """For the hidden field of the next page; no two pages carry the same."""
    value = {
        "address": keys.address.hex(),
        "private": keys.private.hex(),
        "opened": opened_at.timestamp(),
        "nonce": secrets.token_hex(16),
    }
    return _sealed(_BOX, value)


def held_box(text: str) -> HeldBox:
    """What `hold_box` wrote. Raises BoxShut."""
    try:
        value = _unsealed(_BOX, text)
    except NotOpened as fault:
        raise BoxShut from fault
    private, address = bytes.fromhex(value["private"]), bytes.fromhex(value["address"])
    opened_at = datetime.fromtimestamp(value["opened"], timezone.get_current_timezone())
    if not timedelta() <= timezone.now() - opened_at <= BOX_OPEN:
        raise BoxShut(address)
    keys = BoxKeys(address, bytes(PrivateKey(private).public_key), private)
    return HeldBox(keys, opened_at, value["nonce"])


def keep_text(address: bytes, text: str) -> str:
    """What was typed when the box had shut, for the form that asks for the code again; only its own box shows it."""
    return _sealed(_KEPT, {"address": address.hex(), "text": text})


def kept_text(address: bytes, text: str) -> str:
    """What `keep_text` kept for this box; empty for another's, or where nothing can be read."""
    try:
        value = _unsealed(_KEPT, text)
    except NotOpened:
        return ""
    return str(value["text"]) if value["address"] == address.hex() else ""


def _sealed(purpose: str, value: object) -> str:
    today = timezone.now().date()
    day = today.toordinal()
    return seal_form(day, form_keys(Path(settings.AMAAN_PORTAL_KEYS), today)[day], purpose, value)


def _unsealed(purpose: str, text: str) -> Any:
    return open_form(form_keys(Path(settings.AMAAN_PORTAL_KEYS), timezone.now().date()), purpose, text)
