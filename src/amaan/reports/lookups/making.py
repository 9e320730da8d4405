"""One search: permission, cap, search, record, answer, in this order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.accounts.selectors import unit_list
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require, units_where
from amaan.keyring.services import new_sealer, opener
from amaan.ledger.services import Act, append
from amaan.reports.domain.searching import (
    DAILY_CAP,
    SHOWN,
    LedTo,
    looks_like_a_hash,
    terms_of,
)
from amaan.reports.lookups.finding import Mentions, mentions_of, named_platforms
from amaan.reports.models import LookUp, Report
from amaan.reports.services import still_open
from amaan.store.rows import allocate_ids, durable, slices

FILE_HASH: Final = "file_hash"
"""Stands among a finding's types where a file's hash led to it; it is no identifier's type."""
MADE: Final = "look_up.made"
REFUSED: Final = "look_up.refused"
_TRIES: Final = 5
_AT_ONCE: Final = 900  # ids a statement


class DailyCapReached(Exception):
    """The person's searches of this day are used up. `opens_at` is when there are new ones."""

    def __init__(self, opens_at: datetime) -> None:
        super().__init__(
            f"All {DAILY_CAP} look-ups of this day are made; there are new ones from {opens_at:%Y-%m-%d %H:%M %Z}."
        )
        self.opens_at = opens_at


class LookUpNotFound(Exception):
    """No such search of this person, or the report was not among what it found: the answer is the same."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A report in one of the actor's units that mentions the value, and as whose or what."""

    reference: str
    report_id: int
    unit: str
    received_at: datetime
    roles: tuple[str, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookedUp:
    """An answer. Of a value that a protected party uses it says `held` and nothing else: no reference, no count."""

    number: int
    purpose: str
    types: tuple[str, ...]  # what the text may be
    findings: tuple[Finding, ...]  # newest first, at most `SHOWN`, without the purpose itself
    more: bool
    elsewhere: tuple[str, ...]  # codes of other units that hold it
    held: bool
    here: bool  # the purpose itself mentions it
    shared: bool  # only values that many people may share were found
    hash_like: bool
    left_today: int


def look_up_for(
    actor: Actor,
    *,
    text: str,
    purpose: str,
    unit: str,
    type: str = "",  # noqa: A002 - the word here
    platform: str = "",
    files: Iterable[int] = (),
    known: Sequence[Sequence[str | int]] = (),
) -> LookedUp:
    """Search for a purpose that the caller has checked: a report's or case's reference, with its unit's code.

    What was typed is sealed in one ledger entry, and that is committed, before anything is answered. `files` are ids of
    reports that a later room found by a file's hash, `known` what it found of lists, for the entry. Raises NotAllowed,
    NothingToLookUp (nothing was searched), DailyCapReached (recorded too).
    """
    require(actor, Action.LOOK_UP, unit)
    now = timezone.now()
    if remaining_today(actor) == 0:
        _refuse(actor, purpose, unit, text)
        raise DailyCapReached(_next_day())
    terms = terms_of(text, kind=type, platform=platform, platforms=named_platforms())
    mentions = mentions_of(terms)
    for report_id in files:
        roles, kinds = mentions.by_report.setdefault(report_id, (set(), set()))
        roles.add("content")
        kinds.add(FILE_HASH)
    findings, elsewhere, here = _within_reach(actor, mentions, purpose)
    shown = tuple(findings[:SHOWN])
    types = tuple(sorted({term.type for term in terms}))
    body = {
        "terms": text,
        "type": type,
        "platform": platform,
        "types": list(types),
        "reports": [finding.reference for finding in shown],
        "more": len(findings) > SHOWN,
        "elsewhere": len(elsewhere),
        "held": mentions.held,
        **({"known": [list(one) for one in known]} if known else {}),
    }
    row = LookUp(
        by=actor.key,
        day=timezone.localdate(now),
        purpose=purpose,
        unit=unit,
        at=now,
        found=len(shown),
        elsewhere=len(elsewhere),
        held=mentions.held,
    )
    left = _record(actor, row, [finding.reference for finding in shown], Act(MADE, purpose, unit, body), text)
    return LookedUp(
        number=row.pk,
        purpose=purpose,
        types=types,
        findings=shown,
        more=len(findings) > SHOWN or mentions.walked_out,
        elsewhere=elsewhere,
        held=mentions.held,
        here=here,
        shared=bool(mentions.by_report) and not mentions.linking,
        hash_like=looks_like_a_hash(text),
        left_today=left,
    )


def remaining_today(actor: Actor) -> int:
    """How many searches the person has left on this day, in the installation's time zone."""
    made = LookUp.objects.filter(day=timezone.localdate(), by=actor.key).count()
    return max(0, DAILY_CAP - made)


def note_opened(actor: Actor, *, number: int, reference: str) -> bool:
    """Note that the actor's search led to this report, which they are about to read; whether it was so.

    It is not where the search is another person's, did not show the report, or is older than a day. Call it in the
    transaction that writes down the reading: a search leads nowhere without one.
    """
    now = timezone.now()
    waits = still_open(actor.key, now).filter(pk=number)
    row = waits.first()
    if row is None or reference not in json.loads(opener().open(_place(number), bytes(row.sealed))):
        return False
    return bool(waits.update(led_at=now, led_to=str(LedTo.REPORT)))


def _within_reach(
    actor: Actor, mentions: Mentions, purpose: str
) -> tuple[list[Finding], tuple[str, ...], bool]:
    """(reports to show, codes of other units, whether the purpose itself mentions it)."""
    mine = units_where(actor, Action.VIEW_REPORT)
    codes = {unit.pk: unit.code for unit in unit_list()}
    findings, elsewhere, here = [], set(), False
    for report_id, reference, unit_id, received_at in _reports(list(mentions.by_report)):
        unit = codes[unit_id]
        if reference == purpose:
            here = True
        elif unit in mine:
            roles, types = mentions.by_report[report_id]
            findings.append(
                Finding(reference, report_id, unit, received_at, tuple(sorted(roles)), tuple(sorted(types)))
            )
        else:
            elsewhere.add(unit)
    findings.sort(key=lambda finding: (finding.received_at, finding.report_id), reverse=True)
    return findings, tuple(sorted(elsewhere)), here


def _reports(ids: Sequence[int]) -> list[tuple[int, str, int, datetime]]:
    return [
        row
        for part in slices(ids, _AT_ONCE)
        for row in Report.objects.filter(id__in=part).values_list("id", "reference", "unit_id", "received_at")
    ]


def _record(actor: Actor, row: LookUp, references: list[str], act: Act, text: str) -> int:
    """Store the search and its entry, committed; how many are left today. Raises DailyCapReached."""
    for _ in range(_TRIES):
        try:
            with durable(), transaction.atomic(durable=True):
                return _store(actor, row, references, act)
        except IntegrityError:  # two searches at once took the same number of the day
            if remaining_today(actor) == 0:
                break
    _refuse(actor, row.purpose, row.unit, text)
    raise DailyCapReached(_next_day())


def _store(actor: Actor, row: LookUp, references: list[str], act: Act) -> int:
    made = LookUp.objects.filter(day=row.day, by=row.by).count()
    (row.pk,) = allocate_ids(LookUp, 1)
    sealer = new_sealer()
    row.ordinal = made + 1
    row.sealed = sealer.seal(_place(row.pk), json.dumps(references))
    (row.entry,) = append(actor, [act], sealer=sealer)
    row.save(force_insert=True)
    return DAILY_CAP - row.ordinal


def _refuse(actor: Actor, purpose: str, unit: str, text: str) -> None:
    """That somebody went on asking is worth knowing too."""
    with transaction.atomic(durable=True):
        append(actor, [Act(REFUSED, purpose, unit, {"terms": text, "cap": DAILY_CAP})])


def _next_day() -> datetime:
    tomorrow: date = timezone.localdate() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=timezone.get_current_timezone())


def _place(number: int) -> str:
    return f"reports_lookup/{number}/findings"
