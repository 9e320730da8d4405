"""Texts are read in memory: what is kept are rules and places, and triage learns the words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.lexicon.domain.shipped import shipped
from amaan.lexicon.models import Round, TextReading
from amaan.lexicon.panels import words_panel
from amaan.lexicon.permissions import OnlyTheSystemReads
from amaan.lexicon.selectors import facts_of_words, reading_of
from amaan.lexicon.services import read_ahead, read_reports, reading, reread_some, rereading
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


def test_another_lexicon_reads_past_reports_again(monkeypatch: pytest.MonkeyPatch) -> None:
    held = _told()
    read_reports(WORKER, report_ids=[held.pk])
    other = replace(shipped(), digest="f" * 64, version="other")
    for module in (reading, rereading):
        monkeypatch.setattr(module, "shipped", lambda: other)
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
