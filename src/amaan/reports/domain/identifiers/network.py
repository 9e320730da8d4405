"""IP addresses. Port and time live on the mention, because only the three together point at a subscriber."""

from __future__ import annotations

import ipaddress
import re
from typing import ClassVar

from amaan.reports.domain.identifiers.base import Cleaned, IdentifierType, Text, expected, plain

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_V4 = re.compile(rf"(?:{_OCTET}\.){{3}}{_OCTET}")
_V4_PORT = re.compile(rf"((?:{_OCTET}\.){{3}}{_OCTET}) ?(?::|,? ?port:? ?) ?([0-9]{{1,5}})", re.IGNORECASE)
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\](?: ?: ?([0-9]{1,5}))?")
_EXPECTED = "an IP address such as 203.0.113.7, 203.0.113.7:51234 or 2001:db8::1"


class IpAddress(IdentifierType):
    name: ClassVar[str] = "ip"
    label: ClassVar[Text] = Text("IP address", "آئی پی ایڈریس")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Mobile networks put thousands of subscribers behind one address, and addresses change hands, so an "
        "equal address only supports. With port and exact time it can link: the provider can name one "
        "subscriber.",
        "موبائل نیٹ ورک ایک ہی پتے کے پیچھے ہزاروں صارف رکھتے ہیں اور پتے بدلتے رہتے ہیں، اس لیے ایک "
        "جیسا پتہ صرف "
        "تائید کرتا ہے۔ پورٹ اور ٹھیک وقت ساتھ ہوں تو جوڑ سکتا ہے: کمپنی ایک صارف بتا سکتی ہے۔",
    )
    accepts: ClassVar[str] = (
        "IPv4 and IPv6, with or without a port. IPv4 inside IPv6 (::ffff:203.0.113.7) is IPv4. The value "
        "is the "
        "address alone; port and time belong to the mention."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("203.0.113.7:51234", ""),
        ("::ffff:203.0.113.7", ""),
        ("2001:0DB8:0:0:0:0:0:1", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        if _V4.fullmatch(raw):
            return Cleaned("ip", raw, raw, False)
        address, _port = address_and_port(raw)
        return self.result(address, address)


def address_and_port(raw: str) -> tuple[str, int | None]:
    """The address in its shortest form, and the port if one was written. Raises `NotUnderstood`."""
    text = plain(raw)
    port = None
    if match := _V4_PORT.fullmatch(text) or _BRACKETED.fullmatch(text):
        text, written = match.groups()
        if written is not None:
            port = int(written)
            if port > 65_535:
                raise expected("a port between 0 and 65535")
    if len(text) > 64:
        raise expected(_EXPECTED)
    try:
        address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        raise expected(_EXPECTED) from None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped), port
    return str(address), port
