"""How a report at the wire ends by being read: it becomes a report or lies in quarantine, and its rows let go of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.evidence.services import exhibit_sealer, store_exhibits
from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.checking import MalformedXml, NotValid, check_batched_files
from amaan.formats.cybertipline.xml import parse
from amaan.keyring.services import index_keys, opener
from amaan.ledger.services import Act, append
from amaan.referrals.domain import received, wire
from amaan.referrals.domain.intake import Context, read_documents
from amaan.referrals.domain.packages import Member, Package
from amaan.referrals.domain.wire import State, WireRefused
from amaan.referrals.models import Batch, OpenFile, OpenReport
from amaan.referrals.services.sealing import details_place, document_place, minute_sealer
from amaan.referrals.services.storing import Result, Run, Summary, lost_a_race, refusal_of, store_slice
from amaan.reports.domain.preparing import Prepared, Seals
from amaan.reports.services import ReferenceTaken
from amaan.store.rows import durable

_TRIES: Final = 6
"""Of one transaction that other writers were ahead of: sixteen platforms that tell of the same values meet at times."""
_ENDED: Final = {State.FINISHED: "wire.finished", State.EXPIRED: "wire.expired"}


@dataclass(frozen=True)
class Held:
    """An open report with its files, as they were read at one moment."""

    report: OpenReport
    files: tuple[OpenFile, ...]

    @classmethod
    def of(cls, report: OpenReport) -> Held:
        return cls(report, tuple(OpenFile.objects.filter(report=report).order_by("id")))

    @property
    def file_ids(self) -> tuple[str, ...]:
        return tuple(file.file_id for file in self.files)

    @property
    def names(self) -> list[str]:
        """Of the documents, in order."""
        described = [f"file-{n}.xml" for n, file in enumerate(self.files, 1) if file.details is not None]
        return ["report.xml", *described, received.NAME]

    def refuse_wrong_batch(self) -> None:
        """Raises WireRefused (4100), with the file ids."""
        if not self.report.batched:
            return
        opened = opener().open
        # Of several files none is looked at: that they are several is refused.
        roots = [
            None
            if f.details is None or len(self.files) > 1
            else parse(opened(details_place(f.file_id), bytes(f.details)))
            for f in self.files
        ]
        try:
            check_batched_files(roots)
        except NotValid as fault:
            refusal = refusal_of_document(fault)
            refusal.number, refusal.file_ids = self.report.number, self.file_ids
            raise refusal from fault

    def read(self, run: Run, refused: tuple[str, str] | None = None) -> Result:
        """What an import of the same documents would give; with `refused`, the refusal that keeps them."""
        report, opened = self.report, opener().open
        assert report.document is not None
        raw = [opened(document_place(report.number), bytes(report.document))]
        raw += [
            opened(details_place(f.file_id), bytes(f.details)) for f in self.files if f.details is not None
        ]
        flags = tuple(json.loads(report.flags)) + ((refused[0],) if refused else ())
        ours = received.Received(flags, tuple(file.arrived() for file in self.files))
        raw.append(received.write_received(report.number, ours))
        documents = list(zip(self.names, raw, strict=True))
        members = tuple(Member(name, "", len(one)) for name, one in documents)
        package = Package(run.context.entity, str(report.number), members, refused=refused, wire=True)
        return read_documents(package, documents, run.context)


def run_for(actor: Actor, report: OpenReport, now: datetime) -> Run:
    """The platform's batch of this day, with fresh seals."""
    platform = report.platform
    sealer = minute_sealer()
    today = now.astimezone(UTC).date()
    batch, _ = Batch.objects.get_or_create(
        platform=platform,
        day=today,
        defaults={
            "unit": platform.unit,
            "by": f"platform:{platform.pk}",
            "started_at": now,
            "finished_at": now,
        },
    )
    context = Context(Seals(sealer, index_keys()), exhibit_sealer(sealer), now, platform.entity)
    return Run(actor, platform.unit, batch, sealer, context, Summary(batch=batch.pk))


def close(run: Run, held: Held, result: Result, state: State) -> str | None:
    """End the report and store what it became, in one transaction that stands on the disk. Its reference, empty for
    the quarantine; None if the report was changed since `held` was read."""
    # Ahead of the transaction: the disk is waited for while others write. Who dies in between stores them once more,
    # and finds them there.
    store_exhibits(result.exhibits)
    left = _TRIES
    while True:
        left -= 1
        try:
            with durable(), transaction.atomic():
                return _close_now(run, held, result, state)
        except OperationalError as error:
            if not (left > 0 and lost_a_race(error)):
                raise  # the database itself cannot go on: the platform is told to try again
        except (DatabaseError, ReferenceTaken, ValueError, OverflowError) as error:
            if left > 0 and isinstance(error, IntegrityError):
                continue  # another writer stored one of the same values meanwhile
            if isinstance(result, Prepared):
                result = replace(refusal_of(result, error), names=held.names)
                left = _TRIES
            else:
                raise


def _close_now(run: Run, held: Held, result: Result, state: State) -> str | None:
    report = locked(OpenReport.objects.filter(pk=held.report.pk).defer("document"))
    if report is None or report.state != State.OPEN or report.changes != held.report.changes:
        if state is State.EXPIRED or report is None or report.state == State.OPEN:
            return None
        raise refusal_of_state(State(report.state), report)
    _, fresh = store_slice(run, [result], {})
    reference = fresh[0] if fresh else ""
    now = timezone.now()
    end(report, state, now, reference=reference)
    body = {
        "number": str(report.number),
        "reference": reference,
        "flags": json.loads(report.flags),
        **counted(held.files),
    }
    act = Act(_ENDED[state], reference or str(run.batch), run.unit.code, body)
    append(run.actor, [act], sealer=run.sealer)
    Batch.objects.filter(pk=run.batch.pk).update(finished_at=now)
    return reference


def end(report: OpenReport, state: State, now: datetime, *, reference: str = "") -> None:
    """What it holds goes: the vault has it, or it was retracted. The files' hashes stay, to answer with."""
    OpenFile.objects.filter(report=report, details__isnull=False).update(details=None)
    OpenReport.objects.filter(pk=report.pk).update(
        state=state,
        document=None,
        ended_at=now,
        changed_at=now,
        changes=F("changes") + 1,
        preserve_until=wire.preserved_until(now) if state is State.FINISHED else None,
        reference=reference,
    )


def locked(rows: QuerySet[OpenReport]) -> OpenReport | None:
    """The row, held until the transaction's end: two finishes, or an upload and a finish, come one after the other."""
    return rows.select_for_update().first()


def counted(files: Sequence[OpenFile]) -> dict[str, int]:
    """For the ledger: what became of the bytes."""
    kept = sum(file.exhibit_id is not None for file in files)
    return {"files": len(files), "files_discarded": len(files) - kept, "files_sealed": kept}


def refusal_of_state(state: State, report: OpenReport) -> WireRefused:
    code = wire.refusal_of_change(state)
    assert code is not None
    ids: tuple[str, ...] = ()
    if code is not Code.NO_REPORT:
        ids = tuple(OpenFile.objects.filter(report=report).order_by("id").values_list("file_id", flat=True))
    return WireRefused(code, number=report.number, file_ids=ids)


def refusal_of_document(fault: MalformedXml | NotValid) -> WireRefused:
    if isinstance(fault, MalformedXml):
        return WireRefused(Code.MALFORMED_XML, fault.detail)
    return WireRefused(Code.NOT_VALID, str(fault))
