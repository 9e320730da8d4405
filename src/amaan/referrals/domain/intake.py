"""From a package's bytes to a prepared report, or to a refusal that keeps the bytes. Runs in any process."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from amaan.evidence.domain import ExhibitSealer, SealedExhibit
from amaan.formats import table
from amaan.formats.cybertipline import le_json as le_json_format
from amaan.formats.cybertipline import xml as xml_format
from amaan.formats.reading import Reading, Unreadable
from amaan.referrals.domain import cybertipline, le_json, received
from amaan.referrals.domain import table as table_rows
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES, DamagedMember, Member, Package
from amaan.referrals.domain.receipts import flagged, receipt_of
from amaan.reports.domain.drafts import ReportDraft
from amaan.reports.domain.preparing import Prepared, Seals, prepare_report

MOST_NUMBER = 120


@dataclass(frozen=True, slots=True)
class Context:
    """What a reading process needs to know. `entity` is what the operator said; it counts last."""

    seals: Seals
    exhibits: ExhibitSealer
    received_at: datetime
    entity: str = ""
    mapping: table.ColumnMapping | None = None


@dataclass(slots=True)
class Refused:
    """A package that could not be read. Its bytes are sealed; `detail` and `names` are sealed as well when stored."""

    code: str
    detail: str
    entity: str
    number: str
    names: list[str]
    digest: bytes
    exhibits: list[SealedExhibit]
    streamed: tuple[Member, ...] = ()
    """Too large for memory: the importing process streams these into the vault itself."""


_TOGETHER = 16
_TOGETHER_BYTES = 512 * 1024
"""What is read step by step together: few enough for the processor's cache, and never two large ones in memory."""


@dataclass(slots=True)
class _Work:
    """A package on its way. `found` ends it: read, or refused."""

    package: Package
    context: Context
    documents: list[tuple[str, bytes]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    receipt: list[Any] = field(default_factory=list)
    remainder: list[tuple[str, str]] = field(default_factory=list)
    digests: list[bytes] = field(default_factory=list)
    draft: ReportDraft | None = None
    prepared: Prepared | None = None
    found: Prepared | Refused | None = None


def read_packages(
    packages: list[Package], context: Context, received_at: datetime
) -> list[Prepared | Refused]:
    at = replace(context, received_at=received_at)
    return [found for few in _few(packages) for found in _read_together(few, at)]


def _few(packages: list[Package]) -> Iterator[list[Package]]:
    few: list[Package] = []
    size = 0
    for package in packages:
        here = len(package.row) + sum([member.size for member in package.members])
        if few and (len(few) == _TOGETHER or size + here > _TOGETHER_BYTES):
            yield few
            few, size = [], 0
        few.append(package)
        size += here
    if few:
        yield few


def read_package(package: Package, context: Context) -> Prepared | Refused:
    """Never raises for what a document holds: whatever goes wrong with it is a refusal that keeps the bytes."""
    return _read_together([package], context)[0]


def read_documents(
    package: Package, documents: list[tuple[str, bytes]], context: Context
) -> Prepared | Refused:
    """The same for bytes that are at hand already."""
    return _finished([_Work(package, context, documents)])[0]


def _read_together(packages: list[Package], context: Context) -> list[Prepared | Refused]:
    works = [_Work(package, context) for package in packages]
    for work in works:
        _fetch(work)
    return _finished(works)


def _fetch(work: _Work) -> None:
    package, context, documents = work.package, work.context, work.documents
    if package.refused and (package.refused[0] in _WHOLE or _too_large(package)):
        work.found = _refuse_unread(package, context)
        return
    damage = ""
    try:
        if package.row:
            documents.append((package.members[0].name, package.row.encode()))
        for member in package.members if not package.row else ():
            try:
                documents.append((member.name, member.read()))
            except DamagedMember as damaged:  # what cannot be unpacked is kept as it lies
                damage = damage or str(damaged)
                documents.append((member.name, member.as_it_lies().read()))
    except OSError as error:
        detail = f"The file could not be read: {error.strerror}."
        work.found = _refuse(package, documents, context, "unreachable", detail)
        return
    if damage and not package.refused:
        work.found = _refuse(package, documents, context, "damaged", damage)


def _finished(works: list[_Work]) -> list[Prepared | Refused]:
    """Each step for all of them before the next one: the processor keeps a step's code at hand, and a report takes a
    sixth less than one after another."""
    for step in (_parse, _describe, _translate, _prepare, _seal):
        for work in works:
            if work.found is None:
                _attempt(step, work)
    return [work.found for work in works if work.found is not None]


def _attempt(step: Callable[[_Work], None], work: _Work) -> None:
    try:
        step(work)
    except Unreadable as refusal:
        _refused(work, refusal.code, refusal.detail)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose a report; it is shown and retried
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        line = f"{where.tb_frame.f_code.co_qualname}:{where.tb_lineno}" if where else ""
        _refused(work, "fault", f"{type(error).__name__} in {line}. Retry after an update.")


def _refused(work: _Work, code: str, detail: str) -> None:
    work.found = _refuse(work.package, work.documents, work.context, code, detail)


_WHOLE = frozenset({"bomb", "too_many"})


def _too_large(package: Package) -> bool:
    return any(member.size > MOST_DOCUMENT_BYTES for member in package.members)


def _refuse_unread(package: Package, context: Context) -> Refused:
    """What must not be read into memory is only hashed here, in flat memory; its bytes are streamed later."""
    assert package.refused is not None
    names = [member.name for member in package.members]
    # A bomb stays inside its archive, compressed as it came: the first member is the archive.
    members = package.members[:1] if package.refused[0] in _WHOLE else package.members
    try:
        found = [_hashed(member) for member in members]
    except OSError as error:
        return _refuse(package, [], context, "unreachable", f"The file could not be read: {error.strerror}.")
    digest = _digest_of([digest for _, digest in found])
    streamed = tuple(member for member, _ in found)
    return Refused(
        *package.refused, package.entity or context.entity, package.number, names, digest, [], streamed
    )


def _hashed(member: Member) -> tuple[Member, bytes]:
    """A member with the digest of its bytes; one that cannot be unpacked becomes the member as it lies."""
    try:
        digest = hashlib.sha256()
        with member.stream() as file:
            while chunk := file.read(1 << 18):
                digest.update(chunk)
        return member, digest.digest()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, DamagedMember):
        return _hashed(member.as_it_lies())


def package_digest(documents: list[tuple[str, bytes]]) -> bytes:
    return _digest_of(_digests(documents))


def _digests(documents: list[tuple[str, bytes]]) -> list[bytes]:
    return [hashlib.sha256(raw).digest() for _, raw in documents]


def _digest_of(digests: list[bytes]) -> bytes:
    """SHA-256 over the documents' own digests, the first document first and the others sorted."""
    return hashlib.sha256(b"".join([*digests[:1], *sorted(digests[1:])])).digest()


def _refuse(
    package: Package, documents: list[tuple[str, bytes]], context: Context, code: str, detail: str
) -> Refused:
    names = [member.name for member in package.members]
    digest = (
        package_digest(documents)
        if documents
        else hashlib.sha256("\0".join([code, *names]).encode("utf-8", "backslashreplace")).digest()
    )
    sealed = [context.exhibits.seal(raw) for _, raw in documents]
    entity = package.entity or context.entity
    digest = refusal_digest(digest, entity, package.number)
    return Refused(code, detail, entity, package.number, names, digest, sealed)


def refusal_digest(documents: bytes, entity: str, number: str) -> bytes:
    """What is waiting already: the same bytes under another sender's name or number are another report."""
    said = "\0".join(["", entity, number]).encode("utf-8", "backslashreplace")
    return hashlib.sha256(documents + said).digest()


def _parse(work: _Work) -> None:
    package, context = work.package, work.context
    if package.refused:
        raise Unreadable(*package.refused)
    told = [raw for name, raw in work.documents if not (package.wire and name == received.NAME)]
    work.readings = [_read_document(raw, context, package) for raw in told]


def _describe(work: _Work) -> None:
    """What must be known before the trees are consumed."""
    work.receipt = [receipt_of(reading) for reading in work.readings]
    work.remainder = [
        (f"{n}:{r.path}", r.value) for n, reading in enumerate(work.readings) for r in reading.remainder
    ]
    work.digests = _digests(work.documents)


def _translate(work: _Work) -> None:
    package = work.package
    draft = work.draft = _draft(package, work.readings, _digest_of(work.digests), work.context)
    if package.wire:
        for raw in (raw for name, raw in work.documents if name == received.NAME):
            received.add_received(draft, received.read_received(raw))
        work.receipt = flagged(work.receipt, draft.flags)


def _prepare(work: _Work) -> None:
    assert work.draft is not None
    context = work.context
    work.prepared = prepare_report(
        work.draft,
        seals=context.seals,
        digest=_digest_of(work.digests),
        received_at=context.received_at,
        receipt=work.receipt,
        remainder=work.remainder,
    )


def _seal(work: _Work) -> None:
    assert work.prepared is not None
    seal = work.context.exhibits.seal
    work.prepared.exhibits = [
        seal(raw, digest) for (_, raw), digest in zip(work.documents, work.digests, strict=True)
    ]
    work.found = work.prepared


def _read_document(raw: bytes, context: Context, package: Package) -> Reading:
    if package.row:
        if context.mapping is None:
            raise Unreadable(
                "mapping", "A table needs a mapping file: amaan import FILE.csv --mapping FILE.toml."
            )
        cells = json.loads(raw)
        if not isinstance(cells, dict):
            raise Unreadable("drifted", f"The row has {len(cells)} cells, and its table's header does not.")
        return table.read(cells, context.mapping)
    head = raw[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] in (b"{", b"["):
        return le_json_format.read(raw)
    if head[:1] == b"<" or raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return xml_format.read(raw)
    if not raw.strip():
        raise Unreadable("empty", "The document is empty.")
    raise Unreadable("unknown_format", "This is neither CyberTipline XML nor the law-enforcement JSON.")


def _draft(package: Package, readings: list[Reading], digest: bytes, context: Context) -> ReportDraft:
    reports = [r for r in readings if r.kind != "fileDetails"]
    files = [r for r in readings if r.kind == "fileDetails"]
    if len(reports) != 1:
        what = "no report document, only file details" if not reports else f"{len(reports)} report documents"
        raise Unreadable("no_report" if not reports else "several_reports", f"The package holds {what}.")
    reading = reports[0]
    content_number = "sha256:" + digest[:16].hex()
    if reading.kind == "csv":
        entity = (
            _first(reading, "entity") or (context.mapping.entity if context.mapping else "") or context.entity
        )
        number = _first(reading, "number") or content_number
        return table_rows.read_report(reading.tree, entity=_entity(entity), number=_number(number))
    if reading.kind == "le_json":
        entity = le_json.entity_in(reading.tree) or package.entity or context.entity
        number = le_json.number_in(reading.tree) or _folder_number(package) or content_number
        return le_json.read_report(reading.tree, entity=_entity(entity), number=_number(number))
    named = {n for f in files if (n := cybertipline.number_in(f.tree))}
    if len(named) > 1:
        raise Unreadable("several_numbers", "The file details name more than one report number.")
    number = next(iter(named), "") or _folder_number(package) or content_number
    entity = package.entity or context.entity
    draft = cybertipline.read_report(reading.tree, entity=_entity(entity), number=_number(number))
    draft.contents = [cybertipline.read_file(f.tree) for f in files]
    if package.number != number and package.number:
        draft.details["folder"] = package.number
    if any(r.remainder for r in readings):
        draft.flags.append("newer_than_schema")
    return draft


_NUMBER = re.compile(r"[A-Za-z0-9._:#-]*[0-9][A-Za-z0-9._:#-]*")


def _folder_number(package: Package) -> str:
    """The folder's name, where it may be a report number; a name of a person may be one too, and is none."""
    return package.number if _NUMBER.fullmatch(package.number) else ""


def _first(reading: Reading, name: str) -> str:
    values = reading.tree.get(name)
    return str(values[0]) if values else ""


def _entity(name: str) -> str:
    return " ".join(name.replace("\x00", " ").split())[:200] or "unknown"


def _number(text: str) -> str:
    number = " ".join(text.replace("\x00", " ").split())
    if len(number) <= MOST_NUMBER:
        return number
    return "sha256:" + hashlib.sha256(number.encode("utf-8", "replace")).hexdigest()[:32]
