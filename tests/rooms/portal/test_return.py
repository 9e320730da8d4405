"""Coming back with a code: what is shown, what is sent, and how little a wrong code learns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.portal.box import came, hidden, letters, opened

from amaan.portal.domain.boxes import read_box
from amaan.portal.domain.codes import in_groups
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.letters import (
    Became,
    HashStatus,
    closing_letter,
    hash_letter,
    message_letter,
    status_letter,
)
from amaan.portal.models import Envelope
from amaan.portal.pages import held_box, returning
from amaan.portal.services import Sent, send
from amaan.portal.services.pacing import Pace
from amaan.reports.domain.outcomes import PublicStatus

both = pytest.mark.django_db(databases=["default", "portal"])
STORY = "a stranger threatens me"
SHA256 = "ab" * 32
TODAY = timezone.now().date()


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


@both
@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_code_opens_however_it_is_written_and_shows_neither_itself_nor_the_story(
    door: Client, sent: Sent, language: str
) -> None:
    urdu = in_groups(sent.code).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    for typed in (sent.code, in_groups(sent.code), f" {urdu.replace('-', ' ')} "):
        page = opened(door, typed, language)
        assert 'name="text"' in page
        assert STORY not in page
        for code in (sent.code, in_groups(sent.code), urdu):
            assert code not in page


@both
def test_its_groups_in_another_order_open_nothing(door: Client, sent: Sent) -> None:
    groups = in_groups(sent.code).split("-")
    one, two, three, four = groups
    for swapped in ((two, one, four, three), (four, three, two, one)):
        assert 'name="text"' not in opened(door, " ".join(swapped))
    assert 'name="text"' in opened(door, " ".join(groups))


@both
def test_letters_are_read_in_order_in_words_and_apart_from_the_text_around_them(
    door: Client, sent: Sent
) -> None:
    assert "on its way" in opened(door, sent.code)
    letters(
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
    page = opened(door, sent.code)
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
    urdu = opened(door, sent.code, "ur")
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
    page = opened(door, sent.code)
    form = {"do": "write", "box": hidden(page), "text": "  It is the\x00 same number.\r\n"}
    for _ in range(2):  # a thumb presses twice
        answer = door.post("/ur/return/", form).content.decode()
        assert "It is the same number" not in answer
    (told,) = came()
    assert (told.kind, told.text, told.language) == (Kind.MESSAGE, "It is the same number.", "ur")
    door.post("/en/return/", {**form, "box": hidden(answer)})
    assert len(came()) == 2  # said again on purpose
    assert {one.address for one in came()} == {told.address}


@both
def test_nothing_and_too_much_are_not_sent_and_what_was_typed_stays(door: Client, sent: Sent) -> None:
    page = opened(door, sent.code)
    for text, said in ((" \n", "Write something first"), ("x" * 10_001, "too long")):
        answer = door.post("/en/return/", {"do": "write", "box": hidden(page), "text": text}).content.decode()
        assert said in answer
        assert 'href="#text"' in answer
        assert text.strip() in answer
    assert came() == []


@both
def test_withdrawing_is_a_wish_and_nobody_who_looks_on_learns_whether_one_is_safe(
    door: Client, sent: Sent
) -> None:
    form = {"do": "withdraw", "box": hidden(opened(door, sent.code))}
    page = door.post("/en/return/", form).content.decode()
    assert "Nothing is deleted" in page
    assert "checked" not in page  # nothing is chosen for anybody
    assert came() == []
    shown = set()
    for typed in ("no", "yes", "not_said", "", "x"):
        box = hidden(door.post("/en/return/", form).content.decode())
        answer = door.post("/en/return/", {"do": "withdraw-send", "box": box, "safe": typed}).content.decode()
        shown.add(answer.replace(hidden(answer), "").partition("<!--")[0])
    assert len(shown) == 1
    assert [(one.kind, one.safe) for one in came()] == [
        (Kind.WITHDRAW, safe) for safe in ("no", "yes", "not_said", "not_said", "not_said")
    ]


@both
def test_what_cannot_be_sent_just_now_is_kept_in_the_page_and_sent_once_later(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    letters(sent, hash_letter(TODAY, SHA256, "photo", HashStatus.HELD))
    page = opened(door, sent.code)
    forms = [
        {"do": "write", "text": "half past nine"},
        {"do": "withdraw-send", "safe": "no", "text": "half past nine"},
        {"do": "hashes-send", "listed": SHA256, "text": "half past nine"},
    ]

    def full(*_: object, **__: object) -> None:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(returning, "send", full)
        kept = [door.post("/en/return/", {**form, "box": hidden(page)}) for form in forms]
    assert came() == []
    shown = [answer.content.decode() for answer in kept]
    assert {answer.status_code for answer in kept} == {503}
    assert all("could not be sent just now" in text and "half past nine" in text for text in shown)
    assert 'value="no" autocomplete="off" checked' in shown[1]
    assert f'value="{SHA256}" autocomplete="off" checked' in shown[2]
    for form, text in zip(forms, shown, strict=True):
        assert door.post("/en/return/", {**form, "box": hidden(text)}).status_code == 200
    assert [one.kind for one in came()] == [Kind.MESSAGE, Kind.WITHDRAW, Kind.WITHDRAW_HASH]


@both
def test_a_hash_is_taken_back_from_the_list_or_by_the_file_itself(door: Client, sent: Sent) -> None:
    letters(
        sent,
        hash_letter(TODAY, SHA256, "photo", HashStatus.HELD),
        hash_letter(TODAY, "cd" * 32, "video", HashStatus.WITHDRAWN),
    )
    page = door.post("/en/return/", {"do": "hashes", "box": hidden(opened(door, sent.code))}).content.decode()
    assert SHA256 in page
    assert "cd" * 32 not in page
    again = '{"kind":"other","sha256":"%s","pdq":"","quality":null,"frames":[]}' % ("ef" * 32)
    form = {"do": "hashes-send", "box": hidden(page), "listed": [SHA256, "../x"], "hash": again}
    for _ in range(2):
        door.post("/en/return/", form)
    assert [(one.kind, one.hash) for one in came()] == [
        (Kind.WITHDRAW_HASH, SHA256),
        (Kind.WITHDRAW_HASH, "ef" * 32),
    ]
    none = door.post("/en/return/", {"do": "hashes-send", "box": hidden(page), "hash": "{"}).content.decode()
    assert "Choose a picture first" in none
    assert len(came()) == 2


@both
def test_after_a_quarter_of_an_hour_the_code_is_asked_again_and_the_text_waits_for_its_own_box_only(
    door: Client, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = hidden(opened(door, sent.code))
    later = timezone.now() + timedelta(minutes=15, seconds=1)
    monkeypatch.setattr(held_box.timezone, "now", lambda: later)
    form = {"do": "write", "box": box, "text": "what I wanted to add" + " and more" * 2000}
    shut = door.post("/en/return/", form).content.decode()
    assert "What you were writing is kept" in shut
    assert "what I wanted to add" not in shut
    assert came() == []
    kept = hidden(shut, "kept")
    assert hidden(door.post("/ur/return/", {"do": "ask", "kept": kept}).content.decode(), "kept") == kept
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
    assert answer.headers["Refresh"].split("; url=")[1].startswith("/ur/exit/?f=")
    assert 890 <= int(answer.headers["Refresh"].split(";")[0]) <= 900
    page = answer.content.decode()
    for minutes, left in ((14, 900), (28, 900), (42, 900), (56, 240)):
        now = began + timedelta(minutes=minutes)
        monkeypatch.setattr(held_box.timezone, "now", lambda now=now: now)
        answer = door.post("/en/return/", {"do": "withdraw", "box": hidden(page)})
        page = answer.content.decode()
        assert 'name="safe"' in page
        assert left <= int(answer.headers["Refresh"].split(";")[0]) <= left + 5
    monkeypatch.setattr(held_box.timezone, "now", lambda: began + timedelta(minutes=60, seconds=5))
    shut = door.post("/en/return/", {"do": "look", "box": hidden(page)})
    assert 'name="code"' in shut.content.decode()
    assert "Refresh" not in shut.headers


@both
def test_what_is_being_written_goes_along_to_the_pages_beside_the_box(door: Client, sent: Sent) -> None:
    page = opened(door, sent.code)
    for do, back in (("withdraw", "look"), ("withdraw", "withdraw-send"), ("hashes", "look")):
        form = {"do": do, "box": hidden(page), "text": 'half a "sen'}
        page = door.post("/en/return/", form).content.decode()
        form = {"do": back, "box": hidden(page), "text": hidden(page, "text")}
        page = door.post("/en/return/", form).content.decode()
        assert "half a &quot;sen</textarea>" in page
    assert {one.kind for one in came()} == {Kind.WITHDRAW}


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

    box = hidden(opened(door, sent.code))
    value = open_state("box", box)
    assert sent.code not in str(value)
    with pytest.raises(Exception, match="not one of ours"):
        open_state("answers", box)
    answer = door.post("/en/return/", {"do": "look", "box": seal_state("answers", value)})
    assert 'name="code"' in answer.content.decode()


@both
def test_the_language_changes_and_what_is_typed_stays(door: Client, sent: Sent) -> None:
    page = opened(door, sent.code)
    assert 'formaction="/ur/return/"' in page
    urdu = door.post(
        "/ur/return/", {"do": "look", "box": hidden(page), "text": "half a sen"}
    ).content.decode()
    assert 'lang="ur"' in urdu
    assert "half a sen</textarea>" in urdu
    asked = door.post("/ur/return/", {"do": "withdraw", "box": hidden(urdu), "safe": "no"}).content.decode()
    assert 'value="no" autocomplete="off" checked' in asked
    assert came() == []


@both
def test_every_page_has_a_way_out_and_keeps_nothing(door: Client, sent: Sent) -> None:
    box = hidden(opened(door, sent.code))
    for form in (
        {"do": "open", "code": sent.code},
        *({"do": do, "box": box} for do in ("look", "withdraw", "hashes")),
    ):
        answer = door.post("/en/return/", form)
        assert 'href="/en/exit/?f=' in answer.content.decode()
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies
    assert "I have lost my code" in door.get("/en/return/").content.decode()
