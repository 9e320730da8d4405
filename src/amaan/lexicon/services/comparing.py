"""Find out by which numbers reports' newest tellings are compared with others; never the text.

Bands don't wait for it: it goes behind. Reckoning takes time and writes nothing, so `compare_ahead` does it before the
transaction, and `compare_reports` takes what it found where the telling still is the same one.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db import connection, transaction

from amaan.authority.actors import Actor
from amaan.keyring.domain import blind_index, derive
from amaan.keyring.services import index_keys
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.lexicon.domain.wording import wording_of
from amaan.lexicon.permissions import require_system
from amaan.outbox.services import publish
from amaan.reports.panels import texts_for_reading
from amaan.reports.selectors import newest_versions
from amaan.store.rows import select_in

RUN: Final = "lexicon.compared"


@dataclass(frozen=True)
class ComparingRun:
    """`compared` tellings can be compared with others since."""

    compared: int


class _Compared(NamedTuple):
    report_id: int
    reference: str
    words: bytes
    wording: bytes | None


_ahead: dict[int, _Compared] = {}
"""What this process reckoned before its turn to write, by telling."""


def compare_ahead(*, report_ids: Sequence[int]) -> None:
    """Reckon without writing, so that the transaction that follows is short."""
    _ahead.clear()
    _ahead.update(_reckon(Actor.system("lexicon"), _wanted(report_ids)))


@transaction.atomic(savepoint=False)
def compare_reports(actor: Actor, *, report_ids: Sequence[int]) -> ComparingRun:
    """Make the newest tellings of these reports comparable that were read and are not yet, and tell `report.compared`.

    One ledger entry a run that found any: how many, and the Merkle root over their sorted references.
    """
    require_system(actor)
    wanted = _wanted(report_ids)
    ready = {version: _ahead[version] for version in wanted if version in _ahead}
    found = ready | _reckon(actor, [version for version in wanted if version not in ready])
    _ahead.clear()
    if not found:
        return ComparingRun(0)
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE lexicon_textreading SET words = %s, wording = %s WHERE version_id = %s AND words IS NULL",
            [(one.words, one.wording, version) for version, one in sorted(found.items())],
        )
    publish("report.compared", sorted({one.report_id for one in found.values()}))
    references = sorted(one.reference for one in found.values())
    root = root_of([leaf_hash(reference.encode()) for reference in references])
    body: dict[str, object] = {"count": len(references), "references_root": root.hex()}
    append(actor, [Act(RUN, "lexicon", "", body)])
    return ComparingRun(len(found))


def _wanted(report_ids: Sequence[int]) -> list[int]:
    """The newest tellings of these reports that were read and can't be compared yet."""
    versions = sorted(newest_versions(sorted(set(report_ids))).values())
    rows = select_in(
        "SELECT DISTINCT version_id FROM lexicon_textreading WHERE words IS NULL AND version_id IN {values}",
        versions,
    )
    return sorted(row[0] for row in rows)


def _reckon(actor: Actor, version_ids: Sequence[int]) -> dict[int, _Compared]:
    key = index_keys().parties
    wording = wording_of(derive(key, "amaan/lexicon/wording/1"))
    return {
        told.version_id: _Compared(
            told.report_id, told.reference, _words(key, told.parts), wording.bands(told.parts)
        )
        for told in texts_for_reading(actor, version_ids=version_ids)
    }


def _words(key: bytes, parts: Iterable[tuple[str, str]]) -> bytes:
    """8 bytes that are equal where the whole texts are, but for how letters are encoded, case and white space."""
    plain = [[name, " ".join(unicodedata.normalize("NFKC", text).casefold().split())] for name, text in parts]
    return blind_index(key, "words", json.dumps(plain))[:8]
