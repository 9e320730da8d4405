"""What triage may know of matches: facts without members or names; a survivor's hash in none but its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value
from tests.rooms.matching.reported import a_report, near, tell

from amaan.authority.actors import Actor
from amaan.formats.hash_lists import ListEntry
from amaan.matching.domain.fact_words import MATCH_FACT_WORDS
from amaan.matching.domain.facts import Standing, match_facts
from amaan.matching.domain.lists import Category, ListKind, SignalType
from amaan.matching.models import SignalList
from amaan.matching.selectors import facts_of_matches, facts_of_matches_at
from amaan.matching.services import (
    add_survivor_hash,
    approve_list,
    grow_list,
    withdraw_list,
    withdraw_members,
)
from amaan.matching.services.matching import match_reports
from amaan.triage.models import Assessment
from amaan.triage.services import assess_ahead, triage_reports

WORKER = Actor.system("matching")
MD5 = b"m" * 16


def standing(number: int = 0, **fields: object) -> Standing:
    known = Standing(number, SignalType.SHA1, 1, ListKind.IMPORTED, Category.CSAM, frozenset())
    return known._replace(**fields)  # type: ignore[arg-type]


any_standing = st.builds(
    Standing,
    st.integers(0, 4),
    st.sampled_from(SignalType),
    st.integers(1, 3),
    st.sampled_from(ListKind),
    st.sampled_from(Category),
    st.sets(st.sampled_from(["viral", "sextortion", "meme"])).map(frozenset),
)


@pytest.mark.pure
@given(st.lists(any_standing, min_size=1, max_size=8))
def test_survivors_add_their_own_fact_and_no_other(found: list[Standing]) -> None:
    others = [
        one for one in found if one.kind is not ListKind.SURVIVOR and one.category is not Category.SURVIVOR
    ]
    facts = match_facts(found, range(5))
    assert facts.pop("match.survivor") == (len(others) < len(found))
    expected = match_facts(others, range(5))
    expected.pop("match.survivor", None)
    assert facts == expected


@pytest.mark.pure
@given(st.lists(any_standing, min_size=1, max_size=8))
def test_every_fact_is_described_and_reads_a_word_of_its_own(found: list[Standing]) -> None:
    facts = match_facts(found, range(5))
    assert set(facts) <= set(MATCH_FACT_WORDS)
    assert json.loads(json.dumps(facts)) == facts
    assert "survivor" not in [*facts.get("match.exact", []), *facts.get("match.near", [])]  # type: ignore[misc]


@pytest.mark.pure
def test_what_counts_as_what() -> None:
    found = [
        standing(0),
        standing(0, type=SignalType.PDQ, category=Category.GENERATED),
        standing(1, type=SignalType.PDQ, category=Category.SELF_GENERATED, list=2, kind=ListKind.OWN),
        standing(2, tags=frozenset({"viral"}), category=Category.EXPLOITATIVE, list=3),
    ]
    assert match_facts(found, range(4)) == {
        "match.survivor": False,
        "match.exact": ["csam"],
        "match.near": ["self_generated"],
        "match.known": 2,
        "match.alike": 1,
        "match.unknown": 1,
        "match.viral": True,
        "match.lists": 3,
        "match.own": True,
    }
    assert match_facts([], [1, 2]) == {}


@pytest.fixture
def _ledger(db: None) -> Iterator[None]:
    yield from fresh_ledger()


def _grown(*entries: ListEntry) -> None:
    a_list()
    grow_list(OPERATOR, slug="partner", entries=entries, origin="a file")


@pytest.mark.usefixtures("_ledger")
def test_facts_come_of_the_newest_telling_and_of_what_still_counts() -> None:
    _grown(entry(1), ListEntry(2, "two", {"md5": MD5}))
    report, other = (
        a_report({"md5": MD5}, {"pdq": near(1, 2)}, {"md5": b"?" * 16}),
        a_report({"md5": b"?" * 16}),
    )
    match_reports(WORKER, report_ids=[report.pk, other.pk])
    (found,) = facts_of_matches([report.pk, other.pk]).values()
    assert (found["match.exact"], found["match.near"], found["match.unknown"]) == (["csam"], ["csam"], 1)
    now = timezone.now()
    assert facts_of_matches_at({report.pk: now, other.pk: now}) == facts_of_matches([report.pk, other.pk])
    assert facts_of_matches_at({report.pk: now - timedelta(days=1)}) == {}, "nobody knew it then"
    SignalList.objects.update(kind=ListKind.OWN)
    assert facts_of_matches_at({report.pk: now}) == {}, "what we decide fills our own"
    SignalList.objects.update(kind=ListKind.IMPORTED)
    withdraw_members(OPERATOR, slug="partner", names=["two"], reason="It was a mistake.")
    assert facts_of_matches([report.pk])[report.pk]["match.exact"] == []
    tell(report, [{"md5": MD5}])
    assert facts_of_matches([report.pk]) == {}


@pytest.mark.usefixtures("_ledger")
def test_a_report_is_banded_again_when_its_matches_change_and_not_otherwise() -> None:
    _grown(ListEntry(2, "two", {"md5": MD5}))
    report = a_report({"md5": MD5}, facts={"incident.type": "csam"})
    banded = [triage_reports(WORKER, report_ids=[report.pk]).banded]
    match_reports(WORKER, report_ids=[report.pk])
    assess_ahead(report_ids=[report.pk])
    banded += [triage_reports(WORKER, report_ids=[report.pk]).banded for _ in range(2)]
    current = Assessment.objects.get(current=True)
    assert {"known-abuse-material", "on-a-list"} <= {reason[0] for reason in json.loads(current.reasons)}
    assess_ahead(report_ids=[report.pk])
    withdraw_list(OPERATOR, slug="partner", reason="The agreement ended.")
    banded.append(triage_reports(WORKER, report_ids=[report.pk]).banded)
    assert banded == [1, 1, 0, 1]
    current = Assessment.objects.get(current=True)
    assert "known-abuse-material" not in {reason[0] for reason in json.loads(current.reasons)}


@pytest.mark.usefixtures("_ledger")
def test_a_survivors_hash_is_told_and_moves_nothing() -> None:
    report = a_report({"pdq": value(1)}, facts={"incident.type": "csam"})
    triage_reports(WORKER, report_ids=[report.pk])
    before = Assessment.objects.get(current=True)
    add_survivor_hash(staff(), pdq=value(1), quality=80)
    approve_list(staff(number=90), slug="survivors")
    match_reports(WORKER, report_ids=[report.pk])
    triage_reports(WORKER, report_ids=[report.pk])
    after = Assessment.objects.get(current=True)
    assert after.pk != before.pk
    assert (after.danger, after.novelty, after.band) == (before.danger, before.novelty, before.band)
    assert "like-a-survivors-own" in after.reasons
