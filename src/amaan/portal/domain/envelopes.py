"""What an envelope holds once the desk has opened it. Version 1:

    {"v": 1, "kind": …, "at": UTC, "language": "en"|"ur"|…, "submission": "S-…" or "",
     "address": hex, "public": hex,            the reporter's mailbox
     "answers": {question: text or list},      kind report
     "text": …,                                kind message
     "hashes": [{kind, sha256, pdq, quality, frames}],   kinds report and hashes
     "hash": sha256 hex,                       kind withdraw_hash
     "safe": "yes"|"no"|"not_said"}            kind withdraw

A telling beyond what this version knows is kept whole: what can't be read waits, sealed, in the desk's queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

VERSION: Final = 1


class Kind(StrEnum):
    REPORT = "report"
    MESSAGE = "message"
    WITHDRAW = "withdraw"
    HASHES = "hashes"
    WITHDRAW_HASH = "withdraw_hash"


class NotAnEnvelope(Exception):
    """What was opened is not an envelope of this version."""


@dataclass(frozen=True)
class Telling:
    """`at` is ISO 8601 in UTC; `answers` by question; `hashes` as `domain.hashes` reads them."""

    kind: Kind
    at: str
    language: str
    address: str
    public: str
    submission: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    hashes: tuple[Mapping[str, Any], ...] = ()
    hash: str = ""
    safe: str = "not_said"
    v: int = VERSION

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": str(self.kind), "hashes": [dict(one) for one in self.hashes]}


def read_telling(value: object) -> Telling:
    """Raises NotAnEnvelope."""
    if not isinstance(value, dict) or value.get("v") != VERSION:
        raise NotAnEnvelope("This envelope is of another version of Amaan.")
    try:
        told = {**value, "kind": Kind(value["kind"]), "hashes": tuple(value.get("hashes", ()))}
        telling = Telling(**told)
        bytes.fromhex(telling.address + telling.public)
    except (KeyError, TypeError, ValueError) as fault:
        raise NotAnEnvelope("This envelope does not hold what it should.") from fault
    return telling
