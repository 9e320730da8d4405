"""Identifiers in running text, and the checksums behind them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.reports.domain.identifiers import TYPES, clean, recognise
from amaan.reports.domain.identifiers.crypto import eip55
from amaan.reports.domain.identifiers.keccak import keccak256

pytestmark = pytest.mark.pure


def seen(text: str) -> list[tuple[str, str]]:
    return [(found.type, found.cleaned.normalised) for found in recognise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He called from 0300-0000000.", [("phone", "+923000000000")]),
        ("اس نے ۰۳۰۰-۰۰۰۰۰۰۰ سے فون کیا۔", [("phone", "+923000000000")]),
        ("+92 300 0000000, 0092-300-0000000", [("phone", "+923000000000")] * 2),
        ("ring 042-35761999 or +44 7911 123456", [("phone", "+924235761999"), ("phone", "+447911123456")]),
        ("send to easypaisa: 0345-0000000", [("mobile_wallet", "+923450000000")]),
        ("جاز کیش نمبر ۰۳۰۰۰۰۰۰۰۰۰", [("mobile_wallet", "+923000000000")]),
        ("pay sample.name@nayapay now", [("mobile_wallet", "sample.name@nayapay")]),
        ("in 120363000000000000@g.us", [("group_id", "whatsapp:120363000000000000@g.us")]),
        ("mail Some.Name@Example.org, please", [("email", "some.name@example.org")]),
        ("(see https://example.com/a(b)?x=1).", [("url", "https://example.com/a(b)?x=1")]),
        (
            "join chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv today",
            [("invitation", "whatsapp:AbCdEfGhIjKlMnOpQrStUv")],
        ),
        ("https://t.me/+AAAAAExample!", [("invitation", "telegram:+AAAAAExample")]),
        ("IBAN PK36 SCBL 0000 0011 2345 6702 ok", [("bank", "PK36SCBL0000001123456702")]),
        ("GB82WEST12345698765432", [("bank", "GB82WEST12345698765432")]),
        ("btc 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", [("crypto", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa")]),
        ("card 11111-1111111-1", [("cnic", "1111111111111")]),
        ("CNIC 1111111111111", [("cnic", "1111111111111")]),
        ("https://wa.me/923000000000", [("url", "https://wa.me/923000000000"), ("phone", "+923000000000")]),
    ],
)
def test_what_is_certain_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert seen(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "on 12-11-2026 at 10:30, 1111111111111 things",
        "order 03001234567890 and 103001234567",
        "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
        "PK37 SCBL 0000 0011 2345 6702",
        "md5 d41d8cd98f00b204e9800998ecf8427e",
        "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "version 1.2.3, file a.b.c, 50% of 1000000",
        "name@localhost and @name",
        "not a phone: 2026-11-21T10:30:00+05:00",
        "",
    ],
)
def test_what_is_not_certain_is_left_alone(text: str) -> None:
    assert seen(text) == []


@given(st.text(st.characters(codec=None), max_size=200) | st.text("0123456789+-@./:hpts%~ ۰۱۲", max_size=200))
def test_any_text_is_read_and_places_are_right(text: str) -> None:
    for found in recognise(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.cleaned.type == found.type
        assert found.type in TYPES


@given(st.text("abc ,;\n", max_size=20), st.text("abc ,;\n", max_size=20))
def test_the_place_is_that_of_the_original_text(before: str, after: str) -> None:
    text = f"{before} \u202b۰۳۰۰-۰۰۰۰۰۰۰\u202c {after}"
    (found,) = recognise(text)
    assert text[found.start : found.end] == "۰۳۰۰-۰۰۰۰۰۰۰"


@pytest.mark.parametrize(
    "piece", ["a", "0", "a.", "a@", "92 3", "https://", "PK36 ", "+1", "1-", "easypaisa ", "((", "www."]
)
def test_a_long_text_is_read_in_bounded_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.perf_counter()
    recognise(text)
    assert time.perf_counter() - started < 5


def test_keccak_is_the_one_of_ethereum() -> None:
    # Vectors of the Keccak team's submission and of EIP-55.
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
    assert len({keccak256(b"x" * length) for length in range(130, 280)}) == 150
    for address in (
        "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "fB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "dbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "D1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ):
        assert eip55(address.lower()) == address


@given(st.integers(0, 41), st.sampled_from("0123456789abcdefABCDEF"))
def test_one_wrong_character_in_a_bitcoin_address_is_noticed(place: int, letter: str) -> None:
    good = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
    wrong = good[:place] + letter + good[place + 1 :]
    if wrong == good:
        assert clean("crypto", wrong).normalised == good
    else:
        with pytest.raises(ValueError, match="Expected"):
            clean("crypto", wrong)
