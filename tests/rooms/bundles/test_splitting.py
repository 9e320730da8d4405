"""A person takes a report out of its bundle, and undoes it; what the page says of a bundle."""

from __future__ import annotations

import pytest
from tests.rooms.bundles.laid import (
    WORKER,
    Story,
    bundle_numbers,
    bundled,
    lay,
    picture,
    stand_together,
    tell,
)
from tests.rooms.bundles.test_folding import a_copy, arrive, folded, tally_is_true

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.bundles.domain.references import bundle_number, bundle_reference
from amaan.bundles.models import Front, Member, Pile, Split
from amaan.bundles.panels import bundle_panel
from amaan.bundles.services import (
    NotSplit,
    ReasonMissing,
    StandsAlone,
    bundle_reports,
    split_report,
    undo_split,
)
from amaan.ledger.models import Entry
from amaan.reports.domain.references import NotAReference
from amaan.reports.models import Report
from amaan.reports.selectors import ReportNotFound
from amaan.triage.tasks import band_reports

ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
ELSEWHERE = Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.ANALYST, "quetta")}))


@pytest.mark.django_db
def test_who_is_taken_out_stays_out_by_the_same_evidence_and_comes_back_when_undone() -> None:
    one, two, three = bundled(*(Story([picture(1)], accounts=[f"+{n}"]) for n in range(3)))
    split_report(ANALYST, reference=two.reference, reason="another file")
    assert stand_together(one, three)
    assert not stand_together(one, two)
    assert sorted(Pile.objects.filter(size__gt=0).values_list("size", flat=True)) == [1, 2]
    # Told again, with the same evidence and other words: it stays out. Others do not bring the two together either.
    tell(two, Story([picture(1)], accounts=["+1"], facts={"text.length": 5}))
    bundle_reports(WORKER, report_ids=[two.pk])
    (between,) = bundled(Story([picture(1)], accounts=["+1"]))
    assert not stand_together(one, two)
    assert stand_together(between, one) or stand_together(between, two)
    # New evidence brings it back only by way of the undoing.
    undo_split(ANALYST, reference=two.reference, reason="it was the same after all")
    assert stand_together(one, two, three, between)
    assert sum(Pile.objects.values_list("size", flat=True)) == 4
    acts = [bytes(row.leaf_bytes) for row in Entry.objects.order_by("id")]
    assert [sum(act in leaf for leaf in acts) for act in (b'"bundle.split"', b'"bundle.split_undone"')] == [
        1,
        1,
    ]
    assert b"another file" not in Split.objects.get().reason


@pytest.mark.django_db
def test_only_who_decides_it_takes_a_report_out_and_says_why() -> None:
    one, alone = bundled(Story([picture(1)]), Story([picture(2)]))
    bundled(Story([picture(1)]))
    for actor, reference, reason, refused in (
        (ELSEWHERE, one.reference, "x", ReportNotFound),
        (ANALYST, one.reference, "  ", ReasonMissing),
        (ANALYST, alone.reference, "x", StandsAlone),
    ):
        with pytest.raises(refused):
            split_report(actor, reference=reference, reason=reason)
    with pytest.raises(NotSplit):
        undo_split(ANALYST, reference=one.reference, reason="x")
    assert not Split.objects.exists()


@pytest.mark.django_db
def test_what_waited_behind_a_report_that_is_taken_out_finds_another_front() -> None:
    first, second, third = arrive(a_copy(0), a_copy(1), a_copy(2))
    split_report(ANALYST, reference=first.reference, reason="another file")
    band_reports([first.pk, second.pk, third.pk])
    assert folded(first, second, third) == [False, False, True]
    assert Member.objects.get(pk=third.pk).behind == second.pk
    assert tally_is_true()


@pytest.mark.django_db
def test_a_folded_report_that_is_taken_out_stands() -> None:
    first, second = arrive(a_copy(0), a_copy(1))
    assert folded(first, second) == [False, True]
    split_report(ANALYST, reference=second.reference, reason="another file")
    band_reports([second.pk])
    assert folded(first, second) == [False, False]
    assert tally_is_true()


@pytest.mark.django_db
def test_the_panel_tells_how_many_from_whom_and_what_is_new() -> None:
    first, copy, popped, elsewhere, related = arrive(
        a_copy(0),
        a_copy(1, entity="Chat Place", day=9),
        a_copy(2, victims=["+92333"]),
        a_copy(3, unit="quetta"),
        Story([picture(8)], accounts=["+923000"]),
    )
    panel = bundle_panel(ANALYST, Report.objects.select_related("unit").get(pk=copy.pk))
    assert panel is not None
    assert (panel.same, panel.others, panel.platforms, panel.sources) == (4, 1, 2, 2)
    assert (panel.first, panel.last) == (first.received_at, copy.received_at)
    assert (panel.folded, panel.behind) == (True, first.reference)
    assert panel.canonical == popped.reference or panel.canonical == first.reference
    assert [line.reference for line in panel.lines] == [first.reference, popped.reference, related.reference]
    assert "somebody harmed" in panel.lines[1].new
    assert panel.lines[2].why == ("the same account of a reported person",)
    assert panel.unseen == 1
    assert bundle_panel(ANALYST, related) is not None
    assert bundle_panel(ANALYST, lay(Story([picture(99)]))) is None
    assert Front.objects.count() == 2
    del elsewhere


def test_a_bundles_reference_is_read_back_and_a_slip_is_noticed() -> None:
    for number in (1, 2, 77, 10**9):
        written = bundle_reference(number)
        assert bundle_number(written.lower().replace("-", "")) == number
        wrong = written[:3] + ("7" if written[3] != "7" else "8") + written[4:]
        with pytest.raises(NotAReference):
            bundle_number(wrong)


@pytest.mark.django_db
def test_a_bundle_that_joined_another_still_answers_to_its_number() -> None:
    reports = bundled(Story([picture(1)]), Story([picture(1)]), Story([picture(2)]), Story([picture(2)]))
    old = bundle_numbers(reports)[2]
    bundled(Story([picture(1), picture(2)]))
    assert Pile.objects.get(pk=old).bundle == bundle_numbers(reports)[0]
