"""A wrong code: how little it learns, what it costs, and that nobody is locked out for it."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from tests.rooms.portal.box import hidden, letters, opened

from amaan.portal.domain import codes
from amaan.portal.domain.codes import is_whole, keys_of, make_code
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.letters import message_letter
from amaan.portal.models import Envelope
from amaan.portal.pages import returning
from amaan.portal.services import Sent, send
from amaan.portal.services.pacing import FREE, LANES, LINE, WAIT, Pace, TooManyAtOnce

both = pytest.mark.django_db(databases=["default", "portal"])
TODAY = timezone.now().date()
REAL_COST = (codes._OPERATIONS, codes._MEMORY)


@pytest.fixture(autouse=True)
def pace(monkeypatch: pytest.MonkeyPatch, quick_codes: None) -> Pace:
    """A fresh count for each test, and one that doesn't sleep."""
    from amaan.portal.services import opening

    fresh = Pace(sleep=lambda _: None)
    monkeypatch.setattr(opening, "CODES", fresh)
    return fresh


@pytest.fixture
def sent() -> Sent:
    """A report that the desk has fetched already: what waits afterwards is what came back."""
    done = send(Kind.REPORT, language="en", answers={"what_happened": "a stranger threatens me"})
    Envelope.objects.all().delete()
    return done


def _wrong(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


@both
def test_wrong_and_absent_codes_get_the_same_bytes_after_the_same_work(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    from amaan.portal.services import opening

    asked = []
    monkeypatch.setattr(opening, "keys_of", lambda *told: (asked.append(told[0]), keys_of(*told))[1])
    absent = make_code()
    tried = [_wrong(sent.code), absent, "", "12", "not a code", "9" * 400]
    assert not is_whole(tried[0])
    assert is_whole(absent)
    answers: list[HttpResponse] = []
    for code in tried:
        with django_assert_num_queries(2, using="portal"):  # was this form left; is there a box
            answers.append(door.post("/en/return/", {"do": "open", "code": code, "form": "0" * 32}))
    assert len(asked) == len(tried)
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {200}
    assert {str(sorted(answer.headers.items())) for answer in answers} == {
        str(sorted(answers[0].headers.items()))
    }
    assert "opens nothing here" in answers[0].content.decode()


@both
def test_no_size_tells_whether_a_box_is_open_or_how_much_lies_in_it(door: Client, sent: Sent) -> None:
    sizes = {len(door.get("/en/return/").content), len(opened(door, make_code()).encode())}
    sizes.add(len(opened(door, sent.code).encode()))
    letters(sent, *(message_letter(TODAY, n, f"question {n}") for n in range(9)))
    sizes.add(len(opened(door, sent.code).encode()))
    box = hidden(opened(door, sent.code))
    for do in ("withdraw", "hashes"):
        sizes.add(len(door.post("/en/return/", {"do": do, "box": box}).content))
    assert sizes == {returning._STEP}
    long = opened(door, sent.code, "ur")
    assert len(long.encode()) % returning._STEP == 0


@both
def test_many_wrong_codes_slow_everybody_a_little_and_lock_nobody_out(
    door: Client, sent: Sent, pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(pace, "_sleep", slept.append)
    monkeypatch.setattr(pace, "free", 3)
    for _ in range(3):
        opened(door, make_code())
    assert slept == []
    assert 'name="text"' in opened(door, sent.code)
    assert slept == [WAIT]


def test_the_wrong_codes_of_a_minute_are_forgotten() -> None:
    now = [0.0]
    slept: list[float] = []
    pace = Pace(clock=lambda: now[0], sleep=slept.append)
    for _ in range(FREE):
        with pace.one_try():
            pace.note_wrong()
    assert slept == []
    with pace.one_try():
        assert slept == [WAIT]
    now[0] = 61.0
    with pace.one_try():
        assert slept == [WAIT]


def test_lanes_are_few_whoever_comes_next_stands_in_line_and_a_full_line_says_so() -> None:
    pace = Pace(sleep=lambda _: None)
    pace.free = 0
    begun, told_to_end = Semaphore(0), Event()

    def one() -> None:
        with pace.one_try():
            begun.release()
            told_to_end.wait(30)

    people = [Thread(target=one) for _ in range(LINE)]
    for person in people:
        person.start()
    for _ in range(LANES):
        assert begun.acquire(timeout=30)
    assert not begun.acquire(blocking=False)  # the others stand in line
    while pace._line._value:  # until the last of them has come
        told_to_end.wait(0.001)
    with pytest.raises(TooManyAtOnce), pace.one_try():
        raise AssertionError
    told_to_end.set()
    for person in people:
        person.join(30)
    for _ in range(LINE - LANES):
        assert begun.acquire(blocking=False)  # each had a turn
    with pace.one_try():
        pass


@both
def test_when_all_lanes_are_taken_the_page_says_so_and_asks_again(
    door: Client, sent: Sent, pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> Iterator[None]:
        raise TooManyAtOnce

    monkeypatch.setattr(pace, "one_try", full)
    answer = door.post("/en/return/", {"do": "open", "code": sent.code})
    assert answer.status_code == 503
    assert "Very many people" in answer.content.decode()
    assert sent.code not in answer.content.decode()


@both
def test_a_guess_costs_what_the_door_promises(door: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once at the real cost: 32 MB and three passes, as docs/decisions 22 says."""
    assert REAL_COST == (3, 32 * 1024 * 1024)
    monkeypatch.setattr(codes, "_OPERATIONS", REAL_COST[0])
    monkeypatch.setattr(codes, "_MEMORY", REAL_COST[1])
    assert 'name="text"' in opened(door, send(Kind.REPORT, language="en").code)
