"""Sending once: the same form, sent again, is the same report with the same code.

A thumb presses twice, a page is loaded again, the line breaks after the report arrived and before the code did. The
code stands nowhere on the server, so it can't be looked up; it is made, with the envelope's number and the submission's
reference, from a random value that travels sealed in the form, from what was said, and from a secret of the door.
Whoever changes an answer and sends again gets a report and a code of its own: nothing that was said is ever lost.
Without the sealed form, neither the database nor the secret tells a code: the random value has 128 bits.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Final

from amaan.keyring.domain import derive, keyed_digest
from amaan.portal.domain.codes import DIGITS, check_digit
from amaan.reports.domain.references import BITS, write_reference

_NONCE_BYTES: Final = 16
_NUMBER_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Made:
    """`code` for the reporter, `submission` on the proof, `number` (16 bytes) between door and desk."""

    code: str = field(repr=False)
    submission: str
    number: bytes


def new_nonce() -> str:
    """128 random bits as hex, once for each form that somebody begins."""
    return secrets.token_hex(_NONCE_BYTES)


def is_nonce(text: str) -> bool:
    """Whether `new_nonce` may have written it."""
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def made_from(secret: bytes, nonce: str, said: object) -> Made:
    """`secret`: 32 bytes of the door; `nonce` as `new_nonce` wrote it; `said`: JSON-able, all that is sent."""
    told = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    seed = keyed_digest(derive(secret, "amaan/portal/once/1"), f"{nonce}\n{told}".encode())
    body = str(_number(seed, "code") % 10 ** (DIGITS - 1)).zfill(DIGITS - 1)
    return Made(
        code=body + check_digit(body),
        submission=write_reference(_number(seed, "submission") % 2**BITS, "S"),
        number=derive(seed, "amaan/portal/once/number")[:_NUMBER_BYTES],
    )


def _number(seed: bytes, purpose: str) -> int:
    # 256 bits, so that no code is likelier than another by more than one in 2**200.
    return int.from_bytes(derive(seed, f"amaan/portal/once/{purpose}"), "big")
