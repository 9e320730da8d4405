"""The door's own key files (AMAAN_PORTAL_KEYS). None of them opens what the door took in.

desk.pub        the desk's public key: envelopes are sealed to it
receipt.key     signs proofs of submission (Ed25519); receipt.pub is its public half
code.salt       salt of every code (public once somebody has the folder)
code.pepper     keyed digest of addresses: without it a stolen database answers no guess
form-DAY.key    answers that travel in a form; a new one every day (UTC), erased after two days
"""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from nacl.signing import SigningKey

from amaan.keyring.domain import derive, keyed_digest
from amaan.portal.domain.codes import PEPPER_BYTES, SALT_BYTES

DESK: Final = "desk.pub"
RECEIPT: Final = "receipt.key"
RECEIPT_PUBLIC: Final = "receipt.pub"
_SALT: Final = "code.salt"
_PEPPER: Final = "code.pepper"
DAYS: Final = 2
"""A form that was open for longer can't be read any more, also not by whoever takes the machine."""


class DoorNotReady(Exception):
    """A key file is missing or broken; the message says which and what to do."""


class AnotherKeyThere(Exception):
    """A folder holds a desk's public key already, and it is another one."""


@dataclass(frozen=True)
class DoorKeys:
    """`desk` is a public key. `repr` shows none of the others."""

    desk: bytes
    salt: bytes = field(repr=False)
    pepper: bytes = field(repr=False)
    receipt: SigningKey = field(repr=False)


def prepare_door_keys(folder: Path, desk: bytes | None) -> None:
    """Make what is missing. `desk` is the desk's public key where it is at hand, and replaces the file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if desk is not None and (not (folder / DESK).exists() or _read(folder / DESK) != desk):
        (folder / DESK).unlink(missing_ok=True)
        _write_once(folder / DESK, desk)
    _write_once(folder / _SALT, secrets.token_bytes(SALT_BYTES))
    _write_once(folder / _PEPPER, secrets.token_bytes(PEPPER_BYTES))
    _write_once(folder / RECEIPT, secrets.token_bytes(32))
    _write_once(folder / RECEIPT_PUBLIC, bytes(SigningKey(_read(folder / RECEIPT)).verify_key))


def read_door_keys(folder: Path) -> DoorKeys:
    """Raises DoorNotReady."""
    return DoorKeys(
        desk=_read(folder / DESK),
        salt=_read(folder / _SALT),
        pepper=_read(folder / _PEPPER),
        receipt=SigningKey(_read(folder / RECEIPT)),
    )


def mark_of(keys: DoorKeys) -> bytes:
    """16 bytes that are equal where a code opens the same box, and tell nothing of salt or pepper."""
    return keyed_digest(derive(keys.pepper, "amaan/portal/codes/1"), keys.salt)[:16]


def read_desk_key(folder: Path) -> bytes:
    """The desk's public key, 32 bytes. Raises DoorNotReady."""
    return _read(folder / DESK)


def export_door_keys(folder: Path, to: Path) -> list[Path]:
    """What a door that begins anew needs of the desk's `folder`, written into `to`; the paths.

    Salt and pepper go along: without them the codes that staff read out would open nothing at that door.

    Raises AnotherKeyThere, DoorNotReady.
    """
    to.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = []
    for name in (DESK, _SALT, _PEPPER):
        path, content = to / name, _read(folder / name)
        _write_once(path, content)
        if _read(path) != content:
            raise AnotherKeyThere(
                f"{path} is another installation's. Look whose it is before you take it away."
            )
        written.append(path)
    return written


def read_receipt_key(folder: Path) -> bytes:
    """The public half, 32 bytes. Raises DoorNotReady."""
    return _read(folder / RECEIPT_PUBLIC)


def form_keys(folder: Path, today: date) -> dict[int, bytes]:
    """By the day's ordinal; today's is made if need be, and those that are too old are erased."""
    found: dict[int, bytes] = {}
    _write_once(_form_key(folder, today), secrets.token_bytes(32))
    for path in folder.glob("form-*.key"):
        try:
            day = date.fromisoformat(path.stem.removeprefix("form-"))
        except ValueError:
            continue
        if day < today - timedelta(days=DAYS - 1):
            path.unlink(missing_ok=True)
        else:
            found[day.toordinal()] = _read(path)
    return found


def _form_key(folder: Path, day: date) -> Path:
    return folder / f"form-{day.isoformat()}.key"


def _read(path: Path) -> bytes:
    try:
        return base64.b64decode(path.read_text().strip(), validate=True)
    except FileNotFoundError:
        raise DoorNotReady(
            f"{path} isn't there. On the machine of the desk any `amaan` command makes it; `amaan door keys` says what "
            "the door's machine needs (docs/how-to/public-door.md)."
        ) from None
    except ValueError:
        raise DoorNotReady(f"{path} can't be read as a key. Put it back from your backup.") from None


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all, and never over what is there already."""
    if path.exists():
        return
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(content) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)
        except FileExistsError:
            return  # another process of the same start was first
    finally:
        beside.unlink(missing_ok=True)
