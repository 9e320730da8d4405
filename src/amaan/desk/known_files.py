"""Which files of a decided report may be proposed as known, or are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.matching.domain.lists import Answer
from amaan.matching.selectors import known_of_report
from amaan.reports.selectors import decided_reports

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.reports.models import Report
    from amaan.reports.panels.values import Content

STATES: Final[Mapping[Answer, _StrPromise]] = {
    Answer.WAITING: _("waits for a second person"),
    Answer.CONFIRMED: _("known"),
}


@dataclass(frozen=True)
class FileToKnow:
    """`number` is the file's on the page; `address` is "" where there is nothing to propose."""

    number: int
    address: str
    state: str


def files_to_know(actor: Actor, report: Report, files: Iterable[Content]) -> tuple[FileToKnow, ...]:
    """Empty until the newest telling was decided upon, and for whoever may not propose."""
    hashed = [file.number for file in files if file.hashes]
    if not hashed or not may(actor, Action.CONFIRM_KNOWN, report.unit.code):
        return ()
    if not decided_reports([report.pk]).get(report.pk):
        return ()
    answers = known_of_report(actor, report.pk, report.version)
    found = []
    for number in hashed:
        state = STATES.get(answers[number - 1]) if number - 1 in answers else None
        address = "" if state else reverse("desk:propose_known", args=[report.reference, number])
        found.append(FileToKnow(number, address, str(state or "")))
    return tuple(found)
