"""What somebody typed, as every identifier that it may be; and when a search led somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from amaan.reports.domain.identifiers import TYPES, Cleaned, NotUnderstood, clean, recognise
from amaan.reports.domain.identifiers.money import BANKS
from amaan.reports.domain.identifiers.platforms import KNOWN

DAILY_CAP: Final = 60
"""Searches a person and day. Who works one report after the other needs about thirty; a trawl needs hundreds."""
LEADS_WITHIN: Final = timedelta(hours=24)
SHOWN: Final = 50
MARKED_FROM: Final = 3
"""So many searches of a person that led nowhere within `LOOKED_BACK`, and the auditor sees a mark."""
LOOKED_BACK: Final = timedelta(days=30)
LONGEST: Final = 2000

_AT_A_PLATFORM: Final = frozenset({"handle", "platform_account", "group_id"})
_HASH: Final = re.compile(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}")


class LedTo(StrEnum):
    """What a search led to: a finding was opened, or its purpose was decided or its seal asked about."""

    REPORT = "report"
    OUTCOME = "outcome"
    UNSEALING = "unsealing"


class Trace(StrEnum):
    """How a search that led nowhere (yet) stands."""

    NOTHING = "nothing"  # it found nothing
    OUT_OF_REACH = (
        "out_of_reach"  # only what is held, or what other units hold; nothing followed within a day
    )
    NEVER_OPENED = "never_opened"  # it found reports, and none was opened within a day
    STILL_OPEN = "still_open"  # there is time left to open what it found


class NothingToLookUp(ValueError):
    """What was typed fits no identifier; the message never repeats it."""


def terms_of(
    text: str, *, kind: str = "", platform: str = "", platforms: Iterable[str] = (), country: str = "PK"
) -> list[Cleaned]:
    """Every identifier that `text` may be, each once; of the type `kind`, if given, and from `platform`.

    Without a platform a name is looked for at every platform in `platforms` and every one that is known, because a
    report writes `instagram:name` where somebody remembers only `name`. Raises NothingToLookUp.
    """
    if not text.strip() or len(text) > LONGEST:
        raise NothingToLookUp(f"Type one identifier, at most {LONGEST:,} characters.")
    kinds = [kind] if kind else list(TYPES)
    found = {
        (term.type, term.normalised): term
        for term in _terms(text, kinds, platform, sorted({*KNOWN.values(), *platforms}), country)
    }
    if not found:
        raise NothingToLookUp("This fits no identifier that Amaan knows, or not of the chosen type.")
    return list(found.values())


def _terms(
    text: str, kinds: list[str], platform: str, platforms: list[str], country: str
) -> Iterator[Cleaned]:
    for kind in kinds:
        with suppress(NotUnderstood):
            term = clean(kind, text, platform=platform, country=country)
            yield term
            if term.platform or platform:
                continue
            for name in platforms if kind in _AT_A_PLATFORM else BANKS if kind == "bank" else ():
                yield clean(kind, text, platform=name, country=country)
    for stretch in recognise(text):
        if stretch.type in kinds:
            yield stretch.cleaned


def looks_like_a_hash(text: str) -> bool:
    """Whether it may be a file's MD5, SHA-1, SHA-256 or PDQ hash: those are not looked up here."""
    return _HASH.fullmatch(text.strip()) is not None


def trace_of(*, found: int, out_of_reach: bool, at: datetime, now: datetime) -> Trace:
    """How a search without a consequence stands; `out_of_reach`: it found what this person can't open."""
    if found == 0 and not out_of_reach:
        return Trace.NOTHING
    if now < at + LEADS_WITHIN:
        return Trace.STILL_OPEN
    return Trace.NEVER_OPENED if found else Trace.OUT_OF_REACH
