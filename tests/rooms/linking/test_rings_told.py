"""Where references lead, what is exported, and what a unit is told of a ring: once each."""

from __future__ import annotations

import json

import pytest
from tests.rooms.linking.rung import ANALYST, ELSEWHERE, chain, link, reports, ring, stands
from typer.testing import CliRunner

from amaan.authority.actors import Actor
from amaan.authority.matrix import NotAllowed
from amaan.ledger.models import Entry
from amaan.linking.commands.rings import app
from amaan.linking.domain.errors import RingNotFound
from amaan.linking.domain.noticing import sizes_passed
from amaan.linking.models import Alert, Link
from amaan.linking.selectors import ring_at, ring_of_report, rings_exported
from amaan.linking.services.alerting import see_alerts
from amaan.linking.services.deciding import reject_link
from amaan.linking.tasks import alert
from amaan.outbox.services import subscriptions
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Place, Report, Version
from amaan.reports.services import record_outcome


def told() -> set[tuple[str, str, str]]:
    """Kind, unit and detail of every alert."""
    units = dict(Report.objects.values_list("unit_id", "unit__code"))
    return {(row.kind, units[row.unit_id], row.detail) for row in Alert.objects.all()}


def names(held: list[int]) -> dict[int, str]:
    return dict(Report.objects.filter(pk__in=held).values_list("pk", "reference"))


@pytest.mark.django_db
def test_every_reference_that_was_given_leads_somewhere() -> None:
    held = reports(7)
    chain(held[:4])
    chain(held[4:])
    ring(*held)
    one, other = (ring_of_report(held[0]), ring_of_report(held[6]))
    assert one
    assert other
    link((held[0], held[6]))
    ring(held[0])
    found = ring_at(other.lower())
    assert (found.asked, found.reference, found.gone) == (other, one, False)
    assert found.reports == tuple(held)
    Link.objects.filter(low_id__in=held[:4]).delete()
    ring(*held[:4])
    back, gone = ring_at(other), ring_at(one)
    assert (back.reference, back.reports, back.gone) == (other, tuple(held[4:]), False)
    assert (gone.reference, gone.reports, gone.now_in) == (one, tuple(held), (other,))
    Link.objects.all().delete()
    ring(*held)
    for reference in (one, other):
        found = ring_at(reference)
        assert (found.reference, found.gone, found.now_in) == (reference, True, ())
    for typed in ("G-0000-0000-0000", "R-1", ""):
        with pytest.raises(RingNotFound):
            ring_at(typed)


@pytest.mark.django_db
def test_of_a_ring_that_is_gone_its_reference_tells_where_its_reports_are() -> None:
    held = reports(7)
    chain(held[:4])
    ring(*held)
    (old,) = stands()
    Link.objects.all().delete()
    ring(*held)
    chain([held[0], held[4], held[5]])
    ring(*held)
    (new,) = stands()
    assert new != old
    assert ring_at(old).now_in == (new,)


@pytest.mark.django_db
def test_a_unit_is_told_once_of_a_ring_its_size_other_units_countries_and_a_case() -> None:
    """Of another unit's case it learns which unit, and not which case; nor which country only others' reports name."""
    held, theirs = reports(4), reports(1, "quetta")
    chain(held)
    ring(*held)
    assert told() == {("formed", "lahore", "")}
    for report, country in ((held[0], "PK"), (theirs[0], "AE")):
        version = Version.objects.get(report_id=report)
        Place.objects.create(version=version, role="reported", country=country, verified="not_said")
    link((held[3], theirs[0]))
    ring(held[3])
    both = {
        (kind, unit, detail)
        for unit in ("lahore", "quetta")
        for kind, detail in [
            ("units", ""),
            ("country", ""),
            ("grew", "5"),
            ("formed", ""),
        ]
    }
    assert told() == both
    record_outcome(
        ANALYST,
        reference=names(held)[held[0]],
        decision=Decision.CASE_OPENED,
        reason="x",
        case_reference="C-1111",
    )
    assert subscriptions()["report.decided"]["linking.alert"] == "amaan.linking.tasks.alert"
    alert([held[0]])
    assert told() == both | {("case", "lahore", "C-1111"), ("case", "quetta", "lahore")}
    Link.objects.filter(high_id=theirs[0]).delete()
    ring(held[3])
    link((held[3], theirs[0]))
    ring(held[3])
    assert Alert.objects.count() == len(both) + 2
    mine = list(Alert.objects.values_list("pk", flat=True))
    assert see_alerts(ELSEWHERE, alerts=mine) == 5
    assert see_alerts(ELSEWHERE, alerts=mine) == 0
    with pytest.raises(NotAllowed):
        see_alerts(Actor.platform(1, "lahore"), alerts=mine)


def test_sizes_that_are_worth_a_word() -> None:
    assert sizes_passed(4, 5) == [5]
    assert sizes_passed(5, 9) == []
    assert sizes_passed(9, 120) == [10, 20, 50, 100]
    assert sizes_passed(120, 90) == []


@pytest.mark.django_db
def test_an_export_names_reports_and_nothing_else_and_stands_in_the_ledger() -> None:
    held = reports(4)
    chain(held[:3])
    link((held[2], held[3]), weight=5.0)
    ring(*held)
    written = CliRunner().invoke(app, ["export", "--json"])
    assert written.exit_code == 0, written.output
    (line,) = map(json.loads, written.stdout.splitlines())
    rows = Report.objects.filter(pk__in=held).order_by("pk").values_list("reference", "number")
    assert line == {
        "ring": ring_of_report(held[0]),
        "strength": "strong",
        "reports": [
            {"reference": reference, "entity": "Example Platform", "number": number}
            for reference, number in rows
        ],
    }
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf_bytes", flat=True)]
    assert sum(b'"ring.exported"' in leaf for leaf in leaves) == 1
    listed = CliRunner().invoke(app, ["list"]).stdout.split()
    leaves = [bytes(leaf) for leaf in Entry.objects.values_list("leaf_bytes", flat=True)]
    assert sum(b'"ring.exported"' in leaf for leaf in leaves) == 2
    assert listed[:3] == [line["ring"], "4", "strong"]
    reject_link(ANALYST, low=held[0], high=held[1], reason="x")
    assert [len(one.reports) for one in rings_exported()] == [3]
