"""Identifier types: laws that hold for every type and any text, and what each type understands."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amaan.reports.domain.identifiers import (
    TYPES,
    Cleaned,
    NotUnderstood,
    address_and_port,
    clean,
    platform_key,
)
from amaan.reports.domain.preparing import _INVITATION, looks_like_invitation

pytestmark = pytest.mark.pure

EXAMPLES = [(kind.name, raw, platform) for kind in TYPES.values() for raw, platform in kind.examples]
_INTRUDERS = [
    "\0",
    "\u200b",
    "\u202e",
    "\ufeff",
    "\ud800",
    " ",
    ":",
    "%",
    ".",
    "۵",
    "٣",
    "é",
    "İ",
    "/",
    "@",
    "\n",
]
_ANY_CHARACTER = st.characters(codec=None) | st.sampled_from(_INTRUDERS)
_PLATFORMS = st.sampled_from(
    ["", "instagram", "WhatsApp", "Punjab", "Habib Bank", "solana", "a:b", "ایزی پیسہ"]
)


@st.composite
def told(draw: st.DrawFn) -> tuple[str, str, str]:
    """(type, text, platform): anything at all, or a good value with something put into it."""
    name = draw(st.sampled_from(sorted(TYPES)))
    if draw(st.booleans()):
        return (
            name,
            draw(st.text(_ANY_CHARACTER, max_size=60)),
            draw(_PLATFORMS | st.text(_ANY_CHARACTER, max_size=12)),
        )
    _name, raw, platform = draw(st.sampled_from(EXAMPLES))
    place = draw(st.integers(0, len(raw)))
    return name, raw[:place] + draw(st.text(_ANY_CHARACTER, max_size=3)) + raw[place:], platform


def outcome(name: str, raw: str, platform: str = "") -> Cleaned | NotUnderstood:
    try:
        return clean(name, raw, platform=platform)
    except NotUnderstood as refusal:
        return refusal


def understood(name: str, raw: str, platform: str = "") -> str | None:
    value = outcome(name, raw, platform)
    return None if isinstance(value, NotUnderstood) else value.normalised


@given(told())
@example(("url", "https://example.com/%%341", ""))
@example(("handle", "\u0130ab", "x"))
@example(("handle", ":::a:b", ""))
@example(("platform_account", "instagram:instagram:1", ""))
@example(("bank", "1 Bank 12345", ""))
@example(("group_id", "0", "\u13a0"))
@example(("handle", "\u00df:0", "\u00df"))
def test_any_text_is_cleaned_or_not_understood_and_cleaning_again_changes_nothing(
    case: tuple[str, str, str],
) -> None:
    name, raw, platform = case
    value = outcome(name, raw, platform)
    if isinstance(value, NotUnderstood):
        assert str(value).startswith("Expected ")
        return
    assert value.normalised
    assert value.normalised == value.normalised.strip()
    assert not {"\0", "\u202e", "\u200b", "\n"} & set(value.normalised + value.display)
    value.normalised.encode()
    value.display.encode()
    assert clean(name, value.normalised, platform=value.platform).normalised == value.normalised
    if "*" not in value.display:
        assert clean(name, value.display, platform=value.platform).normalised == value.normalised


@pytest.mark.parametrize("name", sorted(TYPES))
@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "\0",
        "\u200b\u202e",
        "\ud800",
        "a" * 1_000_000,
        "0" * 1_000_000,
        "+" * 1_000_000,
        "a." * 30_000,
    ],
)
def test_hostile_text_ends_in_the_named_error_or_a_value(name: str, raw: str) -> None:
    value = outcome(name, raw)
    assert len(str(value)) < 300 if isinstance(value, NotUnderstood) else value.normalised


@pytest.mark.parametrize("name", sorted(TYPES))
def test_the_error_never_repeats_what_was_written(name: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        clean(name, "<planted\ud800secret>")
    assert "planted" not in str(caught.value)


def test_an_unknown_type_is_refused_by_name() -> None:
    with pytest.raises(NotUnderstood, match="phone"):
        clean("star_sign", "x")


@pytest.mark.parametrize(("name", "raw", "platform"), EXAMPLES)
def test_the_examples_of_the_reference_page_are_understood(name: str, raw: str, platform: str) -> None:
    assert clean(name, raw, platform=platform).type == name


def test_every_type_says_in_both_languages_why_it_links_or_supports() -> None:
    for kind in TYPES.values():
        assert kind.why.en.endswith(".")
        assert kind.why.ur.endswith("۔")
        assert ("support" in kind.why.en) or kind.links
        assert kind.label.en
        assert kind.label.ur
    assert {name for name, kind in TYPES.items() if kind.links} == {
        "phone", "email", "handle", "platform_account", "cnic", "bank", "mobile_wallet", "crypto",
        "ct_report",
    }  # fmt: skip


SAME = [
    ("email", "A.B+c@googlemail.com", "ab@gmail.com"),
    ("email", "Name@EXAMPLE.org", "name@example.org"),
    ("email", "mailto:name@example.org?subject=x", "name@example.org"),
    ("email", "نام@مثال.pk", "نام@xn--mgbh0fb.pk"),
    ("email", "a.b+c@example.org", "a.b+c@example.org"),
    ("domain", "https://user@WWW.Example.com:8080/x?y", "example.com"),
    ("domain", "مثال.com", "xn--mgbh0fb.com"),
    ("cnic", "۱۱۱۱۱-۱۱۱۱۱۱۱-۱", "1111111111111"),
    ("cnic", "CNIC: 1111111111111", "1111111111111"),
    ("vehicle", "a.b/123", ":AB-123"),
    ("vehicle", "L 12 ABC 9", ":L12ABC9"),
    ("platform_account", "https://m.facebook.com/profile.php?ref=x&id=10000001", "facebook:10000001"),
    ("ip", "[2001:DB8::1]:443", "2001:db8::1"),
    ("ip", "fe80::1%eth0", "fe80::1"),
    ("ip", "::ffff:203.0.113.7", "203.0.113.7"),
    ("ip", "203.0.113.7 port 51234", "203.0.113.7"),
    ("device", "490154203237518", "imei:490154203237518"),
    ("device", "00-00-5e-00-53-af", "mac:00:00:5e:00:53:af"),
    ("ct_report", "CyberTip Report #00012345", "12345"),
    ("ct_report", "۱۲۳۴۵", "12345"),
    ("app_package", "https://apps.apple.com/pk/app/example/id1234567890?l=ur", "id1234567890"),
    ("app_package", "com.Example.chat", "com.Example.chat"),
    ("bank", "pk36scbl0000001123456702", "PK36SCBL0000001123456702"),
    ("bank", "IBAN: GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
    ("bank", "Meezan Bank A/C No. 0000-0000001", "meezan:00000000001"),
    ("mobile_wallet", "jazz cash account 0300 0000000", "+923000000000"),
    ("mobile_wallet", "+923000000000", "+923000000000"),
    ("crypto", "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=1", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ("crypto", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
    ("crypto", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
     "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
    ("invitation", "https://telegram.me/joinchat/AAAAAExample?x", "telegram:+AAAAAExample"),
    ("invitation", "tg://join?invite=AAAAAExample", "telegram:+AAAAAExample"),
    ("invitation", "https://t.me/+AAAAAExample", "telegram:+AAAAAExample"),
    ("invitation", "T.me/Public_Name", "telegram:public_name"),
    ("invitation", "https://discord.com/invite/Abc123", "discord:Abc123"),
    ("other", "  Green   GATE ", "green gate"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "normalised"), SAME)
def test_many_ways_of_writing_mean_one_thing(name: str, raw: str, normalised: str) -> None:
    assert clean(name, raw).normalised == normalised


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("phone", "1799"),
        ("phone", "111-111-111"),
        ("phone", "my number is 03001234567"),
        ("phone", "0300123456"),
        ("phone", "+999123"),
        ("email", "name@localhost"),
        ("email", "two words@example.com"),
        ("email", "a@b@example.com"),
        ("url", "javascript:alert(1)"),
        ("url", "https://"),
        ("url", "https://exa mple.com/"),
        ("url", "https://example.com:99999/"),
        ("url", "just words"),
        ("url", "notes.txt on the table"),
        ("domain", "localhost"),
        ("ip", "256.1.1.1"),
        ("ip", "010.1.1.1"),
        ("ip", "203.0.113.7:70000"),
        ("cnic", "*****-**1111*-*"),
        ("cnic", "01111-1111111-1"),
        ("cnic", "11111-111111-1"),
        ("bank", "PK37 SCBL 0000 0011 2345 6702"),
        ("bank", "PK36SCBL000000112345670"),
        ("mobile_wallet", "042-35761999"),
        ("crypto", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb"),
        ("crypto", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
        ("crypto", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh"),  # bech32m on version 0
        ("crypto", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"),  # bech32 on version 1
        ("crypto", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
        ("crypto", "0x123"),
        ("invitation", "https://example.com/x"),
        ("invitation", "AbCdEf"),
        ("ct_report", "0"),
        ("ct_report", "12a"),
        ("app_package", "chat"),
        ("handle", "https://example.com/name"),
        ("handle", "@"),
        ("vehicle", "red car"),
    ],
)
def test_what_is_not_of_the_type_is_refused(name: str, raw: str) -> None:
    with pytest.raises(NotUnderstood):
        clean(name, raw)


@pytest.mark.parametrize(
    ("raw", "platform", "normalised", "linking"),
    [
        ("@Sample_Name", "Instagram, Inc.", "instagram:sample_name", True),
        ("Sample_Name", "IG", "instagram:sample_name", True),
        ("https://instagram.com/Sample_Name/?hl=ur", "", "instagram:sample_name", True),
        ("https://www.facebook.com/sample.name", "", "facebook:samplename", True),
        ("sample.name", "fb", "facebook:samplename", True),
        ("sample.name", "TikTok", "tiktok:sample.name", True),
        ("sample", "Chat Corner", "chat-corner:sample", True),
        ("sample", "", ":sample", False),
        ("علی۱۲", "x", "x:علی12", True),
    ],
)
def test_a_handle_belongs_to_its_platform(raw: str, platform: str, normalised: str, linking: bool) -> None:
    value = clean("handle", raw, platform=platform)
    assert (value.normalised, value.linking) == (normalised, linking)


def test_the_same_name_at_two_platforms_is_two() -> None:
    assert understood("handle", "sample", "x") != understood("handle", "sample", "tiktok")
    assert understood("platform_account", "1", "x") != understood("platform_account", "1", "tiktok")
    assert understood("handle", "sample", "Twitter") == understood("handle", "sample", "X Corp")


def test_account_numbers_and_invitation_codes_keep_their_case() -> None:
    assert understood("platform_account", "AbC", "youtube") != understood(
        "platform_account", "abc", "youtube"
    )
    assert understood("invitation", "discord.gg/AbC") != understood("invitation", "discord.gg/abc")


def test_a_cnic_is_masked_wherever_it_is_read() -> None:
    value = clean("cnic", "12345-1234567-8")
    assert value.display == "*****-**3456*-*"
    assert value.linking


def test_an_account_number_links_only_with_its_bank() -> None:
    assert not clean("bank", "000012345678").linking
    assert clean("bank", "000012345678", platform="Habib Bank Limited").normalised == "hbl:000012345678"
    assert clean("bank", "000012345678", platform="HBL").linking


def test_one_wallet_number_at_two_providers_is_one_number() -> None:
    first, second = (
        clean("mobile_wallet", "03000000000", platform="Easypaisa"),
        clean("mobile_wallet", "JazzCash 03000000000"),
    )
    assert first.normalised == second.normalised
    assert (first.platform, second.platform) == ("easypaisa", "jazzcash")


def test_two_provinces_may_give_the_same_plate() -> None:
    assert understood("vehicle", "ABC-123", "Punjab") != understood("vehicle", "abc 123", "Sindh")
    assert understood("vehicle", "Punjab LEA-16-1234") == understood("vehicle", "lea 16 1234", "Punjab")
    assert understood("vehicle", "ICT 123") == ":ICT-123"
    assert understood("vehicle", "BA 1234") == ":BA-1234"
    assert understood("vehicle", "BA A 1234") == "BA:A-1234"
    assert understood("vehicle", "Khyber Pakhtunkhwa a 1234") == "KP:A-1234"
    assert understood("vehicle", "LEA-16-1234") != understood("vehicle", "LEA-161-234")


def test_the_port_is_read_beside_the_address() -> None:
    assert address_and_port("203.0.113.7:51234") == ("203.0.113.7", 51234)
    assert address_and_port("[2001:db8::1]:443") == ("2001:db8::1", 443)
    assert address_and_port("2001:db8::1") == ("2001:db8::1", None)


@given(st.text(max_size=40))
def test_a_platforms_key_is_its_own_key(name: str) -> None:
    key = platform_key(name)
    assert platform_key(key) == key
    assert ":" not in key


_INVITING = ["chat.whatsapp.com/", "t.me/+", "t.me/joinchat", "discord.gg/", "discord.com/invite/"]
_OTHER_CASES = {"s": "sSſ", "k": "kK\u212a", "i": "iIıİ"}  # what IGNORECASE takes for a letter


@given(st.sampled_from(_INVITING), st.data())
def test_no_invitation_is_ruled_out_before_it_is_looked_at(link: str, data: st.DataObject) -> None:
    cased = "".join(data.draw(st.sampled_from(_OTHER_CASES.get(c, c + c.upper()))) for c in link)
    text = data.draw(st.text(max_size=4)) + cased + data.draw(st.text(max_size=4))
    assert looks_like_invitation(text) == bool(_INVITATION.search(text))
    assert looks_like_invitation(cased)
