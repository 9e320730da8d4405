"""Email and web addresses: whether they are written as such. Both are judged by their form, in any script."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_ATOM = r"[^\s@<>()\[\],;:\\\".\x00-\x1f\x7f]+"
_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_EMAIL = re.compile(
    rf'(?:{_ATOM}(?:\.{_ATOM})*|"[^"\\\r\n]{{1,64}}")@(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\]|\[IPv6:[0-9A-Fa-f:.]+\])'
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_PORT_FOLLOWS = re.compile(r"[^/?#]*:\d{1,5}(?:[/?#]|$)")
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)")
_NO_CHARACTER_OF_A_URL = re.compile(r"[\s<>\"\x00-\x1f\x7f]")
_WITH_HOST = frozenset({"http", "https", "ftp", "ftps", "ws", "wss"})


def is_email(text: str) -> bool:
    """One address, without a display name; the domain may be a single label or an address in brackets."""
    return _EMAIL.fullmatch(text) is not None


def lacks_scheme(text: str) -> bool:
    """Whether it begins with the host: `example.org/a`, `//example.org`, `example.org:8080`."""
    found = _SCHEME.match(text)
    return found is None or ("." in found[0] and _PORT_FOLLOWS.match(text) is not None)


def is_url(text: str) -> bool:
    """A web address, also without its scheme if then a host with a dot stands first; an app's own scheme is one."""
    if _NO_CHARACTER_OF_A_URL.search(text):
        return False
    bare = lacks_scheme(text)
    try:
        parts = urlsplit(f"//{text.removeprefix('//')}" if bare else text)
        host = parts.hostname or ""
        _ = parts.port  # raises where it is no port
    except ValueError:
        return False
    if bare or parts.scheme.lower() in _WITH_HOST:
        return _HOST.fullmatch(host) is not None and (not bare or "." in host)
    return bool(parts.netloc or parts.path)
