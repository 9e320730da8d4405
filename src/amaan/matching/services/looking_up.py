"""Whether one signal is on a list: asked by a platform with that right, or by an officer for a purpose.

Every look-up is one entry in the ledger, committed before anything is answered; what was asked stands sealed in it.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from typing import Final

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append
from amaan.matching import index_files
from amaan.matching.domain.comparing import WEAK, Content
from amaan.matching.domain.lists import Category, ListKind, SignalType
from amaan.matching.models import Member
from amaan.matching.selectors.comparing import lists_in_force
from amaan.matching.services.matching import ALGORITHMS, candidates_of, search_contents
from amaan.store.rows import durable

LOOKED_UP: Final = "signal.looked_up"
NAMES: Final = {"pdq": SignalType.PDQ, **{t.name.lower(): t for t in SignalType if t.cryptographic}}


class NotASignal(ValueError):
    """What was given is no hash of a type that is known; the message says what is wanted."""


class IndexBehind(Exception):
    """So much came into the lists that an answer would take too long until the index is built."""


@dataclass(frozen=True)
class Hit:
    """An entry of a list that the signal is, or is near to. `same`: the very bytes, by digests of this `kind` (`weak`:
    one that can be forged); else `distance` bits differ, where the list takes up to `threshold`."""

    member: int
    slug: str
    title: str
    category: Category
    same: bool
    weak: bool
    kind: str
    distance: int
    threshold: int
    algorithm: str


def read_signal(type_: str, text: str) -> tuple[SignalType, bytes]:
    """A signal as it is written: its type's name (md5, sha1, sha256, pdq) and hexadecimal digits. Raises NotASignal."""
    kind = NAMES.get(type_.strip().lower())
    if kind is None:
        raise NotASignal(f"signal_type is one of {', '.join(sorted(NAMES))}.")
    text = text.strip()
    if len(text) != 2 * kind.size or not set(text) <= set(string.hexdigits):
        raise NotASignal(f"A {kind.name.lower()} signal is {2 * kind.size} hexadecimal digits.")
    return kind, bytes.fromhex(text)


def readings_of(text: str) -> list[tuple[SignalType, bytes]]:
    """Every signal that a text may be, by its length; none where it isn't hexadecimal digits."""
    text = text.strip()
    found = []
    for name in NAMES:
        try:
            found.append(read_signal(name, text))
        except NotASignal:
            continue
    return found


def known_files(signals: list[tuple[SignalType, bytes]]) -> tuple[list[Hit], bool]:
    """What lists know of these readings of one hash, and whether pictures could be compared now. It records nothing:
    the caller's look-up does, before anything is shown."""
    ready = index_files.state().behind < index_files.MOST_COUNTED
    asked = [one for one in signals if ready or one[0] is not SignalType.PDQ]
    return hits_of(asked), ready


def look_up_signal(actor: Actor, *, kind: SignalType, value: bytes) -> list[Hit]:
    """The entries of the lists in force that the signal is or is near to; survivors' own hashes never.

    Whether the actor may ask is the door's question. Raises IndexBehind.
    """
    if kind is SignalType.PDQ and index_files.state().behind >= index_files.MOST_COUNTED:
        raise IndexBehind
    found = hits_of([(kind, value)])
    body = {
        "type": kind.name.lower(),
        "value": value.hex(),
        "found": [[hit.slug, hit.member, hit.distance] for hit in found],
    }
    with durable(), transaction.atomic(durable=True):
        append(actor, [Act(LOOKED_UP, "lists", "", body)])
    return found


def hits_of(signals: list[tuple[SignalType, bytes]]) -> list[Hit]:
    """What these readings of one signal meet, the same bytes first, then the nearest. It records nothing."""
    lists = tuple(one for one in lists_in_force() if one.kind is not ListKind.SURVIVOR)
    if not lists:
        return []
    contents = [Content(0, 0, number, {kind: value}, None) for number, (kind, value) in enumerate(signals)]
    told = candidates_of(search_contents(contents, lists))
    found = sorted(
        (one for _, candidates in told for one in candidates),
        key=lambda one: (one.type, one.distance, one.member),
    )
    known = Member.objects.select_related("list").in_bulk({one.member for one in found})
    rules = {rule.id: rule for rule in lists}
    return [
        Hit(
            member=one.member,
            slug=rules[one.list].slug,
            title=known[one.member].list.title,
            category=Category(known[one.member].category),
            same=SignalType(one.type).cryptographic,
            weak=one.type in WEAK,
            kind=SignalType(one.type).label,
            distance=one.distance,
            threshold=rules[one.list].distance,
            algorithm=ALGORITHMS[SignalType(one.type)],
        )
        for one in found
    ]
