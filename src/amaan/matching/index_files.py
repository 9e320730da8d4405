"""The index of PDQ hashes on the disk, mapped once by every process, and what came after it.

    AMAAN_HOME/matching/pdq.json          the manifest: which file, which batches it holds, when, by what
    AMAAN_HOME/matching/pdq-000007.index  the newest index (signalmatch's format); older ones go when it stands
    AMAAN_HOME/matching/pdq.lock          held by whoever builds

The file holds the PDQ signals of every batch that had ended, those of withdrawn lists left out, whatever became of
lists and members since: each hit is looked up in the database. Batches that ended later are searched by brute force
beside it, so that nothing is missed, ever; a file that is absent, damaged or not ours to read only makes that slower.
Which batches a file holds is known by their number and the moment in which they ended, so that a file never speaks for
another database. Survivors' hashes are always searched beside it: what one takes back must not stay on the disk.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils import timezone

import signalmatch
from amaan.matching.domain.comparing import Hits
from amaan.matching.index_reading import (
    Batches,
    Counting,
    count_signals,
    counting_batches,
    read_all,
    read_batches,
)
from signalmatch.errors import HashIndexError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from signalmatch import HammingIndex

PROGRAM: Final = f"signalmatch {signalmatch.__version__}"
SIGNALS_BY_HAND: Final = 20_000
"""Signals outside the file that are searched by brute force without a rebuild; or a twentieth of the file."""
MOST_COUNTED: Final = 100_000
_LOOK_EVERY = 1.0
"""Seconds between two looks whether there is a newer file."""
_TRIES, _MOMENT = 200, 0.005
"""How often, and seconds apart, a builder asks for a lock that somebody shares for a moment."""

_UNUSABLE: Final = (
    HashIndexError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    OverflowError,
    RecursionError,
)
"""What a file that somebody damaged, or wrote as another user, may raise."""

Ended = frozenset[tuple[int, str]]


class SpeaksForAnother(Exception):
    """The index file holds other values under these ids than the database does."""


class Manifest(NamedTuple):
    """What an index file holds. `batches`: number to the moment of its end; `of_batch`: number to its signals, `rows`
    all of them; `seconds`: building."""

    file: str
    rows: int
    batches: Batches
    of_batch: dict[int, int]
    built_at: str
    seconds: float
    program: str


@dataclass(frozen=True)
class State:
    """How the index stands. `behind`: signals of ended batches that it should hold and doesn't, counted up to
    `MOST_COUNTED`; `needless`: signals in it of lists that were withdrawn; `fault`: why no file is used, if so."""

    rows: int
    behind: int
    needless: int
    built_at: datetime | None
    building: bool
    fault: str

    @property
    def wants_building(self) -> bool:
        most = min(max(SIGNALS_BY_HAND, self.rows // 20), MOST_COUNTED - 1)
        return self.behind > most or self.needless > max(SIGNALS_BY_HAND, self.rows // 5)


class _Mapped(NamedTuple):
    hashes: HammingIndex
    manifest: Manifest


class _Beside(NamedTuple):
    """What is searched by brute force, of these batches."""

    batches: Ended
    hashes: HammingIndex


@dataclass
class _Held:
    """What this process has mapped and read, of one AMAAN_HOME and database."""

    home: object = None
    looked: float = float("-inf")
    stamp: tuple[int, int, int] | None = None
    mapped: _Mapped | None = None
    fault: str = ""
    counting: Counting | None = None
    beside: _Beside | None = None


_turn = threading.RLock()
_now_held: list[_Held] = []
"""At most one. Another AMAAN_HOME or database (a test's) begins anew."""


def _held() -> _Held:
    home = (settings.AMAAN_HOME, connection.settings_dict["NAME"])
    if not _now_held or _now_held[0].home != home:
        _now_held[:] = [_Held(home)]
    return _now_held[0]


def look_again() -> None:
    """Look for a newer file at the next search, without waiting for `_LOOK_EVERY`."""
    with _turn:
        _held().looked = float("-inf")


def folder() -> Path:
    return Path(settings.AMAAN_HOME) / "matching"


def _manifest_path() -> Path:
    return folder() / "pdq.json"


def near(values: NDArray[np.uint64], radius: int) -> Hits:
    """Every PDQ signal of an ended batch within `radius` bits of each value (uint64[n, 4])."""
    import numpy as np

    with _turn:
        mapped, counting = _newest(), _counting()
        beside = _read_beside(mapped, counting)
    indices = [beside.hashes] if mapped is None else [mapped.hashes, beside.hashes]
    found = [index.search(values, radius) for index in indices]
    query, signal, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Hits(query, signal, distance)


def state() -> State:
    """Cheap: counts no signals, only what their batches say."""
    with _turn:
        mapped, ended = _newest(), _counting().lists
        fault = _held().fault
    manifest = mapped.manifest if mapped else None
    return State(
        rows=manifest.rows if manifest else 0,
        behind=count_signals((number for number, _ in _outside(mapped, ended)), MOST_COUNTED),
        needless=sum(n for number, n in manifest.of_batch.items() if number not in ended) if manifest else 0,
        built_at=datetime.fromisoformat(manifest.built_at) if manifest else None,
        building=_is_locked(),
        fault=fault,
    )


def mistrust() -> None:
    """Take the file away: it holds what the database doesn't, so it speaks for another one. It is built again.

    A file that we may not take away is used no longer, by this process, until there is another.
    """
    with _turn:
        held = _held()
        held.mapped, held.fault = None, "it speaks for another database"
        try:
            _manifest_path().unlink(missing_ok=True)
        except OSError as fault:
            held.fault = f"{held.fault}; {type(fault).__name__}: {fault}"
        held.looked = float("-inf")


def verify() -> str:
    """Read every byte of the file in use and compare its checksums; what is wrong, or nothing. The file goes if so."""
    with _turn:
        mapped = _newest()
        if mapped is None:
            return ""
        try:
            signalmatch.HammingIndex.open(folder() / mapped.manifest.file, verify=True)
        except (HashIndexError, OSError) as fault:
            mistrust()
            return str(fault)
    return ""


def build() -> Manifest | None:
    """Build a file of all ended batches and put it in use; None where somebody builds already.

    Reads the signals page by page in the order of their ids; in memory stand 40 bytes a hash, and the index itself.
    """
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock() as mine:
        if not mine:
            return None
        began = time.monotonic()
        with _turn:
            _held().counting = None
            ended = dict(_counting().lists)
        values, ids, of_batch = read_all(ended)
        name = f"pdq-{_next_number():06d}.index"
        signalmatch.HammingIndex.build(values, ids).save(folder() / name)
        manifest = Manifest(
            file=name,
            rows=len(ids),
            batches=ended,
            of_batch=of_batch,
            built_at=timezone.now().isoformat(),
            seconds=round(time.monotonic() - began, 3),
            program=PROGRAM,
        )
        _write(manifest)
        _sweep(name)
    look_again()
    return manifest


# ---------------------------------------------------------------- the file


def _newest() -> _Mapped | None:
    """The newest file, mapped; None where there is none that can be used. Looks at most once a second."""
    held = _held()
    now = time.monotonic()
    if now - held.looked < _LOOK_EVERY:
        return held.mapped
    held.looked = now
    try:
        told = _manifest_path().stat()
    except FileNotFoundError:
        held.stamp, held.mapped, held.fault = None, None, ""
        return None
    except OSError as fault:
        held.stamp, held.mapped, held.fault = None, None, f"{type(fault).__name__}: {fault}"
        return None
    stamp = (told.st_ino, told.st_mtime_ns, told.st_size)
    if stamp != held.stamp:
        held.stamp, held.mapped, held.fault = stamp, None, ""
        try:
            manifest = _read_manifest()
            held.mapped = _Mapped(signalmatch.HammingIndex.open(folder() / manifest.file), manifest)
        except _UNUSABLE as fault:
            held.fault = f"{type(fault).__name__}: {fault}"
    return held.mapped


def _read_manifest() -> Manifest:
    told: dict[str, Any] = json.loads(_manifest_path().read_bytes())
    told["batches"] = {int(number): str(at) for number, at in told["batches"].items()}
    told["of_batch"] = {int(number): int(rows) for number, rows in told["of_batch"].items()}
    manifest = Manifest(**told)
    datetime.fromisoformat(manifest.built_at)
    if not isinstance(manifest.rows, int) or manifest.rows < 0:
        raise ValueError("the manifest counts no rows")
    if Path(manifest.file).name != manifest.file:
        raise ValueError("the manifest names a file elsewhere")
    return manifest


def _write(manifest: Manifest) -> None:
    beside = _manifest_path().with_suffix(".part")
    with beside.open("w") as file:
        json.dump(manifest._asdict(), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(_manifest_path())


def _next_number() -> int:
    numbers = [int(path.stem[4:]) for path in folder().glob("pdq-*.index") if path.stem[4:].isdigit()]
    return max(numbers, default=0) + 1


def _sweep(current: str) -> None:
    """Take older files and what a killed builder left. Who has an older one mapped keeps it."""
    for path in [*folder().glob("pdq-*.index"), *folder().glob(".pdq-*.part")]:
        if path.name != current:
            path.unlink(missing_ok=True)


def _flocked(file: IO[str], how: int) -> bool:
    """Whether the lock was to be had at once."""
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _lock() -> Iterator[bool]:
    with (folder() / "pdq.lock").open("w") as file:
        yield _locked(file)


def _locked(file: IO[str]) -> bool:
    """Take the lock, unless somebody builds. Whoever asks (`_is_locked`) shares it for a moment, and is waited for."""
    for _ in range(_TRIES):
        if _flocked(file, fcntl.LOCK_EX):
            return True
        if not _flocked(file, fcntl.LOCK_SH):
            return False
        fcntl.flock(file, fcntl.LOCK_UN)
        time.sleep(_MOMENT)
    return False


def _is_locked() -> bool:
    try:
        with (folder() / "pdq.lock").open("r") as file:
            return not _flocked(file, fcntl.LOCK_SH)
    except OSError:  # there is none, or it is not ours to read: then nobody builds that we could wait for
        return False


# ---------------------------------------------------------------- what the database holds


def _counting() -> Counting:
    """The batches that count; read again only when one more has ended, or one went."""
    held = _held()
    held.counting = counting_batches(held.counting)
    return held.counting


def _outside(mapped: _Mapped | None, ended: Batches) -> Ended:
    """The batches that the file does not hold."""
    held = mapped.manifest.batches if mapped else {}
    return frozenset((number, at) for number, at in ended.items() if held.get(number) != at)


def _read_beside(mapped: _Mapped | None, counting: Counting) -> _Beside:
    import numpy as np

    held = _held()
    wanted = _outside(mapped, counting.lists) | frozenset(counting.survivors.items())
    old = held.beside
    if old is not None and old.batches == wanted:
        return old
    known = old.batches if old is not None and old.batches < wanted else frozenset[tuple[int, str]]()
    values, ids = read_batches([number for number, _ in wanted - known])
    if old is not None and known:
        before, numbers = old.hashes.rows()
        values, ids = np.concatenate((before, values)), np.concatenate((numbers, ids))
    held.beside = _Beside(wanted, signalmatch.HammingIndex.build(values, ids, "plain"))
    return held.beside
