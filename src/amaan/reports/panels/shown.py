"""Texts and identifiers as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection

from amaan.accounts.selectors import unit_ids
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.reports import words
from amaan.reports.domain.identifiers import NotUnderstood, clean
from amaan.reports.domain.veil import HELD
from amaan.reports.opening import Named, Opened
from amaan.reports.panels.reading import part_name
from amaan.reports.panels.values import IdentifierShown, Text

SEEN_AT_MOST = 20
MOST_COUNTED = 60
_MOST_WALKED = 200
"""Mentions of one value that are looked at: an app's address may have a million, in every office."""
HELD_TEXTS = frozenset({"fileNames"})
"""Names of files: a file is often called like the child in it."""
_MOST_TEXT = 6000
_LEAST_ROOM = 100
"""What a text takes of a page's room, however short it is."""
_PREFIXED = frozenset({"handle", "platform_account", "invitation", "group_id", "device", "bank", "vehicle"})


def marks_of(annotations: Iterable[str], *, urgent: bool = False) -> tuple[str, ...]:
    found = [str(words.URGENT)] if urgent else []
    return (*found, *(words.word(words.ANNOTATIONS, one) for one in annotations))


def texts_of(found: Opened, texts: Sequence[Sequence[str]], where: str) -> Iterator[Text]:
    """Texts with their kinds, covered, as far as the page has room: what is left stands in the documents.

    `where` they stand, as `reading.PartOfText` says it.
    """
    for name, text in texts:
        most = min(_MOST_TEXT, found.room)
        found.room = max(0, found.room - max(_LEAST_ROOM, min(most, len(text))))
        if name in HELD_TEXTS:
            yield Text(words.word(words.TEXTS, name), HELD, more=False)
        else:
            yield Text(
                words.word(words.TEXTS, name),
                found.veil.over(text, most, found.marks.get(part_name(where, name), ())),
                more=len(text) > most,
            )
        if most == 0:
            return


def identifiers_of(found: Opened, named: Iterable[Named], seen: dict[int, str]) -> Iterator[IdentifierShown]:
    """Each value once. Internet addresses have a table of their own."""
    veil = found.veil
    done: set[int] = set()
    for one in named:
        if one.identifier in done or one.type == "ip":
            continue
        done.add(one.identifier)
        platform, value = _display(one.type, one.value)
        told = HELD if one.sealed else veil.over(value)
        held = any(piece.covered for piece in told)
        verified = one.mention.verified
        yield IdentifierShown(
            type=one.type,
            kind=words.type_word(one.type),
            platform="" if veil.names(platform) else platform,
            told=told,
            copy="" if held else value,
            verified=words.word(words.VERIFIED, verified) if verified in words.VERIFIED else "",
            seen="" if one.sealed else seen.get(one.identifier, ""),
        )


def _display(kind: str, value: str) -> tuple[str, str]:
    """(platform, value as people read it) of a normalised value."""
    if kind in _PREFIXED:
        platform, colon, rest = value.partition(":")
        return (platform, rest) if colon else ("", value)
    try:
        return "", clean(kind, value).display if kind == "phone" else value
    except NotUnderstood:
        return "", value


def seen_in(actor: Actor, named: Iterable[Named]) -> dict[int, str]:
    """In how many reports of the reader's offices a value stands, by identifier; left out where it is one alone.

    Each count is a short walk along the mentions' index, the newest first, that ends at _MOST_WALKED.
    """
    ids = list(dict.fromkeys(one.identifier for one in named if not one.sealed))[:MOST_COUNTED]
    units = unit_ids(units_where(actor, Action.VIEW_REPORT)) if ids else []
    if not units:
        return {}
    mine = ", ".join(map(str, units))
    one = (
        "SELECT %s, count(DISTINCT r.id), count(*) FROM"  # noqa: S608 - numbers
        " (SELECT report_id FROM reports_mention WHERE identifier_id = %s"
        f" ORDER BY identifier_id DESC, report_id DESC LIMIT {_MOST_WALKED}) AS m"
        f" LEFT JOIN reports_report r ON r.id = m.report_id AND r.unit_id IN ({mine})"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(ids)), [value for i in ids for value in (i, i)])
        rows = cursor.fetchall()
    return {i: _at_least(count, more=walked >= _MOST_WALKED) for i, count, walked in rows if count > 1}


def _at_least(count: int, *, more: bool) -> str:
    if count > SEEN_AT_MOST:
        return f"{SEEN_AT_MOST}+"
    return f"{count}+" if more else str(count)
