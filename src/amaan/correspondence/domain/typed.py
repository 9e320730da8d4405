"""What people type where an account, a group or a number is asked for, as identifiers.

Only what a question asked for is read here. Free texts are not searched: whoever tells a story writes their own number
into it, and that must never become a mark by which reports are joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from amaan.reports.domain.drafts import IdentifierDraft
from amaan.reports.domain.identifiers import NotUnderstood, clean, recognise

_PLATFORMS: Final = frozenset(
    {
        *("whatsapp", "facebook", "messenger", "instagram", "tiktok", "snapchat"),
        *("telegram", "youtube", "imo", "discord", "x"),
    }
)
"""The door's words for platforms that are ours as well; the others name none in particular."""
_WALLETS: Final = frozenset({"easypaisa", "jazzcash"})
_NAMES: Final[Mapping[str, str]] = MappingProxyType({"whatsapp": "phone", "imo": "phone"})
"""Platforms where an account is a telephone number, mostly."""
_A_NAME: Final = 3  # words
_ADDRESSES: Final = frozenset({"url", "invitation", "email", "group_id", "cnic"})


def only_platform(chosen: Sequence[str], other: str = "") -> str:
    """The platform, if one was chosen, or typed as the `other` one; with several nobody says which name is whose."""
    if list(chosen) == ["other"]:
        return other if len(other.split()) <= _A_NAME else ""  # a whole sentence names no platform
    named = [one for one in chosen if one in _PLATFORMS]
    return named[0] if len(named) == 1 and len(chosen) == 1 else ""


def account(line: str, platform: str) -> IdentifierDraft:
    """An account as typed: an address, a mail address, a number, else a user name."""
    for found in recognise(line):
        whole = found.end - found.start >= len(line.strip())
        if found.type == "url" and whole and _reads("handle", line):
            return IdentifierDraft("handle", line)
        if whole and found.type in {*_ADDRESSES, "phone"}:
            return IdentifierDraft(found.type, line)
    if _reads("handle", line) and "/" in line:
        return IdentifierDraft("handle", line)  # the address of a profile without its https://
    if _NAMES.get(platform) and _reads("phone", line):
        return IdentifierDraft("phone", line)
    return IdentifierDraft("handle", line, platform)


def groups(lines: Iterable[str], platform: str, *, named: bool) -> list[IdentifierDraft]:
    """Those that are told by a name or a number alone, which say whom to ask; or by an address: where it happened."""
    told = [group(line, platform) for line in lines]
    return [one for one in told if (one.type == "group_id") is named]


def group(line: str, platform: str) -> IdentifierDraft:
    """An invitation where it is one, else the group's name."""
    if _reads("invitation", line):
        return IdentifierDraft("invitation", line)
    for found in recognise(line):
        if found.type in {"invitation", "url", "group_id"} and found.end - found.start >= len(line.strip()):
            return IdentifierDraft(found.type, line)
    return IdentifierDraft("group_id", line, platform)


def paid_to(lines: Iterable[str], ways: Sequence[str]) -> Iterator[IdentifierDraft]:
    """Where money was to go. The way is not said line by line: what a line can be decides."""
    wallets = [way for way in ways if way in _WALLETS]
    provider = wallets[0] if len(wallets) == 1 else ""
    for line in lines:
        kind = _money(line, wallet=bool(wallets) or not ways, bank="bank" in ways)
        yield IdentifierDraft(kind, line, provider if kind == "mobile_wallet" else "")


def _money(line: str, *, wallet: bool, bank: bool) -> str:
    for found in recognise(line):
        if found.type in {"mobile_wallet", "bank", "crypto"} and found.end - found.start >= len(line.strip()):
            return found.type
    if wallet and _reads("mobile_wallet", line):
        return "mobile_wallet"
    for kind, asked in (("crypto", True), ("bank", bank), ("mobile_wallet", True)):
        if asked and _reads(kind, line):
            return kind
    return "other"


def reached_at(text: str, ways: Sequence[str]) -> IdentifierDraft:
    """How a reporter may be reached. Indexed under the reporters' own key; nothing links by it."""
    if "email" in ways and _reads("email", text):
        return IdentifierDraft("email", text)
    if _reads("phone", text):
        return IdentifierDraft("phone", text)
    if _reads("email", text):
        return IdentifierDraft("email", text)
    if "telegram" in ways and _reads("handle", text):
        return IdentifierDraft("handle", text, "telegram")
    return IdentifierDraft("other", text)


def _reads(kind: str, text: str) -> bool:
    try:
        clean(kind, text)
    except NotUnderstood:
        return False
    return True
