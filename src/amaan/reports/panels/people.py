"""Who is in a report: what may be known of each, and which parts of the protected are held."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from amaan.reports import words
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.veil import HELD
from amaan.reports.models import Party
from amaan.reports.opening import Kept, Named, Opened
from amaan.reports.panels.shown import identifiers_of, texts_of
from amaan.reports.panels.values import People, Person

MOST_IDENTIFIERS = 200
_MOST_PEOPLE = 60


def people_of(found: Opened, seen: dict[int, str], roles: set[PartyRole]) -> People:
    chosen = [party for party in found.parties if party.role in roles]
    named: dict[int, list[Named]] = {}
    for one in found.named:
        if one.mention.party is not None:
            named.setdefault(one.mention.party, []).append(one)
    below: dict[int, list[Party]] = {}
    for party in found.parties:
        if party.of_party is not None:
            below.setdefault(party.of_party, []).append(party)

    def person(party: Party) -> Person:
        accounts = tuple(person(one) for one in below.get(party.number, ())[:_MOST_PEOPLE])
        return _person(found, seen, party, named.get(party.number, []), accounts)

    return People(tuple(person(p) for p in chosen[:_MOST_PEOPLE]), max(0, len(chosen) - _MOST_PEOPLE))


def _person(
    found: Opened, seen: dict[int, str], party: Party, named: list[Named], accounts: tuple[Person, ...]
) -> Person:
    kept = found.kept_of_party[party.number]
    values = set() if party.protected else {one.identifier for one in named if one.type != "ip"}
    shown = tuple(islice(identifiers_of(found, named, seen), MOST_IDENTIFIERS)) if values else ()
    name = " ".join(kept.get("names", []))
    return Person(
        number=party.number,
        role=words.word(words.PARTIES, party.role),
        name=(HELD if name else ()) if party.protected else found.veil.over(name),
        protected=party.protected,
        minor=party.protected and party.role == PartyRole.REPORTED,
        facts=tuple(_facts_of(party, kept)),
        cautions=tuple(_cautions(party, kept)),
        identifiers=shown,
        more_identifiers=len(values) - len(shown),
        texts=() if party.protected else tuple(texts_of(found, kept.get("texts", []), str(party.role))),
        held=tuple(_held(found, party, kept, named)) if party.protected else (),
        part=f"party-{party.number}",
        accounts=accounts,
    )


def _facts_of(party: Party, kept: Kept) -> Iterator[str]:
    if party.age_band != "not_said":
        yield words.age_word(party.age_band)
    if party.sex != "not_said":
        yield words.child_word(party.sex, party.age_band)
    if party.relationship != "not_said":
        yield words.word(words.RELATIONSHIPS, party.relationship)
    if party.district:
        yield words.district_word(party.district)
    if party.setting in words.SETTINGS:
        yield words.word(words.SETTINGS, party.setting)


def _cautions(party: Party, kept: Kept) -> Iterator[str]:
    if party.possibly_coerced == "yes":
        yield str(words.COERCED)
    flags = kept.get("flags", {})
    for name in words.FLAGS:
        if flags.get(name) == "yes":
            yield words.word(words.FLAGS, name)


def _held(found: Opened, party: Party, kept: Kept, named: list[Named]) -> Iterator[str]:
    """Which parts are sealed, and never what stands in them."""
    for key, part in (("names", "name"), ("birth", "birth"), ("school", "school")):
        if kept.get(key):
            yield words.word(words.PARTS, part)
    if any(place.party == party.number and said for place, said in found.places):
        yield words.word(words.PARTS, "address")
    yield from dict.fromkeys(words.type_word(one.type) for one in named)
    for key, part in (("texts", "notes"), ("details", "details")):
        if kept.get(key):
            yield words.word(words.PARTS, part)
