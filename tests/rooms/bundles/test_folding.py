"""What waits behind another report, what pops out and why, and what is settled without a person."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.bundles.laid import WORKER, Story, lay, picture, tell
from typer.testing import CliRunner

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.bundles.domain.folding import Judged, New, Standing, Tells, what_is_new
from amaan.bundles.models import Front, Member
from amaan.bundles.services import follow_left
from amaan.bundles.tasks import bundle, follow
from amaan.outbox.models import Delivery
from amaan.reports.domain.outcomes import Decision, PublicStatus
from amaan.reports.models import Outcome, Report
from amaan.reports.services import close_out
from amaan.triage.commands import app
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, QueueTally
from amaan.triage.services import claim_report
from amaan.triage.tasks import band_reports, settle_reports

ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
VIRAL = {**picture(1, "md5", "sha1"), "annotations": "viral"}
KNOWN_FACTS = {
    "incident.type": "csam",
    "content.annotations": ["viral"],
    "content.count": 1,
    "content.hashed": 1,
}


def a_copy(n: int, **changes: Any) -> Story:
    return replace(Story([VIRAL], accounts=[f"+92300{n}"], facts=KNOWN_FACTS), **changes)


def arrive(*stories: Story) -> list[Report]:
    """Reports that come one after another, each bundled and banded as the worker does it."""
    reports = []
    for story in stories:
        report = lay(story)
        bundle([report.pk])
        band_reports([report.pk])
        reports.append(report)
    assert tally_is_true()
    return reports


def folded(*reports: Report) -> list[bool]:
    rows = dict(Assessment.objects.filter(current=True).values_list("report_id", "folded"))
    return [rows[report.pk] for report in reports]


def new_in(report: Report) -> set[str]:
    return set(Member.objects.get(report=report).new.split())


def tally_is_true() -> bool:
    rows = Assessment.objects.filter(waiting=True, folded=False)
    counted = Counter(rows.values_list("unit_id", "band"))
    return dict(counted) == {(t.unit_id, t.band): t.count for t in QueueTally.objects.all() if t.count}


@pytest.mark.django_db
def test_copies_of_what_goes_round_cost_nobody_any_time() -> None:
    first, *copies = arrive(*(a_copy(n, entity=f"Platform {n % 3}", day=n) for n in range(6)))
    assert folded(first, *copies) == [False, *[True] * 5]
    assert set(Member.objects.filter(folded=True).values_list("behind", flat=True)) == {first.pk}
    assert [row.report_id for row in Front.objects.all()] == [first.pk]


@pytest.mark.django_db
def test_what_tells_something_new_pops_out_with_what_is_new() -> None:
    here = {"reported.contact_verified": True, "reported.in_country": "yes"}
    stories = {
        New.VICTIM: a_copy(1, victims=["+92333"]),
        New.PLACE: a_copy(2, facts={**KNOWN_FACTS, "reported.districts": ["PK603"]}),
        New.CONTACT: a_copy(3, facts={**KNOWN_FACTS, **here}),
        New.FILE: a_copy(4, files=[VIRAL, {}]),
        New.THREAT: a_copy(5, facts={**KNOWN_FACTS, "incident.annotations": ["sextortion"]}),
        New.FIRST_HAND: a_copy(6, door="portal"),
    }
    first, *others, last = arrive(a_copy(0), *stories.values(), a_copy(7))
    assert folded(first, *others, last) == [*[False] * 7, True]
    for word, report in zip(stories, others, strict=True):
        assert word in new_in(report)
    # A floor is told by name, and the most urgent one is canonical from then on.
    assert {New.FLOOR, New.SOONER} <= new_in(others[4])
    assert Front.objects.get(pile=Member.objects.get(report=first).pile).report_id == others[4].pk
    # Who tells again what stands already folds: a district is new once.
    (again,) = arrive(a_copy(8, facts={**KNOWN_FACTS, "reported.districts": ["PK603"]}))
    assert folded(again) == [True]


@pytest.mark.django_db
def test_of_what_does_not_go_round_a_further_account_is_a_further_person() -> None:
    plain = {"incident.type": "csam"}
    first, other, same = arrive(
        Story([picture(2)], accounts=["+1"], facts=plain),
        Story([picture(2)], accounts=["+2"], facts=plain, entity="Chat Place"),
        Story([picture(2)], accounts=["+1"], facts=plain, entity="Chat Place"),
    )
    assert folded(first, other, same) == [False, False, True]
    assert new_in(other) == {New.IDENTIFIER}


@pytest.mark.django_db
def test_nothing_folds_behind_a_report_of_another_unit() -> None:
    first, elsewhere, elsewhere_too = arrive(a_copy(0), a_copy(1, unit="quetta"), a_copy(2, unit="quetta"))
    assert folded(first, elsewhere, elsewhere_too) == [False, False, True]


@pytest.mark.django_db
def test_bundled_after_it_was_banded_it_folds_all_the_same_and_what_is_held_does_not() -> None:
    (first,) = arrive(a_copy(0))
    late, held = lay(a_copy(1)), lay(a_copy(2))
    band_reports([late.pk, held.pk])
    claim_report(ANALYST, held.reference)
    bundle([late.pk, held.pk])
    band_reports([late.pk, held.pk])
    assert folded(first, late, held) == [False, True, False]
    assert new_in(held) == {New.HELD}
    assert tally_is_true()


@pytest.mark.django_db
def test_a_folded_report_that_is_told_again_with_more_stands() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    assert folded(copy) == [True]
    tell(copy, a_copy(1, victims=["+92333"]))
    bundle([copy.pk])
    band_reports([copy.pk])
    assert folded(first, copy) == [False, False]
    assert tally_is_true()


@pytest.mark.django_db
def test_what_folds_is_settled_with_its_canonical_report() -> None:
    first, copy, popped = arrive(a_copy(0), a_copy(1), a_copy(2, victims=["+92333"]))
    close_out(ANALYST, reference=first.reference, decision=Decision.REFERRED, reason="x", version=1)
    for task in (settle_reports, follow):
        task([first.pk])
    settle_reports([copy.pk])
    outcome = Outcome.objects.get(report=copy)
    assert (outcome.decision, outcome.stage, outcome.by) == ("closed", "told_already", "system:bundles")
    assert Report.objects.get(pk=copy.pk).public_status == PublicStatus.PASSED_ON
    waiting = Assessment.objects.filter(waiting=True).values_list("report_id", flat=True)
    assert set(waiting) == {popped.pk}
    assert tally_is_true()
    # A later copy is settled with the decided report at once; one with news waits, and is canonical from then on.
    late, news, after = arrive(
        a_copy(4), a_copy(5, facts={**KNOWN_FACTS, "reported.districts": ["PK603"]}), a_copy(6)
    )
    assert Delivery.objects.filter(subscriber="bundles.follow", event="bundle.decided").count() == 1
    follow([first.pk])
    settle_reports([late.pk])
    assert Outcome.objects.filter(report__in=[late]).count() == 1
    assert folded(news, after) == [False, True]
    assert Member.objects.get(report=after).behind == news.pk
    waiting = Assessment.objects.filter(waiting=True).values_list("report_id", flat=True)
    assert set(waiting) == {popped.pk, news.pk, after.pk}
    assert tally_is_true()


@pytest.mark.django_db
def test_what_an_event_lost_is_found_and_settled() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    another = [{**VIRAL, **picture(77, "md5", "sha1")}]
    other, waiting = arrive(a_copy(2, files=another), a_copy(3, files=another))
    assert folded(copy, waiting) == [True, True]
    close_out(ANALYST, reference=first.reference, decision=Decision.REFERRED, reason="x", version=1)
    Delivery.objects.all().delete()
    assert follow_left(WORKER) == 1
    assert [json.loads(row.ids) for row in Delivery.objects.filter(event="bundle.decided")] == [[first.pk]]
    follow([first.pk])
    assert follow_left(WORKER) == 0
    assert set(Member.objects.filter(folded=True).values_list("report_id", flat=True)) == {waiting.pk}
    assert not Outcome.objects.filter(report__in=[other, waiting]).exists()


@pytest.mark.django_db
def test_an_undecided_front_settles_nobody() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    follow([first.pk])
    assert not Outcome.objects.exists()
    assert folded(copy) == [True]


@pytest.mark.django_db
def test_copies_change_no_band() -> None:
    """Size never changes severity: a report's band is the same alone and with a hundred copies from many sources."""
    stories = [a_copy(0), a_copy(1, facts={**KNOWN_FACTS, "incident.annotations": ["sextortion"]})]
    alone = arrive(*stories)
    bands = dict(Assessment.objects.filter(current=True).values_list("report_id", "band"))
    copies = [lay(a_copy(10 + n, entity=f"Platform {n}", day=n)) for n in range(30)]
    bundle([report.pk for report in copies])
    band_reports([report.pk for report in [*copies, *alone]])
    now = dict(Assessment.objects.filter(current=True).values_list("report_id", "band"))
    assert {report: now[report] for report in bands} == bands
    assert {now[report.pk] for report in copies} == {Band.THIRTY_DAYS}
    assert all(folded(*copies))


# ---------------------------------------------------------------- pure

_IDS = st.frozensets(st.integers(0, 4), max_size=3)
_TELLS = st.builds(
    Tells,
    report=st.just(1),
    files=st.lists(_IDS.filter(bool), max_size=3).map(tuple),
    unhashed=st.integers(0, 1),
    accounts=_IDS,
    victims=_IDS,
    victim_told=st.booleans(),
    districts=st.frozensets(st.sampled_from(["a", "b"])),
    contact_here=st.booleans(),
    text=st.integers(0, 2),
    first_hand=st.booleans(),
    wide=st.booleans(),
)
_JUDGED = st.builds(
    Judged,
    report=st.just(1),
    band=st.integers(1, 4),
    last=st.booleans(),
    floor=st.booleans(),
    dangers=st.frozensets(st.sampled_from(["x", "y"])),
    free=st.booleans(),
)


@given(st.lists(st.tuples(_TELLS, _JUDGED), min_size=1, max_size=4), _TELLS, _JUDGED, st.booleans())
def test_a_floor_a_sooner_band_or_a_new_danger_never_folds(
    stands: list[tuple[Tells, Judged]], told: Tells, judged: Judged, wide: bool
) -> None:
    standing = Standing()
    for one, how in stands:
        standing.take(one, how)
    new = what_is_new(standing, told, judged, wide=wide)
    most_urgent = min(how.band for _, how in stands)
    dangers = frozenset().union(*(how.dangers for _, how in stands))
    if judged.floor or judged.band < most_urgent or judged.dangers - dangers or told.first_hand:
        assert new
    if told.victim_told and not told.victims & standing.victims:
        assert New.VICTIM in new
    if told.districts - standing.districts:
        assert New.PLACE in new


@given(_TELLS, _JUDGED, st.integers(1, 5))
def test_further_copies_never_make_a_report_fold_that_told_something_new(
    told: Tells, judged: Judged, copies: int
) -> None:
    """Taking the same telling in again and again adds nothing, so how many there were never shows."""
    once, often = Standing(), Standing()
    once.take(told, judged)
    for _ in range(copies):
        often.take(told, judged)
    assert once == often


@pytest.mark.django_db
def test_the_order_names_every_waiting_report_with_its_band_and_bundle() -> None:
    first, copy, urgent, alone = arrive(
        a_copy(0),
        a_copy(1),
        a_copy(2, facts={**KNOWN_FACTS, "incident.annotations": ["sextortion"]}),
        Story([picture(5)], unit="quetta", entity="Chat Place"),
    )
    printed = CliRunner().invoke(app, ["order", "--json"])
    lines = [json.loads(line) for line in printed.stdout.splitlines()]
    assert [line["reference"] for line in lines] == [one.reference for one in (urgent, first, alone, copy)]
    assert [line["folded"] for line in lines] == [False, False, False, True]
    assert lines[0] == {
        "reference": urgent.reference,
        "reporting_entity": "Example Platform",
        "report_number": urgent.number,
        "band": "one_day",
        "bundle": lines[1]["bundle"],
        "folded": False,
    }
    assert lines[0]["bundle"].startswith("B-")
    assert [line["bundle"] for line in lines[2:]] == [None, lines[0]["bundle"]]
    of_unit = CliRunner().invoke(app, ["order", "--unit", "quetta"]).stdout
    assert alone.reference in of_unit
    assert urgent.reference not in of_unit
