"""Phones, addresses and names that belong to nobody, minted by number, so that a person can be met again.

Safety, held by a scan of a whole world in the tests:
- phones: 03NN 0000xxx, for large worlds 03NN 000xxxx. A subscriber number that begins with zeros is the
  shape that operators do not hand out; the prefixes are real, so that cleaning and validation work as on
  real numbers.
- IP addresses: only documentation ranges (RFC 5737, RFC 3849) and the carriers' shared range 100.64.0.0/10
  (RFC 6598).
- e-mail, profile and page addresses: only example.com, example.net, example.org and names under .example
  (RFC 2606).
- persons: everyone's last name is Demo.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from amaan.demo.generator.words import GIVEN_BOY, GIVEN_GIRL, HANDLE_ONE, HANDLE_TWO

_PREFIXES = (*range(300, 338), *range(340, 350))
_SMALL = len(_PREFIXES) * 1_000
_LARGE = len(_PREFIXES) * 9_000
_DOCUMENTATION_V4 = ("192.0.2", "198.51.100", "203.0.113")
_MAIL_HOSTS = ("example.com", "example.net", "example.org")
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_URDU_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def phone_digits(number: int) -> str:
    """The eleven national digits of the numbered phone; distinct up to 480,000, then they come again."""
    number %= _SMALL + _LARGE
    if number < _SMALL:
        return f"0{_PREFIXES[number % len(_PREFIXES)]}{number // len(_PREFIXES):07d}"
    number -= _SMALL
    return f"0{_PREFIXES[number % len(_PREFIXES)]}{1_000 + number // len(_PREFIXES):07d}"


def write_phone(rng: Random, digits: str) -> str:
    """One of the ways in which people in Pakistan write a number; whoever links must see through them."""
    way = rng.randrange(6)
    if way == 0:
        return f"{digits[:4]}-{digits[4:]}"
    if way == 1:
        return f"+92 {digits[1:4]} {digits[4:]}"
    if way == 2:
        return f"0092{digits[1:]}"
    if way == 3:
        return f"+92{digits[1:]}"
    return digits


def urdu_digits(text: str) -> str:
    return text.translate(_URDU_DIGITS)


def carrier_address(rng: Random) -> tuple[str, int]:
    """An address behind carrier NAT, which says nothing without its port."""
    bits = rng.getrandbits(22)
    return f"100.{64 + (bits >> 16)}.{bits >> 8 & 255}.{bits & 255}", rng.randrange(1024, 65536)


def address(rng: Random) -> tuple[str, int | None]:
    """Mostly carrier NAT with a port, some IPv6, some shared IPv4 without one."""
    die = rng.random()
    if die < 0.6:
        return carrier_address(rng)
    if die < 0.85:
        bits = rng.getrandbits(64)
        return f"2001:db8:{bits >> 48:x}:{bits >> 32 & 0xFFFF:x}::{bits & 0xFFFF:x}", None
    return f"{rng.choice(_DOCUMENTATION_V4)}.{rng.randrange(1, 255)}", rng.choice(
        (None, rng.randrange(1024, 65536))
    )


def base36(number: int) -> str:
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _BASE36[rest] + digits
        if not number:
            return digits


def iban(number: int) -> str:
    """An IBAN with right check digits at the bank code DEMO, which no bank has."""
    account = f"{number:016d}"
    numeral = "".join(str(int(sign, 36)) for sign in f"DEMO{account}PK00")
    return f"PK{98 - int(numeral) % 97:02d}DEMO{account}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody invented, the same whenever the same number is asked for."""

    number: int
    first: str
    female: bool
    handle: str
    phone: str  # eleven national digits
    email: str
    identifier: str
    device: str


def person(seed: int, number: int) -> Person:
    rng = Random(seed * 1_000_003 + number)  # noqa: S311  a demo world, nothing secret
    female = rng.random() < 0.3
    first = rng.choice(GIVEN_GIRL if female else GIVEN_BOY)
    handle = f"{rng.choice(HANDLE_ONE)}_{rng.choice(HANDLE_TWO)}{base36(number + 40)}"
    return Person(
        number=number,
        first=first,
        female=female,
        handle=handle,
        phone=phone_digits(number),
        email=f"{handle.replace('_', '.')}@{rng.choice(_MAIL_HOSTS)}",
        identifier=str(7_000_000_000 + number * 17),
        device=f"{rng.getrandbits(64):016x}",
    )
