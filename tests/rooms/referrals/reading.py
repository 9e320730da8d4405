"""Small documents, and reading them without a database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from amaan.evidence.domain import ExhibitSealer
from amaan.formats.table import ColumnMapping
from amaan.keyring.domain import IndexKeys, Sealer, open_sealed
from amaan.referrals.domain.intake import Context, Refused, read_documents
from amaan.referrals.domain.packages import Member, Package
from amaan.reports.domain.preparing import Prepared, Seals

ARRIVED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KEY = b"k" * 32
SEALER = Sealer(7, KEY)
INDEX = IndexKeys(b"p" * 32, b"r" * 32, b"n" * 32, b"v" * 32)
CONTEXT = Context(Seals(SEALER, INDEX), ExhibitSealer(7, b"w" * 32, b"v" * 32), ARRIVED)

ENTICEMENT = "Online Enticement of Children for Sexual Acts"


def report(
    body: str = "",
    *,
    kind: str = ENTICEMENT,
    at: str = "2026-02-19T09:00:00Z",
    summary: str = "",
    before: str = "",
    reporter: str = "",
) -> bytes:
    """A `<report>`: `summary` stands inside incidentSummary, `before` ahead of the reporter, `body` after it."""
    return (
        f"<report><incidentSummary><incidentType>{kind}</incidentType>{summary}"
        f"<incidentDateTime>{at}</incidentDateTime></incidentSummary>{before}"
        f"<reporter><reportingPerson>{reporter}</reportingPerson></reporter>{body}</report>"
    ).encode()


def file_details(body: str = "", *, number: str = "70001", file_id: str = "ab12") -> bytes:
    return (
        f"<fileDetails><reportId>{number}</reportId><fileId>{file_id}</fileId>{body}</fileDetails>".encode()
    )


def le_report(number: str = "70001", **information: Any) -> bytes:
    held = {"incidentSummary": {"incidentType": ENTICEMENT}, **information}
    return json.dumps({"reportId": number, "reportedInformation": held}).encode()


def read(
    *documents: bytes,
    entity: str = "Example Platform",
    number: str = "70001",
    mapping: ColumnMapping | None = None,
) -> Prepared | Refused:
    named = [(f"{entity}/{number}/{n}.xml", raw) for n, raw in enumerate(documents)]
    members = tuple(Member(name, "", len(raw)) for name, raw in named)
    row = documents[0].decode() if mapping else ""
    context = Context(CONTEXT.seals, CONTEXT.exhibits, ARRIVED, "", mapping)
    return read_documents(Package(entity, number, members, row=row), named, context)


def prepared(*documents: bytes, **how: Any) -> Prepared:
    found = read(*documents, **how)
    assert isinstance(found, Prepared), found
    return found


def facts(*documents: bytes, **how: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(prepared(*documents, **how).facts)
    return found


def clear_columns(found: Prepared) -> dict[str, str]:
    """What stands unsealed in the database and comes from the documents, by where it stands."""
    columns = {
        name: str(getattr(found, name))
        for name in (
            "entity",
            "entity_key",
            "number",
            "source",
            "facts",
            "flags",
        )
    }
    for name in ("incidents", "parties", "contents", "identifiers", "mentions", "places"):
        for position, row in enumerate(getattr(found, name)):
            columns[f"{name}.{position}"] = "\n".join(
                str(cell) for cell in row if not isinstance(cell, bytes)
            )
    return columns


def sealed_texts(found: Prepared) -> str:
    """All that was sealed of a report, opened: for «nothing is lost» and nothing else."""
    texts = [_open(f"reports_version/{found.place}/sealed", found.sealed)]
    for table, name in (("reports_party", "parties"), ("reports_contentitem", "contents")):
        texts += [
            _open(f"{table}/{found.place}.{row[0]}/sealed", row[-1])
            for row in getattr(found, name)
            if row[-1]
        ]
    texts += [
        _open(f"reports_place/{found.place}.{number}/sealed", row[-1])
        for number, row in enumerate(found.places)
        if row[-1]
    ]
    texts += [
        _open(f"reports_identifier/{row[0].hex()}/value", row[4]) for row in found.identifiers if row[4]
    ]
    return "\n".join(texts)


def _open(place: str, blob: bytes) -> str:
    return open_sealed(KEY, place, blob).decode()
