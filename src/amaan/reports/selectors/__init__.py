"""Reading the spine. `access_report` is the only way from a reference to a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson
from django.db.models import Q

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.facts import Facts
from amaan.reports.domain.outcomes import CloseReason
from amaan.reports.domain.references import NotAReference, read_reference
from amaan.reports.models import Mention, Outcome, Party, Report, Version
from amaan.reports.permissions import reports_where
from amaan.store.rows import select_in


class ReportNotFound(Exception):
    """No such report, or none that this actor may see: the answer is the same."""


@dataclass(frozen=True, slots=True)
class TriageInput:
    """What triage may know of a report: facts that identify nobody."""

    report_id: int
    version_id: int
    reference: str
    unit_id: int
    received_at: datetime
    facts: Facts


def access_report(actor: Actor, reference: str, action: Action = Action.VIEW_REPORT) -> Report:
    """The report of a reference, as typed by anybody. Raises ReportNotFound."""
    try:
        written = read_reference(reference)
    except NotAReference as slip:
        raise ReportNotFound(str(slip)) from slip
    report = reports_where(actor, action).select_related("unit", "entity").filter(reference=written).first()
    if report is None:
        raise ReportNotFound(f"There is no report {written} that you may see.")
    return report


def newest_telling(report: Report) -> Version:
    """The telling that counts now, of a report that the caller was given by `access_report`."""
    return Version.objects.get(report=report, number=report.version)


def reports_among(actor: Actor, report_ids: Iterable[int]) -> dict[int, Report]:
    """Those of many reports that the actor may see, with their entity and unit, by row id."""
    seen = reports_where(actor, Action.VIEW_REPORT).select_related("unit", "entity")
    return {report.pk: report for report in seen.filter(pk__in=set(report_ids))}


def entries_of_coming(report: Report) -> list[int]:
    """The ledger's entries that say when each telling came, for `ledger.selectors.history_of`."""
    rows = Version.objects.filter(report=report, entry__isnull=False)
    return [entry for entry in rows.values_list("entry", flat=True) if entry is not None]


def triage_inputs(report_ids: Sequence[int]) -> list[TriageInput]:
    """The newest telling of each report, in the order of ids. Unknown ids are left out."""
    rows = select_in(
        "SELECT r.id, v.id, r.reference, r.unit_id, r.received_at, v.facts, v.number"
        " FROM reports_report r JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " WHERE r.id IN {values} ORDER BY r.id",
        list(report_ids),
    )
    return [
        TriageInput(
            report_id, version_id, reference, unit_id, _aware(at), {**orjson.loads(facts), "version": number}
        )
        for report_id, version_id, reference, unit_id, at, facts, number in rows
    ]


def facts_of_many(report_ids: Sequence[int]) -> Iterator[tuple[int, int, Facts]]:
    """Report, unit and facts of each report's newest telling, by id, one after the other: for millions.

    `triage_inputs` without what only banding needs: measured, a quarter of its time.
    """
    for report_id, unit_id, number, told in select_in(
        "SELECT r.id, r.unit_id, v.number, v.facts FROM reports_report r"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " WHERE r.id IN {values} ORDER BY r.id",
        list(report_ids),
    ):
        facts = orjson.loads(told)
        facts["version"] = number
        yield report_id, unit_id, facts


def newest_versions(report_ids: Sequence[int]) -> dict[int, int]:
    """The id of each report's newest telling. Unknown ids are left out."""
    return dict(
        select_in(
            "SELECT r.id, v.id FROM reports_report r"
            " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version WHERE r.id IN {values}",
            list(report_ids),
        )
    )


class Comparable(NamedTuple):
    """A file of a report's newest telling by its hashes, and the quality of its PDQ hash where somebody said it."""

    report_id: int
    version_id: int
    reference: str
    number: int
    sha256: bytes | None
    sha1: bytes | None
    md5: bytes | None
    pdq: bytes | None
    pdq_quality: int | None


def comparable_contents(report_ids: Sequence[int]) -> list[Comparable]:
    """What of these reports' newest tellings can be compared with known material, by report and number."""
    rows = select_in(
        "SELECT r.id, v.id, r.reference, c.number, c.sha256, c.sha1, c.md5, c.pdq, c.pdq_quality"
        " FROM reports_report r"
        " JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " JOIN reports_contentitem c ON c.version_id = v.id"
        " WHERE coalesce(c.sha256, c.sha1, c.md5, c.pdq) IS NOT NULL AND r.id IN {values}"
        " ORDER BY r.id, c.number",
        list(report_ids),
    )
    return [Comparable._make(row) for row in rows]


class Told(NamedTuple):
    """A report's newest telling as it counts. `source` is the door it came by."""

    report_id: int
    version_id: int
    reference: str
    entity_id: int
    unit_id: int
    received_at: datetime
    source: str
    facts: Facts


def told_now(report_ids: Sequence[int]) -> list[Told]:
    """The newest telling of each report, in the order of ids. Unknown ids are left out."""
    rows = select_in(
        "SELECT r.id, v.id, r.reference, r.entity_id, r.unit_id, r.received_at, v.source, v.facts"
        " FROM reports_report r JOIN reports_version v ON v.report_id = r.id AND v.number = r.version"
        " WHERE r.id IN {values} ORDER BY r.id",
        list(report_ids),
    )
    return [
        Told(report, version, reference, entity, unit, _aware(at), source, orjson.loads(facts))
        for report, version, reference, entity, unit, at, source, facts in rows
    ]


class ToldFile(NamedTuple):
    """A file of one telling; `annotations` are space-separated words."""

    version_id: int
    sha256: bytes | None
    sha1: bytes | None
    md5: bytes | None
    pdq: bytes | None
    pdq_quality: int | None
    annotations: str


def told_files(version_ids: Sequence[int]) -> list[ToldFile]:
    """Every file of these tellings, those without a hash too, by telling and number."""
    rows = select_in(
        "SELECT version_id, sha256, sha1, md5, pdq, pdq_quality, annotations FROM reports_contentitem"
        " WHERE version_id IN {values} ORDER BY version_id, number",
        list(version_ids),
    )
    return list(map(ToldFile._make, rows))


class ToldIdentifier(NamedTuple):
    """One mention. `clear` is an address' text where it stands in clear."""

    version_id: int
    role: str
    type: str
    links: bool
    identifier_id: int
    clear: str | None


def told_identifiers(version_ids: Sequence[int]) -> list[ToldIdentifier]:
    """What links, and addresses on the web, as these tellings mention them; nothing of reporters, who never link."""
    rows = select_in(
        "SELECT m.version_id, m.role, i.type, i.links, i.id, CASE WHEN i.type = 'url' THEN i.clear END"
        " FROM reports_mention m JOIN reports_identifier i ON i.id = m.identifier_id"
        " WHERE (i.links OR i.type = 'url') AND m.role <> 'reporter' AND m.version_id IN {values}",
        list(version_ids),
    )
    return list(map(ToldIdentifier._make, rows))


class ToldOf(NamedTuple):
    """One report that names an identifier as a reported person's, and where it came from."""

    identifier_id: int
    report_id: int
    entity_id: int
    received_at: datetime
    source: str


def told_of(identifier_ids: Sequence[int]) -> list[ToldOf]:
    """Which reports name these as a reported person's. Ask it of what few reports hold: nobody caps it here."""
    rows = select_in(
        "SELECT DISTINCT m.identifier_id, r.id, r.entity_id, r.received_at, v.source FROM reports_mention m"
        " JOIN reports_report r ON r.id = m.report_id"
        " JOIN reports_version v ON v.id = m.version_id AND v.number = r.version"
        " WHERE m.role = 'reported' AND m.identifier_id IN {values}",
        list(identifier_ids),
    )
    return [
        ToldOf(identifier, report, entity, _aware(at), source)
        for identifier, report, entity, at, source in rows
    ]


def reports_after(report_id: int, *, limit: int) -> list[int]:
    """The ids of the next reports, in the order of ids: a walk along all of them."""
    found = Report.objects.filter(pk__gt=report_id).order_by("pk")
    return list(found.values_list("pk", flat=True)[:limit])


def received_before(moment: datetime, report_ids: Sequence[int]) -> list[int]:
    """Those of these reports that were received before a moment, in the order of ids."""
    found = Report.objects.filter(pk__in=report_ids, received_at__lt=moment).order_by("pk")
    return list(found.values_list("pk", flat=True))


_STANDS: Final = (
    "o.decision NOT IN ('stage_reached', 'case_left', 'stands_again')"
    " AND NOT EXISTS (SELECT 1 FROM reports_outcome l WHERE l.report_id = o.report_id AND l.id > o.id"
    " AND (l.decision = 'case_left' AND l.case_reference = o.case_reference"
    " OR l.decision = 'stands_again' AND o.stage = 'told_already' AND o.\"by\" = 'system:bundles'))"
)
"""Of an outcome `o`, that it is a decision which nothing undid."""


def decided_reports(report_ids: Sequence[int]) -> dict[int, bool]:
    """The reports that were decided upon, and of each whether its newest telling was; the others are left out.

    False says that the report was told again since. Stages of a case are no decision upon a report, that it came into
    a case is none once it was taken out, and that it was settled with another one is none once it stands again.
    """
    return {
        report_id: decided >= newest
        for report_id, newest, decided in select_in(
            "SELECT r.id, r.version, max(coalesce(o.version, 1)) FROM reports_outcome o"  # noqa: S608  a constant
            " JOIN reports_report r ON r.id = o.report_id"
            f" WHERE {_STANDS} AND o.report_id IN {{values}} GROUP BY r.id, r.version",
            list(report_ids),
        )
    }


def settled_alone(report_ids: Sequence[int]) -> set[int]:
    """Those of these reports that no person decided upon: all that stands of them is that they were settled with
    another one by the system."""
    rows = select_in(
        "SELECT o.report_id FROM reports_outcome o"  # noqa: S608  a constant
        f" WHERE {_STANDS} AND o.report_id IN {{values}} GROUP BY o.report_id"
        " HAVING count(*) ="
        " sum(CASE WHEN o.stage = 'told_already' AND o.\"by\" = 'system:bundles' THEN 1 ELSE 0 END)",
        list(report_ids),
    )
    return {row[0] for row in rows}


class StandingOutcome(NamedTuple):
    """The newest decision upon a report that still stands. `stage` is the reason's code where it was closed."""

    decision: str
    stage: str
    version: int
    at: datetime
    by: str

    @property
    def followed(self) -> bool:
        """Whether it was settled with another report, and nobody decided upon this one."""
        return self.stage == CloseReason.TOLD_ALREADY and self.by == "system:bundles"


def standing_outcomes(report_ids: Sequence[int]) -> dict[int, StandingOutcome]:
    """What became of those reports that were decided upon; the others are left out.

    Stages of a case are no decision, and that a report came into a case is none once it was taken out.
    """
    rows = select_in(
        'SELECT o.report_id, o.decision, o.stage, coalesce(o.version, 1), o.at, o."by" FROM reports_outcome o'  # noqa: S608
        f" WHERE {_STANDS} AND o.report_id IN {{values}} ORDER BY o.id",
        list(report_ids),
    )
    return {
        report: StandingOutcome(decision, stage, version, _aware(at), by)
        for report, decision, stage, version, at, by in rows
    }


def decided_before(report_id: int | None, *, limit: int) -> list[int]:
    """The ids of reports that a person decided upon, the newest first, below `report_id`: a walk backwards along all of
    them. What was settled with another one is left out: a flood of copies would be all there is."""
    rows = Outcome.objects.exclude(stage=CloseReason.TOLD_ALREADY, by="system:bundles")
    rows = rows.exclude(decision="stands_again")
    if report_id:
        rows = rows.filter(report_id__lt=report_id)
    return list(rows.order_by("-report_id").values_list("report_id", flat=True).distinct()[:limit])


def newest_reports(limit: int) -> list[int]:
    """The ids of the reports that came last."""
    return list(Report.objects.order_by("-pk").values_list("pk", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class Telling:
    """One telling that came by one way (an import, a platform's delivery), with its completeness receipt as stored."""

    id: int
    reference: str
    entity: str
    version: int
    received_at: datetime
    receipt: str


def tellings_of_origin(actor: Actor, origin: str, *, after: int = 0, limit: int = 50) -> list[Telling]:
    """What came as `origin` (such as `import:12`), in the order of storing; reports of other units are left out.

    `after` is the id of the last one that the caller has seen.
    """
    units = units_where(actor, Action.VIEW_REPORT)
    mine = Q() if units.all else Q(report__unit__code__in=units.codes)
    rows = Version.objects.filter(mine, origin=origin, pk__gt=after).order_by("pk")
    return [
        Telling(
            row.pk, row.report.reference, row.report.entity.name, row.number, row.received_at, row.receipt
        )
        for row in rows.select_related("report__entity").defer("facts", "sealed", "exhibits")[:limit]
    ]


def _aware(at: datetime | str) -> datetime:
    """Raw SQL gives SQLite's text or a time without a zone, both in UTC; PostgreSQL gives aware times."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def report_count() -> int:
    return Report.objects.count()


def references_of(report_ids: Iterable[int]) -> dict[int, str]:
    """References by row id, for rooms that hold ids of their own reports. Unknown ids are left out."""
    return dict(Report.objects.filter(pk__in=set(report_ids)).values_list("pk", "reference"))


def accused_in_common(report_id: int, others: Sequence[int]) -> dict[int, set[int]]:
    """Which of `others` name the same reported accounts as this report, by the identifier's row id."""
    if not others:
        return {}
    # By its tellings: no index finds the mentions of a report.
    mine = Mention.objects.filter(version__report=report_id, role=PartyRole.REPORTED)
    ids = list(dict.fromkeys(mine.values_list("identifier_id", flat=True)))
    rows = Mention.objects.filter(
        identifier_id__in=ids, report_id__in=list(others), role=PartyRole.REPORTED
    ).values_list("identifier_id", "report_id")
    found: dict[int, set[int]] = {}
    for identifier, other in rows:
        found.setdefault(identifier, set()).add(other)
    return found


def parties_of_role(report: Report, role: PartyRole) -> list[int]:
    """The numbers of the parties of a role, of a report that the caller was given by `access_report`."""
    rows = Party.objects.filter(version__report=report, version__number=report.version, role=role)
    return list(rows.order_by("number").values_list("number", flat=True))
