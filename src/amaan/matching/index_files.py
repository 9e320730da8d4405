"""The index of PDQ hashes on the disk, mapped once by every process, and what came after it.

    AMAAN_HOME/matching/pdq.json          the manifest: which file, which batches it holds, when, by what
    AMAAN_HOME/matching/pdq-000007.index  the newest index (signalmatch's format); older ones go when it stands
    AMAAN_HOME/matching/pdq.lock          held by whoever builds

The file holds the PDQ signals of every batch that had ended, those of withdrawn lists left out, whatever became of
lists and members since: each hit is looked up in the database. Batches that ended later are searched by brute force
beside it, so that nothing is missed, ever; an absent or damaged file only makes that slower. Which batches a file
holds is known by their number and the moment in which they ended, so that a file never speaks for another database.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from django.conf import settings
from django.db import connection
from django.db.models import Count, Max
from django.utils import timezone
from numpy.typing import NDArray

import signalmatch
from amaan.matching.domain.comparing import Hits
from amaan.matching.domain.lists import ListState, SignalType
from amaan.matching.models import Batch
from amaan.store.rows import select_in, slices
from signalmatch.errors import HashIndexError

if TYPE_CHECKING:
    from signalmatch import HammingIndex

PROGRAM: Final = f"signalmatch {signalmatch.__version__}"
SIGNALS_BY_HAND: Final = 20_000
"""Signals outside the file that are searched by brute force without a rebuild; or a twentieth of the file."""
MOST_COUNTED: Final = 100_000
_ROWS_A_PAGE = 50_000
_SMALL = 1_000
"""Rows of a batch below which it is read together with others."""
_LOOK_EVERY = 1.0
"""Seconds between two looks whether there is a newer file."""

_OF_BATCHES: Final = f"FROM matching_signal WHERE +type = {SignalType.PDQ.value} AND batch_id IN {{values}}"

Batches = dict[int, str]
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
    """How the index stands. `behind`: signals of ended batches outside it, counted up to `MOST_COUNTED`; `needless`:
    signals in it of lists that were withdrawn; `fault`: why no file is used, if so."""

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
    """What this process has mapped and read. Another AMAAN_HOME or database (a test's) begins anew."""

    key: object = None
    looked: float = float("-inf")
    stamp: tuple[int, int, int] | None = None
    mapped: _Mapped | None = None
    fault: str = ""
    ended: tuple[object, Batches] | None = None
    beside: _Beside | None = None


_held = _Held()
_turn = threading.RLock()


def folder() -> Path:
    return Path(settings.AMAAN_HOME) / "matching"


def _manifest_path() -> Path:
    return folder() / "pdq.json"


def near(values: NDArray[np.uint64], radius: int) -> Hits:
    """Every PDQ signal of an ended batch within `radius` bits of each value (uint64[n, 4])."""
    with _turn:
        mapped, ended = _newest(), _ended()
        beside = _read_beside(mapped, ended)
    indices = [beside.hashes] if mapped is None else [mapped.hashes, beside.hashes]
    found = [index.search(values, radius) for index in indices]
    query, signal, distance = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Hits(query, signal, distance)


def state() -> State:
    """Cheap: counts no signals, only what their batches say."""
    with _turn:
        mapped, ended = _newest(), _ended()
        fault = _held.fault
    manifest = mapped.manifest if mapped else None
    return State(
        rows=manifest.rows if manifest else 0,
        behind=_count(_outside(mapped, ended)),
        needless=sum(n for number, n in manifest.of_batch.items() if number not in ended) if manifest else 0,
        built_at=datetime.fromisoformat(manifest.built_at) if manifest else None,
        building=_is_locked(),
        fault=fault,
    )


def mistrust() -> None:
    """Take the file away: it holds what the database doesn't, so it speaks for another one. It is built again."""
    with _turn:
        _manifest_path().unlink(missing_ok=True)
        _held.looked = float("-inf")


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
            _held.ended = None
            ended = dict(_ended())
        values, ids, of_batch = _read_all(ended)
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
    with _turn:
        _held.looked = float("-inf")
    return manifest


# ---------------------------------------------------------------- the file


def _newest() -> _Mapped | None:
    """The newest file, mapped; None where there is none that can be used. Looks at most once a second."""
    key = (settings.AMAAN_HOME, connection.settings_dict["NAME"])
    if _held.key != key:
        _held.__init__(key=key)  # type: ignore[misc]
    now = time.monotonic()
    if now - _held.looked < _LOOK_EVERY:
        return _held.mapped
    _held.looked = now
    try:
        told = _manifest_path().stat()
    except FileNotFoundError:
        _held.stamp, _held.mapped, _held.fault = None, None, ""
        return None
    stamp = (told.st_ino, told.st_mtime_ns, told.st_size)
    if stamp != _held.stamp:
        _held.stamp, _held.mapped, _held.fault = stamp, None, ""
        try:
            manifest = _read_manifest()
            _held.mapped = _Mapped(signalmatch.HammingIndex.open(folder() / manifest.file), manifest)
        except (HashIndexError, OSError, ValueError, TypeError, KeyError) as fault:
            _held.fault = f"{type(fault).__name__}: {fault}"
    return _held.mapped


def _read_manifest() -> Manifest:
    told: dict[str, Any] = json.loads(_manifest_path().read_bytes())
    told["batches"] = {int(number): str(at) for number, at in told["batches"].items()}
    told["of_batch"] = {int(number): int(rows) for number, rows in told["of_batch"].items()}
    manifest = Manifest(**told)
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


@contextmanager
def _lock() -> Iterator[bool]:
    with (folder() / "pdq.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _is_locked() -> bool:
    try:
        with (folder() / "pdq.lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


# ---------------------------------------------------------------- what the database holds


def _ended() -> Batches:
    """The batches that count, with the moment of their end; asked again only when one more has ended."""
    counting = Batch.objects.filter(ended_at__isnull=False).exclude(list__state=ListState.WITHDRAWN)
    told = counting.aggregate(count=Count("pk"), newest=Max("pk"), last=Max("ended_at"))
    key = (told["count"], told["newest"], told["last"])
    if _held.ended is None or _held.ended[0] != key:
        rows = counting.values_list("pk", "ended_at")
        _held.ended = (key, {number: at.isoformat() for number, at in rows if at})
    return _held.ended[1]


def _outside(mapped: _Mapped | None, ended: Batches) -> Ended:
    """The batches that the file does not hold."""
    held = mapped.manifest.batches if mapped else {}
    return frozenset((number, at) for number, at in ended.items() if held.get(number) != at)


def _read_beside(mapped: _Mapped | None, ended: Batches) -> _Beside:
    wanted = _outside(mapped, ended)
    old = _held.beside
    if old is not None and old.batches == wanted:
        return old
    known = old.batches if old is not None and old.batches < wanted else frozenset[tuple[int, str]]()
    values, ids = _read_batches([number for number, _ in wanted - known])
    if old is not None and known:
        before, numbers = old.hashes.rows()
        values, ids = np.concatenate((before, values)), np.concatenate((numbers, ids))
    _held.beside = _Beside(wanted, signalmatch.HammingIndex.build(values, ids, "plain"))
    return _held.beside


class _Reading:
    """Values and ids as they come, in two plain buffers."""

    def __init__(self) -> None:
        self.values = bytearray()
        self.ids = array("q")

    def take(self, rows: list[tuple[Any, ...]]) -> None:
        """Rows of (id, value, …)."""
        self.values += b"".join([row[1] for row in rows])
        self.ids.extend([row[0] for row in rows])

    def arrays(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        words = np.frombuffer(self.values, dtype=">u8").astype(np.uint64).reshape(-1, 4)
        return words, np.array(self.ids, dtype=np.int64)


def _read_all(ended: Batches) -> tuple[NDArray[np.uint64], NDArray[np.int64], dict[int, int]]:
    found, after = _Reading(), 0
    of_batch: Counter[int] = Counter()
    while rows := _page("SELECT id, value, batch_id FROM matching_signal WHERE +type = %s", [], after):
        counting = [row for row in rows if row[2] in ended]
        found.take(counting)
        of_batch.update(row[2] for row in counting)
        after = rows[-1][0]
    return *found.arrays(), dict(of_batch)


def _read_batches(batches: Sequence[int]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Small batches are read together, large ones page by page."""
    found = _Reading()
    sizes = dict(select_in('SELECT id, "read" FROM matching_batch WHERE id IN {values}', batches))
    small = [number for number in batches if sizes[number] <= _SMALL]
    found.take(select_in(f"SELECT id, value {_OF_BATCHES}", small))
    for number in set(batches).difference(small):
        after = 0
        asked = "SELECT id, value FROM matching_signal WHERE +type = %s AND batch_id = %s"
        while rows := _page(asked, [number], after):
            found.take(rows)
            after = rows[-1][0]
    return found.arrays()


# `+type` keeps SQLite from the index of values, by which it would sort all of them for every page (measured: 13 s
# instead of 1.2 for a million).
def _page(asked: str, values: Sequence[int], after: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{asked} AND id > %s ORDER BY id LIMIT {_ROWS_A_PAGE}", [SignalType.PDQ.value, *values, after]
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def _count(batches: Ended) -> int:
    """PDQ signals of these batches, no further than `MOST_COUNTED`: a page must not wait for more."""
    count = 0
    for part in slices((number for number, _ in batches), 1_000):
        some = select_in(f"SELECT 1 {_OF_BATCHES} LIMIT {MOST_COUNTED - count}", part)
        count += len(some)
        if count >= MOST_COUNTED:
            break
    return count
