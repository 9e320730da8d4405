"""The life of a report at the platforms' wire, and what a credential is. No clock, no randomness."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from amaan.authority.actors import Actor
from amaan.formats.cybertipline.answers import Code

LIVES: Final = timedelta(hours=24)
IDLES: Final = timedelta(hours=1)
"""An unfinished report ends this long after its opening, or this long after its last change, whichever is later."""

FIRST_NUMBER: Final = 100_000_000_000_000
"""Report numbers have 15 digits: every client's number type holds them exactly, also a double."""
_MOST_DIGITS: Final = 18

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of all documents of a report together. Whoever finishes it, or reads it again, holds them in memory at once."""
MOST_FILES: Final = 5_000
MOST_PACKAGE_BYTES: Final = MOST_BYTES + 4 * 1024 * 1024
"""The same with our own list of its files (`domain.received`), which has about 300 bytes a file."""
MOST_OPEN: Final = 10_000
"""Unfinished reports of one platform. Who finishes what it opens has a few; so many are a client that never does."""
OPEN_AGAIN_SECONDS: Final = 600
"""When a platform with so many may ask again: some of them expire with every minute that passes."""


class State(StrEnum):
    OPEN = "open"
    FINISHED = "finished"
    RETRACTED = "retracted"
    EXPIRED = "expired"


class WireRefused(Exception):
    """A request that is refused, with the documented code. `words` go to the platform: they quote no document.

    `number` and `file_ids` are what the answer to `/finish` repeats. With `retry_after`, in seconds, there is too
    much for now and nothing wrong with the request.
    """

    def __init__(
        self,
        code: Code,
        words: str = "",
        *,
        number: int = 0,
        file_ids: tuple[str, ...] = (),
        retry_after: int = 0,
    ) -> None:
        super().__init__(words or code.words)
        self.code, self.words, self.number, self.file_ids = code, words, number, file_ids
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Sender:
    """A platform's verified credential. `unit` is the code of the unit that its reports belong to."""

    id: int
    user: str
    name: str
    entity: str
    unit: str
    may_look_up: bool = False

    @property
    def actor(self) -> Actor:
        return Actor.platform(self.id, self.unit)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What we know of a file's bytes. `exhibit` is None where they were discarded. `pdq` is empty where there is none;
    `no_pdq` says why, if somebody looked."""

    file_id: str
    size: int
    md5: str
    sha1: str
    sha256: str
    exhibit: int | None
    pdq: str = ""
    pdq_quality: int | None = None
    no_pdq: str = ""


def ends_at(opened_at: datetime, changed_at: datetime) -> datetime:
    """When an unfinished report expires."""
    return max(opened_at + LIVES, changed_at + IDLES)


def state_at(state: State, opened_at: datetime, changed_at: datetime, now: datetime) -> State:
    """The state that counts: an open report whose time has passed is expired, swept away already or not."""
    return State.EXPIRED if state is State.OPEN and now >= ends_at(opened_at, changed_at) else state


_REFUSALS: Final = {
    State.FINISHED: Code.FINISHED,
    State.RETRACTED: Code.RETRACTED,
    State.EXPIRED: Code.NO_REPORT,
}


def refusal_of_change(state: State) -> Code | None:
    """Why a report in this state takes no upload, details, finish or retraction; None if it does."""
    return _REFUSALS.get(state)


def preserved_until(received_at: datetime) -> datetime:
    """One year from the completed submission: 18 U.S.C. 2258A(h)(1) as amended by the REPORT Act (2024).

    The same day of the next year; what was finished on 29 February is preserved until 1 March.
    """
    try:
        return received_at.replace(year=received_at.year + 1)
    except ValueError:
        return received_at.replace(year=received_at.year + 1, month=3, day=1)


def number_in(text: str) -> int:
    """The report number that a request names. Raises WireRefused: 4000 for no number, 5001 for an impossible one."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        raise WireRefused(Code.INVALID_REQUEST, "The field id must hold the report's number.")
    if len(digits) > _MOST_DIGITS:
        raise WireRefused(Code.NO_REPORT)
    return int(digits)


def read_basic(header: str) -> tuple[str, str] | None:
    """User and password of an Authorization header (RFC 7617); None where there is none that can be read."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic" or len(rest) > 1000:
        return None
    try:
        user, colon, password = base64.b64decode(rest.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (user, password) if colon and "\0" not in user else None


def secret_digest(user: str, secret: str) -> bytes:
    """What is kept of a credential's secret: SHA-256, bound to its user.

    Not scrypt: a secret is 256 random bits that nobody chose, so trying them all is hopeless however quick one try
    is, and it is checked with every request of every client.
    """
    text = f"amaan/platform-secret/1\0{user}\0{secret}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).digest()


NOBODY: Final = bytes(32)
"""Compared with where there is no such user, so that the answer takes as long."""


def secret_fits(held: bytes, user: str, secret: str) -> bool:
    return hmac.compare_digest(held, secret_digest(user, secret))


class Allowance:
    """A token bucket: `rate` requests a second, `burst` at once. Times are seconds of any steady clock."""

    __slots__ = ("_at", "_left", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate, self.burst = rate, burst
        self._left, self._at = burst, now

    def take(self, now: float) -> float:
        """Take one; the seconds to wait where there is none, else 0."""
        self._left = min(self.burst, self._left + (now - self._at) * self.rate)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.rate


def visitor(remote: str, forwarded: str, proxies: int) -> str:
    """The address that counts: behind `proxies` trusted proxies, what the outermost of them saw (X-Forwarded-For)."""
    if proxies:
        hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
        if len(hops) >= proxies:
            return hops[-proxies][:64]
    return remote[:64]
