"""Texts and identifiers as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection
from django.utils.translation import get_language

from amaan.reports import words
from amaan.reports.domain.identifiers import TYPES, NotUnderstood, clean
from amaan.reports.domain.veil import HELD, Piece, Told, Veil
from amaan.reports.opening import Named
from amaan.reports.panels.values import IdentifierShown, Text

SEEN_AT_MOST = 20
MOST_COUNTED = 60
_MOST_TEXT = 6000
_PREFIXED = frozenset({"handle", "platform_account", "invitation", "group_id", "device", "bank", "vehicle"})


def marks_of(annotations: Iterable[str], *, urgent: bool = False) -> tuple[str, ...]:
    found = [str(words.URGENT)] if urgent else []
    return (*found, *(words.word(words.ANNOTATIONS, one) for one in annotations))


def texts_of(veil: Veil, texts: Sequence[Sequence[str]]) -> Iterator[Text]:
    for name, text in texts:
        told = veil.over(text)
        short = _shortened(told)
        yield Text(words.word(words.TEXTS, name), short, more=short != told)


def _shortened(told: Told) -> Told:
    """Covered first, then cut: a name that the cut goes through is covered as a whole."""
    room = _MOST_TEXT
    kept: list[Piece] = []
    for piece in told:
        if room <= 0:
            break
        kept.append(piece if len(piece.text) <= room else Piece(piece.text[:room] + "…", piece.covered))
        room -= len(piece.text) + 1
    return tuple(kept)


def kind_word(name: str) -> str:
    label = TYPES[name].label if name in TYPES else None
    if label is None:
        return name
    return label.ur if get_language() == "ur" else label.en


def identifiers_of(veil: Veil, named: Iterable[Named], seen: dict[int, str]) -> Iterator[IdentifierShown]:
    """Each value once. Internet addresses have a table of their own."""
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
            kind=kind_word(one.type),
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


def seen_in(named: Iterable[Named]) -> dict[int, str]:
    """In how many reports a value stands, by identifier; left out where it is this report alone.

    Each count is a short walk along the mentions' index that ends at SEEN_AT_MOST.
    """
    ids = list(dict.fromkeys(one.identifier for one in named if not one.sealed))[:MOST_COUNTED]
    if not ids:
        return {}
    one = (
        f"SELECT %s, count(*) FROM (SELECT DISTINCT report_id FROM reports_mention"  # noqa: S608 - a number
        f" WHERE identifier_id = %s LIMIT {SEEN_AT_MOST + 1}) AS found"
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(ids)), [value for i in ids for value in (i, i)])
        counts = dict(cursor.fetchall())
    return {i: f"{SEEN_AT_MOST}+" if n > SEEN_AT_MOST else str(n) for i, n in counts.items() if n > 1}
