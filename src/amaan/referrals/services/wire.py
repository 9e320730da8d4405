"""The platforms' wire: a report opened, filled, finished or retracted; and what becomes of one that is left.

Every change looks at the row and its state inside its transaction. What takes time (reading, checking, sealing)
happens before, so that nobody waits for it. How one ends by being read: `closing`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from django.db import OperationalError, transaction
from django.db.models import F, QuerySet, Sum
from django.db.models.functions import Length
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, require
from amaan.evidence.domain import ReceivedFile
from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.checking import MalformedXml, NotValid, check_file, check_report
from amaan.ledger.services import Act, append
from amaan.referrals.domain import wire
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES
from amaan.referrals.domain.wire import Sender, State, WireRefused
from amaan.referrals.models import OpenFile, OpenReport
from amaan.referrals.services.closing import (
    Held,
    close,
    counted,
    end,
    locked,
    refusal_of_document,
    refusal_of_state,
    run_for,
)
from amaan.referrals.services.sealing import details_place, document_place, minute_sealer
from amaan.reports.domain.preparing import dumps
from amaan.store.rows import durable

_log = logging.getLogger(__name__)

UNFINISHED = "unfinished"
"""The quarantine's code of a report that a platform began and never finished."""
MOST_SWEPT: Final = 20
SWEEP_SECONDS: Final = 2.0
"""One sweep ends after so many reports, or so long: the worker has other chores, and calls again."""

_failed: dict[int, str] = {}
"""The numbers that this process could not end, in the order of their last try, each with its kind of fault."""


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
    """Take a `<report>` in; its number. Raises NotAllowed, WireRefused (4100, 4110; 1000 with a time to come again
    where too many of the platform's are unfinished)."""
    _require(actor, sender)
    if OpenReport.objects.filter(platform_id=sender.id, state=State.OPEN).count() >= wire.MOST_OPEN:
        raise WireRefused(
            Code.SERVER_ERROR,
            f"{wire.MOST_OPEN} reports are unfinished; finish or retract some, or send this again later.",
            retry_after=wire.OPEN_AGAIN_SECONDS,
        )
    now = timezone.now()
    try:
        checked = check_report(document, now=now, most_bytes=MOST_DOCUMENT_BYTES)
    except (MalformedXml, NotValid) as fault:
        raise refusal_of_document(fault) from fault
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
    """Keep what is known of a file; its id. Raises NotAllowed, WireRefused (4000, 4200, 5001, 5101, 5102).

    Under `sealed` a file whose report ends in just this moment is in the vault already and stays there: nothing
    destroys an exhibit but somebody with an order. The log names it.
    """
    _require(actor, sender)
    _room_for_file(_open_one(sender, number))  # asked before it is kept: what no report takes stays nowhere
    if file.size == 0:
        raise WireRefused(Code.MALFORMED_FILE)
    arrived = file.received
    file_id, now = secrets.token_hex(16), timezone.now()
    try:
        with transaction.atomic():
            report = _open_one(sender, number, lock=True)
            _room_for_file(report)
            OpenFile.objects.create(
                report=report,
                file_id=file_id,
                size=arrived.size,
                md5=bytes.fromhex(arrived.md5),
                sha1=bytes.fromhex(arrived.sha1),
                sha256=bytes.fromhex(arrived.sha256),
                pdq=bytes.fromhex(arrived.pdq) if arrived.pdq else None,
                pdq_quality=arrived.pdq_quality,
                no_pdq=str(arrived.no_pdq or ""),
                exhibit_id=arrived.exhibit_id,
                at=now,
            )
            _changed(report, now)
    except WireRefused:
        if arrived.exhibit_id is not None:
            _log.warning(
                "A file came too late for report %d and stays as exhibit %d.", number, arrived.exhibit_id
            )
        raise
    return file_id, arrived


def describe_file(actor: Actor, *, sender: Sender, document: bytes) -> int:
    """Take a file's `<fileDetails>`; the report's number. The same again is done already; another is refused.

    Raises NotAllowed, WireRefused (1300, 4000, 4100, 4110, 5001, 5002, 5101, 5102).
    """
    _require(actor, sender)
    now = timezone.now()
    try:
        checked = check_file(document, now=now, most_bytes=MOST_DOCUMENT_BYTES)
    except (MalformedXml, NotValid) as fault:
        raise refusal_of_document(fault) from fault
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
        _room_for_document(report, len(sealed))
        OpenFile.objects.filter(pk=file.pk).update(described=digest, details=sealed)
        _changed(report, now, flags=sorted({*json.loads(report.flags), *checked.flags}))
    return number


def retract_report(actor: Actor, *, sender: Sender, number: int) -> None:
    """Drop an open report and the documents that came with it; that it was there stays in the ledger.

    Files that were sealed to the examiner's key stay in the vault until somebody destroys them by the installation's
    rule of retention: the ledger's entry names these exhibits, and so do the rows of the files.

    Raises NotAllowed, WireRefused (5001, 5101, 5102).
    """
    _require(actor, sender)
    sealer = minute_sealer()
    with durable(), transaction.atomic():
        report = _open_one(sender, number, lock=True)
        files = list(OpenFile.objects.filter(report=report).order_by("pk").defer("details"))
        end(report, State.RETRACTED, timezone.now())
        sealed = [file.exhibit_id for file in files if file.exhibit_id is not None]
        body: dict[str, object] = {"number": str(number), **counted(files)}
        if sealed:
            stay = "until somebody destroys them by a rule of retention"
            body |= {"exhibits": sealed, "exhibits_stay": stay}
        append(actor, [Act("wire.retracted", str(report.platform), sender.unit, body)], sealer=sealer)


def finish_report(actor: Actor, *, sender: Sender, number: int) -> Finished:
    """Close a report and read it as an import reads: it is a report from now on, or it lies in quarantine.

    Success means that it is committed and on the disk; it happens once, whoever asks how often and whoever dies.
    Raises NotAllowed, WireRefused (4100 for a batch with the wrong files, 5001, 5101, 5102), with the file ids.
    """
    _require(actor, sender)
    while True:
        held = Held.of(_open_one(sender, number, whole=True))
        held.refuse_wrong_batch()
        run = run_for(actor, held.report, timezone.now())
        result = held.read(run)
        reference = close(run, held, result, State.FINISHED)
        if reference is not None:
            return Finished(number, held.file_ids, reference)
        # Something came meanwhile: it is read again, with that.


def expire_reports(actor: Actor) -> int:
    """Seal what the unfinished reports whose time has passed hold into quarantine; how many. The worker's chore.

    Whoever retries one there makes a report of it: a platform that did not finish may have meant it all the same.
    One at a time is held in memory. One that can't be ended stays as it is, is told to the log once, and comes after
    all others the next time. Raises OperationalError, NotAllowed.
    """
    now, until, swept = timezone.now(), time.monotonic() + SWEEP_SECONDS, 0
    for number in _to_sweep(now):
        try:
            swept += _expire(actor, number, now)
        except NotAllowed:
            raise
        except Exception as fault:
            told, kind = _failed.pop(number, ""), type(fault).__name__
            _failed[number] = kind
            if isinstance(fault, OperationalError):
                raise  # the database itself cannot go on: no report is to blame
            if told != kind:
                _log.error("The unfinished report %d can't be ended and stays at the wire: %s", number, kind)
        else:
            _failed.pop(number, None)
        if time.monotonic() >= until:
            break
    return swept


def _to_sweep(now: datetime) -> list[int]:
    """Numbers whose time has passed, the oldest first; those that failed before come last, in turn."""
    # So many that there are enough others, if there are.
    due = list(_due(now).values_list("number", flat=True)[: MOST_SWEPT + len(_failed)])
    return [*(number for number in due if number not in _failed), *_failed][:MOST_SWEPT]


def _due(now: datetime) -> QuerySet[OpenReport]:
    return OpenReport.objects.filter(
        state=State.OPEN, opened_at__lte=now - wire.LIVES, changed_at__lte=now - wire.IDLES
    ).order_by("opened_at")


def _expire(actor: Actor, number: int, now: datetime) -> bool:
    report = _due(now).filter(number=number).select_related("platform__unit").first()
    if report is None:
        return False  # somebody else ended it
    require(actor, Action.IMPORT_REFERRALS, report.platform.unit.code)
    held, run = Held.of(report), run_for(actor, report, now)
    ended = f"Opened {report.opened_at:%Y-%m-%d %H:%M} UTC and never finished by {report.platform.name}."
    return close(run, held, held.read(run, refused=(UNFINISHED, ended)), State.EXPIRED) is not None


def _require(actor: Actor, sender: Sender) -> None:
    require(actor, Action.IMPORT_REFERRALS, sender.unit)
    if actor.key != sender.actor.key:
        raise NotAllowed(actor, Action.IMPORT_REFERRALS, sender.unit)


def _open_one(sender: Sender, number: int, *, lock: bool = False, whole: bool = False) -> OpenReport:
    """The sender's report, if it takes changes; its document only with `whole`. Another's is asked for and answered
    exactly as one that is not there. Raises WireRefused."""
    rows = OpenReport.objects.filter(number=number, platform_id=sender.id)
    rows = rows.select_related("platform__unit") if whole else rows.defer("document")
    report = locked(rows) if lock else rows.first()
    if report is None:
        raise WireRefused(Code.NO_REPORT, number=number)
    state = wire.state_at(State(report.state), report.opened_at, report.changed_at, timezone.now())
    if state is not State.OPEN:
        raise refusal_of_state(state, report)
    return report


def _room_for_file(report: OpenReport) -> None:
    """Raises WireRefused (4000)."""
    if OpenFile.objects.filter(report=report).count() >= wire.MOST_FILES:
        raise WireRefused(Code.INVALID_REQUEST, f"A report has at most {wire.MOST_FILES} files.")


def _room_for_document(report: OpenReport, size: int) -> None:
    """Raises WireRefused (4000). Sizes are those of what is kept, a little more than what came."""
    held = OpenFile.objects.filter(report=report).aggregate(held=Sum(Length("details")))["held"] or 0
    held += OpenReport.objects.filter(pk=report.pk).values_list(Length("document"), flat=True).get()
    if held + size > wire.MOST_BYTES:
        most = f"{wire.MOST_BYTES // 2**20} MB"
        raise WireRefused(
            Code.INVALID_REQUEST,
            f"The documents of a report have at most {most} together; with this one they have more.",
        )


def _changed(report: OpenReport, now: datetime, *, flags: Sequence[str] | None = None) -> None:
    changes = {"changed_at": now, "changes": F("changes") + 1}
    if flags is not None:
        changes["flags"] = dumps(list(flags))
    OpenReport.objects.filter(pk=report.pk).update(**changes)
