"""Named queues: which reports one catches. A queue is a filter inside a unit; it gives nobody a right.

Its terms are lists of words, joined so: any word of a list will do, and every list that is not empty must be met.
What a report did not say fits no list: it stays in "everything", which no queue can empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from amaan.triage.domain.facts import NOT_SAID, Facts
from amaan.vocabulary.domain import district, incident_types, languages, offences

MOST_QUEUES: Final = 30
"""Of one unit. Each report is held against all of them."""
NO_QUEUE: Final = 0
"""In place of a queue's number: what no queue catches."""


class BadTerms(ValueError):
    """Terms with a word that nothing reads; the message names it."""


@dataclass(frozen=True)
class Facets:
    """What of a report decides its queue. Each may be empty: not said, or not known."""

    districts: frozenset[str]
    languages: frozenset[str]
    incident_types: frozenset[str]
    sections: frozenset[str]


@dataclass(frozen=True)
class Terms:
    """`districts` are codes of the vocabulary, `languages` ISO codes, `sections` ids of offences."""

    districts: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    incident_types: frozenset[str] = frozenset()
    sections: frozenset[str] = frozenset()

    @classmethod
    def of(cls, words: Mapping[str, Iterable[str]]) -> Terms:
        """Raises BadTerms for a list or a word that is unknown, and for terms that ask for nothing."""
        known = {field.name for field in fields(cls)}
        if strange := sorted(set(words) - known):
            raise BadTerms(f"A queue asks for {', '.join(sorted(known))}; not for {', '.join(strange)}.")
        found = cls(**{name: frozenset(words.get(name, ())) for name in known})
        unknown = [
            *(code for code in found.districts if district(code) is None),
            *(found.languages - set(languages())),
            *(found.incident_types - set(incident_types())),
            *(found.sections - set(offences())),
        ]
        if unknown:
            raise BadTerms(
                f"No district, language, incident type or section is called {', '.join(sorted(unknown))}."
            )
        if found == cls():
            raise BadTerms("A queue that asks for nothing would catch everything; name at least one word.")
        return found

    def words(self) -> dict[str, list[str]]:
        """As it is stored: lists in order, empty ones left out."""
        return {field.name: sorted(held) for field in fields(self) if (held := getattr(self, field.name))}

    def fit(self, facets: Facets) -> bool:
        asked = ((getattr(self, field.name), getattr(facets, field.name)) for field in fields(self))
        return all(not wanted or wanted & told for wanted, told in asked)


class Catching(NamedTuple):
    """A queue's row id and its terms."""

    id: int
    terms: Terms


def first_fit(queues: Sequence[Catching], facets: Facets) -> int | None:
    """The queue, of a unit's in their order, that catches such a report; None where none does."""
    return next((queue.id for queue in queues if queue.terms.fit(facets)), None)


def facets_of(facts: Facts, language: str = "", sections: Iterable[str] = ()) -> Facets:
    """`language` is the one in which somebody told it, where that is known; `sections` are the ids of what fits."""
    kind = facts.get("incident.type")
    types = frozenset({kind}) if isinstance(kind, str) and kind != NOT_SAID else frozenset()
    return Facets(
        districts=_words(facts, "incident.districts")
        | _words(facts, "victim.districts")
        | _words(facts, "reported.districts"),
        languages=frozenset({language}) if language else frozenset(),
        incident_types=types,
        sections=frozenset(sections),
    )


def _words(facts: Facts, name: str) -> frozenset[str]:
    value = facts.get(name)
    return frozenset(value) if isinstance(value, list) else frozenset()
