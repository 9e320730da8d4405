"""From typed text to what is stored, by keyed digests and integers: plaintext is neither asked nor compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.identifiers import Cleaned, NotUnderstood, platform_key
from amaan.reports.models import Entity
from amaan.store.rows import select_in

WALKED: Final = 1000
"""Mentions of one value that are looked at, the newest first: an app or a router's address may have a million."""
_NAMED_PLATFORMS: Final = 300
_PROTECTED: Final = frozenset({PartyRole.VICTIM, PartyRole.RECIPIENT, PartyRole.REPORTER})


@dataclass(slots=True)
class Mentions:
    """`by_report`: id → roles and types. `held`: a protected party uses one of the values; no more is known of it."""

    held: bool = False
    walked_out: bool = False  # there are older mentions that were not looked at
    linking: bool = False  # at least one value may link people; otherwise many may share it
    by_report: dict[int, tuple[set[str], set[str]]] = field(default_factory=dict)


def named_platforms() -> list[str]:
    """Keys of the reporting entities, which are platforms mostly: names are stored as `platform:name`."""
    found = []
    for name in Entity.objects.order_by("id").values_list("name", flat=True)[:_NAMED_PLATFORMS]:
        try:
            found.append(platform_key(name))
        except NotUnderstood:
            continue
    return [key for key in found if key]


def mentions_of(terms: Sequence[Cleaned]) -> Mentions:
    """Who mentions any of these values. Reporters' values lie under another key and are never met here."""
    key = index_keys().parties
    asked = [blind_index(key, term.type, term.normalised) for term in terms]
    rows = select_in(
        "SELECT id, type, links, clear IS NULL FROM reports_identifier WHERE key IN {values}", asked
    )
    found = Mentions()
    for identifier_id, kind, links, sealed in rows:
        if sealed:
            found.held = True
            continue
        newest = _newest(identifier_id)
        # The database keeps no protected party's value in clear; if it ever did, this would still not answer.
        if any(role in _PROTECTED for _, role in newest):
            found.held = True
            continue
        found.walked_out |= len(newest) > WALKED
        found.linking |= bool(links)
        for report_id, role in newest[:WALKED]:
            roles, types = found.by_report.setdefault(report_id, (set(), set()))
            roles.add(role)
            types.add(kind)
    return found


def _newest(identifier_id: int) -> list[tuple[int, str]]:
    """(report id, role) of the newest mentions; the index `mention_identifier_report` is walked from its end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT report_id, role FROM reports_mention WHERE identifier_id = %s"
            " ORDER BY identifier_id DESC, report_id DESC LIMIT %s",
            [identifier_id, WALKED + 1],
        )
        return list(cursor.fetchall())
