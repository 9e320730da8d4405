"""Addresses on the web: RFC 3986 normal form (section 6.2.2 and 6.2.3), the query kept whole."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import ClassVar

import idna

from amaan.reports.domain.identifiers.base import Cleaned, IdentifierType, Text, expected, plain

_EXPECTED_URL = "a web address such as https://example.com/page?id=1"
_EXPECTED_DOMAIN = "a domain such as example.com"
_ALREADY_CANONICAL = re.compile(
    r"(?:https?)://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
    r"(?:/(?!\.{1,2}(?:[/?]|$))[A-Za-z0-9._~@=&,;+!$'()*:-]*)+(?:\?[A-Za-z0-9._~/@=&,;+!$'()*:?-]*)?"
)
_PARTS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#\\]*)([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_MAGNET = re.compile(r"magnet:(\?\S+)", re.IGNORECASE)
_BARE = re.compile(
    r"(?:[^\s/?#:@\\.]{1,63}\.)+[^\s/?#:@\\.0-9][^\s/?#:@\\.]{1,62}\.?(?::[0-9]{1,5})?(?:[/?#].*)?", re.DOTALL
)
_ASCII_HOST = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
)
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})")
_TO_NORMALISE = re.compile(r"%([0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DEFAULT_PORTS = {"http": "80", "https": "443", "ftp": "21", "ws": "80", "wss": "443"}
_REFUSED_SCHEMES = frozenset({"javascript", "data", "file", "blob", "about"})
_FRAGMENT_HOSTS = frozenset(
    {"signal.group", "web.telegram.org", "matrix.to", "app.element.io", "mega.nz", "mega.co.nz", "mega.io"}
)
"""Hosts whose fragment names the group, the file or its key: chat applications and one storage service."""


class Url(IdentifierType):
    name: ClassVar[str] = "url"
    label: ClassVar[Text] = Text("Web address", "ویب پتہ")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Many people can point at the same page, so an equal address only supports. The account that the "
        "page belongs to is told as an account, and that links.",
        "ایک ہی صفحے کی نشان دہی بہت سے لوگ کر سکتے ہیں، اس لیے ایک جیسا پتہ صرف تائید کرتا ہے۔ صفحہ جس "
        "اکاؤنٹ کا ہو "
        "اسے اکاؤنٹ کے طور پر لکھا جائے، وہ جوڑتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "Any address with a scheme, magnet links, addresses without a scheme (read as https), and the "
        "written-safe "
        "form hxxps://example[.]com. Scheme and host in lower case, international names in their ASCII form, "
        "default port and dot segments removed, percent-encoding in one form. The query is never cut or "
        "reordered: two addresses that differ only there are two. A fragment is dropped unless it starts "
        "with ! or / or the host keeps its groups or keys there."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("HTTPS://Example.com:443/a/../p%7eq?id=7&x=1#top", ""),
        ("example.org/watch?v=abc", ""),
        ("hxxps://example[.]net/#!/room", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        if _ALREADY_CANONICAL.fullmatch(raw) and len(raw) <= 4096:
            return Cleaned("url", raw, raw, False)
        address = canonical(raw)
        return self.result(address, address)


class Domain(IdentifierType):
    name: ClassVar[str] = "domain"
    label: ClassVar[Text] = Text("Domain", "ڈومین")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "A domain can serve millions of people, so an equal one only supports.",
        "ایک ڈومین لاکھوں لوگ استعمال کرتے ہیں، اس لیے ایک جیسا ڈومین صرف تائید کرتا ہے۔",
    )
    accepts: ClassVar[str] = "A domain or an address whose domain is meant; a leading www. does not count."
    examples: ClassVar[tuple[tuple[str, str], ...]] = (("WWW.Example.COM", ""), ("https://example.org/a", ""))

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = _as_written(raw)
        if match := _PARTS.fullmatch(text):
            text = match[2].rpartition("@")[2]
        else:
            text = re.split(r"[/?#]", text, maxsplit=1)[0]
        name = host_key(re.sub(r":[0-9]{0,5}$", "", text))
        while name.startswith("www.") and name.count(".") > 1:
            name = name[4:]
        if not _DOMAIN.fullmatch(name):
            raise expected(_EXPECTED_DOMAIN)
        return self.result(name, name)


def _as_written(raw: str) -> str:
    text = plain(raw, digits=False)
    if text[:4].lower() == "hxxp":
        text = "http" + text[4:]
    return text.replace("[.]", ".") if "[.]" in text else text


def canonical(raw: str) -> str:
    """The address in one form. Raises `NotUnderstood`. Never asks the network."""
    text = _as_written(raw)
    if magnet := _MAGNET.fullmatch(text):
        return "magnet:" + _escaped(magnet[1])
    match = _PARTS.fullmatch(text)
    if match is None:
        if not _BARE.fullmatch(text):
            raise expected(_EXPECTED_URL)
        match = _PARTS.fullmatch("https://" + text)
        if match is None:
            raise expected(_EXPECTED_URL)
    scheme, authority, path, query, fragment = match.groups()
    scheme = scheme.lower()
    if scheme in _REFUSED_SCHEMES or not authority:
        raise expected(_EXPECTED_URL)
    host, rest = _authority(scheme, authority)
    path = without_dot_segments(_escaped(path)) or "/"
    query = _escaped(query) if query else ""
    if fragment and (fragment[1:2] in {"!", "/"} or host in _FRAGMENT_HOSTS) and len(fragment) > 1:
        kept = "#" + _escaped(fragment[1:]).replace("#", "%23")
    else:
        kept = ""
    return f"{scheme}://{rest}{path}{query}{kept}"


def _authority(scheme: str, authority: str) -> tuple[str, str]:
    """(host, authority in normal form)."""
    user, at, place = authority.rpartition("@")
    host, port = place, ""
    match = re.fullmatch(r"(.*?)(?::([0-9]*))?", place, re.DOTALL)
    if match is not None:
        host, port = match[1], match[2] or ""
    if port:
        if len(port) > 10 or int(port) > 65_535:
            raise expected("a port between 0 and 65535 in the web address")
        port = str(int(port))
    if host.startswith("[") and host.endswith("]"):
        try:
            name = f"[{ipaddress.IPv6Address(host[1:-1].split('%', 1)[0])}]"
        except ValueError:
            raise expected(_EXPECTED_URL) from None
    else:
        name = host_key(host)
    where = name if not port or _DEFAULT_PORTS.get(scheme) == port else f"{name}:{port}"
    return name, f"{_escaped(user).replace('@', '%40')}@{where}" if at and user else where


@lru_cache(maxsize=8192)
def host_key(host: str) -> str:
    """A host in lower-case ASCII (IDNA 2008 with the mapping of UTS #46). Raises `NotUnderstood`."""
    lowered = host.lower().rstrip(".") if host.isascii() else _by_idna(host)
    if len(lowered) > 253 or not _ASCII_HOST.fullmatch(lowered):
        raise expected(_EXPECTED_URL)
    return lowered


def _by_idna(host: str) -> str:
    if len(host) > 253:
        raise expected(_EXPECTED_URL)
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower().rstrip(".")
    except (idna.IDNAError, UnicodeError):
        raise expected(_EXPECTED_URL) from None


def _escaped(text: str) -> str:
    """Percent-encoding in one form: unreserved decoded, the rest in capitals, a stray % encoded itself."""
    if "%" not in text and text.isascii() and _TO_NORMALISE.search(text) is None:
        return text
    return _TO_NORMALISE.sub(_normal_escape, text)


def _normal_escape(match: re.Match[str]) -> str:
    pair = match[1]
    if pair is not None:
        character = chr(int(pair, 16))
        return character if character in _UNRESERVED else f"%{pair.upper()}"
    return "".join(f"%{byte:02X}" for byte in match[0].encode())


def without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, for a path that starts with a slash."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
