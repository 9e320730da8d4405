"""What lies in a reporter's box, read from its letters (`domain.letters`). The story itself is never among them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from amaan.portal.domain.hashes import FileKind
from amaan.portal.domain.letters import Became, HashStatus, LetterKind
from amaan.reports.domain.outcomes import PublicStatus


@dataclass(frozen=True)
class Said:
    """One letter in the conversation. `became` is set on the closing one. A letter that this version can't read has
    neither; it is shown as one that can't be shown."""

    on: date | None
    text: str = ""
    became: Became | None = None

    @property
    def is_readable(self) -> bool:
        return bool(self.text) or self.became is not None


@dataclass(frozen=True)
class HeldHash:
    """What is known of one file's hash; `sha256` is 64 hex digits."""

    sha256: str
    file: FileKind
    status: HashStatus
    on: date | None

    @property
    def short(self) -> str:
        """As the page that made the hash showed it (static/portal/hashing/offer.js)."""
        return f"{self.sha256[:8]}…{self.sha256[-8:]}"

    @property
    def can_be_withdrawn(self) -> bool:
        return self.status is not HashStatus.WITHDRAWN


@dataclass(frozen=True)
class Contents:
    """`status` is None until the envelope has been carried to the desk; `said` oldest first; `hashes` as offered."""

    status: PublicStatus | None
    since: date | None
    said: tuple[Said, ...]
    hashes: tuple[HeldHash, ...]


def read_box(letters: Iterable[Mapping[str, Any]]) -> Contents:
    """`letters` oldest first. What can't be read harms nothing and hides nothing: it is a letter without words."""
    status, since = None, None
    said: list[Said] = []
    hashes: dict[str, HeldHash] = {}
    for letter in letters:
        on = _day(letter.get("at"))
        match letter:
            case {"kind": LetterKind.STATUS, "status": str(word)} if word in set(PublicStatus):
                status, since = PublicStatus(word), on
            case {"kind": LetterKind.MESSAGE, "text": str(text)} if text.strip():
                said.append(Said(on, text))
            case {"kind": LetterKind.CLOSING, "became": str(word), "text": str(text)} if word in set(Became):
                said.append(Said(on, text, Became(word)))
            case {"kind": LetterKind.HASH_STATUS} if held := _hash(letter, on):
                hashes[held.sha256] = held
            case _:
                said.append(Said(on))
    return Contents(status, since, tuple(said), tuple(hashes.values()))


def _hash(letter: Mapping[str, Any], on: date | None) -> HeldHash | None:
    try:
        sha256, file, status = str(letter["hash"]), FileKind(letter["file"]), HashStatus(letter["status"])
    except (KeyError, ValueError):
        return None
    return HeldHash(sha256, file, status, on) if is_sha256(sha256) else None


def is_sha256(text: str) -> bool:
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
