"""The report page's panels: what may be shown of a report, covered where it would name somebody protected.

Each panel is a frozen value that a part in `templates/reports/parts/` renders, in the reader's language. What is
opened here is opened for one page, whose reading is in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from amaan.accounts.selectors import names_of
from amaan.authority.actors import Actor
from amaan.keyring.services import opener
from amaan.reports import words
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.marking import Mark
from amaan.reports.domain.outcomes import CloseReason, Decision
from amaan.reports.models import Incident, Outcome, Report, Version
from amaan.reports.opening import Opened, opened
from amaan.reports.panels.comparing import Compared, Named, compared_by_linking
from amaan.reports.panels.contents import MOST_ROWS, addresses_of, contents_of
from amaan.reports.panels.people import people_of
from amaan.reports.panels.reading import (
    ESCALATION,
    OnlyTheSystemReadsTexts,
    PartOfText,
    TextsOfTelling,
    marks_that_fit,
    texts_for_reading,
)
from amaan.reports.panels.shared import identifiers_shown
from amaan.reports.panels.shield import Shield, shield_of
from amaan.reports.panels.shown import identifiers_of, marks_of, seen_in, texts_of
from amaan.reports.panels.values import IdentifierShown, OutcomeTold, ReportPanels, Summary, Telling
from amaan.reports.selectors import access_report

__all__ = [
    "Compared",
    "IdentifierShown",
    "Named",
    "OnlyTheSystemReadsTexts",
    "OutcomeTold",
    "PartOfText",
    "ReportPanels",
    "Shield",
    "TextsOfTelling",
    "compared_by_linking",
    "identifiers_shown",
    "outcomes_of",
    "report_panels",
    "shield_of",
    "texts_for_reading",
]

_MOST_OUTCOMES = 200


def report_panels(
    actor: Actor, reference: str, marks: Mapping[str, Sequence[Mark]] | None = None
) -> ReportPanels:
    """`marks`: what to mark in texts of the newest telling, by part, as `texts_for_reading` names and counts them.

    Raises ReportNotFound; SealBroken and KeyMissing where not all can be opened: then nothing is shown.
    """
    report = access_report(actor, reference)
    found = opened(report)
    found.marks = marks_that_fit(found, marks or {})
    seen = seen_in(actor, found.named)
    tellings = tuple(_tellings(report))
    return ReportPanels(
        reference=report.reference,
        unit=report.unit.code,
        entity=report.entity.name,
        number="" if found.veil.names(report.number) else report.number,
        version=report.version,
        received_at=tellings[0].received_at,
        public_status=words.word(words.PUBLIC, report.public_status),
        tellings=tellings,
        summary=_summary(found, seen),
        reported=people_of(found, seen, {PartyRole.REPORTED}),
        protected=people_of(found, seen, {PartyRole.VICTIM, PartyRole.RECIPIENT, PartyRole.REPORTER}),
        contents=contents_of(found, seen),
        addresses=addresses_of(found),
        outcomes=tuple(outcomes_of(report)),
    )


def outcomes_of(report: Report) -> Iterator[OutcomeTold]:
    """What became of a report that the caller was given by `access_report`, the newest first, reasons opened."""
    rows = list(Outcome.objects.filter(report=report).order_by("-id")[:_MOST_OUTCOMES])
    if not rows:
        return
    open_, names = opener(), names_of(row.by for row in rows)
    for row in rows:
        closed = row.decision == Decision.CLOSED and row.stage in set(CloseReason)
        yield OutcomeTold(
            decision=words.word(words.DECISIONS, row.decision),
            code=words.word(words.CLOSE_REASONS, row.stage) if closed else row.stage,
            reason=open_.open(f"reports_outcome/{report.reference}/reason", bytes(row.reason)).decode(),
            case_reference=row.case_reference,
            by=names.get(row.by, row.by),
            at=row.at,
        )


def _tellings(report: Report) -> Iterator[Telling]:
    rows = Version.objects.filter(report=report).order_by("number")
    for number, at, source, origin in rows.values_list("number", "received_at", "source", "origin"):
        yield Telling(number, at, words.word(words.SOURCES, source), origin)


def _summary(found: Opened, seen: dict[int, str]) -> Summary:
    facts, kept, veil = found.facts, found.kept, found.veil
    incidents = list(Incident.objects.filter(version=found.version).order_by("id"))
    channels = dict.fromkeys(words.word(words.CHANNELS, one.channel) for one in incidents if one.channel)
    told = [*texts_of(found, kept.get("texts", []), "report")]
    for incident in kept.get("incidents", []):
        told += texts_of(found, incident.get("texts", []), "incident")
    if (escalation := kept.get("escalation", "")) not in {"", "yes"}:
        told[:0] = texts_of(found, [[ESCALATION, escalation]], ESCALATION)
    nobodys = [one for one in found.named if one.mention.party is None and one.mention.content is None]
    values = {one.identifier for one in nobodys if one.type != "ip"}
    shown = tuple(islice(identifiers_of(found, nobodys, seen), MOST_ROWS))
    asked = ("law_enforcement.reported", "law_enforcement.legal_process")
    return Summary(
        kind=words.incident_word(str(facts.get("incident.type", "not_said"))),
        channels=tuple(channels),
        happened_at=next((one.happened_at for one in incidents if one.happened_at), None),
        platform=veil.over(kept.get("platform", "")),
        marks=marks_of(
            _list(facts.get("incident.annotations")), urgent=bool(facts.get("incident.escalated"))
        ),
        districts=tuple(words.district_word(code) for code in _list(facts.get("incident.districts"))),
        facts=tuple(
            (words.word(words.ASKED, name), words.word(words.SAID, str(facts[name])))
            for name in asked
            if facts.get(name, "not_said") != "not_said"
        ),
        identifiers=shown,
        more_identifiers=len(values) - len(shown),
        texts=tuple(told),
    )


def _list(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
