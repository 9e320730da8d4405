"""In doubt a report stands: what was settled or folded too early comes back, in every order in which it may happen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tests.rooms.bundles.laid import Story, lay, picture, tell
from tests.rooms.bundles.test_folding import (
    ANALYST,
    KNOWN_FACTS,
    a_copy,
    arrive,
    folded,
    new_in,
    tally_is_true,
)

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.bundles.models import Front, Member
from amaan.bundles.services import split_report
from amaan.bundles.tasks import bundle, follow, place_read
from amaan.keyring.services import prepare_keys
from amaan.ledger.models import Entry
from amaan.lexicon.models import TextReading
from amaan.outbox.models import Delivery
from amaan.outbox.services import MOST_ATTEMPTS, publish
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Outcome, Report, Version
from amaan.reports.selectors import decided_reports
from amaan.reports.services import close_out, record_outcome
from amaan.triage.models import Assessment, Claim
from amaan.triage.services import claim_report
from amaan.triage.tasks import band_reports, settle_reports

COLLEAGUE = Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.ANALYST, "lahore")}))
TOLD = {**KNOWN_FACTS, "text.length": 300, "text.present": True}
HOT = {"incident.type": "csam", "content.annotations": ["infant", "physical_harm"]}
"""Danger that sets no floor, and brings the band before the last."""
PLAIN = {"incident.type": "csam"}
database = pytest.mark.django_db


def read(report: Report, words: bytes | None, *indicators: str) -> None:
    """What the lexicon found in a report's newest telling; `words` is what its texts' digest would be."""
    version = Version.objects.filter(report=report).order_by("-number").first()
    assert version is not None
    TextReading.objects.create(
        report=report,
        version_id=version.pk,
        lexicon=f"{words!r}{indicators}"[:64],
        indicators=" ".join(indicators),
        hits="[]",
        words=words,
        at=timezone.now(),
    )


def arrive_read(story: Story, words: bytes) -> Report:
    report = lay(story)
    read(report, words)
    bundle([report.pk])
    band_reports([report.pk])
    return report


def decide(report: Report) -> None:
    """A person decides, and what follows is done."""
    close_out(ANALYST, reference=report.reference, decision=Decision.REFERRED, reason="x", version=1)
    settle_reports([report.pk])
    follow([report.pk])
    settle_reports(list(Member.objects.filter(behind=report.pk).values_list("pk", flat=True)))


def waits(*reports: Report) -> list[bool]:
    rows = dict(Assessment.objects.filter(current=True).values_list("report_id", "waiting"))
    return [rows[report.pk] for report in reports]


def told_of(event: str) -> set[int]:
    rows = Delivery.objects.filter(event=event).values_list("ids", flat=True)
    return {number for ids in rows for number in json.loads(ids)}


@database
def test_what_was_settled_before_its_words_were_known_waits_when_they_are() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    decide(first)
    assert waits(first, copy) == [False, False]
    entries = Entry.objects.count()
    read(copy, b"12345678", "child_with_suspect_now", "live_stream", "self_harm_risk")
    band_reports([copy.pk])
    assert waits(first, copy) == [False, True]
    assert decided_reports([copy.pk]) == {}
    outcomes = Outcome.objects.filter(report=copy).order_by("id").values_list("decision", flat=True)
    assert list(outcomes) == ["closed", "stands_again"], "nothing is taken away"
    assert Entry.objects.count() > entries
    settle_reports([copy.pk])
    assert (waits(copy), folded(copy)) == ([True], [False])
    assert tally_is_true()
    # Decided upon by a person, it stays decided whatever is found.
    close_out(ANALYST, reference=copy.reference, decision=Decision.REFERRED, reason="x", version=1)
    settle_reports([copy.pk])
    read(copy, b"12345678", "threat_to_share")
    band_reports([copy.pk])
    assert waits(copy) == [False]


@database
def test_what_says_no_more_than_its_front_stays_settled_when_it_is_banded_again() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    decide(first)
    Assessment.objects.filter(current=True).update(found=b"outdated")
    band_reports([first.pk, copy.pk])
    assert waits(first, copy) == [False, False]
    assert Outcome.objects.filter(decision="stands_again").count() == 0
    assert Member.objects.get(report=copy).behind == first.pk
    assert tally_is_true()


@database
def test_nothing_is_settled_while_matching_or_reading_has_still_to_look_at_it() -> None:
    first, copy, dead = arrive(a_copy(0), a_copy(1), a_copy(2))
    publish("report.received", [copy.pk])
    Delivery.objects.create(
        subscriber="matching.match",
        event="report.received",
        ids=json.dumps([dead.pk]),
        available_at=timezone.now(),
        attempts=MOST_ATTEMPTS,
    )
    decide(first)
    assert not Outcome.objects.filter(report__in=[copy, dead]).exists()
    later = Delivery.objects.get(event="bundle.decided", available_at__gt=timezone.now())
    assert json.loads(later.ids) == [first.pk]
    # What they gave up on is read by a person.
    band_reports([dead.pk])
    assert folded(copy, dead) == [True, False]
    Delivery.objects.all().delete()
    follow([first.pk])
    assert Outcome.objects.filter(report=copy).exists()


@database
def test_words_that_nothing_read_yet_wait_and_fold_when_the_very_same_were_read() -> None:
    first = arrive_read(a_copy(0, facts=TOLD), b"a" * 8)
    (copy,) = arrive(a_copy(1, facts=TOLD))
    assert (folded(first, copy), new_in(copy)) == ([False, False], {"unread"})
    Delivery.objects.all().delete()
    place_read([first.pk, copy.pk])
    assert told_of("report.bundled") == {copy.pk}
    read(copy, b"a" * 8)
    band_reports([copy.pk])
    assert folded(copy) == [True]
    assert tally_is_true()


@database
@pytest.mark.parametrize("story", [a_copy(1, facts=TOLD), Story([picture(2)], accounts=["+1"], facts=TOLD)])
def test_texts_of_one_length_are_not_one_text_even_of_what_goes_round(story: Story) -> None:
    one, same, other = (arrive_read(story, words) for words in (b"a" * 8, b"a" * 8, b"b" * 8))
    assert folded(one, same, other) == [False, True, False]
    assert new_in(other) == {"text"}


def _again(report: Report, facts: dict[str, Any]) -> None:
    tell(report, Story([picture(5)], accounts=["+1"], facts=facts))
    bundle([report.pk])
    band_reports([report.pk])


@database
def test_nothing_folds_behind_a_report_that_waits_longer_and_what_did_is_placed_again() -> None:
    hot = Story([picture(5)], accounts=["+1"], facts=HOT)
    first, copy = arrive(hot, hot)
    assert folded(first, copy) == [False, True]
    Delivery.objects.all().delete()
    _again(first, PLAIN)
    bands = dict(Assessment.objects.filter(current=True).values_list("report_id", "band"))
    assert bands[first.pk] > bands[copy.pk]
    assert copy.pk in told_of("report.bundled")
    (late,) = arrive(hot)
    assert folded(late) == [False]
    assert {"sooner", "threat"} <= new_in(late)
    assert Front.objects.get().report_id == late.pk
    band_reports([copy.pk])
    assert Member.objects.get(report=copy).behind == late.pk
    assert tally_is_true()


@database
def test_a_danger_that_only_another_report_tells_is_no_reason_to_fold() -> None:
    one = {**PLAIN, "content.annotations": ["infant"]}
    two = {**PLAIN, "victim.age_bands": ["0-5"]}
    first, other, again = (Story([picture(5)], accounts=["+1"], facts=facts) for facts in (one, two, one))
    reports = arrive(first, other, again, other, Story([picture(5)], accounts=["+1"], facts={**one, **two}))
    # The first is canonical: of its danger it says enough, of the other one it says nothing.
    assert folded(*reports) == [False, False, True, False, False]
    assert Front.objects.get().report_id == reports[4].pk
    assert all(folded(*arrive(first, other))), "the canonical report tells of both now"


@database
def test_a_split_brings_back_what_was_settled() -> None:
    first, copy, behind = arrive(a_copy(0), a_copy(1), a_copy(2))
    decide(first)
    split_report(ANALYST, reference=copy.reference, reason="another child")
    band_reports([copy.pk])
    settle_reports([copy.pk])
    assert waits(first, copy, behind) == [False, True, False]
    # The canonical report is another thing than those that were settled with it.
    split_report(ANALYST, reference=first.reference, reason="another file")
    settle_reports([first.pk, behind.pk])
    assert waits(first, behind) == [False, True]
    assert tally_is_true()


@database
def test_a_decision_that_is_undone_brings_back_what_was_settled_with_it() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    for decision in (Decision.CASE_JOINED, Decision.CASE_LEFT):
        record_outcome(
            ANALYST, reference=first.reference, decision=decision, reason="x", case_reference="C-1"
        )
        settle_reports([first.pk])
        follow([first.pk])
        settle_reports([copy.pk])
        assert waits(first, copy) == [decision == Decision.CASE_LEFT] * 2
    band_reports([copy.pk])
    assert folded(first, copy) == [False, True], "it waits behind it again"
    assert tally_is_true()


@database
def test_a_folded_report_that_somebody_works_on_stands_and_is_not_closed_under_their_hands() -> None:
    first, copy = arrive(a_copy(0), a_copy(1))
    claim_report(COLLEAGUE, copy.reference)
    assert folded(copy) == [False]
    assert new_in(copy) == {"held"}
    decide(first)
    assert not Outcome.objects.filter(report=copy).exists()
    assert Claim.objects.get(report=copy).released_at is None
    assert tally_is_true()


@pytest.mark.django_db(transaction=True)
def test_what_is_folded_while_its_front_is_decided_is_settled_all_the_same() -> None:
    prepare_keys()
    (first,) = arrive(a_copy(0))
    copy = lay(a_copy(1))
    bundle([copy.pk])
    placed, followed = Event(), Event()

    def place() -> None:
        try:
            with transaction.atomic():
                band_reports([copy.pk])
                placed.set()
                followed.wait(timeout=0.5)  # who looks without taking their turn is through by then
        finally:
            placed.set()
            connection.close()

    def settle() -> None:
        try:
            assert placed.wait(timeout=30)
            close_out(ANALYST, reference=first.reference, decision=Decision.REFERRED, reason="x", version=1)
            follow([first.pk])
        finally:
            followed.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(place), pool.submit(settle)]:
            done.result()
    assert Outcome.objects.filter(report=copy, stage="told_already").count() == 1


@database
def test_what_is_told_after_a_decision_stands_unless_its_band_is_the_last() -> None:
    hot = Story([picture(5)], accounts=["+1"], facts=HOT)
    (first,) = arrive(hot)
    decide(first)
    (late,) = arrive(hot)
    assert (folded(late), new_in(late)) == ([False], {"after"})


@database
def test_files_without_a_hash_are_never_known_even_of_a_batch() -> None:
    batched = {**PLAIN, "incident.batched": True, "incident.days_before_receipt": 1}
    first, more = arrive(
        Story([{}], accounts=["+1"], facts=batched), Story([{}, {}], accounts=["+1"], facts=batched)
    )
    assert (folded(first, more), new_in(more)) == ([False, False], {"file"})
