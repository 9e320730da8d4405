"""Identifiers in running text: precise rather than greedy, because a wrong one sends people to a stranger."""

from __future__ import annotations

import re
from dataclasses import dataclass

from amaan.reports.domain.identifiers.accounts import Email, GroupId
from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    ascii_digits,
    plain_dashes,
)
from amaan.reports.domain.identifiers.crypto import CryptoAddress
from amaan.reports.domain.identifiers.identity import Cnic
from amaan.reports.domain.identifiers.invitations import Invitation, invitation_in
from amaan.reports.domain.identifiers.money import Bank, MobileWallet, wallet_key
from amaan.reports.domain.identifiers.phones import Phone
from amaan.reports.domain.identifiers.web import Url


@dataclass(frozen=True, slots=True)
class Found:
    """`text[start:end]` is the identifier as written."""

    start: int
    end: int
    type: str
    cleaned: Cleaned


_ADDRESS = re.compile(
    r"(?<![\w@./-])(?:(?:https?|hxxps?|ftp)://[^\s<>\"'«»،؛۔]{3,4096}|tg://join\?[^\s<>\"']{3,300}"
    r"|(?:www\.|(?:chat\.)?whatsapp\.com/|t\.me/|telegram\.me/|discord\.gg/|wa\.me/|signal\.group/|m\.me/j/)"
    r"[^\s<>\"'«»،؛۔]{3,4096})",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"(?<![\w.%+@-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![\w@-]|\.\w)"
)
_WHATSAPP_GROUP = re.compile(r"(?<![\w@.-])[0-9]{10,20}(?:-[0-9]{6,14})?@g\.us(?![\w@-]|\.\w)", re.IGNORECASE)
_WALLET_NAME = re.compile(r"(?<![\w.@])[A-Za-z0-9._-]{2,40}@(?:nayapay|sadapay)(?![\w.@-])", re.IGNORECASE)
_IBAN = re.compile(
    r"(?<![\w])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,3})?(?![\w])"
)
_PK_IBAN = re.compile(r"(?<![\w])PK[0-9]{2}[ -]?[A-Z]{4}(?:[ -]?[A-Z0-9]{4}){4}(?![\w])", re.IGNORECASE)
_CRYPTO = re.compile(
    r"(?<![\w])(?:0x[0-9a-fA-F]{40}|(?:bc1|ltc1|BC1|LTC1)[02-9ac-hj-np-zAC-HJ-NP-Z]{11,87}"
    r"|[13TLMD][1-9A-HJ-NP-Za-km-z]{25,34}|[48][1-9A-HJ-NP-Za-km-z]{94})(?![\w])"
)
_CNIC = re.compile(r"(?<![\w-])[1-8][0-9]{4}-[0-9]{7}-[0-9](?![\w-])")
_CNIC_NAMED = re.compile(
    r"(?:cnic|b-?form|شناختی کارڈ|ب فارم)[^\n0-9]{0,20}([1-8][0-9]{12})(?![\w-])", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w+./=-])(?:"
    r"(?:\+92|0092)[ -]?(?:\(0\)|0)?[ -]?[1-9][0-9]{1,2}(?:[ -]?[0-9]{2,4}){2,3}"
    r"|92[ -]?3[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}"
    r"|03[0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}"
    r"|0[2-9][0-9]{1,3}-[0-9]{5,8}"
    r"|\+[1-9][0-9]{0,2}(?:[ -]?\(?[0-9]{1,4}\)?){2,5}"
    r")(?![\w]|[-.][0-9])"
)
_WALLET_BEFORE = re.compile(
    r"(easy ?paisa|jazz ?cash|u ?paisa|sada ?pay|naya ?pay|konnect|zindigi|ایزی ?پیسہ|جاز ?کیش)"
    r"[^\n0-9]{0,24}$",
    re.IGNORECASE,
)
_WHATSAPP_NUMBER = re.compile(
    r"(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send/?\?phone=)\+?([1-9][0-9]{7,14})", re.IGNORECASE
)
_TRAILING = ".,;:!?)]}'\"*_…"

_URL, _INVITATION, _GROUP, _EMAIL_TYPE, _BANK = Url(), Invitation(), GroupId(), Email(), Bank()
_CRYPTO_TYPE, _CNIC_TYPE, _PHONE_TYPE, _WALLET = CryptoAddress(), Cnic(), Phone(), MobileWallet()


class _Page:
    """The text being read and the stretches already taken; the first to claim a stretch keeps it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = plain_dashes(ascii_digits(text))
        self.taken = bytearray(len(text))
        self.found: list[Found] = []

    def take(self, start: int, end: int, kind: IdentifierType, *, platform: str = "") -> bool:
        if any(self.taken[start:end]):
            return False
        try:
            cleaned = kind.clean(self.plain[start:end], platform=platform)
        except NotUnderstood:
            return False
        self.taken[start:end] = b"\x01" * (end - start)
        self.found.append(Found(start, end, cleaned.type, cleaned))
        return True


def recognise(text: str) -> list[Found]:
    """What is certain enough to be searched for, in the order of the text. Never raises for any text.

    Only forms with a mark of their own are taken: a number is a phone because of its prefix, an IBAN or a
    crypto address because its checksum fits, thirteen bare digits only after the words for an identity card.
    """
    page = _Page(text)
    for match in _ADDRESS.finditer(page.plain):
        start, end = match.start(), match.start() + len(_without_trailing(match[0]))
        address = page.plain[start:end]
        if not page.take(start, end, _INVITATION if invitation_in(address) else _URL):
            continue
        if number := _WHATSAPP_NUMBER.match(address):
            _take_number_in_address(page, start + number.start(1), start + number.end(1))
    for pattern, kind in (
        (_WHATSAPP_GROUP, _GROUP),
        (_WALLET_NAME, _WALLET),
        (_EMAIL, _EMAIL_TYPE),
        (_PK_IBAN, _BANK),
        (_IBAN, _BANK),
        (_CRYPTO, _CRYPTO_TYPE),
        (_CNIC, _CNIC_TYPE),
    ):
        for match in pattern.finditer(page.plain):
            page.take(match.start(), match.end(), kind)
    for match in _CNIC_NAMED.finditer(page.plain):
        page.take(match.start(1), match.end(1), _CNIC_TYPE)
    for match in _PHONE.finditer(page.plain):
        before = _WALLET_BEFORE.search(page.plain, max(0, match.start() - 48), match.start())
        if before is None or not page.take(
            match.start(), match.end(), _WALLET, platform=wallet_key(before[1])
        ):
            page.take(match.start(), match.end(), _PHONE_TYPE)
    return sorted(page.found, key=lambda found: (found.start, -found.end))


def _take_number_in_address(page: _Page, start: int, end: int) -> None:
    try:
        cleaned = _PHONE_TYPE.clean("+" + page.plain[start:end])
    except NotUnderstood:
        return
    page.found.append(Found(start, end, "phone", cleaned))


def _without_trailing(address: str) -> str:
    """Without the punctuation of the sentence; a closing bracket stays when the address opened it."""
    while address and address[-1] in _TRAILING:
        if address[-1] == ")" and address.count("(") >= address.count(")"):
            break
        address = address[:-1]
    return address
