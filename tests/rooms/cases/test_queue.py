"""A report in a case waits no more; taken out of its only case, it waits again."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.rooms.cases.conftest import Officer
from tests.rooms.triage.conftest import Lay

from amaan.authority.actors import Actor, Role
from amaan.cases import services
from amaan.triage.selectors import counts_for, queue_for
from amaan.triage.tasks import band_reports, settle_reports

pytestmark = pytest.mark.django_db


def waiting(actor: Actor) -> tuple[list[str], int]:
    page = queue_for(actor, now=timezone.now())
    return [line.reference for line in page.lines], sum(band.count for band in counts_for(actor))


def test_a_report_leaves_the_queue_with_its_case_and_comes_back_without(officer: Officer, lay: Lay) -> None:
    analyst, report, other = officer(Role.ANALYST), lay(), lay()
    band_reports([report.pk, other.pk])
    assert sorted(waiting(analyst)[0]) == sorted([report.reference, other.reference])
    case = services.open_case(analyst, report_reference=report.reference, version=1, reason="a threat")
    settle_reports([report.pk])
    assert waiting(analyst) == ([other.reference], 1)
    services.take_out_report(
        analyst, case_reference=case, report_reference=report.reference, reason="a mistake"
    )
    for _ in range(2):  # an event may come twice
        settle_reports([report.pk])
        found, counted = waiting(analyst)
        assert sorted(found) == sorted([report.reference, other.reference])
        assert counted == 2


def test_what_came_too_late_changes_nothing(officer: Officer, lay: Lay) -> None:
    analyst, report = officer(Role.ANALYST), lay()
    band_reports([report.pk])
    case = services.open_case(analyst, report_reference=report.reference, version=1, reason="a threat")
    services.take_out_report(
        analyst, case_reference=case, report_reference=report.reference, reason="a mistake"
    )
    services.join_report(
        analyst, case_reference=case, report_reference=report.reference, version=1, reason="it was none"
    )
    settle_reports([report.pk])
    assert waiting(analyst) == ([], 0)
