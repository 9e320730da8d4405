"""Values that say nothing of who uses them: helplines, offices, and the platforms' own sites."""

from __future__ import annotations

from functools import lru_cache

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.linking.domain.commonplace import COMMONPLACE
from amaan.store.rows import select_in


def commonplace() -> set[int]:
    """The rows of `reports.Identifier` that are no evidence, of those that anybody told."""
    keys = _keys(index_keys().parties)
    return {row[0] for row in select_in("SELECT id FROM reports_identifier WHERE key IN {values}", keys)}


@lru_cache(maxsize=1)
def _keys(secret: bytes) -> list[bytes]:
    return [blind_index(secret, type_, value) for type_, value in sorted(COMMONPLACE)]
