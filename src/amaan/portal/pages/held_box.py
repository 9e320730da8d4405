"""An open box between two pages: its private key travels in the form, sealed under the day's key.

It shuts BOX_OPEN after a button was last pressed, and LONGEST after the code was typed. Nothing on the server says
that a box is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.utils import timezone
from nacl.public import PrivateKey

from amaan.portal.domain.codes import BoxKeys
from amaan.portal.domain.once import new_nonce
from amaan.portal.domain.sealing import NotOpened
from amaan.portal.forms import open_state, seal_state
from amaan.portal.services.leaving import was_left

BOX_OPEN: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(hours=1)
_BOX: Final = "box"
_KEPT: Final = "kept"


class BoxShut(Exception):
    """The code was typed too long ago, or the form is none of ours. `address` where it is known."""

    def __init__(self, address: bytes = b"") -> None:
        super().__init__("The box has shut; the code is asked again.")
        self.address = address


@dataclass(frozen=True)
class Opening:
    """When the code was typed, and the nonce of the form that it was typed into: whoever leaves shuts that form too,
    which a browser's Back would send again, with the code in it."""

    at: datetime
    form: str


@dataclass(frozen=True)
class HeldBox:
    """A box whose code was typed, as a form carries it. `nonce` is this page's own: what is sent from it
    is sent once, however often its button is pressed."""

    keys: BoxKeys
    opening: Opening
    nonce: str


def hold_box(keys: BoxKeys, opening: Opening) -> str:
    """For the hidden field of the next page; no two pages carry the same."""
    value = {
        "address": keys.address.hex(),
        "private": keys.private.hex(),
        "opened": opening.at.timestamp(),
        "form": opening.form,
        "shown": timezone.now().timestamp(),
        "nonce": new_nonce(),
    }
    return seal_state(_BOX, value)


def held_box(text: str) -> HeldBox:
    """What `hold_box` wrote. Raises BoxShut."""
    try:
        value = open_state(_BOX, text)
    except NotOpened as fault:
        raise BoxShut from fault
    private, address = bytes.fromhex(value["private"]), bytes.fromhex(value["address"])
    opened_at, shown_at = (datetime.fromtimestamp(value[name], UTC) for name in ("opened", "shown"))
    if timezone.now() > _shuts_at(opened_at, shown_at):
        raise BoxShut(address)
    if was_left(value["form"]):
        raise BoxShut
    keys = BoxKeys(address, bytes(PrivateKey(private).public_key), private)
    return HeldBox(keys, Opening(opened_at, value["form"]), value["nonce"])


def seconds_left(opened_at: datetime) -> int:
    """How long a page that is shown now may stay on the screen."""
    now = timezone.now()
    return max(0, int((_shuts_at(opened_at, now) - now).total_seconds()))


def _shuts_at(opened_at: datetime, shown_at: datetime) -> datetime:
    return min(shown_at + BOX_OPEN, opened_at + LONGEST)


def keep_text(address: bytes, text: str) -> str:
    """What was typed when the box had shut, for the form that asks for the code again; only its own box shows it."""
    return seal_state(_KEPT, {"address": address.hex(), "text": text})


def kept_text(address: bytes, text: str) -> str:
    """What `keep_text` kept for this box; empty for another's, or where nothing can be read."""
    try:
        value = open_state(_KEPT, text)
    except NotOpened:
        return ""
    return str(value["text"]) if value["address"] == address.hex() else ""
