"""The platforms' wire: a report opened, filled, finished or retracted; and what becomes of one that is left.

Every change looks at the row and its state inside its transaction. What takes time (reading, checking, sealing)
happens before, so that nobody waits for it.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Protocol

from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, require
from amaan.evidence.domain import ReceivedFile
from amaan.evidence.services import exhibit_sealer, store_exhibits
from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.checking import (
    MalformedXml,
    NotValid,
    check_batched_files,
    check_file,
    check_report,
)
from amaan.formats.cybertipline.xml import parse
from amaan.keyring.domain import KeyringError
from amaan.keyring.services import index_keys, opener
from amaan.ledger.services import Act, append
from amaan.referrals.domain import received, wire
from amaan.referrals.domain.intake import Context, read_documents
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, Member, Package
from amaan.referrals.domain.wire import Sender, State, WireRefused
from amaan.referrals.models import Batch, OpenFile, OpenReport
from amaan.referrals.services.sealing import details_place, document_place, minute_sealer
from amaan.referrals.services.storing import Result, Run, Summary, lost_a_race, refusal_of, store_slice
from amaan.reports.domain.preparing import Prepared, Seals, dumps
from amaan.reports.services import ReferenceTaken
from amaan.store.rows import durable

UNFINISHED = "unfinished"
"""The quarantine's code of a report that a platform began and never finished."""
_MOST_SWEPT = 200
_ENDED: Final = {State.FINISHED: "wire.finished", State.EXPIRED: "wire.expired"}


class Arriving(Protocol):
    """A file that has arrived; asking for `received` keeps it (`referrals.uploads.Upload`)."""

    size: int  # in bytes

    @property
    def received(self) -> ReceivedFile: ...


@dataclass(frozen=True)
class Finished:
    number: int
    file_ids: tuple[str, ...]
    reference: str  # empty where it lies in quarantine


def open_report(actor: Actor, *, sender: Sender, document: bytes) -> int:
    """Take a `<report>` in; its number. Raises NotAllowed, WireRefused (4100, 4110)."""
    _require(actor, sender)
    now = timezone.now()
    try:
        checked = check_report(document, now=now, most_bytes=MOST_DOCUMENT_BYTES)
    except (MalformedXml, NotValid) as fault:
        raise _refused(fault) from fault
    sealer = minute_sealer()
    number = wire.FIRST_NUMBER + secrets.randbelow(9 * wire.FIRST_NUMBER)
    with transaction.atomic():
        while OpenReport.objects.filter(number=number).exists():
            number = wire.FIRST_NUMBER + secrets.randbelow(9 * wire.FIRST_NUMBER)
        OpenReport.objects.create(
            number=number,
            platform_id=sender.id,
            state=State.OPEN,
            opened_at=now,
            changed_at=now,
            document=sealer.seal(document_place(number), document),
            flags=dumps(list(checked.flags)),
            batched=checked.batched,
        )
    return number


def add_file(actor: Actor, *, sender: Sender, number: int, file: Arriving) -> tuple[str, ReceivedFile]:
    """Keep what is known of a file; its id. Raises NotAllowed, WireRefused (4200, 5001, 5101, 5102)."""
    _require(actor, sender)
    _open_one(sender, number)  # asked before the file is kept: what no report takes stays nowhere
    if file.size == 0:
        raise WireRefused(Code.MALFORMED_FILE)
    arrived = file.received
    file_id, now = secrets.token_hex(16), timezone.now()
    with transaction.atomic():
        report = _open_one(sender, number, lock=True)
        OpenFile.objects.create(
            report=report,
            file_id=file_id,
            size=arrived.size,
            md5=bytes.fromhex(arrived.md5),
            sha1=bytes.fromhex(arrived.sha1),
            sha256=bytes.fromhex(arrived.sha256),
            exhibit_id=arrived.exhibit_id,
            at=now,
        )
        _changed(report, now)
    return file_id, arrived


def describe_file(actor: Actor, *, sender: Sender, document: bytes) -> int:
    """Take a file's `<fileDetails>`; the report's number. The same again is done already; another is refused.

    Raises NotAllowed, WireRefused (1300, 4100, 4110, 5001, 5002, 5101, 5102).
    """
    _require(actor, sender)
    now = timezone.now()
    try:
        checked = check_file(document, now=now, most_bytes=MOST_DOCUMENT_BYTES)
    except (MalformedXml, NotValid) as fault:
        raise _refused(fault) from fault
    number = wire.number_in(checked.root.findtext("reportId") or "")
    file_id = (checked.root.findtext("fileId") or "").strip()
    digest = hashlib.sha256(document).digest()
    _open_one(sender, number)
    sealed = minute_sealer().seal(details_place(file_id), document)
    with transaction.atomic():
        report = _open_one(sender, number, lock=True)
        file = OpenFile.objects.filter(report=report, file_id=file_id).defer("details").first()
        if file is None:
            raise WireRefused(Code.NO_FILE)
        if file.described is not None:
            if bytes(file.described) == digest:
                return number
            raise WireRefused(
                Code.UPDATE_FAILED, "This file was described already, otherwise; a file is described once."
            )
        OpenFile.objects.filter(pk=file.pk).update(described=digest, details=sealed)
        _changed(report, now, flags=sorted({*json.loads(report.flags), *checked.flags}))
    return number


def retract_report(actor: Actor, *, sender: Sender, number: int) -> None:
    """Drop an open report and everything that came with it; that it was there stays in the ledger.

    Raises NotAllowed, WireRefused (5001, 5101, 5102).
    """
    _require(actor, sender)
    sealer = minute_sealer()
    with durable(), transaction.atomic():
        report = _open_one(sender, number, lock=True)
        files = list(OpenFile.objects.filter(report=report).defer("details"))
        _end(report, State.RETRACTED, timezone.now())
        body = {"number": str(number), **_counted(files)}
        append(actor, [Act("wire.retracted", str(report.platform), sender.unit, body)], sealer=sealer)


def finish_report(actor: Actor, *, sender: Sender, number: int) -> Finished:
    """Close a report and read it as an import reads: it is a report from now on, or it lies in quarantine.

    Success means that it is committed and on the disk; it happens once, whoever asks how often and whoever dies.
    Raises NotAllowed, WireRefused (4100 for a batch with the wrong files, 5001, 5101, 5102), with the file ids.
    """
    _require(actor, sender)
    while True:
        held = _Held.of(_open_one(sender, number, whole=True))
        held.refuse_wrong_batch()
        run = _run(actor, held.report, timezone.now())
        result = held.read(run)
        reference = _close(run, held, result, State.FINISHED)
        if reference is not None:
            return Finished(number, held.file_ids, reference)
        # Something came meanwhile: it is read again, with that.


def expire_reports(actor: Actor) -> int:
    """Seal what the unfinished reports whose time has passed hold into quarantine; how many. The worker's chore.

    Whoever retries one there makes a report of it: a platform that did not finish may have meant it all the same.
    Raises KeyringError, after the others are done, where one can't be opened.
    """
    now = timezone.now()
    due = OpenReport.objects.filter(
        state=State.OPEN, opened_at__lte=now - wire.LIVES, changed_at__lte=now - wire.IDLES
    ).order_by("opened_at")
    swept, broken = 0, None
    for report in due.select_related("platform__unit")[:_MOST_SWEPT]:
        require(actor, Action.IMPORT_REFERRALS, report.platform.unit.code)
        held = _Held.of(report)
        run = _run(actor, report, now)
        ended = f"Opened {report.opened_at:%Y-%m-%d %H:%M} UTC and never finished by {report.platform.name}."
        try:
            result = held.read(run, refused=(UNFINISHED, ended))
        except KeyringError as fault:
            broken = fault  # it stays as it is; the others are not held up by it
            continue
        if _close(run, held, result, State.EXPIRED) is not None:
            swept += 1
    if broken:
        raise broken
    return swept


@dataclass(frozen=True)
class _Held:
    """An open report with its files, as they were read at one moment."""

    report: OpenReport
    files: tuple[OpenFile, ...]

    @classmethod
    def of(cls, report: OpenReport) -> _Held:
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
        if not self.report.batched:
            return
        opened = opener().open
        roots = [
            None if f.details is None else parse(opened(details_place(f.file_id), bytes(f.details)))
            for f in self.files
        ]
        try:
            check_batched_files(roots)
        except NotValid as fault:
            refusal = _refused(fault)
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


def _close(run: Run, held: _Held, result: Result, state: State) -> str | None:
    """End the report and store what it became, in one transaction that stands on the disk. Its reference, empty for
    the quarantine; None if the report was changed since `held` was read."""
    # Ahead of the transaction: the disk is waited for while others write. Who dies in between stores them once more,
    # and finds them there.
    store_exhibits(result.exhibits)
    again = True
    while True:
        try:
            with durable(), transaction.atomic():
                return _close_now(run, held, result, state)
        except OperationalError as error:
            if not (again and lost_a_race(error)):
                raise  # the database itself cannot go on: the platform is told to try again
            again = False
        except (DatabaseError, ReferenceTaken, ValueError, OverflowError) as error:
            if again and isinstance(error, IntegrityError):
                again = False  # another writer stored one of the same values meanwhile
            elif isinstance(result, Prepared):
                result = replace(refusal_of(result, error), names=held.names)
            else:
                raise


def _close_now(run: Run, held: _Held, result: Result, state: State) -> str | None:
    report = _locked(OpenReport.objects.filter(pk=held.report.pk).defer("document"))
    if report is None or report.state != State.OPEN or report.changes != held.report.changes:
        if state is State.EXPIRED or report is None or report.state == State.OPEN:
            return None
        raise _refusal_of_state(State(report.state), report)
    _, fresh = store_slice(run, [result], {})
    reference = fresh[0] if fresh else ""
    now = timezone.now()
    _end(report, state, now, reference=reference)
    body = {
        "number": str(report.number),
        "reference": reference,
        "flags": json.loads(report.flags),
        **_counted(held.files),
    }
    act = Act(_ENDED[state], reference or str(run.batch), run.unit.code, body)
    append(run.actor, [act], sealer=run.sealer)
    Batch.objects.filter(pk=run.batch.pk).update(finished_at=now)
    return reference


def _end(report: OpenReport, state: State, now: datetime, *, reference: str = "") -> None:
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


def _require(actor: Actor, sender: Sender) -> None:
    require(actor, Action.IMPORT_REFERRALS, sender.unit)
    if actor.key != sender.actor.key:
        raise NotAllowed(actor, Action.IMPORT_REFERRALS, sender.unit)


def _open_one(sender: Sender, number: int, *, lock: bool = False, whole: bool = False) -> OpenReport:
    """The sender's report, if it takes changes; its document only with `whole`. Another's is asked for and answered
    exactly as one that is not there. Raises WireRefused."""
    rows = OpenReport.objects.filter(number=number, platform_id=sender.id)
    rows = rows.select_related("platform__unit") if whole else rows.defer("document")
    report = _locked(rows) if lock else rows.first()
    if report is None:
        raise WireRefused(Code.NO_REPORT, number=number)
    state = wire.state_at(State(report.state), report.opened_at, report.changed_at, timezone.now())
    if state is not State.OPEN:
        raise _refusal_of_state(state, report)
    return report


def _locked(rows: QuerySet[OpenReport]) -> OpenReport | None:
    """The row, held until the transaction's end: two finishes, or an upload and a finish, come one after the other."""
    return rows.select_for_update().first()


def _refusal_of_state(state: State, report: OpenReport) -> WireRefused:
    code = wire.refusal_of_change(state)
    assert code is not None
    ids: tuple[str, ...] = ()
    if code is not Code.NO_REPORT:
        ids = tuple(OpenFile.objects.filter(report=report).order_by("id").values_list("file_id", flat=True))
    return WireRefused(code, number=report.number, file_ids=ids)


def _changed(report: OpenReport, now: datetime, *, flags: Sequence[str] | None = None) -> None:
    changes = {"changed_at": now, "changes": F("changes") + 1}
    if flags is not None:
        changes["flags"] = dumps(list(flags))
    OpenReport.objects.filter(pk=report.pk).update(**changes)


def _run(actor: Actor, report: OpenReport, now: datetime) -> Run:
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


def _counted(files: Sequence[OpenFile]) -> dict[str, int]:
    """For the ledger: what became of the bytes."""
    kept = sum(file.exhibit_id is not None for file in files)
    return {"files": len(files), "files_discarded": len(files) - kept, "files_sealed": kept}


def _refused(fault: MalformedXml | NotValid) -> WireRefused:
    if isinstance(fault, MalformedXml):
        return WireRefused(Code.MALFORMED_XML, fault.detail)
    return WireRefused(Code.NOT_VALID, str(fault))
