"""Write down what reports' tellings hold that may stand in others too: files, moments, numbers, names, wordings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.db import transaction

from amaan.authority.actors import Actor, ActorKind
from amaan.bundles.domain.keys import file_keys
from amaan.keyring.domain import derive
from amaan.keyring.services import index_keys
from amaan.linking.domain.evidence import Stance
from amaan.linking.domain.keys import digest_key, moment_keys, stored
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.models import Clue, Noted
from amaan.linking.selectors.material import moments
from amaan.linking.selectors.tellings import Telling, tellings_now
from amaan.matching.domain.lists import QUALITY
from amaan.reports.selectors import told_files
from amaan.store.rows import insert_rows, select_in

_OF_REPORTED: Final = frozenset({"reported", "associated"})


class OnlyTheSystemNotes(Exception):
    """Nobody writes evidence by hand: it is what reports tell."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not note clues; the worker does, from what reports tell.")


class _Clue(NamedTuple):
    kind: EvidenceKind
    key: int


_Clues = dict[int, dict[int, tuple[EvidenceKind, Stance]]]
"""By telling: keys as stored, with kind and stance."""


@transaction.atomic(savepoint=False)
def note_clues(actor: Actor, *, report_ids: Sequence[int]) -> None:
    """Note the newest tellings of these reports; what was noted of earlier ones goes. Doing it again changes nothing."""
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemNotes(actor)
    tellings = tellings_now(report_ids)
    if not tellings:
        return
    secret = derive(index_keys().parties, "amaan/linking/clues/1")
    clues = _read(secret, [one.version_id for one in tellings])
    _write(tellings, clues)


def _read(secret: bytes, versions: Sequence[int]) -> _Clues:
    found: _Clues = defaultdict(dict)
    for file in told_files(versions):
        for key in file_keys(
            sha256=_bytes(file.sha256),
            sha1=_bytes(file.sha1),
            md5=_bytes(file.md5),
            pdq=None,
            quality=None,
            least=QUALITY,
        ):
            _put(
                found[file.version_id],
                EvidenceKind.SAME_FILE,
                digest_key(b"", EvidenceKind.SAME_FILE, key.key.to_bytes(8, "big", signed=True)),
            )
    for seen in moments(versions):
        for number in moment_keys(secret, seen.identifier_id, seen.port, seen.at):
            _put(found[seen.version_id], EvidenceKind.IP_MOMENT, number, links=seen.role in _OF_REPORTED)
    return found


def _put(
    held: dict[int, tuple[EvidenceKind, Stance]], kind: EvidenceKind, key: int, *, links: bool = True
) -> None:
    stance = Stance.LINKS if links and KINDS[kind].links else Stance.SUPPORTS
    number = stored(key)
    before = held.get(number)
    if before is None or before[1] < stance:
        held[number] = (kind, stance)


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


def _write(
    tellings: Sequence[Telling], clues: Mapping[int, Mapping[int, tuple[EvidenceKind, Stance]]]
) -> None:
    ids = [one.report_id for one in tellings]
    held: dict[int, set[tuple[int, int, int]]] = defaultdict(set)
    rows = {}
    for number, report, kind, key, stance in select_in(
        "SELECT id, report_id, kind, key, stance FROM linking_clue WHERE report_id IN {values}", ids
    ):
        held[report].add((kind, key, stance))
        rows[report, kind, key, stance] = number
    wanted = {
        one.report_id: {
            (int(kind), key, int(stance)) for key, (kind, stance) in clues.get(one.version_id, {}).items()
        }
        for one in tellings
    }
    gone = [rows[report, *clue] for report in ids for clue in held[report] - wanted[report]]
    if gone:
        Clue.objects.filter(pk__in=gone).delete()
    insert_rows(
        Clue,
        ("report_id", "kind", "key", "stance"),
        [(report, *clue) for report in ids for clue in sorted(wanted[report] - held[report])],
    )
    noted = {
        report: Telling(report, *rest)
        for report, *rest in select_in(
            "SELECT report_id, version_id, source, trust FROM linking_noted WHERE report_id IN {values}", ids
        )
    }
    changed = [one for one in tellings if noted.get(one.report_id) != one]
    known = [one.report_id for one in changed if one.report_id in noted]
    if known:
        Noted.objects.filter(pk__in=known).delete()
    insert_rows(Noted, ("report_id", "version_id", "source", "trust"), changed)
