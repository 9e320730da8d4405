"""Reading cases. `access_case` is the only way from a reference to a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from django.db.models import Count, OuterRef, Q, Subquery

from amaan.accounts.selectors import Colleague, colleagues, names_of, unit_ids, unit_list
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.cases.domain import Kind, Work, person_of, read_case_reference
from amaan.cases.models import Assignment, Case, CaseEvent, CaseReport
from amaan.cases.permissions import cases_where
from amaan.keyring.domain.sealing import sealed_under
from amaan.keyring.services import opener
from amaan.reports.domain.references import NotAReference
from amaan.reports.selectors import access_report, reports_among

if TYPE_CHECKING:
    from amaan.reports.models import Report

Place = tuple[datetime, int]
"""Where a list of cases goes on: the time of the last case's newest event, and its row."""


class CaseNotFound(Exception):
    """No such case, or none that this actor may see: the answer is the same."""


@dataclass(frozen=True)
class CaseLine:
    """A case in a list. `title` is opened; `lead` is a name, or "" while nobody leads."""

    reference: str
    title: str
    unit: str
    opened_at: datetime
    changed_at: datetime
    newest: Kind
    lead: str
    reports: int


@dataclass(frozen=True)
class CasePage:
    """The cases that moved last come first. `after` is where the next page begins, or None at the end."""

    lines: tuple[CaseLine, ...]
    after: Place | None


@dataclass(frozen=True)
class AtWork:
    """Somebody who works on a case, since when, and who said so."""

    person: int
    name: str
    lead: bool
    since: datetime
    by: str


@dataclass(frozen=True)
class LeftCase:
    """A case on which somebody stands who may work on cases of its unit (a code) no more."""

    reference: str
    unit: str
    person: int
    lead: bool
    since: datetime


@dataclass(frozen=True)
class ReportInCase:
    """A report in a case. Without a reference it is one of another unit, of which nothing more is said here."""

    number: int  # of the event that joined it
    reference: str | None
    entity: str
    received_at: datetime | None
    joined_at: datetime
    by: str


@dataclass(frozen=True)
class ReportsPage:
    """The reports in a case, newest joined first. `after` is the event number to go on from, or None."""

    lines: tuple[ReportInCase, ...]
    total: int
    after: int | None


@dataclass(frozen=True)
class TimelineLine:
    """One event. `words` is the opened reason or note; `reports` are references, None for another unit's."""

    number: int
    kind: Kind
    at: datetime
    by: str
    person: str
    leads: bool  # the person leads from here on
    reports: tuple[str | None, ...]
    words: str


@dataclass(frozen=True)
class Timeline:
    """Events, newest first. `before` is the number to go on from, or None at the beginning."""

    lines: tuple[TimelineLine, ...]
    before: int | None


@dataclass(frozen=True)
class CaseOfReport:
    """A case that holds a report."""

    reference: str
    title: str
    lead: str
    joined_at: datetime


@dataclass(frozen=True)
class CasesOfReport:
    """The cases that hold a report: those that the actor may see, and how many others."""

    lines: tuple[CaseOfReport, ...]
    others: int


def access_case(actor: Actor, reference: str, action: Action = Action.VIEW_CASE) -> Case:
    """The case of a reference, as typed by anybody. Raises CaseNotFound."""
    try:
        written = read_case_reference(reference)
    except NotAReference as slip:
        raise CaseNotFound(str(slip)) from slip
    case = cases_where(actor, action).select_related("unit").filter(reference=written).first()
    if case is None:
        raise CaseNotFound(f"There is no case {written} that you may see.")
    return case


def title_of(case: Case) -> str:
    """The working title of a case that the caller was given by `access_case`; "" for none."""
    return _titles([case])[case.pk]


def cases_for(
    actor: Actor,
    *,
    mine: bool = False,
    action: Action = Action.VIEW_CASE,
    after: Place | None = None,
    limit: int = 50,
) -> CasePage:
    """Cases in which the actor may do `action`, the last moved first; `mine` are those on which they work now."""
    cases = Case.objects.all()
    if after is not None:
        # The first condition says nothing new; it lets the database begin there instead of reading up to there.
        cases = cases.filter(changed_at__lte=after[0])
        cases = cases.filter(Q(changed_at__lt=after[0]) | Q(id__lt=after[1]))
    if mine:
        held = Assignment.objects.filter(person_id=person_of(actor.key), ended=None).values("case_id")
        cases = cases.filter(pk__in=held)
    keys = [  # one short walk along the index a unit, merged here: one query over many units would sort them all
        list(
            cases.filter(unit_id=unit_id)
            .order_by("-changed_at", "-id")
            .values_list("changed_at", "id")[: limit + 1]
        )
        for unit_id in unit_ids(units_where(actor, action))
    ]
    found = list(islice(merge(*keys, reverse=True), limit + 1))
    shown = found[:limit]
    return CasePage(_lines([row[1] for row in shown]), shown[-1] if len(found) > limit else None)


def works_on(actor: Actor, case: Case) -> bool:
    """Whether the actor is one of those who work on the case now."""
    person = person_of(actor.key)
    return person is not None and Assignment.objects.filter(case=case, person_id=person, ended=None).exists()


def work_on(case: Case) -> Work:
    """Who works on a case now, and whether they lead."""
    rows = Assignment.objects.filter(case=case, ended=None)
    return dict(rows.values_list("person_id", "lead"))


def people_at_work(case: Case) -> tuple[AtWork, ...]:
    """Who works on a case now: who leads first, then by how long they have."""
    rows = list(
        Assignment.objects.filter(case=case, ended=None)
        .select_related("begun")
        .order_by("-lead", "begun__number", "id")
    )
    names = names_of([*(f"staff:{row.person_id}" for row in rows), *(row.begun.by for row in rows)])
    return tuple(
        AtWork(
            row.person_id,
            names.get(f"staff:{row.person_id}", ""),
            row.lead,
            row.begun.at,
            names.get(row.begun.by, row.begun.by),
        )
        for row in rows
    )


def colleagues_of(case: Case) -> list[Colleague]:
    """Everybody who can be given the case: those who may work on cases in its unit."""
    return colleagues(Action.WORK_CASE, case.unit.code)


def cases_left(actor: Actor) -> list[LeftCase]:
    """Where people stand who left, in the units whose work the actor assigns; the longest at work first."""
    units, found = units_where(actor, Action.ASSIGN_CASE), []
    for unit in (one for one in unit_list() if one.code in units):
        here = [one.id for one in colleagues(Action.WORK_CASE, unit.code)]
        left = Assignment.objects.filter(ended=None, case__unit=unit).exclude(person_id__in=here)
        found += [
            LeftCase(row.case.reference, unit.code, row.person_id, row.lead, row.begun.at)
            for row in left.select_related("case", "begun").order_by("begun_id", "id")
        ]
    return found


def reports_in(actor: Actor, case: Case, *, before: int | None = None, limit: int = 50) -> ReportsPage:
    """The reports in a case now. What the actor may not see of them is not said."""
    held = CaseReport.objects.filter(case=case, left=None)
    total = held.count()
    if before is not None:
        held = held.filter(joined__number__lt=before)
    rows = list(held.select_related("joined").order_by("-joined_id", "-id")[: limit + 1])
    shown = rows[:limit]
    seen = reports_among(actor, [row.report_id for row in shown])
    names = names_of(row.joined.by for row in shown)
    return ReportsPage(
        tuple(_report_line(row, seen.get(row.report_id), names) for row in shown),
        total,
        shown[-1].joined.number if len(rows) > limit else None,
    )


def timeline_of(actor: Actor, case: Case, *, before: int | None = None, limit: int = 50) -> Timeline:
    """What happened to a case, newest first: one walk along the events' index."""
    found = CaseEvent.objects.filter(case=case)
    if before is not None:
        found = found.filter(number__lt=before)
    rows = list(found.order_by("-number")[: limit + 1])
    events = rows[:limit]
    ids = [event.pk for event in events]
    moved: dict[int, list[int]] = {}
    for column in ("joined_id", "left_id"):
        spans = CaseReport.objects.filter(**{f"{column}__in": ids}).order_by("id")
        for event_id, report_id in spans.values_list(column, "report_id"):
            moved.setdefault(event_id, []).append(report_id)
    begun = Assignment.objects.filter(begun_id__in=ids, lead=True)
    leads = set(begun.values_list("begun_id", "person_id"))
    seen = reports_among(actor, [report_id for held in moved.values() for report_id in held])
    names = names_of([e.by for e in events] + [f"staff:{e.person_id}" for e in events if e.person_id])
    words = _opened({e.pk: (_place(case, e), bytes(e.words)) for e in events if e.words is not None})
    return Timeline(
        tuple(
            TimelineLine(
                number=event.number,
                kind=Kind(event.kind),
                at=event.at,
                by=names.get(event.by, event.by),
                person=names.get(f"staff:{event.person_id}", "") if event.person_id else "",
                leads=(event.pk, event.person_id) in leads,
                reports=tuple(
                    seen[report_id].reference if report_id in seen else None
                    for report_id in moved.get(event.pk, ())
                ),
                words=words.get(event.pk, ""),
            )
            for event in events
        ),
        events[-1].number if len(rows) > limit else None,
    )


def cases_of_report(actor: Actor, report_reference: str) -> CasesOfReport:
    """The cases that hold a report now. Raises ReportNotFound."""
    report = access_report(actor, report_reference)
    held = CaseReport.objects.filter(report_id=report.pk, left=None).select_related("joined")
    joined = dict(held.values_list("case_id", "joined__at"))
    cases = {case.pk: case for case in cases_where(actor, Action.VIEW_CASE).filter(pk__in=joined)}
    titles, leads = _titles(cases.values()), _leads(cases)
    lines = tuple(
        CaseOfReport(cases[pk].reference, titles[pk], leads.get(pk, ""), joined[pk])
        for pk in sorted(cases, key=lambda pk: (joined[pk], pk))
    )
    return CasesOfReport(lines, others=len(joined) - len(lines))


def cases_among(actor: Actor, references: Iterable[str]) -> frozenset[str]:
    """Which of these references, as they are written, are cases that the actor may see."""
    asked = {reference for reference in references if reference}
    if not asked:
        return frozenset()
    seen = cases_where(actor, Action.VIEW_CASE).filter(reference__in=asked)
    return frozenset(seen.values_list("reference", flat=True))


def in_a_case(report_id: int) -> bool:
    """Whether any case holds a report that the caller was given by `access_report`."""
    return CaseReport.objects.filter(report_id=report_id, left=None).exists()


def _lines(case_ids: Sequence[int]) -> tuple[CaseLine, ...]:
    # A subquery a row is one step into the events' index; as a join, PostgreSQL reads a long case's every event.
    newest = CaseEvent.objects.filter(case=OuterRef("pk"), number=OuterRef("last_number")).values("kind")
    cases = Case.objects.select_related("unit").annotate(newest=Subquery(newest)).in_bulk(case_ids)
    titles, leads = _titles(cases.values()), _leads(cases)
    reports = dict(
        CaseReport.objects.filter(case_id__in=case_ids, left=None)
        .values_list("case_id")
        .annotate(Count("id"))
        .order_by()
    )
    return tuple(
        CaseLine(
            reference=case.reference,
            title=titles[case.pk],
            unit=case.unit.code,
            opened_at=case.opened_at,
            changed_at=case.changed_at,
            newest=Kind(case.newest),
            lead=leads.get(case.pk, ""),
            reports=reports.get(case.pk, 0),
        )
        for case in (cases[pk] for pk in case_ids)
    )


def _report_line(row: CaseReport, report: Report | None, names: dict[str, str]) -> ReportInCase:
    return ReportInCase(
        number=row.joined.number,
        reference=report.reference if report else None,
        entity=report.entity.name if report else "",
        received_at=report.received_at if report else None,
        joined_at=row.joined.at,
        by=names.get(row.joined.by, row.joined.by),
    )


def _leads(case_ids: Iterable[int]) -> dict[int, str]:
    held = Assignment.objects.filter(case_id__in=list(case_ids), ended=None, lead=True)
    leads = dict(held.values_list("case_id", "person_id"))
    names = names_of(f"staff:{person}" for person in leads.values())
    return {case_id: names.get(f"staff:{person}", "") for case_id, person in leads.items()}


def _titles(cases: Iterable[Case]) -> dict[int, str]:
    cases = list(cases)
    held = {c.pk: (title_place(c.reference), bytes(c.title)) for c in cases if c.title is not None}
    opened = _opened(held)
    return {case.pk: opened.get(case.pk, "") for case in cases}


def _opened(sealed: dict[int, tuple[str, bytes]]) -> dict[int, str]:
    """Sealed texts by row, their data keys fetched with one query."""
    if not sealed:
        return {}
    opening = opener()
    opening.load(sealed_under(blob) for _, blob in sealed.values())
    return {pk: opening.open(place, blob).decode() for pk, (place, blob) in sealed.items()}


def title_place(reference: str) -> str:
    """Where a case's title is sealed to."""
    return f"cases_case/{reference}/title"


def words_place(reference: str, number: int) -> str:
    """Where an event's words are sealed to."""
    return f"cases_caseevent/{reference}-{number}/words"


def _place(case: Case, event: CaseEvent) -> str:
    return words_place(case.reference, event.number)
