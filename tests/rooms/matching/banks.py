"""Lists and people for tests of lists: actors without accounts, entries drawn from numbers."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.formats.hash_lists import ListEntry
from amaan.matching.services import approve_list, propose_list

OPERATOR = Actor.system("test")


def staff(role: Role = Role.SUPERVISOR, number: int = 1, unit: str = "lahore") -> Actor:
    return Actor(ActorKind.STAFF, f"staff:{number}", frozenset({Grant(role, unit)}))


def a_list(slug: str = "partner", *, approved: bool = True, **fields: Any) -> str:
    """A list that the operator proposed and, unless told otherwise, a supervisor approved."""
    given = {
        "title": "Partner",
        "category": "csam",
        "source": "A partner",
        "ground": "By agreement",
        **fields,
    }
    propose_list(OPERATOR, slug=slug, **given)
    if approved:
        approve_list(staff(number=90), slug=slug)
    return slug


def value(number: int) -> bytes:
    return sha256(str(number).encode()).digest()


def entry(number: int, **fields: Any) -> ListEntry:
    """A PDQ hash that looks like no other's."""
    return ListEntry(number, "", {"pdq": value(number)})._replace(**fields)
