"""Platforms' names: many spellings, one key."""

from __future__ import annotations

import re
from functools import lru_cache
from types import MappingProxyType

from amaan.reports.domain.identifiers.base import NotUnderstood, expected, folded, plain

_SPELLINGS = {
    "bigo": "bigo live|bigo.tv",
    "discord": "discord inc|discord inc.|discord.com|discord.gg|discordapp|discordapp.com",
    "facebook": "fb|facebook.com|fb.com|m.facebook.com|facebook, inc.|fb.me|facebook lite",
    "google": "google llc|google.com|google inc.|gmail",
    "imo": "imo.im|imo messenger",
    "instagram": "ig|insta|instagram.com|instagram, inc.|instagram, llc",
    "kik": "kik.com|kik messenger|medialab|kik interactive",
    "likee": "likee.video",
    "messenger": "facebook messenger|fb messenger|messenger.com|m.me",
    "omegle": "omegle.com",
    "pinterest": "pinterest.com",
    "reddit": "reddit.com|reddit, inc.",
    "roblox": "roblox.com|roblox corporation",
    "signal": "signal.org|signal messenger|signal.group",
    "snackvideo": "snack video|snackvideo.com",
    "snapchat": "snap|sc|snap inc|snap inc.|snapchat.com",
    "telegram": "tg|telegram.org|t.me|telegram.me|telegram messenger",
    "threads": "threads.net|threads.com",
    "tiktok": "tik tok|tiktok.com|tiktok inc.|tiktok inc",
    "twitch": "twitch.tv|twitch interactive",
    "viber": "viber.com|rakuten viber",
    "whatsapp": "wa|whats app|whatsapp.com|whatsapp inc.|whatsapp inc|wa.me|whatsapp llc|chat.whatsapp.com",
    "x": "twitter|twitter.com|x.com|x corp|x corp.|twitter, inc. / x corp|twitter / x|x (twitter)|x/twitter",
    "youtube": "yt|youtube.com|you tube|youtu.be|youtube, inc.",
}
KNOWN = MappingProxyType(
    {key: key for key in _SPELLINGS}
    | {spelling: key for key, spellings in _SPELLINGS.items() for spelling in spellings.split("|")}
)
_SEPARATORS = re.compile(r"[\s:/\\]+")


@lru_cache(maxsize=2048)
def platform_key(name: str) -> str:
    """`Instagram, Inc.` → `instagram`; an unknown platform keeps its own words, lower case; nothing → ``.

    Raises `NotUnderstood` for a name longer than 200 characters or broken text.
    """
    if not name or name.isspace():
        return ""
    if len(name) > 200:
        raise expected("a platform's name of at most 200 characters")
    try:
        text = folded(plain(name))
    except NotUnderstood:
        if any("\ud800" <= character <= "\udfff" for character in name):
            raise
        return ""
    # What is stripped can uncover more to strip, so this runs until nothing changes.
    while (known := KNOWN.get(text)) is None:
        shorter = text.removeprefix("https://").removeprefix("http://").removeprefix("www.")
        shorter = _SEPARATORS.sub("-", shorter).strip("-. ")
        if shorter == text:
            return text
        text = shorter
    return known


def without_prefix(text: str, platform: str) -> tuple[str, str]:
    """(value, platform key), a written `platform:` taken off, so that a normalised value reads back the same.

    Without a platform the normalised form starts with a lone colon: nobody said where.
    """
    key = platform_key(platform)
    if ":" not in text:
        return text, key
    text = text.lstrip(": ")
    if not key:
        head, colon, rest = text.partition(":")
        known = KNOWN.get(head.strip().lower()) if colon and len(head) <= 40 else None
        if known is None or not rest.strip(": "):
            return text, ""
        text, key = rest, known
    while True:  # a name may be written so that only folding it gives the key, and more than once
        head, colon, rest = text.partition(":")
        if not colon or folded(head) != key:
            break
        text = rest.lstrip(": ")
    return text.strip(": "), key
