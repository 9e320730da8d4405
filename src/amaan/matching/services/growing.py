"""What comes into a list: by the million, in slices, and as if at once.

A batch's signals count from when it has ended. Whatever ends the work in between (a kill, a full disk) leaves signals
that count for nothing; the next run over the same file takes them over, so that nothing stands twice. Another file
takes over only what it says itself. What a source takes back is gone when its file was read to its end, not before.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.formats.hash_lists import Invalid, ListEntry
from amaan.formats.hash_lists.entries import MOST_TAGS
from amaan.ledger.services import Act, append
from amaan.matching.domain.errors import ListWithdrawn, NotFilledThisWay
from amaan.matching.domain.lists import (
    ALWAYS_THERE,
    ListKind,
    ListState,
    MemberState,
    SignalType,
    checked_reason,
)
from amaan.matching.models import Batch, Member, Signal, SignalList
from amaan.matching.selectors import access_list
from amaan.matching.services.known import refuse_waiting
from amaan.matching.services.listing import CHANGED
from amaan.outbox.services import publish
from amaan.store.rows import allocate_ids, forget, insert_rows, on_postgres, select_in, slices

CHUNK = 50_000
"""Entries that are sorted before they are written: neighbours in the indices share pages (measured: sorted, a slice
of SQLite dirties a third of the pages)."""
SLICE_SECONDS = 0.05
"""SQLite's one writer is shared with people: a slice commits after about this long, and whoever waits goes first."""
LONG_SLICE_SECONDS = 0.25
"""On PostgreSQL nobody waits for a writer; longer slices save round trips."""
MOST_FAULTS = 1_000
MOST_VALUES = 1_000
"""Values of one name in a chunk: nothing has so many hashes; a name that has is a column that was misread."""
_TYPES = {"sha256": SignalType.SHA256, "sha1": SignalType.SHA1, "md5": SignalType.MD5, "pdq": SignalType.PDQ}
_MEMBER = ("id", "list_id", "batch_id", "name", "category", "tags", "state", "proposed_by", "confirmed_by")
_SIGNAL = ("member_id", "batch_id", "type", "value", "quality")


@dataclass
class Growth:
    """What a batch brought. `known` were there before, or stood twice in the file."""

    batch: int
    read: int = 0
    added: int = 0
    known: int = 0
    withdrawn: int = 0
    invalid: int = 0

    def counts(self) -> dict[str, int]:
        return dict(vars(self))


@dataclass
class _Told:
    """All that a chunk says of one member, from `line` on; what it says last holds."""

    line: int = 0
    values: dict[tuple[int, bytes], int | None] = field(default_factory=dict)
    category: str = ""
    tags: tuple[str, ...] = ()
    withdrawn: bool = False


def grow_list(
    actor: Actor,
    *,
    slug: str,
    entries: Iterable[ListEntry | Invalid],
    origin: str,
    digest: bytes | None = None,
    revive: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Growth:
    """Take entries into a list; running it again adds nothing twice.

    A known member gains the signals that it lacked. A withdrawn entry is a tombstone: its member counts no more. What
    was withdrawn stays so unless `revive` (an exchange, whose source says when it takes something up again), and for
    good where a person here withdrew it; new values under such a name are a fault, `taken_back`. `origin` names a file
    and how it is read, or a window; `digest` is the file's SHA-256: a run that was killed goes on where both are the
    same. `progress` is called with the number of entries read. Raises ListNotFound, ListWithdrawn, NotFilledThisWay,
    and what reading the entries raises: then the batch stands unfinished, and nothing of it counts.
    """
    held = access_list(actor, slug, Action.MANAGE_LISTS)
    _fillable(held)
    run = _Run(held, _begin(actor, held, origin, digest), revive)
    for chunk in slices(entries, CHUNK):
        run.take(chunk, progress)
    _finish(actor, run)
    forget()
    return run.growth


@transaction.atomic
def withdraw_members(actor: Actor, *, slug: str, names: Iterable[str], reason: str, origin: str = "") -> int:
    """Withdraw members by name; how many counted before. Unknown names are passed over.

    A proposal for the own list that waits on one of them is refused with it.
    Raises ListNotFound, ListWithdrawn, ReasonNeeded.
    """
    held = access_list(actor, slug, Action.MANAGE_LISTS)
    reason = checked_reason(reason)
    _standing(held)
    wanted = sorted(set(names))
    now = timezone.now()
    batch = Batch.objects.create(
        list=held, origin=origin[:200] or "withdrawal", by=actor.key, began_at=now, ended_at=now
    )
    gone = 0
    for part in slices(wanted, 10_000):
        found = Member.objects.filter(list=held, name__in=part).exclude(state=MemberState.WITHDRAWN)
        gone += found.filter(state=MemberState.ACTIVE).count()
        if held.slug in ALWAYS_THERE:
            refuse_waiting(actor, list(found.values_list("pk", flat=True)), reason)
        found.update(state=MemberState.WITHDRAWN, withdrawn_at=now, withdrawn_by=actor.key)
    Batch.objects.filter(pk=batch.pk).update(read=len(wanted), withdrawn=gone)
    body = {"batch": batch.pk, "reason": reason, "names": wanted[:1_000], "withdrawn": gone}
    append(actor, [Act("list.members_withdrawn", f"list/{slug}", "", body)])
    publish(CHANGED, [held.pk])
    return gone


def _standing(held: SignalList) -> None:
    if held.state == ListState.WITHDRAWN:
        raise ListWithdrawn(f"The list {held.slug} was withdrawn, which is final. Propose another one.")


def _fillable(held: SignalList) -> None:
    _standing(held)
    if held.kind not in {ListKind.IMPORTED, ListKind.EXCHANGE}:
        raise NotFilledThisWay(
            f"The list {held.slug} is filled by people's decisions, one by one, not from a file."
        )


@transaction.atomic
def _begin(actor: Actor, held: SignalList, origin: str, digest: bytes | None) -> Batch:
    """A new batch, or the one that a killed run over the same file left, read the same way.

    A file's beginning is in the ledger before anything of it lies here; an exchange's window is one transaction.
    """
    origin = origin[:200]
    if digest is None:
        return Batch.objects.create(list=held, origin=origin, by=actor.key, began_at=timezone.now())
    left = Batch.objects.filter(list=held, digest=digest, origin=origin, ended_at=None)
    batch = left.order_by("-id").first() or Batch.objects.create(
        list=held, origin=origin, digest=digest, by=actor.key, began_at=timezone.now()
    )
    body = {"batch": batch.pk, "origin": origin, "sha256": digest.hex()}
    append(actor, [Act("list.growing", f"list/{held.slug}", "", body)])
    return batch


class _Run:
    """One run over the entries of a batch."""

    def __init__(self, held: SignalList, batch: Batch, revive: bool) -> None:
        self.held, self.batch, self.revive = held, batch, revive
        self.growth = Growth(batch.pk)
        self.faults: list[list[object]] = []
        self.gone: set[int] = set()  # members that the file takes back, as far as it is read
        self._classes: dict[str, str] = json.loads(held.categories) if held.categories else {}
        self._size = 200

    def take(self, chunk: list[ListEntry | Invalid], progress: Callable[[int], None] | None) -> None:
        told: dict[str, _Told] = {}
        before = self.growth.read
        for one in chunk:
            self.growth.read += 1
            if isinstance(one, Invalid):
                self._fault(one.line, one.code, one.said)
            else:
                self._tell(told, one)
        # By value, because the signals' index is the larger one; names are mostly values or come in order.
        rows = sorted(told.items(), key=lambda item: (min(item[1].values, default=(0, b"")), item[0]))
        start = 0
        while start < len(rows):
            part = rows[start : start + self._size]
            began = time.monotonic()
            self._write(part)
            took = max(time.monotonic() - began, 0.001)
            aim = LONG_SLICE_SECONDS if on_postgres() else SLICE_SECONDS
            # At most twice as many as before: one quick slice says little of the next.
            self._size = max(20, min(5_000, 2 * self._size, int(len(part) * aim / took)))
            start += len(part)
            if progress:
                progress(before + len(chunk) * start // len(rows))
        if progress:
            progress(self.growth.read)

    def _tell(self, told: dict[str, _Told], entry: ListEntry) -> None:
        values = {(int(_TYPES[kind]), value): None for kind, value in entry.signals.items()}
        name = entry.name or (min(values)[1].hex() if values else "")
        if not name:
            self._fault(entry.line, "nothing", "")
            return
        held = told.setdefault(name, _Told(entry.line))
        held.withdrawn = entry.withdrawn
        if len(held.values) + len(values) > MOST_VALUES and values.keys() - held.values.keys():
            self._fault(entry.line, "too_many", min(values)[1].hex())
            return
        held.values.update(values)
        pdq = entry.signals.get("pdq")
        if pdq is not None and entry.quality is not None:
            held.values[(int(SignalType.PDQ), pdq)] = entry.quality
        held.category = entry.category or held.category
        held.tags = tuple(dict.fromkeys((*held.tags, *entry.tags)))[:MOST_TAGS]

    def _fault(self, line: int, code: str, said: str) -> None:
        self.growth.invalid += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append([line, code, said])

    @transaction.atomic
    def _write(self, part: list[tuple[str, _Told]]) -> None:
        # Whoever fills the same list waits for this slice: two runs can't number one member twice.
        SignalList.objects.select_for_update().get(pk=self.held.pk)
        known = {
            name: (number, state, by)
            for name, number, state, by in select_in(
                "SELECT name, id, state, withdrawn_by FROM matching_member WHERE list_id = %s AND name IN {values}",
                [name for name, _ in part],
                [self.held.pk],
            )
        }
        alive = [(name, one) for name, one in part if not one.withdrawn and one.values]
        fresh = [(name, one) for name, one in alive if name not in known]
        again = {
            known[name][0]: one for name, one in alive if name in known and self._welcome(*known[name][1:])
        }
        self._add(fresh)
        self._add_to(again)
        away = {known[name][0]: one for name, one in alive if name in known and known[name][0] not in again}
        self._refuse(away)
        self.gone.difference_update(again)
        self.gone.update(known[name][0] for name, one in part if one.withdrawn and name in known)

    def _welcome(self, state: str, withdrawn_by: str) -> bool:
        return state != MemberState.WITHDRAWN or (self.revive and not withdrawn_by)

    def _add(self, fresh: list[tuple[str, _Told]]) -> None:
        numbers = allocate_ids(Member, len(fresh))
        members = [
            (
                number,
                self.held.pk,
                self.batch.pk,
                name,
                *self._class_of(one),
                MemberState.ACTIVE.value,
                "",
                "",
            )
            for number, (name, one) in zip(numbers, fresh, strict=True)
        ]
        insert_rows(Member, _MEMBER, members)
        insert_rows(
            Signal,
            _SIGNAL,
            [
                (number, self.batch.pk, kind, value, quality)
                for number, (_, one) in zip(numbers, fresh, strict=True)
                for (kind, value), quality in one.values.items()
            ],
        )

    def _class_of(self, one: _Told) -> tuple[str, str]:
        """Category and tags."""
        return self._classes.get(one.category, self.held.category), " ".join(one.tags)

    def _add_to(self, again: dict[int, _Told]) -> None:
        """Signals that known members lack; and what a killed run left, where this file says the same.

        What it says not stays in the batch that brought it, and counts when that one has ended.
        """
        if not again:
            return
        numbers = sorted(again)
        left = Batch.objects.filter(list=self.held, ended_at=None).exclude(pk=self.batch.pk)
        unfinished = set(left.values_list("pk", flat=True))
        stood, taken_over = self._standing(again, unfinished)
        Signal.objects.filter(pk__in=taken_over).delete()
        insert_rows(
            Signal,
            _SIGNAL,
            [
                (member, self.batch.pk, kind, value, quality)
                for member, one in again.items()
                for (kind, value), quality in one.values.items()
                if (kind, value) not in stood.get(member, ())
            ],
        )
        if unfinished:
            self._take_over(again, unfinished)
        if self.revive:
            back = Member.objects.filter(pk__in=numbers, state=MemberState.WITHDRAWN)
            returning = list(back.values_list("pk", flat=True))
            if returning:
                signals = Signal.objects.filter(member__in=returning)
                signals.exclude(batch__in=unfinished).update(batch=self.batch)
                back.update(state=MemberState.ACTIVE, withdrawn_at=None, batch=self.batch)

    @staticmethod
    def _standing(
        told: dict[int, _Told], unfinished: set[int]
    ) -> tuple[dict[int, set[tuple[int, bytes]]], list[int]]:
        """What stands of these members, and the signals that were told again and lie in an unfinished batch."""
        stood: dict[int, set[tuple[int, bytes]]] = {}
        again: list[int] = []
        for number, member, batch, kind, value in select_in(
            "SELECT id, member_id, batch_id, type, value FROM matching_signal WHERE member_id IN {values}",
            sorted(told),
        ):
            if batch not in unfinished:
                stood.setdefault(member, set()).add((kind, bytes(value)))
            elif (kind, bytes(value)) in told[member].values:
                again.append(number)
        return stood, again

    def _take_over(self, again: dict[int, _Told], unfinished: set[int]) -> None:
        """Members that only an unfinished batch brought are as this file tells them."""
        classes: dict[tuple[str, str], list[int]] = {}
        found = Member.objects.filter(pk__in=sorted(again), batch__in=unfinished)
        for number in found.values_list("pk", flat=True):
            classes.setdefault(self._class_of(again[number]), []).append(number)
        for (category, tags), numbers in classes.items():
            Member.objects.filter(pk__in=numbers).update(batch=self.batch, category=category, tags=tags)

    def _refuse(self, away: dict[int, _Told]) -> None:
        """New values under a name that was taken back: said, so that nobody thinks that they are held."""
        stood, _ = self._standing(away, set()) if away else ({}, [])
        for member, one in away.items():
            new = one.values.keys() - stood.get(member, set())
            if new:
                self._fault(one.line, "taken_back", min(new)[1].hex())

    def take_back(self) -> None:
        """Withdraw what the file took back, when it is read to its end."""
        self.growth.withdrawn = 0
        for part in slices(sorted(self.gone), 5_000):
            found = Member.objects.filter(pk__in=part).exclude(state=MemberState.WITHDRAWN)
            self.growth.withdrawn += found.update(state=MemberState.WITHDRAWN, withdrawn_at=timezone.now())


@transaction.atomic
def _finish(actor: Actor, run: _Run) -> None:
    growth = run.growth
    SignalList.objects.select_for_update().get(pk=run.held.pk)
    run.take_back()
    growth.added = Member.objects.filter(batch=run.batch).count()
    growth.known = max(0, growth.read - growth.invalid - growth.withdrawn - growth.added)
    Batch.objects.filter(pk=run.batch.pk, ended_at=None).update(
        ended_at=timezone.now(),
        read=growth.read,
        added=growth.added,
        known=growth.known,
        withdrawn=growth.withdrawn,
        invalid=growth.invalid,
        faults=json.dumps(run.faults) if run.faults else "",
    )
    digest = bytes(run.batch.digest).hex() if run.batch.digest else ""
    body = {**growth.counts(), "origin": run.batch.origin, "sha256": digest}
    append(actor, [Act("list.grew", f"list/{run.held.slug}", "", body)])
    publish(CHANGED, [run.held.pk])
