"""Where money goes: bank accounts and mobile wallets."""

from __future__ import annotations

import re
from typing import ClassVar

from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    Text,
    expected,
    folded,
    plain,
)
from amaan.reports.domain.identifiers.phones import pakistani_mobile

# ISO 13616-1: lengths for countries that reports name; any other country's IBAN is checked by mod 97 alone.
_IBAN_LENGTHS = {
    "AE": 23, "AT": 20, "BE": 16, "BH": 22, "CH": 21, "CY": 28, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18,
    "FR": 27, "GB": 22, "GR": 27, "IE": 22, "IT": 27, "JO": 30, "KW": 30, "LB": 28, "LT": 20, "LU": 20,
    "NL": 18,
    "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24, "SA": 24, "SE": 24, "TR": 26,
}  # fmt: skip
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_PK_IBAN = re.compile(r"PK[0-9]{2}[A-Z]{4}[A-Z0-9]{16}")
_ACCOUNT = re.compile(r"([^0-9:]*?)[ :.#\-/]*([0-9][0-9 \-/]{3,38}[0-9])")
_ACCOUNT_WORDS = re.compile(
    r"\b(?:account|a/c|acc|acct|number|no|bank|ltd|limited|the|of|title)\b\.?", re.IGNORECASE
)
_BANKS = {
    "habib": "hbl", "united": "ubl", "muslim commercial": "mcb", "allied": "abl",
    "national pakistan": "nbp", "meezan": "meezan", "alfalah": "alfalah", "al falah": "alfalah",
    "bank alfalah": "alfalah", "askari": "askari", "faysal": "faysal", "punjab": "bop", "khyber": "bok",
    "standard chartered": "scb", "habib metro": "hmb", "habib metropolitan": "hmb", "al habib": "bahl",
    "islami": "bankislami", "bankislami": "bankislami",
}  # fmt: skip
BANKS = tuple(sorted(set(_BANKS.values())))
"""Keys of the banks that are known by name."""


class Bank(IdentifierType):
    name: ClassVar[str] = "bank"
    label: ClassVar[Text] = Text("Bank account", "بینک اکاؤنٹ")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "A bank checks who opens an account, so an equal IBAN, or number at the same bank, links people. "
        "An account "
        "may be lent or joint. A number without its bank only supports.",
        "بینک اکاؤنٹ کھولنے والے کی جانچ کرتا ہے، اس لیے ایک جیسا آئی بین، یا ایک ہی بینک کا ایک جیسا "
        "نمبر، لوگوں کو جوڑتا ہے۔ "
        "اکاؤنٹ مشترک یا ادھار کا ہو سکتا ہے۔ بینک معلوم نہ ہو تو نمبر صرف تائید کرتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "IBAN of Pakistan and other countries (check digits by ISO 7064 mod 97), or an account number "
        "with the bank "
        "before it or given as platform. Normalised as the IBAN, or bank:number."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("PK36 SCBL 0000 0011 2345 6702", ""),
        ("Habib Bank Limited 0000-00000001", ""),
        ("000000000001", "Meezan"),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        if len(text) > 160:
            raise expected("an IBAN or an account number with its bank")
        bare = re.sub(r"[\s\-.]", "", text.upper()).removeprefix("IBAN").lstrip(":")
        if _IBAN.fullmatch(bare):
            return self._iban(bare)
        match = _ACCOUNT.fullmatch(text)
        if match is None:
            raise expected(
                "an IBAN such as PK36 SCBL 0000 0011 2345 6702, or an account number with its bank"
            )
        bank = bank_key(platform) or bank_key(match[1])
        number = re.sub(r"[^0-9]", "", match[2])
        shown = f"{bank.upper()} {number}" if bank else number
        return self.result(f"{bank}:{number}", shown, bank, linking=bool(bank))

    def _iban(self, iban: str) -> Cleaned:
        length = _IBAN_LENGTHS.get(iban[:2])
        if (length is not None and len(iban) != length) or (
            iban[:2] == "PK" and not _PK_IBAN.fullmatch(iban)
        ):
            raise NotUnderstood(
                "Expected an IBAN of the right length: a Pakistani one has 24 letters and digits."
            )
        if not iban_checks(iban):
            raise NotUnderstood("Expected an IBAN; its check digits do not fit, so a character is wrong.")
        shown = " ".join(iban[n : n + 4] for n in range(0, len(iban), 4))
        return self.result(iban, shown, iban[4:8].lower() if iban.startswith("PK") else "")


def iban_checks(iban: str) -> bool:
    """ISO 7064 mod 97-10 over the rearranged IBAN."""
    return int("".join(str(int(character, 36)) for character in iban[4:] + iban[:4])) % 97 == 1


def bank_key(name: str) -> str:
    """`Habib Bank Limited` → `hbl`; an unknown bank keeps its own words."""
    if not name or name.isspace():
        return ""
    text = folded(plain(name))[:80]
    words = re.sub(r"[^\w]+", " ", _ACCOUNT_WORDS.sub(" ", text)).strip()
    words = re.sub(r"\b[0-9]+\b", "", words).strip() or words
    return re.sub(r"\s+", "-", _BANKS.get(words, words))


_PROVIDERS = {
    "easypaisa": "easypaisa", "easy paisa": "easypaisa", "ایزی پیسہ": "easypaisa",
    "telenor microfinance bank": "easypaisa",
    "jazzcash": "jazzcash", "jazz cash": "jazzcash", "mobicash": "jazzcash", "جاز کیش": "jazzcash",
    "upaisa": "upaisa", "u paisa": "upaisa", "ubank": "upaisa",
    "sadapay": "sadapay", "sada pay": "sadapay", "nayapay": "nayapay", "naya pay": "nayapay",
    "zindigi": "zindigi", "hbl konnect": "konnect", "konnect": "konnect", "omni": "omni", "ubl omni": "omni",
    "raast": "raast", "راست": "raast",
}  # fmt: skip
_WALLET = re.compile(r"([^0-9+]*?)[ :.#\-]*([+0-9(][0-9 ().\-+]+)")
_WALLET_WORDS = re.compile(r"\b(?:account|acc|number|no|wallet|id)\b\.?", re.IGNORECASE)
_NAMED = re.compile(r"([a-z0-9][a-z0-9._-]{1,62})@(nayapay|sadapay)")


class MobileWallet(IdentifierType):
    name: ClassVar[str] = "mobile_wallet"
    label: ClassVar[Text] = Text("Mobile wallet", "موبائل والٹ")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "A wallet is opened on one SIM and one identity card, so the same number links people. Shops "
        "cash out for "
        "others, and wallets are opened on borrowed cards: ask who received the money.",
        "والٹ ایک سم اور ایک شناختی کارڈ پر کھلتا ہے، اس لیے ایک جیسا نمبر لوگوں کو جوڑتا ہے۔ دکان دار "
        "دوسروں کے پیسے بھی نکالتے ہیں اور "
        "ادھار کے کارڈ پر بھی والٹ کھلتے ہیں: پوچھیں کہ پیسے کس کو ملے۔",
    )
    accepts: ClassVar[str] = (
        "A Pakistani mobile number, the wallet's name before it or given as platform (Easypaisa, "
        "JazzCash, UPaisa, "
        "SadaPay, NayaPay, Konnect, Omni, Zindigi, Raast), or name@nayapay. The value is the number "
        "alone, in E.164."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("Easypaisa 0345-0000000", ""),
        ("۰۳۰۰۰۰۰۰۰۰۰", "JazzCash"),
        ("sample.name@nayapay", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        provider = wallet_key(platform)
        if match := _NAMED.fullmatch(text.lower()):
            return self.result(match[0], match[0], match[2])
        match = _WALLET.fullmatch(text) if len(text) <= 120 else None
        if match is None:
            raise expected("a mobile wallet's number such as 0345-1234567")
        provider = provider or wallet_key(_WALLET_WORDS.sub(" ", match[1]))
        number = pakistani_mobile(match[2])
        return self.result(number, f"{number[:3]} {number[3:6]} {number[6:]}", provider)


def wallet_key(name: str) -> str:
    """`Jazz Cash` → `jazzcash`; an unknown name keeps its own words."""
    if not name or name.isspace():
        return ""
    text = re.sub(r"[\s:\-.]+", " ", folded(plain(name)[:80])).strip()
    return _PROVIDERS.get(text, text.replace(" ", "-"))
