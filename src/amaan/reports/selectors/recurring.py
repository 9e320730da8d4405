"""Reports as rings see them: where each stands, whom and which accounts it names, which cases hold it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from amaan.store.rows import select_in


class Standing(NamedTuple):
    """`entity` is the reporting entity's name, `number` its own; `source` the door of the newest telling."""

    report_id: int
    reference: str
    entity_id: int
    entity: str
    number: str
    unit_id: int
    unit: str
    received_at: datetime
    source: str


def standing_of(report_ids: Sequence[int]) -> dict[int, Standing]:
    """By report. Unknown ids are left out."""
    rows = select_in(
        "SELECT r.id, r.reference, r.entity_id, e.name, r.number, r.unit_id, u.code, r.received_at, v.source"
        " FROM reports_report r JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " JOIN reports_entity e ON e.id = r.entity_id JOIN accounts_unit u ON u.id = r.unit_id"
        " WHERE r.id IN {values}",
        list(report_ids),
    )
    return {row[0]: Standing._make((*row[:7], _aware(row[7]), row[8])) for row in rows}


def by_reference(references: Sequence[str]) -> dict[str, int]:
    """Row ids by reference. Unknown references are left out."""
    return dict(
        select_in("SELECT reference, id FROM reports_report WHERE reference IN {values}", list(references))
    )


def units_of(report_ids: Sequence[int]) -> dict[int, int]:
    """The unit's row id of each report."""
    return dict(select_in("SELECT id, unit_id FROM reports_report WHERE id IN {values}", list(report_ids)))


def cases_of(report_ids: Sequence[int]) -> dict[int, list[str]]:
    """The references of the cases that each of these reports is in; those in none are left out."""
    rows = select_in(
        "SELECT DISTINCT o.report_id, o.case_reference FROM reports_outcome o"
        " WHERE o.decision IN ('case_opened', 'case_joined') AND o.report_id IN {values}"
        " AND NOT EXISTS (SELECT 1 FROM reports_outcome l WHERE l.report_id = o.report_id AND l.id > o.id"
        " AND l.decision = 'case_left' AND l.case_reference = o.case_reference)"
        " ORDER BY o.report_id, o.case_reference",
        list(report_ids),
    )
    found: dict[int, list[str]] = defaultdict(list)
    for report, case in rows:
        found[report].append(case)
    return dict(found)


def countries_of(report_ids: Sequence[int]) -> dict[int, set[str]]:
    """The countries (two letters) that each report's newest telling places something or somebody in."""
    rows = select_in(
        "SELECT DISTINCT r.id, p.country FROM reports_report r"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " JOIN reports_place p ON p.version_id = v.id WHERE p.country <> '' AND r.id IN {values}",
        list(report_ids),
    )
    found: dict[int, set[str]] = defaultdict(set)
    for report, country in rows:
        found[report].add(country)
    return dict(found)


class PartyTold(NamedTuple):
    """Somebody in a report's newest telling; nobody is merged with anybody."""

    report_id: int
    number: int
    role: str
    age_band: str
    sex: str
    possibly_coerced: str
    district: str


def parties_told(report_ids: Sequence[int]) -> list[PartyTold]:
    """By report and number."""
    rows = select_in(
        "SELECT r.id, p.number, p.role, p.age_band, p.sex, p.possibly_coerced, p.district FROM reports_report r"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " JOIN reports_party p ON p.version_id = v.id WHERE r.id IN {values} ORDER BY r.id, p.number",
        list(report_ids),
    )
    return list(map(PartyTold._make, rows))


class AccountTold(NamedTuple):
    """An identifier that links, as a report's newest telling names it of a reported or an associated party."""

    report_id: int
    identifier_id: int
    type: str
    role: str
    party: int | None
    seen_at: datetime | None


def accounts_told(report_ids: Sequence[int]) -> list[AccountTold]:
    """What victims, recipients and reporters use is left out."""
    rows = select_in(
        "SELECT r.id, m.identifier_id, i.type, m.role, m.party, m.seen_at FROM reports_report r"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " JOIN reports_mention m ON m.version_id = v.id JOIN reports_identifier i ON i.id = m.identifier_id"
        " WHERE i.links AND m.role NOT IN ('victim', 'recipient', 'reporter') AND r.id IN {values}"
        " ORDER BY r.id, m.id",
        list(report_ids),
    )
    return [AccountTold._make((*row[:5], None if row[5] is None else _aware(row[5]))) for row in rows]


def _aware(at: datetime | str) -> datetime:
    """Raw SQL gives SQLite's text or a time without a zone, both in UTC; PostgreSQL gives aware times."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
