"""Unsealing: two people, a reason, some hours, one reader, and a history that stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.reports.telling import HANDLE, PHONE, SYSTEM, both, staff, suspect, told, victim

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, NotAllowed, Scope
from amaan.ledger.models import Entry
from amaan.reports.domain.unsealings import LONGEST, Answer, NoSuchPart, Part, State, read_part, state_of
from amaan.reports.models import UnsealedReading, Unsealing
from amaan.reports.selectors import ReportNotFound
from amaan.reports.unsealing import (
    AlreadyAnswered,
    AlreadyWaiting,
    HoursOutOfRange,
    NotOpen,
    OwnRequest,
    ReasonTooShort,
    UnsealingNotFound,
    access_unsealing,
    ask_unsealing,
    asking,
    grant_unsealing,
    history_for,
    listing,
    read_unsealed,
    reason_of,
    refuse_unsealing,
    sealed_parts,
    unsealing_history,
    unsealings_of,
    waiting_for,
    withdraw_unsealing,
)

pytestmark = pytest.mark.django_db
ASKER = staff(Role.INVESTIGATOR)
CUSTODIAN = staff(Role.CUSTODIAN, number=50)
AUDITOR = staff(Role.AUDITOR, unit="islamabad", number=90)
WHY = "The school must be told before Monday's meeting."
BECAUSE = "The danger is near and the school is the way to her."
ASKERS = sorted(role for role in Role if MATRIX[Action.REQUEST_UNSEALING][role] is not Scope.NONE)
NO_ASKERS = sorted(set(Role) - set(ASKERS))
CHILD = Part(read_part("party-1").kind, 1)
ADDRESS = "<address><address>12 Green Gate Street</address><city>Lahore</city><country>PK</country></address>"


@pytest.fixture
def report() -> str:
    """A report with a suspect (party 0) and a child (party 1), each with a name and a number."""
    child = victim("0301-7654321", "small_bird", "Parveen").replace("<age>", f"{ADDRESS}<age>")
    return told(
        suspect(PHONE, HANDLE, "Ustaad") + child + "<additionalInfo>He threatens to share.</additionalInfo>"
    )


def asked(report: str, part: Part = CHILD, actor: Actor = ASKER) -> int:
    return ask_unsealing(actor, reference=report, part=part, reason=WHY)


def granted(report: str, part: Part = CHILD, hours: int = 2, actor: Actor = ASKER) -> int:
    number = asked(report, part, actor)
    grant_unsealing(CUSTODIAN, number=number, hours=hours, reason=BECAUSE)
    return number


def acts() -> list[str]:
    leaves = (json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id"))
    return [leaf["act"] for leaf in leaves if leaf["act"].startswith("unseal")]


def at(monkeypatch: pytest.MonkeyPatch, hours: float) -> None:
    """The clock of services and lists goes on by so many hours."""
    later = timezone.now() + timedelta(hours=hours)

    class Clock:
        @staticmethod
        def now() -> Any:
            return later

    monkeypatch.setattr(asking, "timezone", Clock)
    monkeypatch.setattr(listing, "timezone", Clock)


# The way it goes


def test_asked_granted_read(report: str) -> None:
    number = asked(report)
    assert [one.number for one in waiting_for(CUSTODIAN)] == [number]
    with pytest.raises(NotOpen):
        read_unsealed(ASKER, number=number)
    grant_unsealing(CUSTODIAN, number=number, hours=2, reason=BECAUSE)
    assert waiting_for(CUSTODIAN) == []
    opened = read_unsealed(ASKER, number=number)
    assert opened.names == ("Parveen",)
    assert ("phone", "+923017654321") in opened.identifiers
    assert any(value.endswith("small_bird") for _, value in opened.identifiers)
    assert opened.age == 12
    assert any("12 Green Gate Street" in line for line in opened.addresses)
    assert acts() == ["unsealing.asked", "unsealing.granted", "unsealed.read"]
    (row,) = history_for(ASKER)
    assert (row.state, row.readings, row.answered_by) == (State.OPEN, 1, CUSTODIAN.key)


def test_one_part_opens_nothing_of_another(report: str) -> None:
    opened = repr(read_unsealed(ASKER, number=granted(report)))
    assert "Ustaad" not in opened
    assert "threatens" not in opened
    texts = read_unsealed(ASKER, number=granted(report, read_part("texts")))
    assert "He threatens to share." in {text for _, text in texts.texts}
    assert (texts.names, texts.identifiers) == ((), ())
    document = read_unsealed(ASKER, number=granted(report, read_part("document")))
    assert len(document.exhibits) == 1
    assert (document.names, document.texts) == ((), ())


def test_parts_are_listed_by_facts_that_name_nobody(report: str) -> None:
    parts = sealed_parts(ASKER, report)
    assert [str(one.part) for one in parts] == ["party-1", "party-2", "texts", "document"]
    assert (parts[0].role, parts[0].number, parts[0].age_band) == ("victim", 1, "11-13")
    assert "Parveen" not in repr(parts)


def test_the_telling_that_was_asked_for_is_the_one_that_opens(report: str) -> None:
    number = granted(report)
    told(victim("0309-9999999", "other_bird", "Shazia"))
    opened = read_unsealed(ASKER, number=number)
    assert (opened.telling, opened.names) == (1, ("Parveen",))


def test_a_second_victim_is_counted_by_role() -> None:
    two = told(victim(name="Parveen") + suspect() + victim(name="Shazia", age=15))
    assert [(one.role, one.number) for one in sealed_parts(ASKER, two) if one.role] == [
        ("victim", 1),
        ("victim", 2),
        ("reporter", 1),
    ]
    second = sealed_parts(ASKER, two)[1].part
    assert read_unsealed(ASKER, number=granted(two, second)).names == ("Shazia",)


def test_a_reporters_part_opens_too() -> None:
    one = told("", reporter="<firstName>Sample</firstName><email>neighbour@example.org</email>")
    (reporter, *_rest) = sealed_parts(ASKER, one)
    assert reporter.role == "reporter"
    opened = read_unsealed(ASKER, number=granted(one, reporter.part))
    assert ("email", "neighbour@example.org") in opened.identifiers


# Two people


def test_nobody_answers_what_they_asked_whatever_they_hold(report: str) -> None:
    two_hats = both(Role.INVESTIGATOR, Role.CUSTODIAN)
    number = asked(report, actor=two_hats)
    assert waiting_for(two_hats) == []
    for answer in _answers(two_hats, number):
        with pytest.raises(OwnRequest):
            answer()
    grant_unsealing(CUSTODIAN, number=number, hours=1, reason=BECAUSE)
    assert read_unsealed(two_hats, number=number).names == ("Parveen",)


def test_the_database_refuses_one_person_for_two(report: str) -> None:
    number = asked(report)
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Unsealing.objects.filter(pk=number).update(
            answer="granted", answered_by=ASKER.key, answered_at=now, answer_reason=b"x",
            open_until=now + timedelta(hours=1),
        )  # fmt: skip


@pytest.mark.parametrize(
    "stranger",
    [
        staff(Role.CUSTODIAN, "karachi", 51),
        staff(Role.SUPERVISOR, number=52),
        staff(Role.ADMINISTRATOR, number=53),
        staff(Role.AUDITOR, number=54),
        staff(Role.INVESTIGATOR, number=55),
        ASKER,
    ],
    ids=lambda actor: f"{actor.key}",
)
def test_nobody_else_answers(report: str, stranger: Actor) -> None:
    number = asked(report)
    for answer in _answers(stranger, number):
        with pytest.raises(UnsealingNotFound):
            answer()
    assert Unsealing.objects.get().answer == Answer.WAITING


def _answers(actor: Actor, number: int) -> tuple[Callable[[], None], ...]:
    return (
        lambda: grant_unsealing(actor, number=number, hours=1, reason=BECAUSE),
        lambda: refuse_unsealing(actor, number=number, reason=BECAUSE),
    )


def test_an_answer_is_given_once(report: str) -> None:
    number = asked(report)
    refuse_unsealing(CUSTODIAN, number=number, reason=BECAUSE)
    for answer in _answers(staff(Role.CUSTODIAN, number=51), number):
        with pytest.raises(AlreadyAnswered), transaction.atomic():
            answer()
    with pytest.raises(AlreadyAnswered), transaction.atomic():
        withdraw_unsealing(ASKER, number=number)
    with pytest.raises(NotOpen):
        read_unsealed(ASKER, number=number)
    assert acts() == ["unsealing.asked", "unsealing.refused"]


# Who asks, and how


@pytest.mark.parametrize("role", NO_ASKERS)
def test_other_roles_cannot_ask(report: str, role: Role) -> None:
    with pytest.raises(ReportNotFound):
        asked(report, actor=staff(role))
    with pytest.raises(ReportNotFound):
        sealed_parts(staff(role), report)


@pytest.mark.parametrize("role", ASKERS)
def test_nor_anybody_of_another_unit(report: str, role: Role) -> None:
    with pytest.raises(ReportNotFound):
        asked(report, actor=staff(role, "karachi"))
    assert asked(report, actor=staff(role))


def test_a_reason_is_a_sentence(report: str) -> None:
    for reason in ("", "please", " " * 40, "x" * 19):
        with pytest.raises(ReasonTooShort):
            ask_unsealing(ASKER, reference=report, part=CHILD, reason=reason)
    number = asked(report)
    with pytest.raises(ReasonTooShort), transaction.atomic():
        refuse_unsealing(CUSTODIAN, number=number, reason="no")


@pytest.mark.parametrize("part", ["party-0", "party-7"])
def test_what_is_not_sealed_for_protection_is_no_part(report: str, part: str) -> None:
    with pytest.raises(NoSuchPart):
        asked(report, read_part(part))


@given(text=st.one_of(st.text(max_size=12), st.from_regex(r"party-[0-9]{1,6}", fullmatch=True)))
def test_a_parts_name_reads_back(text: str) -> None:
    try:
        part = read_part(text)
    except NoSuchPart:
        return
    assert read_part(str(part)) == part


def test_one_request_at_a_time_for_a_part(report: str) -> None:
    number = asked(report)
    with pytest.raises(AlreadyWaiting), transaction.atomic():
        asked(report)
    asked(report, read_part("texts"))
    with pytest.raises(AlreadyWaiting), transaction.atomic():
        asked(report, read_part("texts"))
    asked(report, actor=staff(Role.ANALYST, number=8))
    withdraw_unsealing(ASKER, number=number)
    assert asked(report) > number


@pytest.mark.parametrize("hours", [0, -1, 25, 1000])
def test_no_longer_than_a_day(report: str, hours: int) -> None:
    number = asked(report)
    with pytest.raises(HoursOutOfRange), transaction.atomic():
        grant_unsealing(CUSTODIAN, number=number, hours=hours, reason=BECAUSE)
    grant_unsealing(CUSTODIAN, number=number, hours=24, reason=BECAUSE)
    row = Unsealing.objects.get()
    assert row.open_until is not None
    assert row.answered_at is not None
    assert row.open_until - row.answered_at == LONGEST


# Who reads, and until when


@pytest.mark.parametrize(
    "stranger",
    [
        CUSTODIAN,
        staff(Role.INVESTIGATOR, number=8),
        staff(Role.SUPERVISOR, number=9),
        staff(Role.AUDITOR, number=10),
        SYSTEM,
        staff(Role.INVESTIGATOR, "karachi"),  # the asker, moved to another unit
        staff(Role.CUSTODIAN),  # the asker, who has lost the role that let them ask
        staff(Role.INTAKE_OFFICER),
    ],
    ids=lambda actor: f"{actor.key}-{'-'.join(grant.role for grant in actor.grants)}",
)
def test_nobody_reads_but_the_asker_with_the_right(report: str, stranger: Actor) -> None:
    number = granted(report)
    with pytest.raises(UnsealingNotFound):
        read_unsealed(stranger, number=number)
    assert not UnsealedReading.objects.exists()


def test_when_its_time_is_over_it_is_closed(report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = granted(report, hours=2)
    at(monkeypatch, 1.99)
    read_unsealed(ASKER, number=number)
    at(monkeypatch, 2.01)
    with pytest.raises(NotOpen):
        read_unsealed(ASKER, number=number)
    assert history_for(ASKER)[0].state is State.EXPIRED
    assert acts().count("unsealed.read") == 1


@given(minutes=st.integers(-3000, 3000))
def test_open_ends_with_the_moment_that_was_said(minutes: int) -> None:
    now = timezone.now()
    until = now + timedelta(minutes=minutes)
    assert (state_of("granted", until, now) is State.OPEN) == (minutes > 0)
    assert state_of("refused", None, now) is State.REFUSED


def test_each_reading_is_recorded_before_a_seal_is_opened(
    report: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = granted(report)
    seen: list[int] = []
    real = asking.open_part
    monkeypatch.setattr(
        asking, "open_part", lambda *a, **k: seen.append(acts().count("unsealed.read")) or real(*a, **k)
    )
    read_unsealed(ASKER, number=number)
    read_unsealed(ASKER, number=number)
    assert seen == [1, 2]
    assert history_for(ASKER)[0].readings == 2


def test_what_cannot_be_recorded_is_not_opened(report: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = granted(report)

    def refuse(*args: object, **kwargs: object) -> list[int]:
        raise OSError("read-only")

    monkeypatch.setattr(asking, "append", refuse)
    monkeypatch.setattr(asking, "open_part", lambda *a, **k: pytest.fail("opened"))
    with pytest.raises(OSError, match="read-only"):
        read_unsealed(ASKER, number=number)


def test_only_the_asker_withdraws(report: str) -> None:
    number = asked(report)
    for actor in (CUSTODIAN, staff(Role.INVESTIGATOR, number=8)):
        with pytest.raises(UnsealingNotFound):
            withdraw_unsealing(actor, number=number)
    withdraw_unsealing(ASKER, number=number)
    assert history_for(ASKER)[0].state is State.WITHDRAWN


# What is kept, and who sees it


def test_the_object_form_and_the_filter_form_agree(report: str) -> None:
    there = told(victim(name="Shazia"), number=2, unit="karachi")
    numbers = [asked(report), asked(there, read_part("texts"), staff(Role.ANALYST, "karachi"))]
    numbers.append(asked(report, actor=staff(Role.ANALYST, number=8)))
    actors = [staff(role, unit, n) for role in Role for unit in ("lahore", "karachi") for n in (7, 8, 9)]
    for actor in (*actors, SYSTEM):
        seen = {one.number for one in history_for(actor)}
        for number in numbers:
            try:
                access_unsealing(actor, number)
            except UnsealingNotFound:
                assert number not in seen, actor
            else:
                assert number in seen, actor


def test_reasons_are_sealed_and_shown_to_the_two(report: str) -> None:
    number = granted(report)
    row = access_unsealing(CUSTODIAN, number)
    assert reason_of(row) == (WHY, BECAUSE)
    for blob in (row.reason, row.answer_reason):
        assert blob is not None
        assert b"school" not in bytes(blob)
    leaves = b"".join(bytes(entry.leaf_bytes) for entry in Entry.objects.all())
    assert b"school" not in leaves


def test_the_auditor_sees_who_and_when_and_neither_reason_nor_fact(report: str) -> None:
    granted(report)
    refused = asked(report, read_part("texts"))
    refuse_unsealing(CUSTODIAN, number=refused, reason=BECAUSE)
    history = unsealing_history(AUDITOR, since=timezone.now() - timedelta(days=1))
    assert [(one.asked_by, one.answered_by, one.state) for one in history] == [
        (ASKER.key, CUSTODIAN.key, State.REFUSED),
        (ASKER.key, CUSTODIAN.key, State.OPEN),
    ]
    assert {one.part.age_band for one in history} == {""}
    with pytest.raises(UnsealingNotFound):
        access_unsealing(AUDITOR, refused)
    with pytest.raises(NotAllowed):
        unsealing_history(CUSTODIAN, since=timezone.now())
    with pytest.raises(NotAllowed):
        waiting_for(ASKER)


def test_of_one_report_ones_own_or_all_for_the_custodian(report: str) -> None:
    mine, other = asked(report), asked(report, actor=staff(Role.ANALYST, number=8))
    assert [one.number for one in unsealings_of(ASKER, report)] == [mine]
    assert [one.number for one in unsealings_of(CUSTODIAN, report)] == [other, mine]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE reports_unsealing SET asked_by = 'staff:99' WHERE id = %s",
        "UPDATE reports_unsealing SET reason = answer_reason WHERE id = %s",
        "UPDATE reports_unsealing SET answer = 'refused', open_until = NULL WHERE id = %s",
        "UPDATE reports_unsealing SET open_until = NULL WHERE id = %s",
        "DELETE FROM reports_unsealing WHERE id = %s",
        "DELETE FROM reports_unsealedreading WHERE unsealing_id = %s",
        "UPDATE reports_unsealedreading SET at = NULL WHERE unsealing_id = %s",
    ],
)
def test_history_survives(report: str, change: str) -> None:
    number = granted(report)
    read_unsealed(ASKER, number=number)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [number])
    assert history_for(ASKER)[0].readings == 1


def test_a_request_is_never_born_answered(report: str) -> None:
    row = Unsealing.objects.get(pk=granted(report))
    row.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)
