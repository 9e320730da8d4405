"""Names and venues of many tellings for one machine that compares them in memory: nobody's page, nothing kept.

Names are those of reported adults only; this is where the others stop. What comes out is made into keyed digests at
once, and never written or shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson

from amaan.authority.actors import Actor, ActorKind
from amaan.keyring.domain import sealed_under
from amaan.keyring.services import Opener, opener
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.panels.reading import OnlyTheSystemReadsTexts
from amaan.store.rows import select_in

_SHOWN: Final = "displayName"
_WHERE_IT_HAPPENED: Final = "('incident', 'told')"
_OF_AGE: Final = frozenset({"18+", "not_said"})
_PRIVATE: Final = "('home', 'apartment', 'vehicle')"


_Kept = dict[str, Any]


class Named(NamedTuple):
    """A reported adult: their names in the order told, and the names that their accounts show."""

    names: tuple[str, ...]
    shown: tuple[str, ...]


class Compared(NamedTuple):
    """`venues`: district's code, perhaps empty, and what was written; a victim's school is one. `guarded`: names of
    those whose identity is sealed, so that an account that bears a child's name is not compared by it."""

    version_id: int
    named: tuple[Named, ...]
    guarded: tuple[Named, ...]
    venues: tuple[tuple[str, str], ...]


def compared_by_linking(actor: Actor, *, version_ids: Sequence[int]) -> Iterator[Compared]:
    """Of those of these tellings that hold any; three queries, and opened seals.

    A reported person of no told age counts as an adult, unless something else about them protects them
    (`domain.facts.is_protected`). Raises OnlyTheSystemReadsTexts, SealBroken, KeyMissing.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemReadsTexts(actor)
    ids = sorted(set(version_ids))
    parties = select_in(
        "SELECT version_id, number, sealed, district, role, protected, age_band FROM reports_party"
        " WHERE role IN ('reported', 'victim', 'recipient') AND sealed IS NOT NULL AND version_id IN {values}"
        " ORDER BY id",
        ids,
    )
    # A place's number, by which it was sealed, is its turn among all of its telling.
    places = select_in(
        "SELECT p.version_id, (SELECT count(*) FROM reports_place b WHERE b.version_id = p.version_id AND b.id < p.id),"  # noqa: S608
        f" p.sealed, p.district FROM reports_place p WHERE p.role IN {_WHERE_IT_HAPPENED}"
        f" AND p.venue NOT IN {_PRIVATE} AND p.sealed IS NOT NULL AND p.version_id IN {{values}} ORDER BY p.id",
        ids,
    )
    keys = _Seals(sorted({row[0] for rows in (parties, places) for row in rows}))
    keys.load(row[2] for rows in (parties, places) for row in rows)
    people: dict[int, list[Named]] = {}
    guarded: dict[int, list[Named]] = {}
    venues: dict[int, list[tuple[str, str]]] = {}
    for version, number, sealed, district, role, protected, band in parties:
        kept = keys.open(version, "reports_party", number, sealed)
        shown = tuple(text for kind, text in kept.get("texts", ()) if kind == _SHOWN)
        one = Named(tuple(kept.get("names", ())), shown)
        if role == PartyRole.REPORTED and not protected and band in _OF_AGE:
            people.setdefault(version, []).append(one)
        else:
            guarded.setdefault(version, []).append(one)
        if role == PartyRole.VICTIM:
            venues.setdefault(version, []).extend((district, school) for school in kept.get("school", ()))
    for version, number, sealed, district in places:
        if text := keys.open(version, "reports_place", number, sealed).get("text", ""):
            venues.setdefault(version, []).append((district, text))
    for version in sorted(people.keys() | venues.keys()):
        yield Compared(
            version,
            tuple(people.get(version, ())),
            tuple(guarded.get(version, ())),
            tuple(venues.get(version, ())),
        )


class _Seals:
    """What is sealed of many tellings, opened one by one."""

    def __init__(self, version_ids: Sequence[int]) -> None:
        self._opener: Opener = opener()
        self._places = {
            version: f"{reference}.{bytes(digest)[:8].hex()}"
            for version, reference, digest in select_in(
                "SELECT v.id, r.reference, v.digest FROM reports_version v"
                " JOIN reports_report r ON r.id = v.report_id WHERE v.id IN {values}",
                version_ids,
            )
        }

    def load(self, blobs: Iterable[bytes | memoryview]) -> None:
        self._opener.load(sealed_under(bytes(blob)) for blob in blobs)

    def open(self, version: int, table: str, number: int, blob: bytes | memoryview) -> _Kept:
        place = f"{table}/{self._places[version]}.{number}/sealed"
        kept: _Kept = orjson.loads(self._opener.open(place, bytes(blob)))
        return kept
