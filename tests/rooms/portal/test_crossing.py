"""Sealed at the door, opened at the desk, and answered into a box that only a code opens."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.public import PrivateKey

from amaan.keyring.services import door_private_key
from amaan.ledger.domain.leaf import commitment, decode
from amaan.portal.domain.codes import check_digit, digits_of, in_groups, is_whole, make_code
from amaan.portal.domain.envelopes import Kind, read_telling
from amaan.portal.domain.sealing import NotOpened, open_form, open_with, seal_form
from amaan.portal.models import Letter, Mailbox
from amaan.portal.services import NoSuchBox, drop_carried, leave_letter, open_box, send, waiting_envelopes

both = pytest.mark.django_db(databases=["default", "portal"])


@both
def test_what_is_sent_opens_at_the_desk_only_and_the_answer_with_the_code_only() -> None:
    sent = send(Kind.REPORT, language="ur", answers={"what": "someone threatens me"})
    (waiting,) = waiting_envelopes()
    assert b"threatens" not in waiting.sealed
    telling = read_telling(open_with(door_private_key(), waiting.sealed))
    assert telling.answers == {"what": "someone threatens me"}
    assert telling.submission == sent.submission
    leaf = decode(waiting.leaf)
    assert (leaf.on, leaf.body) == (sent.submission, commitment(waiting.salt, waiting.body))
    for _ in range(2):
        leave_letter(
            address=bytes.fromhex(telling.address),
            public=bytes.fromhex(telling.public),
            number=b"n" * 16,
            value={"kind": "message", "text": "we read it"},
        )
    assert [letter["text"] for letter in open_box(in_groups(sent.code)).letters] == ["we read it"]
    with pytest.raises(NoSuchBox):
        open_box(make_code())
    drop_carried([waiting])
    assert waiting_envelopes() == []


@both
def test_a_key_exchanged_at_the_door_opens_no_letter_and_is_set_back() -> None:
    sent = send(Kind.REPORT, language="en", answers={"what": "someone threatens me"})
    (waiting,) = waiting_envelopes()
    telling = read_telling(open_with(door_private_key(), waiting.sealed))
    address, public = bytes.fromhex(telling.address), bytes.fromhex(telling.public)
    stranger = PrivateKey.generate()
    Mailbox.objects.filter(address=address).update(public=bytes(stranger.public_key))
    leave_letter(address=address, public=public, number=b"n" * 16, value={"kind": "message", "text": "we"})
    with pytest.raises(NotOpened):
        open_with(bytes(stranger), bytes(Letter.objects.get().sealed))
    assert [letter["text"] for letter in open_box(sent.code).letters] == ["we"]


@both
def test_the_door_answers_in_the_language_of_the_address_and_keeps_nothing(door: Client) -> None:
    answer = door.get("/ur/")
    assert answer.status_code == 200
    assert 'dir="rtl"' in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    assert door.get("/", headers={"Accept-Language": "ur"}).headers["Location"] == "/ur/"
    assert door.get("/ur").headers["Location"] == "/ur/"
    assert door.post("/en/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(0, 14), st.integers(1, 9))
def test_a_slip_of_the_pen_is_noticed(body: str, place: int, off: int) -> None:
    code = body + check_digit(body)
    assert is_whole(code)
    wrong = code[:place] + str((int(code[place]) + off) % 10) + code[place + 1 :]
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert not is_whole(wrong)
    assert swapped == code or not is_whole(swapped)


def test_a_code_is_read_however_it_is_written() -> None:
    assert digits_of(" ۱۲۳۴-٥٦٧٨ 9012.3456") == "1234567890123456"


@settings(max_examples=30)
@given(
    st.recursive(
        st.text() | st.integers(-(2**53), 2**53), lambda inner: st.lists(inner, max_size=4), max_leaves=20
    )
)
def test_a_form_opens_as_it_was_sealed_and_for_its_purpose_only(value: object) -> None:
    text = seal_form(739000, b"k" * 32, "answers", value)
    assert open_form({739000: b"k" * 32}, "answers", text) == value
    for keys, purpose in (
        ({739001: b"k" * 32}, "answers"),
        ({739000: b"k" * 32}, "box"),
        ({739000: b"l" * 32}, "answers"),
    ):
        with pytest.raises(NotOpened):
            open_form(keys, purpose, text)
