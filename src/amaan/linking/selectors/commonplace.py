"""Values that say nothing of who uses them: helplines, offices, and the platforms' own sites."""

from __future__ import annotations

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.linking.domain.commonplace import COMMONPLACE
from amaan.store.rows import select_in


def commonplace() -> set[int]:
    """The rows of `reports.Identifier` that are no evidence, of those that anybody told."""
    secret = index_keys().parties
    keys = [blind_index(secret, type_, value) for type_, value in COMMONPLACE]
    return {row[0] for row in select_in("SELECT id FROM reports_identifier WHERE key IN {values}", keys)}
