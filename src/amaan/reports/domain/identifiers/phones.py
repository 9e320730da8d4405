"""Phone numbers, in E.164 (ITU-T), Pakistani forms first."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar

import phonenumbers

from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    Text,
    expected,
    plain,
    plain_dashes,
)

# The common shapes of a Pakistani mobile. Any 3XX is taken: the numbering authority opens new blocks before
# libraries know them. The operator is never inferred: numbers are portable.
_PAKISTANI_MOBILE = re.compile(r"(?:\+92|0092|92|0)?[ -]?(3[0-9]{2})[ -]?([0-9]{7})", re.ASCII)
_LOOKS_LIKE_PHONE = re.compile(
    r"\+?[0-9 ().\-/]{3,38}(?: ?(?:ext\.?|x|#) ?[0-9]{1,6})?", re.ASCII | re.IGNORECASE
)
_PREFIXES = re.compile(r"(?:tel|phone|mobile|whatsapp|wa) ?: ?", re.IGNORECASE)
_NOT_A_PHONE = "a phone number such as 0300-1234567, 042-35761999 or +44 7911 123456"


class Phone(IdentifierType):
    name: ClassVar[str] = "phone"
    label: ClassVar[Text] = Text("Phone number", "فون نمبر")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "A number rings at one place, so the same number links people. A family may share one phone: "
        "whoever weighs the link must ask who holds it.",
        "ایک نمبر ایک ہی جگہ بجتا ہے، اس لیے ایک جیسا نمبر لوگوں کو جوڑتا ہے۔ مگر گھر بھر کا فون ایک ہو "
        "سکتا ہے: جوڑنے سے پہلے پوچھیں کہ فون کس کے پاس رہتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "Pakistani mobiles and landlines with or without 0, 92, 0092 or +92, any spacing, Urdu digits; any "
        "other country's number with its + or 00. Stored in E.164. A number without + is read in the "
        "installation's country first. A 111-number without its area code is not understood: each city "
        "has its own."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("0300-1234567", ""),
        ("۰۳۰۰ ۱۲۳۴۵۶۷", ""),
        ("+92 (0)300 1234567", ""),
        ("042-35761999", ""),
        ("+44 7911 123456", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        if country == "PK" and (match := _PAKISTANI_MOBILE.fullmatch(raw)):
            block, rest = match.groups()
            return Cleaned("phone", f"+92{block}{rest}", f"+92 {block} {rest}", True)
        text = _PREFIXES.sub("", plain_dashes(plain(raw)), count=1)
        if not _LOOKS_LIKE_PHONE.fullmatch(text):
            raise expected(_NOT_A_PHONE)
        normalised, display = _by_library(text, country)
        return self.result(normalised, display)


@lru_cache(maxsize=4096)
def _by_library(text: str, country: str) -> tuple[str, str]:
    """(E.164, international form). The library costs some 50 µs, so that repeats are kept."""
    text = text.replace("(0)", "")
    if text.startswith("00"):
        text = "+" + text[2:]
    number = _parsed(text, country)
    international = text.startswith("+")
    if number is not None and not _usable(number, international):
        number = None
    if number is None and not international:
        # Platforms often send digits alone: 447911123456.
        digits = re.sub("[^0-9]", "", text)
        number = _parsed("+" + digits, country) if len(digits) >= 11 and digits[0] != "0" else None
        if number is not None and not phonenumbers.is_valid_number(number):
            number = None
    if number is None:
        raise expected(_NOT_A_PHONE)
    return (
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        phonenumbers.format_number(
            phonenumbers.PhoneNumber(
                country_code=number.country_code,
                national_number=number.national_number,
                italian_leading_zero=number.italian_leading_zero,
                number_of_leading_zeros=number.number_of_leading_zeros,
            ),
            phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        ),
    )


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, country.upper() if country.isascii() else None)
    except phonenumbers.NumberParseException:
        return None


def _usable(number: phonenumbers.PhoneNumber, international: bool) -> bool:
    """With its country code a possible number is enough (plans change); without it, only a valid one."""
    if number.country_code == 92 and 3_000_000_000 <= (number.national_number or 0) <= 3_999_999_999:
        return True
    if international:
        return bool(phonenumbers.is_possible_number(number))
    return bool(phonenumbers.is_valid_number(number))


def pakistani_mobile(raw: str) -> str:
    """E.164 of a Pakistani mobile number. Raises `NotUnderstood` for anything else."""
    number = Phone().clean(raw).normalised
    if len(number) != 13 or not number.startswith("+923"):
        raise NotUnderstood("Expected a Pakistani mobile number such as 0300-1234567.")
    return number
