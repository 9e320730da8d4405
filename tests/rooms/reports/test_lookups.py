"""Looking identifiers up: what is found, what is never told, the day's cap, and what led nowhere."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.rooms.reports.telling import HANDLE, PHONE, both, office, staff, suspect, told, told_many, victim

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, NotAllowed, Scope
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.reports.domain.outcomes import Decision
from amaan.reports.domain.searching import (
    DAILY_CAP,
    LEADS_WITHIN,
    SHOWN,
    NothingToLookUp,
    Trace,
    looks_like_a_hash,
    terms_of,
    trace_of,
)
from amaan.reports.domain.unsealings import read_part
from amaan.reports.lookups import (
    DailyCapReached,
    LookedUp,
    LookUpNotFound,
    alerts_for,
    finding,
    led_nowhere,
    look_up_for,
    made_today,
    making,
    note_opened,
    read_terms,
    remaining_today,
)
from amaan.reports.models import Identifier, LookUp
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.reports.services import record_outcome
from amaan.reports.unsealing import ask_unsealing, withdraw_unsealing

pytestmark = pytest.mark.django_db
ANALYST = staff(Role.ANALYST)
AUDITOR = staff(Role.AUDITOR, unit="islamabad", number=90)
SEARCHERS = sorted(role for role in Role if MATRIX[Action.LOOK_UP][role] is not Scope.NONE)
OTHERS = sorted(set(Role) - set(SEARCHERS))


@pytest.fixture
def purpose() -> str:
    """A report that mentions nothing, for whose sake is searched."""
    return told("", number=900)


def look_up(actor: Actor, *, text: str, purpose: str, **narrowed: str) -> LookedUp:
    """For the sake of a report that the actor may see, as the desk's page searches."""
    report = access_report(actor, purpose, Action.LOOK_UP)
    return look_up_for(actor, text=text, purpose=report.reference, unit=report.unit.code, **narrowed)


def found(answer: LookedUp) -> set[str]:
    return {one.reference for one in answer.findings}


def leaves(act: str) -> list[dict[str, Any]]:
    rows = (json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id"))
    return [leaf for leaf in rows if leaf["act"] == act]


def body(entry_id: int) -> dict[str, Any]:
    leaf = bytes(Entry.objects.get(id=entry_id).leaf_bytes)
    sealed = bytes(Body.objects.get(entry_id=entry_id).ciphertext)
    held: dict[str, Any] = json.loads(opener().open(place(entry_id, leaf_hash(leaf)), sealed))
    return held


def long_ago(number: int, hours: float) -> None:
    """As if a look-up had been made so many hours earlier."""
    LookUp.objects.filter(pk=number).update(at=timezone.now() - timedelta(hours=hours))


# What is found


def test_reports_that_mention_it_the_newest_first(purpose: str) -> None:
    old = told(suspect(PHONE), number=1, days_ago=9)
    new = told(suspect(PHONE), number=2, days_ago=1)
    told(suspect("0301-1111111"), number=3)
    answer = look_up(ANALYST, text=PHONE, purpose=purpose)
    assert [one.reference for one in answer.findings] == [new, old]
    assert {(one.roles, one.types, one.unit) for one in answer.findings} == {
        (("reported",), ("phone",), "lahore")
    }
    assert (answer.held, answer.elsewhere, answer.more, answer.here) == (False, (), False, False)


_DIGITS = "۰۱۲۳۴۵۶۷۸۹"
_SPELLINGS = st.tuples(
    st.sampled_from(["0", "+92", "0092", "92", "+92 ", "+92-", "+92 (0)"]),
    st.sampled_from(["", " ", "-"]),
    st.sampled_from(["", " ", "-"]),
    st.booleans(),
    st.sampled_from(["", " ", "\u200e", "tel: "]),
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spelling=_SPELLINGS)
def test_every_spelling_of_a_number_is_one_term(spelling: tuple[str, str, str, bool, str]) -> None:
    prefix, first, second, urdu, before = spelling
    text = f"{prefix}300{first}123{second}4567"
    if urdu:
        text = text.translate({ord(str(n)): digit for n, digit in enumerate(_DIGITS)})
    assert ("phone", "+923001234567") in {(t.type, t.normalised) for t in terms_of(before + text)}


@pytest.mark.parametrize(
    "text", ["0300-1234567", "+92 300 1234567", "00923001234567", "۰۳۰۰ ۱۲۳۴۵۶۷", "+92 (0)300-123-4567"]
)
def test_five_spellings_find_the_same_reports(purpose: str, text: str) -> None:
    told_ = {told(suspect("+923001234567"), number=1), told(suspect("0300 1234567"), number=2)}
    assert found(look_up(ANALYST, text=text, purpose=purpose)) == told_


@pytest.mark.parametrize(
    ("text", "kind", "platform"),
    [
        (HANDLE, "", ""),
        (f"@{HANDLE.upper()}", "", ""),
        (f"instagram:{HANDLE}", "", ""),
        (f"https://www.instagram.com/{HANDLE}/", "", ""),
        (HANDLE, "handle", ""),
        (HANDLE, "handle", "Instagram, Inc."),
    ],
)
def test_a_name_is_found_at_whatever_platform_it_stands(
    purpose: str, text: str, kind: str, platform: str
) -> None:
    one = told(suspect(handle=HANDLE), number=1)
    answer = look_up(ANALYST, text=text, purpose=purpose, type=kind, platform=platform)
    assert found(answer) == {one}


def test_a_chosen_type_or_platform_narrows(purpose: str) -> None:
    told(suspect(PHONE, HANDLE), number=1)
    assert not found(look_up(ANALYST, text=PHONE, purpose=purpose, type="bank"))
    assert not found(look_up(ANALYST, text=HANDLE, purpose=purpose, platform="TikTok"))


def test_a_number_in_a_sentence_is_taken_out(purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    assert found(look_up(ANALYST, text="he called from 0300 1234567 last night", purpose=purpose)) == {one}


def test_the_purpose_itself_is_no_finding() -> None:
    one = told(suspect(PHONE), number=1)
    answer = look_up(ANALYST, text=PHONE, purpose=one)
    assert (answer.here, answer.findings) == (True, ())


def test_other_units_are_named_and_nothing_of_theirs(purpose: str) -> None:
    mine = told(suspect(PHONE), number=1)
    told_many([suspect(PHONE)] * 3, first=2, unit="karachi")
    answer = look_up(ANALYST, text=PHONE, purpose=purpose)
    assert (found(answer), answer.elsewhere) == ({mine}, ("karachi",))
    in_both = both(Role.ANALYST)
    in_both = Actor(in_both.kind, in_both.key, in_both.grants | staff(Role.ANALYST, "karachi").grants)
    assert len(found(look_up(in_both, text=PHONE, purpose=purpose))) == 4


def test_fifty_are_shown_and_more_is_said(purpose: str) -> None:
    told_many([suspect(PHONE)] * (SHOWN + 1))
    answer = look_up(ANALYST, text=PHONE, purpose=purpose)
    assert (len(answer.findings), answer.more) == (SHOWN, True)


def test_of_a_value_that_everybody_has_only_the_newest_are_walked(
    purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "WALKED", 3)
    references = told_many([suspect(PHONE)] * 5)
    answer = look_up(ANALYST, text=PHONE, purpose=purpose)
    assert (found(answer), answer.more) == (set(references[2:]), True)


def test_mentions_are_walked_along_their_index(purpose: str) -> None:
    """Newest first without a sort and without the whole table, however many mentions there are."""
    told(suspect(PHONE), number=1)
    row = Identifier.objects.get(type="phone")
    with CaptureQueriesContext(connection) as captured:
        look_up(ANALYST, text=PHONE, purpose=purpose)
    (walk,) = [q["sql"] for q in captured if "FROM reports_mention" in q["sql"]]
    assert f"identifier_id = {row.pk}" in walk
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + walk)
        plan = " ".join(str(cell) for line in cursor.fetchall() for cell in line)
    assert "mention_identifier_report" in plan
    assert not re.search("sort|TEMP B-TREE|Seq Scan", plan, re.IGNORECASE)


def test_what_fits_nothing_is_said_and_not_counted(purpose: str) -> None:
    for text, kind in (("", ""), ("  ", ""), ("no phone", "phone"), ("x" * 3000, "")):
        with pytest.raises(NothingToLookUp) as told_off:
            look_up(ANALYST, text=text, purpose=purpose, type=kind)
        assert "no phone" not in str(told_off.value)
    assert remaining_today(ANALYST) == DAILY_CAP
    assert leaves("look_up.made") == []


@pytest.mark.parametrize(
    ("text", "is_one"), [("a" * 32, True), ("0" * 40, True), ("F" * 64, True), ("a" * 31, False)]
)
def test_a_hash_is_known_by_its_form(text: str, is_one: bool) -> None:
    assert looks_like_a_hash(f" {text} ") is is_one


@given(text=st.text(max_size=60), platform=st.sampled_from(["", "TikTok", "Sample Board"]))
def test_any_text_gives_terms_or_nothing_and_each_once(text: str, platform: str) -> None:
    try:
        terms = terms_of(text, platform=platform)
    except NothingToLookUp:
        return
    assert len({(t.type, t.normalised) for t in terms}) == len(terms)


# What is never told


@pytest.mark.parametrize("text", ["0301-7654321", "small_bird"])
def test_a_victims_value_is_held_and_nothing_else(purpose: str, text: str) -> None:
    child = told(victim("0301-7654321", "small_bird"), number=1)
    told(suspect("0301-7654321", "small_bird"), number=2)
    told(victim("0301-7654321", "small_bird"), number=3, unit="karachi")
    for serves in (purpose, child):
        answer = look_up(ANALYST, text=text, purpose=serves)
        assert answer.held
        assert (answer.findings, answer.elsewhere, answer.more, answer.here) == ((), (), False, False)


def test_rows_and_leaves_tell_no_more_than_held(purpose: str) -> None:
    """One victim or five, in the purpose itself or in another unit: what is stored is the same."""
    child = told(victim("0301-7654321"), number=1)
    told_many([victim("0302-7654321")] * 5, first=2)
    told(victim("0303-7654321"), number=9, unit="karachi")
    texts = {"0301-7654321": child, "0302-7654321": purpose, "0303-7654321": purpose}
    for text, serves in texts.items():
        look_up(ANALYST, text=text, purpose=serves)
    rows = list(LookUp.objects.order_by("id"))
    assert {(row.found, row.elsewhere, row.held, len(bytes(row.sealed))) for row in rows} == {
        (0, 0, True, len(bytes(rows[0].sealed)))
    }
    for leaf in leaves("look_up.made"):
        assert set(leaf) == {"act", "at", "body", "on", "unit", "v", "who"}
    told_sealed = [body(row.entry) for row in rows if row.entry is not None]
    assert {json.dumps({**one, "terms": ""}) for one in told_sealed} == {
        json.dumps({**told_sealed[0], "terms": ""})
    }


def test_nothing_typed_stands_outside_the_seal(purpose: str) -> None:
    told(victim(handle="small_bird"), number=1)
    look_up(ANALYST, text="small_bird", purpose=purpose)
    row = LookUp.objects.values().get()
    (leaf,) = leaves("look_up.made")
    assert b"small_bird" not in repr({**row, "sealed": bytes(row["sealed"])}).encode()
    assert "small_bird" not in json.dumps(leaf)
    assert (leaf["on"], leaf["who"]) == (purpose, ANALYST.key)
    assert body(row["entry"])["terms"] == "small_bird"


def test_a_value_left_in_clear_by_mistake_is_held_all_the_same(purpose: str) -> None:
    told(victim("0301-7654321"), number=1)
    Identifier.objects.filter(type="phone").update(clear="+923017654321", sealed=None)
    answer = look_up(ANALYST, text="0301-7654321", purpose=purpose)
    assert (answer.held, answer.findings) == (True, ())


def test_a_reporters_value_is_never_met(purpose: str) -> None:
    told("", number=1, reporter="<firstName>Sample</firstName><email>neighbour@example.org</email>")
    answer = look_up(ANALYST, text="neighbour@example.org", purpose=purpose)
    assert (answer.held, answer.findings, answer.here, answer.elsewhere) == (False, (), False, ())
    own = look_up(ANALYST, text="neighbour@example.org", purpose=told("", number=1))
    assert not own.here


# Who may, and what is written first


@pytest.mark.parametrize("role", OTHERS)
def test_other_roles_find_no_purpose(role: Role, purpose: str) -> None:
    with pytest.raises(ReportNotFound):
        look_up(staff(role), text=PHONE, purpose=purpose)
    with pytest.raises(NotAllowed):
        look_up_for(staff(role), text=PHONE, purpose="C-0000-0000-000X", unit="lahore")
    assert not LookUp.objects.exists()


@pytest.mark.parametrize("role", SEARCHERS)
def test_a_purpose_must_be_seen(role: Role, purpose: str) -> None:
    with pytest.raises(ReportNotFound):
        look_up(staff(role, "karachi"), text=PHONE, purpose=purpose)
    with pytest.raises(ReportNotFound):
        look_up(staff(role), text=PHONE, purpose="R-0000-0000-0000")
    assert look_up(staff(role), text=PHONE, purpose=purpose.lower()).purpose == purpose


def test_nothing_is_answered_that_was_not_recorded(purpose: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> list[int]:
        raise OSError("read-only")

    told(suspect(PHONE), number=1)
    monkeypatch.setattr(making, "append", refuse)
    with pytest.raises(OSError, match="read-only"):
        look_up(ANALYST, text=PHONE, purpose=purpose)
    assert not LookUp.objects.exists()


def made(actor: Actor, count: int, purpose: str) -> None:
    """So many look-ups of today, without searching."""
    LookUp.objects.bulk_create(
        LookUp(
            by=actor.key, day=timezone.localdate(), ordinal=n + 1, purpose=purpose, unit="lahore",
            at=timezone.now(), found=1, elsewhere=0, held=False, sealed=b"x",
        )
        for n in range(count)
    )  # fmt: skip


def test_a_day_has_an_end_and_going_on_is_recorded(purpose: str) -> None:
    made(ANALYST, DAILY_CAP - 1, purpose)
    assert look_up(ANALYST, text=PHONE, purpose=purpose).left_today == 0
    with pytest.raises(DailyCapReached) as reached:
        look_up(ANALYST, text=PHONE, purpose=purpose)
    assert timezone.now() < reached.value.opens_at <= timezone.now() + timedelta(days=1)
    assert [leaf["on"] for leaf in leaves("look_up.refused")] == [purpose]
    assert look_up(staff(Role.ANALYST, number=8), text=PHONE, purpose=purpose).left_today == DAILY_CAP - 1
    LookUp.objects.filter(by=ANALYST.key).update(day=timezone.localdate() - timedelta(days=1))
    assert remaining_today(ANALYST) == DAILY_CAP


def test_the_database_holds_the_cap(purpose: str) -> None:
    made(ANALYST, DAILY_CAP, purpose)
    row = LookUp.objects.latest("ordinal")
    for ordinal in (DAILY_CAP, DAILY_CAP + 1, 0):
        row.pk, row.ordinal = None, ordinal
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_two_searches_at_once_take_two_numbers_of_the_day(
    purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, first = making._store, [True]

    def overtaken(actor: Actor, row: LookUp, references: list[str], act: Any) -> int:
        if first.pop() if first else False:
            raise IntegrityError("look_up_once")
        return real(actor, row, references, act)

    monkeypatch.setattr(making, "_store", overtaken)
    assert look_up(ANALYST, text=PHONE, purpose=purpose).left_today == DAILY_CAP - 1
    assert LookUp.objects.count() == 1


# What it led to


def traces() -> dict[int, Trace]:
    since = timezone.now() - timedelta(days=30)
    return {one.number: one.trace for one in led_nowhere(AUDITOR, since=since)}


def test_opening_a_finding_leads_somewhere(purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    answer = look_up(ANALYST, text=PHONE, purpose=purpose)
    assert traces() == {answer.number: Trace.STILL_OPEN}
    assert note_opened(ANALYST, number=answer.number, reference=one)
    assert traces() == {}
    assert not note_opened(ANALYST, number=answer.number, reference=one), "once is enough"


def test_only_ones_own_search_and_what_it_showed_is_opened(purpose: str) -> None:
    one, other = told(suspect(PHONE), number=1), told("", number=2)
    number = look_up(ANALYST, text=PHONE, purpose=purpose).number
    for actor, which, reference in (
        (staff(Role.ANALYST, number=8), number, one),
        (ANALYST, number, other),
        (ANALYST, number, purpose),
        (ANALYST, number + 1, one),
    ):
        assert not note_opened(actor, number=which, reference=reference)
    assert traces() == {number: Trace.STILL_OPEN}


def test_after_a_day_it_led_nowhere_for_good(purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    number = look_up(ANALYST, text=PHONE, purpose=purpose).number
    long_ago(number, 25)
    assert not note_opened(ANALYST, number=number, reference=one)
    assert traces() == {number: Trace.NEVER_OPENED}


def test_a_decision_on_the_purpose_by_the_same_person_counts(purpose: str) -> None:
    number = look_up(ANALYST, text=PHONE, purpose=purpose).number
    assert traces() == {number: Trace.NOTHING}
    record_outcome(staff(Role.ANALYST, number=8), reference=purpose, decision=Decision.CLOSED, reason="x")
    assert traces() == {number: Trace.NOTHING}
    record_outcome(ANALYST, reference=purpose, decision=Decision.CLOSED, reason="x")
    assert traces() == {}


def test_so_does_one_for_the_case_that_was_the_purpose(purpose: str) -> None:
    case = "C-7K2M-9F3Q-XA4C"
    number = look_up_for(ANALYST, text=PHONE, purpose=case, unit="lahore").number
    assert traces() == {number: Trace.NOTHING}
    record_outcome(ANALYST, reference=purpose, decision=Decision.CASE_JOINED, reason="x", case_reference=case)
    assert traces() == {}


def test_so_does_asking_to_open_a_seal(purpose: str) -> None:
    child = told(victim("0301-7654321"), number=1)
    number = look_up(ANALYST, text="0301-7654321", purpose=child).number
    assert traces() == {number: Trace.STILL_OPEN}
    ask_unsealing(
        ANALYST, reference=child, part=read_part("party-1"), reason="To warn the family of the meeting."
    )
    assert traces() == {}


WHY = "To warn the family of the meeting."


def searched(purpose: str, text: str) -> int:
    return look_up(ANALYST, text=text, purpose=purpose).number


def test_asking_to_open_a_seal_clears_nothing_but_what_was_held() -> None:
    child = told(victim("0301-7654321"), number=1)
    nothing = searched(child, "0300-9999999")
    held = searched(child, "0301-7654321")
    ask_unsealing(ANALYST, reference=child, part=read_part("party-1"), reason=WHY)
    assert traces() == {nothing: Trace.NOTHING}
    assert LookUp.objects.get(pk=held).led_to == "unsealing"


def test_a_request_that_is_withdrawn_led_nowhere() -> None:
    child = told(victim("0301-7654321") + victim("0302-7654321"), number=1)
    number = searched(child, "0301-7654321")
    first, second = (
        ask_unsealing(ANALYST, reference=child, part=read_part(part), reason=WHY)
        for part in ("party-1", "party-2")
    )
    withdraw_unsealing(ANALYST, number=first)
    assert traces() == {}, "the second request stands"
    withdraw_unsealing(ANALYST, number=second)
    assert traces() == {number: Trace.STILL_OPEN}
    assert [row.led_to for row in LookUp.objects.all()] == [""]
    ask_unsealing(ANALYST, reference=child, part=read_part("party-1"), reason=WHY)
    assert traces() == {}, "and asked anew it leads somewhere again"


def test_what_was_decided_stays_led_whatever_is_withdrawn() -> None:
    child = told(victim("0301-7654321"), number=1)
    searched(child, "0301-7654321")
    request = ask_unsealing(ANALYST, reference=child, part=read_part("party-1"), reason=WHY)
    record_outcome(ANALYST, reference=child, decision=Decision.CLOSED, reason="x")
    withdraw_unsealing(ANALYST, number=request)
    assert traces() == {}
    assert LookUp.objects.get().led_to == "outcome"


def test_another_persons_request_withdrawn_changes_nothing() -> None:
    child, other = told(victim("0301-7654321"), number=1), staff(Role.ANALYST, number=8)
    searched(child, "0301-7654321")
    ask_unsealing(ANALYST, reference=child, part=read_part("party-1"), reason=WHY)
    theirs = ask_unsealing(other, reference=child, part=read_part("party-1"), reason=WHY)
    withdraw_unsealing(other, number=theirs)
    assert traces() == {}


@given(found=st.integers(0, 3), out=st.booleans(), hours=st.floats(0, 48, allow_nan=False))
def test_how_a_search_stands(found: int, out: bool, hours: float) -> None:
    now = timezone.now()
    at = now - timedelta(hours=hours)
    trace = trace_of(found=found, out_of_reach=out, at=at, now=now)
    assert (trace is Trace.NOTHING) == (found == 0 and not out)
    if trace is not Trace.NOTHING:
        assert (trace is Trace.STILL_OPEN) == (now < at + LEADS_WITHIN)


def test_three_times_nowhere_and_the_auditor_sees_a_mark(purpose: str) -> None:
    for text in ("0300-1111111", "0300-2222222", "0300-3333333"):
        look_up(ANALYST, text=text, purpose=purpose)
    other = staff(Role.ANALYST, number=8)
    look_up(other, text="0300-1111111", purpose=purpose)
    assert [(one.by, one.count, one.marked) for one in alerts_for(AUDITOR)] == [
        (ANALYST.key, 3, True),
        (other.key, 1, False),
    ]
    LookUp.objects.update(at=timezone.now() - timedelta(days=31))
    assert alerts_for(AUDITOR) == []


def test_what_found_something_counts_only_when_its_day_is_over(purpose: str) -> None:
    told(suspect(PHONE), number=1)
    number = look_up(ANALYST, text=PHONE, purpose=purpose).number
    assert alerts_for(AUDITOR) == []
    long_ago(number, 24.1)
    assert [one.count for one in alerts_for(AUDITOR)] == [1]


def test_the_auditor_opens_what_was_typed_and_that_is_an_entry(purpose: str) -> None:
    number = look_up(ANALYST, text="0300-1111111", purpose=purpose).number
    assert read_terms(AUDITOR, number=number) == "0300-1111111"
    (leaf,) = leaves("look_up.terms_read")
    assert (leaf["who"], leaf["on"]) == (AUDITOR.key, purpose)
    with pytest.raises(LookUpNotFound):
        read_terms(AUDITOR, number=number + 1)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_only_the_auditor_sees_what_led_nowhere(role: Role, purpose: str) -> None:
    number = look_up(ANALYST, text=PHONE, purpose=purpose).number
    for ask in (
        lambda: led_nowhere(staff(role), since=timezone.now()),
        lambda: alerts_for(staff(role)),
        lambda: read_terms(staff(role), number=number),
    ):
        with pytest.raises(NotAllowed):
            ask()


def test_a_supervisor_counts_the_searches_of_their_units(purpose: str) -> None:
    look_up(ANALYST, text=PHONE, purpose=purpose)
    office("karachi")
    there = told("", number=2, unit="karachi")
    look_up(staff(Role.ANALYST, "karachi", 8), text=PHONE, purpose=there)
    assert [one.by for one in made_today(staff(Role.SUPERVISOR))] == [ANALYST.key]
    assert len(made_today(AUDITOR)) == 2
    with pytest.raises(NotAllowed):
        made_today(ANALYST)
