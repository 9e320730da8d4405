"""Crypto addresses: checked by their own checksums where they have one that is cheap, by form otherwise."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import ClassVar

from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    Text,
    expected,
    plain,
)
from amaan.reports.domain.identifiers.keccak import keccak256
from amaan.reports.domain.identifiers.platforms import platform_key

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE58_VALUE = {character: value for value, character in enumerate(_BASE58)}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_VALUE = {character: value for value, character in enumerate(_BECH32)}
# Version byte of a base58check address (payload of 20 bytes) → chain.
_VERSIONS = {
    0x00: "bitcoin",
    0x05: "bitcoin",
    0x41: "tron",
    0x30: "litecoin",
    0x32: "litecoin",
    0x1E: "dogecoin",
    0x4C: "dash",
}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_HUMAN_PARTS = {"bc": "bitcoin", "ltc": "litecoin"}
_BASE58_FORM = re.compile(rf"[{_BASE58}]{{26,35}}")
_BECH32_FORM = re.compile(r"(bc|ltc)1([02-9ac-hj-np-z]{11,87})")
_ETHEREUM = re.compile(r"0x[0-9a-fA-F]{40}")
_BY_FORM = {
    "monero": re.compile(rf"[48][{_BASE58}]{{94}}(?:[{_BASE58}]{{11}})?"),
    "ton": re.compile(r"[EUk0]Q[A-Za-z0-9_-]{46}"),
}
_ONLY_WHEN_NAMED = {
    "solana": re.compile(rf"[{_BASE58}]{{32,44}}"),
    "ripple": re.compile(rf"r[{_BASE58}]{{24,34}}"),
    "cardano": re.compile(r"addr1[02-9ac-hj-np-z]{50,110}"),
    "bitcoin-cash": re.compile(r"(?:bitcoincash:)?[qp][02-9ac-hj-np-z]{41}"),
}
_CHAINS = {
    "btc": "bitcoin", "eth": "ethereum", "erc20": "ethereum", "trx": "tron", "trc20": "tron",
    "ltc": "litecoin", "doge": "dogecoin", "xmr": "monero", "sol": "solana", "xrp": "ripple",
    "ada": "cardano",
    "bch": "bitcoin-cash",
}  # fmt: skip
_EXPECTED = "a crypto address (Bitcoin, Ethereum, TRON and others) with every character in place"


class CryptoAddress(IdentifierType):
    name: ClassVar[str] = "crypto"
    label: ClassVar[Text] = Text("Crypto address", "کرپٹو پتہ")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "Whoever holds an address's key takes what is sent to it, so the same address links people. An "
        "exchange's "
        "deposit address is given to one customer; its collecting addresses are not, and must be weighed.",
        "پتے کی کنجی جس کے پاس ہو رقم اسی کو ملتی ہے، اس لیے ایک جیسا پتہ لوگوں کو جوڑتا ہے۔ ایکسچینج کا "
        "جمع کرانے کا پتہ ایک ہی گاہک کا "
        "ہوتا ہے؛ اس کے اپنے مشترک پتے ایسے نہیں، انہیں پرکھنا ہو گا۔",
    )
    accepts: ClassVar[str] = (
        "Bitcoin (base58check, bech32, bech32m), Litecoin, Dogecoin, Dash, TRON, with their checksums; "
        "Ethereum and its "
        "kin, the checksum of EIP-55 tested where capitals are mixed; Monero and TON by form; Solana, "
        "Ripple, Cardano "
        "and Bitcoin Cash by form, when the chain is named as platform."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ""),
        ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", ""),
        ("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        if len(text) > 300:
            raise expected(_EXPECTED)
        text = (
            re.sub(r"^(?:bitcoin|litecoin|ethereum|tron):", "", text, flags=re.IGNORECASE)
            .split("?", 1)[0]
            .strip()
        )
        if _ETHEREUM.fullmatch(text):
            return self._ethereum(text)
        lowered = text.lower()
        if text in {lowered, text.upper()} and (match := _BECH32_FORM.fullmatch(lowered)):
            if not segwit_checks(match[1], match[2]):
                raise NotUnderstood(
                    "Expected a crypto address; its checksum does not fit, so a character is wrong."
                )
            return self.result(lowered, lowered, _HUMAN_PARTS[match[1]])
        if _BASE58_FORM.fullmatch(text) and (version := base58check_version(text)) in _VERSIONS:
            return self.result(text, text, _VERSIONS[version])
        for chain, form in _BY_FORM.items():
            if form.fullmatch(text):
                return self.result(text, text, chain)
        named = platform_key(platform)
        form_named = _ONLY_WHEN_NAMED.get(_CHAINS.get(named, named))
        if form_named is not None and form_named.fullmatch(text):
            return self.result(text.removeprefix("bitcoincash:"), text, _CHAINS.get(named, named))
        raise expected(_EXPECTED)

    def _ethereum(self, text: str) -> Cleaned:
        digits = text[2:]
        if digits not in {digits.lower(), digits.upper()} and digits != eip55(digits):
            raise NotUnderstood("Expected a crypto address; its capitals do not fit its checksum (EIP-55).")
        return self.result("0x" + digits.lower(), text, "ethereum")


def base58check_version(text: str) -> int | None:
    """The version byte of a 25-byte base58check value, or None when the checksum does not fit."""
    number = 0
    for character in text:
        number = number * 58 + _BASE58_VALUE[character]
    try:
        decoded = number.to_bytes(25, "big")
    except OverflowError:
        return None
    # Each leading 1 stands for one zero byte; otherwise two texts would mean one address.
    zeros = len(decoded) - len(decoded.lstrip(b"\0"))
    if zeros != len(text) - len(text.lstrip("1")):
        return None
    body, checksum = decoded[:21], decoded[21:]
    if hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4] != checksum:
        return None
    return body[0]


def segwit_checks(human: str, data: str) -> bool:
    """BIP 173 (witness version 0) and BIP 350 (bech32m, later ones): checksum and length of the program."""
    values = [_BECH32_VALUE[character] for character in data]
    check = 1
    for value in [ord(c) >> 5 for c in human] + [0] + [ord(c) & 31 for c in human] + values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATORS):
            if top >> place & 1:
                check ^= generator
    version, program = values[0], values[1:-6]
    if version > 16 or check != (1 if version == 0 else 0x2BC830A3):
        return False
    size, spare = divmod(5 * len(program), 8)
    if spare > 4 or (spare and program[-1] & ((1 << spare) - 1)):
        return False
    return size in {20, 32} if version == 0 else 2 <= size <= 40


@lru_cache(maxsize=2048)
def eip55(digits: str) -> str:
    """The 40 hex digits with EIP-55's capitals."""
    lowered = digits.lower()
    marks = keccak256(lowered.encode()).hex()
    return "".join(c.upper() if int(mark, 16) > 7 else c for c, mark in zip(lowered, marks, strict=False))
