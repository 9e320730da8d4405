"""What staff see: their units' queue, in order, with counts that are true and a whole explanation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from tests.rooms.triage.conftest import ARRIVED, Lay, tell
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL, TEXT_ONLY_ENTICEMENT

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.triage.domain.ruleset import Axis, Band
from amaan.triage.models import Assessment
from amaan.triage.selectors import (
    Choice,
    NoRulesAdopted,
    NoSuchReport,
    counts_for,
    deadlines_for,
    explanation_of,
    queue_for,
)
from amaan.triage.tasks import band_reports

pytestmark = pytest.mark.django_db

OPERATOR = Actor.system("test")
NOW = ARRIVED + timedelta(hours=3)
URGENT = {"incident.annotations": ["sextortion"], "reported.contact_verified": True}


def _staff(role: Role, *units: str) -> Actor:
    return Actor(ActorKind.STAFF, "staff:7", frozenset(Grant(role, unit) for unit in units))


@pytest.fixture
def world(lay: Lay) -> dict[str, str]:
    """Four reports in two units; name to reference."""
    made = {
        "known": lay(MODEL_REPORT_OF_KNOWN_MATERIAL),
        "lure": lay(TEXT_ONLY_ENTICEMENT),
        "urgent-late": lay(URGENT, received_at=ARRIVED + timedelta(hours=2)),
        "urgent": lay(URGENT, unit="karachi"),
    }
    band_reports([report.pk for report in made.values()])
    return {name: report.reference for name, report in made.items()}


def test_the_queue_goes_by_band_then_by_due_time(world: dict[str, str]) -> None:
    page = queue_for(OPERATOR, now=NOW)
    assert [line.reference for line in page.lines] == [
        world[name] for name in ("urgent", "urgent-late", "lure", "known")
    ]
    assert not page.more


def test_a_line_says_why_not_what_kind(world: dict[str, str]) -> None:
    line = queue_for(OPERATOR, now=NOW, limit=1).lines[0]
    assert (line.unit, line.entity, line.band, line.floor) == (
        "karachi",
        "Example Platform",
        Band.ONE_DAY,
        Band.ONE_DAY,
    )
    assert line.due_at == ARRIVED + timedelta(days=1)
    assert line.reasons[0].en.startswith("Somebody threatens to share pictures of a child")
    assert "دھمکی" in line.reasons[0].ur
    assert len(line.reasons) == 3
    assert line.axes[Axis.DANGER] == 38


def test_staff_see_their_own_units(world: dict[str, str]) -> None:
    lahore = _staff(Role.ANALYST, "lahore")
    assert world["urgent"] not in {line.reference for line in queue_for(lahore, now=NOW).lines}
    assert sum(count.count for count in counts_for(lahore)) == 3
    assert len(queue_for(_staff(Role.ANALYST, "lahore", "karachi"), now=NOW).lines) == 4
    for nobody in (
        _staff(Role.ADMINISTRATOR, "lahore"),
        _staff(Role.ANALYST),
        Actor(ActorKind.PLATFORM, "p:1"),
    ):
        assert queue_for(nobody, now=NOW).lines == ()
        assert sum(count.count for count in counts_for(nobody)) == 0


def test_a_page_is_cut_and_says_that_there_is_more(world: dict[str, str]) -> None:
    page = queue_for(OPERATOR, now=NOW, limit=2)
    assert len(page.lines) == 2
    assert page.more
    one_day = queue_for(OPERATOR, Choice(band=Band.ONE_DAY), now=NOW, limit=2)
    assert (len(one_day.lines), one_day.more) == (2, False)


def test_counts_name_every_band(world: dict[str, str]) -> None:
    found = {count.band: count.count for count in counts_for(OPERATOR)}
    assert found == {Band.ONE_DAY: 2, Band.ONE_WEEK: 1, Band.TWO_WEEKS: 0, Band.THIRTY_DAYS: 1}
    assert [count.name.en for count in counts_for(OPERATOR)] == ["1 day", "1 week", "2 weeks", "30 days"]


def test_before_the_first_rules_there_are_no_counts() -> None:
    with pytest.raises(NoRulesAdopted):
        counts_for(OPERATOR)
    assert queue_for(OPERATOR, now=NOW).lines == ()


def test_deadlines_tell_overdue_from_due_soon(world: dict[str, str]) -> None:
    now = ARRIVED + timedelta(hours=25)
    found = deadlines_for(OPERATOR, now=now, soon=timedelta(hours=6))
    assert (found[Band.ONE_DAY].overdue, found[Band.ONE_DAY].due_soon) == (1, 1)
    assert (found[Band.THIRTY_DAYS].overdue, found[Band.THIRTY_DAYS].due_soon) == (0, 0)
    capped = deadlines_for(OPERATOR, now=datetime(2030, 1, 1, tzinfo=UTC), soon=timedelta(0), at_most=1)
    assert (capped[Band.ONE_DAY].overdue, capped[Band.ONE_DAY].capped) == (1, 1)


def test_the_queue_is_one_walk_along_its_index(world: dict[str, str]) -> None:
    rows = Assessment.objects.filter(waiting=True, folded=False, unit_id=1, band=2).order_by("turn_at", "id")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So few rows would be read whole; the question is whether the index gives the order.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        plan = rows.values_list("turn_at", "id", "due_at")[:51].explain()
    assert "assessment_queue" in plan
    assert "SORT" not in plan.upper().replace("SORT KEY", "")
    assert "TEMP B-TREE" not in plan.upper()


def test_an_explanation_adds_up(world: dict[str, str]) -> None:
    told = explanation_of(world["urgent"].lower())
    assert told.reference == world["urgent"]
    assert told.band.band is Band.ONE_DAY
    assert told.floor is Band.ONE_DAY
    assert told.by_points.band is Band.ONE_WEEK  # points alone would let it wait; the floor holds
    for axis in told.axes:
        total = axis.base
        for step in axis.steps:
            total += step.weight
            assert step.total == total
        assert axis.value == min(max(total, 0), axis.cap)
    assert {reason.rule for reason in told.reasons} >= {"sextortion", "threat-runs", "contact-verified"}
    assert any("reach a child was not told" in gap.words.en for gap in told.missing)
    assert not told.outdated


def test_an_explanation_says_when_the_report_was_told_again(world: dict[str, str]) -> None:
    report = Assessment.objects.get(report__reference=world["known"]).report
    tell(report, URGENT)
    assert explanation_of(world["known"]).outdated
    band_reports([report.pk])
    assert not explanation_of(world["known"]).outdated


@pytest.mark.parametrize("reference", ["", "R-0000", "R-7K2M-9F3Q-XA4C", "no such thing"])
def test_an_unknown_reference_is_refused(reference: str, db: None) -> None:
    with pytest.raises(NoSuchReport):
        explanation_of(reference)
