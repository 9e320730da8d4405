"""Texts are read in memory: what is kept are rules and places, and triage learns the words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.ledger.models import Entry
from amaan.lexicon.domain.lexicon import Lexicon
from amaan.lexicon.domain.patterns import Index
from amaan.lexicon.domain.shipped import named, shipped
from amaan.lexicon.models import Round, TextReading
from amaan.lexicon.panels import words_panel
from amaan.lexicon.permissions import OnlyTheSystemReads
from amaan.lexicon.selectors import facts_of_words, reading_of, words_of
from amaan.lexicon.services import (
    compare_ahead,
    compare_reports,
    comparing,
    read_ahead,
    read_reports,
    reading,
    reread_some,
    rereading,
)
from amaan.outbox.models import Delivery
from amaan.reports.models import Report
from amaan.reports.panels import OnlyTheSystemReadsTexts, texts_for_reading

pytestmark = pytest.mark.django_db
WORKER = Actor.system("lexicon")
ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "north")}))
STORY = "He says he will leak Quillwen's photos unless she pays 7000 by tonight."
TOLD = report(f"<additionalInfo>{STORY}</additionalInfo>")


def _told(text: bytes = TOLD, number: str = "70001") -> Report:
    return Report.objects.get(reference=arrived(text, number=number))


def _worded() -> list[int]:
    rows = Delivery.objects.filter(event="report.worded").values_list("ids", flat=True)
    return [one for ids in rows for one in json.loads(ids)]


def test_a_report_is_read_once_and_no_text_is_kept() -> None:
    held = _told()
    Delivery.objects.all().delete()
    read_ahead(report_ids=[held.pk])
    assert not TextReading.objects.exists()
    assert read_reports(WORKER, report_ids=[held.pk]).read == 1
    (row,) = TextReading.objects.all()
    assert set(row.indicators.split()) >= {"threat_to_share", "money_demand"}
    assert {part for _, part, _, _ in json.loads(row.hits)} == {"report.additionalInfo"}
    assert "Quillwen" not in row.hits
    assert "leak" not in row.hits
    assert _worded() == [held.pk]
    assert read_reports(WORKER, report_ids=[held.pk]).read == 0
    assert facts_of_words([held.pk])[held.pk] == {"text.indicators": row.indicators.split()}
    told = reading_of(held)
    assert told is not None
    assert not told.outdated


@pytest.mark.parametrize(("language", "words"), [("en", "a threat to share pictures"), ("ur", "دھمکی")])
def test_the_page_tells_rules_and_places_and_no_text(language: str, words: str) -> None:
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    with translation.override(language):
        page = render_to_string("lexicon/parts/words.html", {"worded": words_panel(held)})
    assert words in page
    assert "threat.en." in page
    assert "Quillwen" not in page
    assert render_to_string("lexicon/parts/words.html", {"worded": None}).strip() == ""


def test_a_report_without_texts_is_not_opened() -> None:
    held = _told(report())
    assert read_reports(WORKER, report_ids=[held.pk]).read == 0
    assert facts_of_words([held.pk]) == {}
    assert reading_of(held) is None


def test_many_reports_cost_as_many_queries_as_one() -> None:
    one = _told()
    two = _told(number="70002")
    few = [version.pk for version in one.versions.all()]
    many = [*few, *(version.pk for version in two.versions.all())]
    with CaptureQueriesContext(connection) as first:
        list(texts_for_reading(WORKER, version_ids=few))
    with CaptureQueriesContext(connection) as second:
        told = list(texts_for_reading(WORKER, version_ids=many))
    assert len(told) == len(set(many))
    assert len(second) == len(first)


def test_people_read_no_texts_of_many_reports() -> None:
    with pytest.raises(OnlyTheSystemReadsTexts):
        list(texts_for_reading(ANALYST, version_ids=[1]))
    with pytest.raises(OnlyTheSystemReads):
        read_reports(ANALYST, report_ids=[1])
    with pytest.raises(OnlyTheSystemReads):
        compare_reports(ANALYST, report_ids=[1])


def _ship(lexicon: Lexicon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "shipped", lambda: lexicon)
    monkeypatch.setattr(rereading, "named", lambda: (lexicon.digest, lexicon.version))


def test_what_is_asked_while_nothing_is_read_is_the_lexicons_name() -> None:
    assert named() == (shipped().digest, shipped().version)


def test_another_lexicon_reads_past_reports_again(monkeypatch: pytest.MonkeyPatch) -> None:
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    other = replace(shipped(), digest="f" * 64, version="other")
    _ship(other, monkeypatch)
    Delivery.objects.all().delete()
    while reread_some(WORKER):
        pass
    round_ = Round.objects.get(lexicon="f" * 64)
    assert (round_.read, round_.worded, round_.ended_at is None) == (1, 0, False)
    assert _worded() == [], "it says what it said"
    assert set(TextReading.objects.values_list("lexicon", flat=True)) == {shipped().digest, "f" * 64}
    told = reading_of(held)
    assert told is not None
    assert told.outdated, "this process still knows the other one"


def test_a_poorer_lexicon_takes_nothing_from_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    known = facts_of_words([held.pk])
    poorer = replace(
        shipped(), digest="e" * 64, version="poorer", found=Index([], shipped().wording), weights=None
    )
    _ship(poorer, monkeypatch)
    while reread_some(WORKER):
        pass
    assert TextReading.objects.get(lexicon="e" * 64).indicators == ""
    assert facts_of_words([held.pk]) == known
    told = reading_of(held)
    assert told is not None
    assert list(told.indicators) == known[held.pk]["text.indicators"]


def test_what_comes_during_a_round_is_left_to_its_own_delivery(monkeypatch: pytest.MonkeyPatch) -> None:
    past = _told()
    Round.objects.all().delete()
    monkeypatch.setattr(rereading, "_ended", set())
    Round.objects.create(lexicon=shipped().digest, version="now", began_at=timezone.now())
    fresh = _told(number="70002")
    TextReading.objects.all().delete()
    while reread_some(WORKER):
        pass
    assert set(TextReading.objects.values_list("report_id", flat=True)) == {past.pk}
    assert fresh.pk != past.pk


def test_words_of_a_telling_that_was_banded_before_it_was_read_are_kept_and_announced() -> None:
    """Two workers, or a reading that was postponed: the telling is banded first and read then."""
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    said = facts_of_words([held.pk])
    arrived(report(f"<additionalInfo>{STORY}</additionalInfo>", at="2026-02-19T10:00:00Z"), number="70001")
    held.refresh_from_db()
    assert held.version == 2
    assert facts_of_words([held.pk]) == said, "unread words lower nothing"
    assert words_of([held.pk]) == {}
    Delivery.objects.all().delete()
    read_reports(WORKER, report_ids=[held.pk])
    assert _worded() == [held.pk]
    # A telling without any text takes the words back, and one whose text says nothing any more does so when it is read.
    arrived(report("<additionalInfo>A call.</additionalInfo>", at="2026-02-20T10:00:00Z"), number="70001")
    assert facts_of_words([held.pk]) == said
    Delivery.objects.all().delete()
    read_reports(WORKER, report_ids=[held.pk])
    assert (facts_of_words([held.pk]), _worded()) == ({}, [held.pk])
    arrived(TOLD.replace(STORY.encode(), b"A call again."), number="70001")
    arrived(report(at="2026-02-21T10:00:00Z"), number="70001")
    assert facts_of_words([held.pk]) == {}


def test_equal_texts_are_known_by_a_number_that_says_nothing() -> None:
    one, same, other = (
        _told(report(f"<additionalInfo>{text}</additionalInfo>"), number)
        for text, number in ((STORY, "1"), (STORY.upper(), "2"), (STORY.replace("7000", "8000"), "3"))
    )
    ids = [one.pk, same.pk, other.pk]
    read_reports(WORKER, report_ids=ids)
    assert words_of(ids) == {}, "bands don't wait for it"
    assert compare_reports(WORKER, report_ids=ids).compared == 3
    assert compare_reports(WORKER, report_ids=ids).compared == 0
    numbers = words_of(ids)
    assert numbers[one.pk] == numbers[same.pk] != numbers[other.pk]
    TextReading.objects.filter(report=same).update(words=None)
    assert same.pk not in words_of([same.pk]), "what was read before has none"


def _compared() -> list[int]:
    rows = Delivery.objects.filter(event="report.compared").values_list("ids", flat=True)
    return [one for ids in rows for one in json.loads(ids)]


def test_what_is_compared_is_reckoned_ahead_and_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    held = _told()
    assert compare_reports(WORKER, report_ids=[held.pk]).compared == 0, "it is not read yet"
    read_reports(WORKER, report_ids=[held.pk])
    compare_ahead(report_ids=[held.pk])
    assert words_of([held.pk]) == {}
    monkeypatch.setattr(comparing, "texts_for_reading", lambda _actor, *, version_ids: iter(version_ids))
    assert compare_reports(WORKER, report_ids=[held.pk]).compared == 1
    assert set(_compared()) == {held.pk}
    acts = [json.loads(bytes(entry.leaf_bytes))["act"] for entry in Entry.objects.order_by("id")]
    assert acts.count("lexicon.compared") == 1


def test_another_lexicon_keeps_by_what_a_telling_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    compare_reports(WORKER, report_ids=[held.pk])
    before = words_of([held.pk])
    _ship(replace(shipped(), digest="f" * 64, version="other"), monkeypatch)
    read_reports(WORKER, report_ids=[held.pk])
    first, second = TextReading.objects.order_by("pk")
    assert (bytes(first.words or b""), first.wording) == (bytes(second.words or b""), second.wording)
    assert words_of([held.pk]) == before
    assert compare_reports(WORKER, report_ids=[held.pk]).compared == 0
