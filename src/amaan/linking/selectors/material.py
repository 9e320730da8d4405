"""What tellings hold that makes clues and needs no unsealing, read for many at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from amaan.keyring.domain import derive
from amaan.keyring.services import index_keys
from amaan.linking.selectors.tellings import aware
from amaan.store.rows import select_in


def clue_secret() -> bytes:
    """What clues of what is sealed, and of what may be sealed elsewhere, are made with. Raises KeysMissing."""
    return derive(index_keys().parties, "amaan/linking/clues/1")


class Moment(NamedTuple):
    """An address that was seen with its port at a time. `of_child`: with somebody whose identity is sealed."""

    version_id: int
    identifier_id: int
    role: str
    port: int
    at: datetime
    of_child: bool


def moments(version_ids: Sequence[int]) -> Iterator[Moment]:
    for version, identifier, role, port, at, sealed in select_in(
        "SELECT m.version_id, m.identifier_id, m.role, m.port, m.seen_at, coalesce(p.protected, FALSE)"
        " FROM reports_mention m JOIN reports_identifier i ON i.id = m.identifier_id"
        " LEFT JOIN reports_party p ON p.version_id = m.version_id AND p.number = m.party"
        " WHERE i.type = 'ip' AND m.port IS NOT NULL AND m.seen_at IS NOT NULL AND m.role <> 'reporter'"
        " AND m.version_id IN {values}",
        list(version_ids),
    ):
        yield Moment(version, identifier, role, port, aware(at), bool(sealed))


class NumberTold(NamedTuple):
    """A CyberTipline report that a telling names; `digest` is the identifier's, keyed."""

    version_id: int
    role: str
    digest: bytes


def numbers_told(version_ids: Sequence[int]) -> list[NumberTold]:
    rows = select_in(
        "SELECT m.version_id, m.role, i.key FROM reports_mention m"
        " JOIN reports_identifier i ON i.id = m.identifier_id"
        " WHERE i.type = 'ct_report' AND m.role <> 'reporter' AND m.version_id IN {values}",
        list(version_ids),
    )
    return [NumberTold(version, role, bytes(key)) for version, role, key in rows]


class HandleTold(NamedTuple):
    """A reported or associated account's user name that stands in clear: `platform:name`."""

    version_id: int
    handle: str
    role: str


def handles_told(version_ids: Sequence[int]) -> list[HandleTold]:
    """Without those of a child's or a victim's accounts, which are sealed, or are told of them too."""
    rows = select_in(
        "SELECT m.version_id, i.clear, m.role FROM reports_mention m"
        " JOIN reports_identifier i ON i.id = m.identifier_id"
        " LEFT JOIN reports_party p ON p.version_id = m.version_id AND p.number = m.party"
        " WHERE i.type = 'handle' AND i.clear IS NOT NULL AND m.role IN ('reported', 'associated')"
        " AND NOT coalesce(p.protected, FALSE) AND m.version_id IN {values}",
        list(version_ids),
    )
    return [HandleTold._make(row) for row in rows]
