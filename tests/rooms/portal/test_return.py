"""Coming back with a code: what is shown, what is sent, and how little a wrong code learns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from threading import Event, Semaphore, Thread
from typing import Any

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from amaan.keyring.services import door_private_key
from amaan.portal.domain import codes
from amaan.portal.domain.boxes import read_box
from amaan.portal.domain.codes import in_groups, is_whole, keys_of, make_code
from amaan.portal.domain.envelopes import Kind, Telling, read_telling
from amaan.portal.domain.letters import (
    Became,
    HashStatus,
    closing_letter,
    hash_letter,
    message_letter,
    status_letter,
)
from amaan.portal.domain.sealing import open_with
from amaan.portal.models import Envelope
from amaan.portal.pages import held_box, returning
from amaan.portal.services import Sent, leave_letter, send, waiting_envelopes
from amaan.portal.services.pacing import FREE, LANES, LINE, WAIT, Pace, TooManyAtOnce
from amaan.reports.domain.outcomes import PublicStatus

both = pytest.mark.django_db(databases=["default", "portal"])
STORY = "a stranger threatens me"
SHA256 = "ab" * 32
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
    done = send(Kind.REPORT, language="en", answers={"what_happened": STORY})
    Envelope.objects.all().delete()
    return done


def _letters(sent: Sent, *letters: dict[str, Any]) -> None:
    from amaan.portal.services import open_box

    keys = open_box(sent.code).keys
    for number, letter in enumerate(letters):
        leave_letter(
            address=keys.address, public=keys.public, number=number.to_bytes(16, "big"), value=letter
        )


def _opened(door: Client, code: str, language: str = "en") -> str:
    return door.post(f"/{language}/return/", {"do": "open", "code": code}).content.decode()


def _hidden(page: str, name: str = "box") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:3000]
    return unescape(found[1])


def _came() -> list[Telling]:
    return [read_telling(open_with(door_private_key(), one.sealed)) for one in waiting_envelopes()]


@both
@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_code_opens_however_it_is_written_and_shows_neither_itself_nor_the_story(
    door: Client, sent: Sent, language: str
) -> None:
    urdu = in_groups(sent.code).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for typed in (sent.code, in_groups(sent.code), f" {urdu.replace(' ', '-')} "):
        page = _opened(door, typed, language)
        assert 'name="text"' in page
        assert STORY not in page
        for code in (sent.code, in_groups(sent.code), urdu):
            assert code not in page


@both
def test_letters_are_read_in_order_in_words_and_apart_from_the_text_around_them(
    door: Client, sent: Sent
) -> None:
    assert "on its way" in _opened(door, sent.code)
    _letters(
        sent,
        status_letter(TODAY, PublicStatus.RECEIVED),
        message_letter(TODAY, 1, "<b>When</b> was it?\nAnd where?"),
        status_letter(TODAY, PublicStatus.READ),
        message_letter(TODAY, 3, "شکریہ"),
        hash_letter(TODAY, SHA256, "photo", HashStatus.WAITING),
        hash_letter(TODAY, SHA256, "photo", HashStatus.HELD),
        {"v": 9, "kind": "song", "at": "soon", "text": ["la"]},
        closing_letter(TODAY, Became.TAKEN_DOWN, "Look yourself."),
    )
    page = _opened(door, sent.code)
    assert "Somebody has read it." in page
    assert "Somebody will read it" not in page
    assert '<p class="said" dir="auto">&lt;b&gt;When&lt;/b&gt; was it?\nAnd where?</p>' in page
    places = [
        page.index(text)
        for text in ("was it?", "شکریہ", "cannot show yet", "was taken down", "Look yourself")
    ]
    assert places == sorted(places)
    assert "it is being looked for" in page
    assert "on its way to the list" not in page
    urdu = _opened(door, sent.code, "ur")
    assert "Somebody" not in urdu
    assert "شکریہ" in urdu


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["kind", "at", "status", "text", "number", "became", "hash", "file", "x"]),
            st.sampled_from(
                ["status", "message", "hash_status", "closing", "read", "held", "known", "photo", SHA256]
            )
            | st.none()
            | st.integers()
            | st.text(max_size=5)
            | st.lists(st.integers(), max_size=2)
            | st.dictionaries(st.text(max_size=2), st.integers(), max_size=1),
        ),
        max_size=6,
    )
)
def test_no_letter_harms_the_page_and_none_is_hidden(letters: list[dict[str, Any]]) -> None:
    contents = read_box(letters)
    known = ["status", "hash_status"]
    assert len(contents.said) >= sum(letter.get("kind") not in known for letter in letters)
    assert len(contents.hashes) <= len(letters)


@both
def test_a_message_goes_to_the_desk_once_sealed_and_from_the_same_box(door: Client, sent: Sent) -> None:
    page = _opened(door, sent.code)
    form = {"do": "write", "box": _hidden(page), "text": "  It is the\x00 same number.\r\n"}
    for _ in range(2):  # a thumb presses twice
        answer = door.post("/ur/return/", form).content.decode()
        assert "It is the same number" not in answer
    (told,) = _came()
    assert (told.kind, told.text, told.language) == (Kind.MESSAGE, "It is the same number.", "ur")
    door.post("/en/return/", {**form, "box": _hidden(answer)})
    assert len(_came()) == 2  # said again on purpose
    assert {one.address for one in _came()} == {told.address}


@both
def test_nothing_and_too_much_are_not_sent_and_what_was_typed_stays(door: Client, sent: Sent) -> None:
    page = _opened(door, sent.code)
    for text, said in ((" \n", "Write something first"), ("x" * 10_001, "too long")):
        answer = door.post(
            "/en/return/", {"do": "write", "box": _hidden(page), "text": text}
        ).content.decode()
        assert said in answer
        assert 'href="#text"' in answer
        assert text.strip() in answer
    assert _came() == []


@both
def test_withdrawing_is_a_wish_and_nobody_who_looks_on_learns_whether_one_is_safe(
    door: Client, sent: Sent
) -> None:
    form = {"do": "withdraw", "box": _hidden(_opened(door, sent.code))}
    page = door.post("/en/return/", form).content.decode()
    assert "Nothing is deleted" in page
    assert "checked" not in page  # nothing is chosen for anybody
    assert _came() == []
    shown = set()
    for typed in ("no", "yes", "not_said", "", "x"):
        box = _hidden(door.post("/en/return/", form).content.decode())
        answer = door.post("/en/return/", {"do": "withdraw-send", "box": box, "safe": typed}).content.decode()
        shown.add(answer.replace(_hidden(answer), "").partition("<!--")[0])
    assert len(shown) == 1
    assert [(one.kind, one.safe) for one in _came()] == [
        (Kind.WITHDRAW, safe) for safe in ("no", "yes", "not_said", "not_said", "not_said")
    ]


@both
def test_what_cannot_be_sent_just_now_is_kept_in_the_page_and_sent_once_later(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    _letters(sent, hash_letter(TODAY, SHA256, "photo", HashStatus.HELD))
    page = _opened(door, sent.code)
    forms = [
        {"do": "write", "text": "half past nine"},
        {"do": "withdraw-send", "safe": "no", "text": "half past nine"},
        {"do": "hashes-send", "listed": SHA256, "text": "half past nine"},
    ]

    def full(*_: object, **__: object) -> None:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(returning, "send", full)
        kept = [door.post("/en/return/", {**form, "box": _hidden(page)}) for form in forms]
    assert _came() == []
    shown = [answer.content.decode() for answer in kept]
    assert {answer.status_code for answer in kept} == {503}
    assert all("could not be sent just now" in text and "half past nine" in text for text in shown)
    assert 'value="no" autocomplete="off" checked' in shown[1]
    assert f'value="{SHA256}" autocomplete="off" checked' in shown[2]
    for form, text in zip(forms, shown, strict=True):
        assert door.post("/en/return/", {**form, "box": _hidden(text)}).status_code == 200
    assert [one.kind for one in _came()] == [Kind.MESSAGE, Kind.WITHDRAW, Kind.WITHDRAW_HASH]


@both
def test_a_hash_is_taken_back_from_the_list_or_by_the_file_itself(door: Client, sent: Sent) -> None:
    _letters(
        sent,
        hash_letter(TODAY, SHA256, "photo", HashStatus.HELD),
        hash_letter(TODAY, "cd" * 32, "video", HashStatus.WITHDRAWN),
    )
    page = door.post(
        "/en/return/", {"do": "hashes", "box": _hidden(_opened(door, sent.code))}
    ).content.decode()
    assert SHA256 in page
    assert "cd" * 32 not in page
    again = '{"kind":"other","sha256":"%s","pdq":"","quality":null,"frames":[]}' % ("ef" * 32)
    form = {"do": "hashes-send", "box": _hidden(page), "listed": [SHA256, "../x"], "hash": again}
    for _ in range(2):
        door.post("/en/return/", form)
    assert [(one.kind, one.hash) for one in _came()] == [
        (Kind.WITHDRAW_HASH, SHA256),
        (Kind.WITHDRAW_HASH, "ef" * 32),
    ]
    none = door.post("/en/return/", {"do": "hashes-send", "box": _hidden(page), "hash": "{"}).content.decode()
    assert "Choose a picture first" in none
    assert len(_came()) == 2


@both
def test_after_a_quarter_of_an_hour_the_code_is_asked_again_and_the_text_waits_for_its_own_box_only(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = _hidden(_opened(door, sent.code))
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(held_box.timezone, "now", lambda: later)
    form = {"do": "write", "box": box, "text": "what I wanted to add" + " and more" * 2000}
    shut = door.post("/en/return/", form).content.decode()
    assert "What you were writing is kept" in shut
    assert "what I wanted to add" not in shut
    assert _came() == []
    kept = _hidden(shut, "kept")
    assert _hidden(door.post("/ur/return/", {"do": "ask", "kept": kept}).content.decode(), "kept") == kept
    other = send(Kind.REPORT, language="en")
    for code, shown in ((sent.code, True), (other.code, False)):
        page = door.post("/en/return/", {"do": "open", "code": code, "kept": kept}).content.decode()
        assert ("what I wanted to add and more" in page) == shown
        assert page.count("and more") == 2000 * shown


@both
def test_each_press_gives_a_quarter_of_an_hour_and_an_hour_is_the_end(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = timezone.now()
    answer = door.post("/ur/return/", {"do": "open", "code": sent.code})
    assert answer.headers["Refresh"].split("; url=")[1] == "/ur/exit/"
    assert 890 <= int(answer.headers["Refresh"].split(";")[0]) <= 900
    page = answer.content.decode()
    for minutes, left in ((14, 900), (28, 900), (42, 900), (56, 240)):
        now = began + timedelta(minutes=minutes)
        monkeypatch.setattr(held_box.timezone, "now", lambda now=now: now)
        answer = door.post("/en/return/", {"do": "withdraw", "box": _hidden(page)})
        page = answer.content.decode()
        assert 'name="safe"' in page
        assert left <= int(answer.headers["Refresh"].split(";")[0]) <= left + 5
    monkeypatch.setattr(held_box.timezone, "now", lambda: began + timedelta(minutes=60, seconds=5))
    shut = door.post("/en/return/", {"do": "look", "box": _hidden(page)})
    assert 'name="code"' in shut.content.decode()
    assert "Refresh" not in shut.headers


@both
def test_what_is_being_written_goes_along_to_the_pages_beside_the_box(door: Client, sent: Sent) -> None:
    page = _opened(door, sent.code)
    for do, back in (("withdraw", "look"), ("withdraw", "withdraw-send"), ("hashes", "look")):
        form = {"do": do, "box": _hidden(page), "text": 'half a "sen'}
        page = door.post("/en/return/", form).content.decode()
        form = {"do": back, "box": _hidden(page), "text": _hidden(page, "text")}
        page = door.post("/en/return/", form).content.decode()
        assert "half a &quot;sen</textarea>" in page
    assert {one.kind for one in _came()} == {Kind.WITHDRAW}


@both
@pytest.mark.parametrize("box", ["", "AAAA", "x" * 3000, "é"])
def test_a_form_that_is_none_of_ours_asks_for_the_code(door: Client, box: str) -> None:
    for do in ("look", "write", "withdraw-send", "hashes-send", "unheard-of"):
        answer = door.post("/en/return/", {"do": do, "box": box, "text": "x"})
        assert answer.status_code == 200
        assert 'name="code"' in answer.content.decode()


@both
def test_a_box_opens_no_other_page_and_no_other_page_a_box(door: Client, sent: Sent) -> None:
    from amaan.portal.forms import open_state, seal_state

    box = _hidden(_opened(door, sent.code))
    value = open_state("box", box)
    assert sent.code not in str(value)
    with pytest.raises(Exception, match="not one of ours"):
        open_state("answers", box)
    answer = door.post("/en/return/", {"do": "look", "box": seal_state("answers", value)})
    assert 'name="code"' in answer.content.decode()


@both
def test_the_language_changes_and_what_is_typed_stays(door: Client, sent: Sent) -> None:
    page = _opened(door, sent.code)
    assert 'formaction="/ur/return/"' in page
    urdu = door.post(
        "/ur/return/", {"do": "look", "box": _hidden(page), "text": "half a sen"}
    ).content.decode()
    assert 'lang="ur"' in urdu
    assert "half a sen</textarea>" in urdu
    asked = door.post("/ur/return/", {"do": "withdraw", "box": _hidden(urdu), "safe": "no"}).content.decode()
    assert 'value="no" autocomplete="off" checked' in asked
    assert _came() == []


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
        with django_assert_num_queries(1, using="portal"):
            answers.append(door.post("/en/return/", {"do": "open", "code": code}))
    assert len(asked) == len(tried)
    assert {answer.content for answer in answers} == {answers[0].content}
    assert {answer.status_code for answer in answers} == {200}
    assert {str(sorted(answer.headers.items())) for answer in answers} == {
        str(sorted(answers[0].headers.items()))
    }
    assert "opens nothing here" in answers[0].content.decode()


@both
def test_no_size_tells_whether_a_box_is_open_or_how_much_lies_in_it(door: Client, sent: Sent) -> None:
    sizes = {len(door.get("/en/return/").content), len(_opened(door, make_code()).encode())}
    sizes.add(len(_opened(door, sent.code).encode()))
    _letters(sent, *(message_letter(TODAY, n, f"question {n}") for n in range(9)))
    sizes.add(len(_opened(door, sent.code).encode()))
    box = _hidden(_opened(door, sent.code))
    for do in ("withdraw", "hashes"):
        sizes.add(len(door.post("/en/return/", {"do": do, "box": box}).content))
    assert sizes == {returning._STEP}
    long = _opened(door, sent.code, "ur")
    assert len(long.encode()) % returning._STEP == 0


@both
def test_many_wrong_codes_slow_everybody_a_little_and_lock_nobody_out(
    door: Client, sent: Sent, pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(pace, "_sleep", slept.append)
    monkeypatch.setattr(pace, "free", 3)
    for _ in range(3):
        _opened(door, make_code())
    assert slept == []
    assert 'name="text"' in _opened(door, sent.code)
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
def test_every_page_has_a_way_out_and_keeps_nothing(door: Client, sent: Sent) -> None:
    box = _hidden(_opened(door, sent.code))
    for form in (
        {"do": "open", "code": sent.code},
        *({"do": do, "box": box} for do in ("look", "withdraw", "hashes")),
    ):
        answer = door.post("/en/return/", form)
        assert 'href="/en/exit/"' in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
    assert "I have lost my code" in door.get("/en/return/").content.decode()


@both
def test_a_guess_costs_what_the_door_promises(door: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once at the real cost: 32 MB and three passes, as docs/decisions 22 says."""
    assert REAL_COST == (3, 32 * 1024 * 1024)
    monkeypatch.setattr(codes, "_OPERATIONS", REAL_COST[0])
    monkeypatch.setattr(codes, "_MEMORY", REAL_COST[1])
    assert 'name="text"' in _opened(door, send(Kind.REPORT, language="en").code)
