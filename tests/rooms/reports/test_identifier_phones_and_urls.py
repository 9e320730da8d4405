"""Phones against the library they stand in front of, and web addresses against RFC 3986."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from amaan.reports.domain.identifiers import NotUnderstood, clean
from amaan.reports.domain.identifiers.phones import _PAKISTANI_MOBILE, _by_library
from amaan.reports.domain.identifiers.web import _ALREADY_CANONICAL, canonical

pytestmark = pytest.mark.pure
_URDU = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_FORMS = [
    "0{a}{b}", "0{a}-{b}", "0{a} {b}", "+92{a}{b}", "+92 {a} {b}", "+92-{a}-{b}", "92{a}{b}", "0092{a}{b}",
    "0092 {a} {b}",
    "{a}{b}", "+92 (0){a} {b}", "+92 (0) {a} {b}", "(0{a}) {b}", "0{a}.{b}", "tel:+92{a}{b}", " 0{a} {b} ",
    "0{a}\u2013{b}", "\u202a+92 {a} {b}\u202c", "+92 0{a} {b}", "0{a}\u200b{b}", "WhatsApp: 0{a} {b}",
    "0{a}۔{b}",
]  # fmt: skip


@given(
    st.integers(300, 399).map(str),
    st.integers(0, 9_999_999).map("{:07}".format),
    st.sampled_from(_FORMS),
    st.sampled_from([None, _URDU, _ARABIC]),
)
def test_every_pakistani_form_is_one_number(
    block: str, rest: str, form: str, digits: dict[int, int] | None
) -> None:
    written = form.format(a=block, b=rest)
    value = clean("phone", written.translate(digits) if digits else written)
    assert value.normalised == f"+92{block}{rest}"
    assert value.display == f"+92 {block} {rest}"


@given(st.from_regex(_PAKISTANI_MOBILE, fullmatch=True))
def test_the_fast_path_and_the_library_agree(written: str) -> None:
    value = clean("phone", written)
    assert (value.normalised, value.display) == _by_library(written, "PK")


@given(
    st.sampled_from(["PK", "GB", "US", "AE", "SA", "IN", "DE", "IT"]),
    st.text("0123456789+ -()", min_size=5, max_size=18),
)
def test_with_its_country_code_a_number_is_what_the_library_says(country: str, written: str) -> None:
    try:
        value = clean("phone", written, country=country)
    except NotUnderstood:
        return
    number = phonenumbers.parse(value.normalised, None)
    assert phonenumbers.is_possible_number(number)
    assert phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) == value.normalised


@pytest.mark.parametrize(
    ("written", "country", "e164"),
    [
        ("042-35761999", "PK", "+924235761999"),
        ("(021) 3456 7890", "PK", "+922134567890"),
        ("051 9107080", "PK", "+92519107080"),
        ("۰۴۲-۳۵۷۶۱۹۹۹", "PK", "+924235761999"),
        ("021-111-111-222", "PK", "+9221111111222"),
        ("+44 7911 123456", "PK", "+447911123456"),
        ("0044 7911 123456", "PK", "+447911123456"),
        ("447911123456", "PK", "+447911123456"),
        ("07911 123456", "GB", "+447911123456"),
        ("+1 (202) 555-0143", "PK", "+12025550143"),
        ("+44 7911 123456 ext. 12", "PK", "+447911123456"),
    ],
)
def test_landlines_and_other_countries(written: str, country: str, e164: str) -> None:
    assert clean("phone", written, country=country).normalised == e164


CANONICAL = [
    ("HTTP://Example.COM", "http://example.com/"),
    ("http://example.com:80/", "http://example.com/"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://example.com:8443/a", "https://example.com:8443/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("https://example.com/a/./b/../c", "https://example.com/a/c"),
    ("https://example.com/../../a", "https://example.com/a"),
    ("https://example.com/%7ename/%c3%a9", "https://example.com/~name/%C3%A9"),
    ("https://example.com/é", "https://example.com/%C3%A9"),
    ("https://مثال.com/راستہ", "https://xn--mgbh0fb.com/%D8%B1%D8%A7%D8%B3%D8%AA%DB%81"),
    ("https://example.com/a?b=2&a=1&a=1", "https://example.com/a?b=2&a=1&a=1"),
    ("https://example.com/a?", "https://example.com/a?"),
    ("https://example.com/a?u=https://x.y/?z=1", "https://example.com/a?u=https://x.y/?z=1"),
    ("https://example.com/a#part", "https://example.com/a"),
    ("https://example.com/#!/room/1", "https://example.com/#!/room/1"),
    ("https://web.telegram.org/k/#-100123", "https://web.telegram.org/k/#-100123"),
    ("https://mega.nz/file/abc#Key", "https://mega.nz/file/abc#Key"),
    ("hxxps://example[.]com/a", "https://example.com/a"),
    ("www.example.com", "https://www.example.com/"),
    ("https://User:Pass@Example.com/", "https://User:Pass@example.com/"),
    ("https://203.0.113.7:8080/x", "https://203.0.113.7:8080/x"),
    ("http://[2001:DB8:0::1]:80/", "http://[2001:db8::1]/"),
    ("magnet:?xt=urn:btih:0000", "magnet:?xt=urn:btih:0000"),
    ("https://example.com/\u202ea\u200bb", "https://example.com/ab"),
    ("https://example.com/100%", "https://example.com/100%25"),
    ("http://abcdefghijklmnop.onion/x", "http://abcdefghijklmnop.onion/x"),
]


@pytest.mark.parametrize(("written", "expected"), CANONICAL)
def test_an_address_has_one_form(written: str, expected: str) -> None:
    assert clean("url", written).normalised == expected
    assert canonical(expected) == expected


@given(st.from_regex(_ALREADY_CANONICAL, fullmatch=True))
def test_the_fast_path_leaves_only_canonical_addresses_alone(address: str) -> None:
    assume(len(address) <= 4096)
    assert clean("url", address).normalised == address
    try:
        assert canonical(address) == address
    except NotUnderstood:
        assert len(address.split("/")[2]) > 253


_QUERY = st.lists(st.tuples(st.text("abcXYZ019._~-", min_size=1), st.text("abcXYZ019._~-")), max_size=4).map(
    lambda pairs: "&".join(f"{key}={value}" for key, value in pairs)
)


@given(_QUERY, _QUERY)
def test_two_addresses_that_differ_only_in_their_query_are_two(first: str, second: str) -> None:
    one, two = (clean("url", f"https://Example.com/v?{query}").normalised for query in (first, second))
    assert (one == two) == (first == second)
    assert one.endswith("?" + first)


def test_a_long_query_is_never_cut() -> None:
    query = "x" * 60_000
    assert clean("url", f"https://example.com/?{query}").normalised.endswith(query)


@given(st.text("%0123456789aAfFgG~/", max_size=30))
def test_percent_encoding_has_one_form_and_keeps_its_meaning(path: str) -> None:
    once = canonical("https://example.com/" + path)
    assert canonical(once) == once
