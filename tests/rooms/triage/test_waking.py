"""Somebody is woken: once for each thing, the next if nobody answers, past a killed worker, and never with a story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.accounts.people import a_person
from tests.rooms.clients.gateways import Gateway, running_gateway
from tests.rooms.triage.conftest import Lay, tell
from tests.rooms.triage.test_claims import at_once

from amaan.accounts.models import Membership, User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.care.domain.categories import Category
from amaan.care.domain.wishes import UNCAPPED
from amaan.care.services import keep_wishes
from amaan.clients.asking import Service
from amaan.reports.models import Report
from amaan.triage.domain.waking import (
    AGAIN_LATEST,
    LEASE,
    MOST_TRIES,
    Cause,
    End,
    Turn,
    again_after,
    is_night,
    next_hour,
    order_of,
    within,
)
from amaan.triage.models import Notice, Wake, WokenFor
from amaan.triage.selectors.waking import NoSuchWake, call_of, calls_for, messages_of
from amaan.triage.services import (
    Listed,
    Plan,
    answer_wake,
    ask_next,
    claim_report,
    keep_on_call,
    keep_plan,
    note_work,
    raise_wakes,
    release_report,
    send_some,
    triage_reports,
)

SYSTEM = Actor.system("calls")
NOON = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # in Pakistan
NIGHT = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)  # one o'clock
URGENT = {"incident.annotations": ["sextortion"], "victim.age_bands": ["11-13"]}
PLAN = Plan(on=True, before_due_minutes=360, next_after_minutes=15, night_from=20, night_to=8)


def acting(person: User) -> Actor:
    found = actor_of(person)
    assert found is not None
    return found


@pytest.fixture
def staff(db: None) -> list[User]:
    """A supervisor, and two analysts who are on call, in this order; the second by telephone too."""
    people = [a_person(Role.SUPERVISOR), a_person(Role.ANALYST), a_person(Role.ANALYST)]
    listed = [Listed(people[1].pk, 0, 0, ""), Listed(people[2].pk, 0, 0, "+923001234567")]
    keep_plan(acting(people[0]), unit="north", plan=PLAN)
    keep_on_call(acting(people[0]), unit="north", listed=listed)
    return people


def waits(lay: Lay, *, received_at: datetime, **facts: object) -> Report:
    report = lay(facts or URGENT, unit="north", received_at=received_at)
    triage_reports(SYSTEM, report_ids=[report.pk])
    return report


def asked() -> list[tuple[int, str]]:
    return list(Notice.objects.order_by("id").values_list("person_id", "channel"))


def worker(now: datetime) -> None:
    raise_wakes(SYSTEM, now=now)
    ask_next(SYSTEM, now=now)


@pytest.mark.pure
@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 23))
def test_hours_go_round_the_clock(hour: int, begin: int, end: int) -> None:
    length = (end - begin) % 24 or 24
    assert within(hour, begin, end) is ((hour - begin) % 24 < length)


@pytest.mark.pure
def test_who_is_on_call_at_this_hour_is_asked_first_and_the_others_after() -> None:
    day, night, always = Turn(1, 8, 20), Turn(2, 20, 8), Turn(3, 0, 0)
    assert [one.person for one in order_of([day, night, always], NOON)] == [1, 3, 2]
    assert [one.person for one in order_of([day, night, always], NIGHT)] == [2, 3, 1]
    assert is_night(NIGHT, 20, 8)
    assert not is_night(NOON, 20, 8)
    assert next_hour(12, NOON) == NOON + timedelta(days=1)


def test_what_nobody_claims_calls_once_and_the_next_after_a_while(lay: Lay, staff: list[User]) -> None:
    report = waits(lay, received_at=NOON - timedelta(hours=19))
    _, first, second = staff
    for minutes in (0, 1, 14):
        worker(NOON + timedelta(minutes=minutes))
    assert asked() == [(first.pk, "mail")]
    worker(NOON + timedelta(minutes=16))
    assert asked() == [(first.pk, "mail"), (second.pk, "mail"), (second.pk, "sms")]
    (call,) = calls_for(acting(first), now=NOON)
    assert (call.cause, call.references, len(call.asked)) == (Cause.DUE, (report.reference,), 1)
    claim_report(acting(second), report.reference)
    worker(NOON + timedelta(minutes=40))
    assert call_of(acting(first), call.number, now=NOON).end is End.CLAIMED
    assert len(asked()) == 3


def test_an_answer_ends_it_and_nothing_that_was_not_sent_wakes_anybody(lay: Lay, staff: list[User]) -> None:
    waits(lay, received_at=NOON - timedelta(hours=19))
    worker(NOON)
    number = Wake.objects.get().pk
    stranger = acting(a_person(Role.ANALYST, unit="south"))
    for who in (stranger, acting(a_person(Role.INTAKE_OFFICER))):
        with pytest.raises(NoSuchWake):
            answer_wake(who, number=number, now=NOON)
    answer_wake(acting(staff[1]), number=number, now=NOON)
    send_some(SYSTEM, clock=lambda: NOON)
    assert mail.outbox == []
    worker(NOON + timedelta(minutes=59))
    assert len(asked()) == 1


def test_when_nobody_answers_the_supervisors_are_asked_and_it_is_said(lay: Lay, staff: list[User]) -> None:
    waits(lay, received_at=NOON - timedelta(hours=19))
    for quarter in range(5):
        worker(NOON + timedelta(minutes=16 * quarter))
    assert asked()[-1] == (staff[0].pk, "mail")
    assert Wake.objects.get().end == End.UNANSWERED
    worker(NOON + timedelta(minutes=100))
    assert len(asked()) == 4


@pytest.mark.pure
@given(st.integers(1, 1440))
def test_calls_again_come_later_and_later_and_never_cease(minutes: int) -> None:
    waits_ = again_after(minutes)
    assert waits_ == sorted(set(waits_))
    assert waits_[0] >= timedelta(hours=1)
    assert waits_[-1] == AGAIN_LATEST


@pytest.mark.parametrize("end", [End.ANSWERED, End.CLAIMED, End.UNANSWERED])
def test_what_still_waits_unclaimed_calls_again_however_the_call_ended(
    lay: Lay, staff: list[User], end: End
) -> None:
    report = waits(lay, received_at=NOON - timedelta(hours=19))
    analyst, ended = acting(staff[1]), NOON
    worker(NOON)
    if end is End.ANSWERED:
        answer_wake(analyst, number=Wake.objects.get().pk, now=NOON)
    elif end is End.CLAIMED:
        claim_report(analyst, report.reference)
        worker(NOON)
        release_report(analyst, report.reference)
    else:
        while Wake.objects.get().ended_at is None:
            ended += timedelta(minutes=16)
            ask_next(SYSTEM, now=ended)
    assert Wake.objects.get().end == end
    for hours, calls in ((0.9, 1), (1, 2), (1, 2), (30, 2)):
        raise_wakes(SYSTEM, now=ended + timedelta(hours=hours))
        assert WokenFor.objects.count() == calls, "again, and never while a call for it is open"
    answer_wake(analyst, number=Wake.objects.latest("id").pk, now=ended + timedelta(hours=30))
    for hours, joined in ((31.9, 0), (32, 1)):
        assert raise_wakes(SYSTEM, now=ended + timedelta(hours=hours)) == joined


EVENING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)  # an hour before the office's night


def test_a_floor_by_night_calls_at_once_and_by_day_waits_for_its_hour(lay: Lay, staff: list[User]) -> None:
    note_work(acting(staff[2]), now=NOON)
    report = waits(lay, received_at=NOON - timedelta(hours=1))
    worker(NOON)
    assert asked() == []
    claim_report(acting(staff[2]), report.reference)
    waits(lay, received_at=NIGHT - timedelta(hours=1), **{"incident.type": "csam"})
    worker(NIGHT)
    assert asked() == []
    waits(lay, received_at=NIGHT - timedelta(hours=1))
    worker(NIGHT)
    assert [one.cause for one in Wake.objects.all()] == [Cause.NIGHT]
    assert asked() == [(staff[1].pk, "mail")]


def test_what_the_evening_left_and_what_is_found_at_night_calls_at_night(lay: Lay, staff: list[User]) -> None:
    note_work(acting(staff[1]), now=EVENING)
    waits(lay, received_at=EVENING)
    found = waits(lay, received_at=EVENING, **{"incident.type": "csam"})
    worker(EVENING)
    assert asked() == []
    worker(EVENING + timedelta(hours=1))
    assert WokenFor.objects.count() == 1
    tell(found, URGENT)
    triage_reports(SYSTEM, report_ids=[found.pk])
    worker(NIGHT)
    assert set(WokenFor.objects.values_list("wake__cause", flat=True)) == {Cause.NIGHT}
    assert WokenFor.objects.count() == 2


def test_by_day_an_office_in_which_nobody_works_is_asleep_too(lay: Lay, staff: list[User]) -> None:
    note_work(acting(staff[1]), now=NOON)
    waits(lay, received_at=NOON)
    assert raise_wakes(SYSTEM, now=NOON + timedelta(minutes=59)) == 0
    assert raise_wakes(SYSTEM, now=NOON + timedelta(minutes=61)) == 1
    note_work(acting(staff[1]), now=NOON + timedelta(minutes=62))
    waits(lay, received_at=NOON)
    assert raise_wakes(SYSTEM, now=NOON + timedelta(minutes=63)) == 0
    keep_wishes(acting(staff[1]), opted_out=Category.SEXTORTION, caps=UNCAPPED, buddy=None, shares_name=False)
    assert raise_wakes(SYSTEM, now=NOON + timedelta(minutes=64)) == 1, "who is there leaves it to others"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_call_once(lay: Lay) -> None:
    supervisor, first = acting(a_person(Role.SUPERVISOR)), a_person(Role.ANALYST)
    keep_plan(supervisor, unit="north", plan=PLAN)
    keep_on_call(supervisor, unit="north", listed=[Listed(first.pk, 0, 0, "")])
    for _ in range(3):
        waits(lay, received_at=NOON - timedelta(hours=19))
    assert sorted(at_once(4, lambda _: raise_wakes(SYSTEM, now=NOON))) == [0, 0, 0, 3]  # type: ignore[type-var]
    assert Wake.objects.count() == 1


def test_more_that_comes_joins_the_call_that_is_open(lay: Lay, staff: list[User]) -> None:
    for _ in range(3):
        waits(lay, received_at=NOON - timedelta(hours=19))
        worker(NOON)
    assert len(asked()) == 1
    (call,) = calls_for(acting(staff[1]), now=NOON)
    assert call.total == len(call.references) == 3


def test_off_or_without_the_right_nobody_is_called(lay: Lay, staff: list[User]) -> None:
    supervisor, first, second = staff
    with pytest.raises(NotAllowed):
        keep_plan(acting(first), unit="north", plan=PLAN)
    with pytest.raises(NotAllowed):
        keep_on_call(acting(supervisor), unit="south", listed=[])
    Membership.objects.filter(user=first).delete()
    waits(lay, received_at=NOON - timedelta(hours=19))
    worker(NOON)
    assert {person for person, _ in asked()} == {second.pk}
    keep_plan(acting(supervisor), unit="north", plan=Plan(False, 360, 15, 20, 8))
    waits(lay, received_at=NOON - timedelta(hours=20))
    assert raise_wakes(SYSTEM, now=NOON) == 0


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as found:
        service = Service.read(f"http://office:s3cret@127.0.0.1:{found.port}/amaan")
        with override_settings(AMAAN_SMS=service, AMAAN_ORIGIN="https://desk.example.org"):
            yield found


def test_messages_hold_references_and_hours_and_by_telephone_not_even_those(
    lay: Lay, staff: list[User], gateway: Gateway
) -> None:
    keep_on_call(acting(staff[0]), unit="north", listed=[Listed(staff[2].pk, 0, 0, "+923001234567")])
    report = waits(lay, received_at=NOON - timedelta(hours=19))
    worker(NOON)
    gateway.busy = 1
    send_some(SYSTEM, clock=lambda: NOON)
    assert gateway.delivered == {}
    for _ in range(2):
        send_some(SYSTEM, clock=lambda: NOON + timedelta(minutes=2))
    number = Wake.objects.get().pk
    (sent,) = mail.outbox
    assert report.reference in sent.body
    assert f"https://desk.example.org/desk/calls/{number}/" in sent.body
    ((to, text),) = gateway.delivered.values()
    assert to == "+923001234567"
    assert report.reference not in text
    for told in (sent.subject, sent.body, text):
        assert not any(word in told.lower() for word in ("sextortion", "11-13", "example platform", "child"))
    assert [(one.attempts, one.fault) for one in Notice.objects.order_by("id")] == [(1, ""), (2, "")]
    assert messages_of(acting(staff[1]), "north") == []
    assert len(messages_of(acting(staff[0]), "north")) == 2


def test_a_worker_killed_while_it_sends_leaves_one_message_of_one_name(
    lay: Lay, staff: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(lay, received_at=NOON - timedelta(hours=19))
    worker(NOON)
    really, names = EmailMessage.send, []

    def sent_and_killed(message: EmailMessage, fail_silently: bool = False) -> int:
        names.append(message.extra_headers["Message-ID"])
        really(message, fail_silently)
        if len(names) == 1:
            raise KeyboardInterrupt
        return 1

    monkeypatch.setattr(EmailMessage, "send", sent_and_killed)
    with pytest.raises(KeyboardInterrupt):
        send_some(SYSTEM, clock=lambda: NOON)
    assert send_some(SYSTEM, clock=lambda: NOON + LEASE / 2) == 0
    assert send_some(SYSTEM, clock=lambda: NOON + LEASE) == 1
    assert send_some(SYSTEM, clock=lambda: NOON + 3 * LEASE) == 0
    assert len(set(names)) == 1


def test_what_cannot_be_sent_is_tried_later_and_later_and_seen(
    lay: Lay, staff: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits(lay, received_at=NOON - timedelta(hours=19))
    worker(NOON)

    def down(*_: object) -> int:
        raise SMTPServerDisconnected("gone: person1@example.org")

    monkeypatch.setattr(EmailMessage, "send", down)
    now, tries = NOON, 0
    while (due := Notice.objects.get().try_at) is not None:
        now = max(now, due)
        tries += send_some(SYSTEM, clock=partial(max, now, due))
    assert tries == MOST_TRIES
    (sent,) = messages_of(acting(staff[0]), "north")
    assert sent.failed
    assert sent.fault == "SMTPServerDisconnected"
