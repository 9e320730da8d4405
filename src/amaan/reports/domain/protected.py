"""Whose identity is sealed, as words to cover: names, schools, addresses, birthdays, contacts, handles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from ipaddress import ip_address

from amaan.reports.domain.veil import INSIDE_WORDS, PARTS, SHORTEST, Veil, fold

_TOWN = 8
"""Letters and digits of one line of an address: a town's name is no address, and its district is no secret."""
_OF_SCHOOLS = frozenset(
    {
        *("academy", "boys", "branch", "campus", "college", "education", "foundation", "girls"),
        *("government", "grammar", "higher", "international", "islamic", "junior", "madrassa", "model"),
        *("public", "primary", "private", "school", "schools", "science", "secondary", "senior"),
        *("system"),
    }
)


@dataclass(slots=True)
class Protected:
    """What is known of somebody whose identity is sealed. `identifiers`: type and normalised value.

    `office`: a reporter is mostly a platform's office; only its whole name and whole contacts count, or «safety»
    would cover half of all sentences.
    """

    names: list[str] = field(default_factory=list)
    shown_names: list[str] = field(default_factory=list)
    schools: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    births: list[date] = field(default_factory=list)
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    office: bool = False


def veil_for(people: Iterable[Protected]) -> Veil:
    """What covers everything that names one of `people`."""
    names: set[str] = set()
    values: set[str] = set()
    numbers: set[str] = set()
    days: set[date] = set()
    for person in people:
        names.update(_names_in(person))
        days.update(person.births)
        for kind, value in person.identifiers:
            values.update(_values_in(kind, value, office=person.office))
            if kind not in {"ip", "url", "domain"} or not person.office:
                numbers.add(value)
    return Veil(names, values, numbers, days)


def _names_in(person: Protected) -> Iterator[str]:
    if len(person.names) > 1:
        yield " ".join(person.names)
        yield " ".join(reversed(person.names))
    if person.office:
        if len(person.names) == 1:
            yield person.names[0]
        return
    yield from person.shown_names
    for name in person.names:
        yield name
        yield from (part for part in name.split() if len(part) >= SHORTEST)
    for school in person.schools:
        yield school
        yield from (w for w in PARTS.findall(school) if len(w) > INSIDE_WORDS and fold(w) not in _OF_SCHOOLS)
    for place in person.places:
        for line in (place, *place.split(",")):
            if sum(map(str.isalnum, line)) > _TOWN:
                yield line.strip()


_PREFIXED = frozenset({"handle", "platform_account", "invitation", "group_id", "device", "bank", "vehicle"})


def _values_in(kind: str, value: str, *, office: bool) -> Iterator[str]:
    if kind in _PREFIXED:
        value = value.partition(":")[2] or value
    if kind == "email":
        yield value
        if not office:
            yield value.split("@")[0]
    elif kind == "url":
        if not office:
            yield value
            last = value.rstrip("/").split("/")[-1]
            page, _, query = last.partition("?")
            yield last if query and page.endswith(".php") else page
    elif kind == "ip":
        yield value
        with suppress(ValueError):
            yield ip_address(value).exploded
    elif not office or kind in {"phone", "cnic"}:
        yield value.lstrip("@+")
