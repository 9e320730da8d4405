"""Write down what reports' tellings hold that may stand in others too: files, moments, numbers, words, names, venues.

Identifiers need no clue: they are read where mentions lie. Everything else needs one, also a file's digest, since no
index finds a file by its digest, and what is found around one report must be what a rebuild finds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.bundles.domain.keys import Kind, file_keys
from amaan.bundles.selectors import pictures_near
from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.services import Act, append
from amaan.lexicon.selectors import wordings_of
from amaan.linking.domain.evidence import Stance
from amaan.linking.domain.handles import claims, stem
from amaan.linking.domain.keys import digest_key, moment_keys, stored, wording_keys
from amaan.linking.domain.kinds import KINDS, EvidenceKind
from amaan.linking.domain.names import name_keys
from amaan.linking.domain.venues import venue_week
from amaan.linking.models import Clue, Noted
from amaan.linking.permissions import require_system
from amaan.linking.selectors.material import clue_secret, handles_told, moments, numbers_told
from amaan.linking.selectors.tellings import Newest, Telling, tellings_now
from amaan.linking.services.keeping import keep_what_is_clear
from amaan.matching.domain.lists import QUALITY
from amaan.reports.domain.drafts import Source
from amaan.reports.domain.identifiers import NotUnderstood, clean
from amaan.reports.panels import compared_by_linking
from amaan.reports.selectors import told_files
from amaan.store.rows import insert_rows, select_in

RUN: Final = "clue.run"
_OF_REPORTED: Final = frozenset({"reported", "associated"})
_GUARDED: Final = frozenset({"victim", "recipient"})
_NUMBERED: Final = frozenset({str(Source.CYBERTIPLINE_XML), str(Source.LE_JSON), str(Source.API)})
"""Doors by which a report's own number is the CyberTipline's."""
_FEWEST_DIGITS: Final = 6
_SUPPORTS: Final = {kind: (int(kind), int(Stance.SUPPORTS)) for kind in KINDS}
_LINKS: Final = {
    kind: (int(kind), int(Stance.LINKS if told.links else Stance.SUPPORTS)) for kind, told in KINDS.items()
}
_FROM_SEALS: Final = (EvidenceKind.NAME, EvidenceKind.VENUE_WEEK)


@transaction.atomic(savepoint=False)
def note_clues(actor: Actor, *, report_ids: Sequence[int]) -> set[int]:
    """Note the newest tellings of these reports; what was noted of earlier ones goes. Doing it again changes nothing.

    A fixed number of queries. Of a telling that was noted before no seal is opened again, since it does not change; its
    files and words are looked at again, since others may be near to them now, or they were read meanwhile. One ledger
    entry a run that opened seals: how many tellings, and the Merkle root over their sorted references.

    Returns the identifiers that were twins until now, and link apart from here on (`keeping`).
    """
    require_system(actor)
    newest = tellings_now(report_ids)
    if not newest:
        return set()
    tellings = [one.telling for one in newest]
    before = _noted([one.report_id for one in tellings])
    fresh = [one for one in newest if not _is_noted(one.telling, before)]
    found = _Found(clue_secret())
    found.in_clear(newest)
    found.from_seals(actor, fresh)
    _write(tellings, {one.telling.report_id for one in fresh}, found)
    _write_noted(tellings, before)
    parted = keep_what_is_clear([one.telling.version_id for one in fresh])
    if fresh:
        references = sorted(one.reference for one in fresh)
        body: dict[str, object] = {
            "count": len(references),
            "references_root": root_of([leaf_hash(one.encode()) for one in references]).hex(),
        }
        append(actor, [Act(RUN, "linking", "", body)])
    return parted


def _is_noted(telling: Telling, before: Mapping[int, Telling]) -> bool:
    noted = before.get(telling.report_id)
    return noted is not None and noted.version_id == telling.version_id


class _Found:
    """The clues of some tellings, growing: by telling, keys as they are stored with kind and stance."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self.of: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)

    def in_clear(self, newest: Sequence[Newest]) -> None:
        """What needs no seal opened."""
        versions = [one.telling.version_id for one in newest]
        self._files(versions)
        self._numbers(newest, versions)
        self._moments(versions)
        self._stems(versions)
        for version, bands in wordings_of(versions).items():
            for key in wording_keys(bands):
                self._put(version, EvidenceKind.WORDING, key)

    def _stems(self, versions: Sequence[int]) -> None:
        """Of a reported account that claims nothing they can link, where one hand carries them (`domain.hands`)."""
        theirs: dict[tuple[int, str], bool] = defaultdict(lambda: True)
        for told in handles_told(versions):
            if made := stem(told.handle):
                theirs[told.version_id, made] &= told.role == "reported" and not claims(told.handle)
        for (version, made), all_theirs in theirs.items():
            number = digest_key(self._secret, EvidenceKind.HANDLE_STEM, made.encode())
            stance = Stance.LINKS if all_theirs else Stance.SUPPORTS
            self.of[version][stored(number)] = (int(EvidenceKind.HANDLE_STEM), int(stance))

    def _moments(self, versions: Sequence[int]) -> None:
        """What a victim or a recipient was seen with only supports, whoever else was seen with it: a home's address."""
        guarded = []
        for seen in moments(versions):
            theirs = seen.role == "reported" or (seen.role == "associated" and not seen.of_child)
            for key in moment_keys(self._secret, seen.identifier_id, seen.port, seen.at):
                self._put(seen.version_id, EvidenceKind.IP_MOMENT, key, theirs=theirs)
                if seen.role in _GUARDED:
                    guarded.append((seen.version_id, stored(key)))
        for version, number in guarded:
            self.of[version][number] = _SUPPORTS[EvidenceKind.IP_MOMENT]

    def _files(self, versions: Sequence[int]) -> None:
        """Digests of files stand in clear beside; their keys are those of bundles, and need no secret."""
        pictures: dict[int, list[int]] = defaultdict(list)
        for file in told_files(versions):
            keys = file_keys(
                sha256=_bytes(file.sha256),
                sha1=_bytes(file.sha1),
                md5=_bytes(file.md5),
                pdq=_bytes(file.pdq),
                quality=file.pdq_quality,
                least=QUALITY,
            )
            for one in keys:
                if one.kind is Kind.PDQ:
                    pictures[one.key].append(file.version_id)
                else:
                    self._put(
                        file.version_id, EvidenceKind.SAME_FILE, _of_file(EvidenceKind.SAME_FILE, one.key)
                    )
        near = pictures_near(list(pictures))
        for key, holders in pictures.items():
            for version in holders:
                self._put(
                    version, EvidenceKind.NEAR_FILE, _of_file(EvidenceKind.NEAR_FILE, near.get(key, key))
                )

    def _numbers(self, newest: Sequence[Newest], versions: Sequence[int]) -> None:
        """A report's number, and the numbers that it names, by the digest that identifiers have."""
        for told in numbers_told(versions):
            self._digest(
                told.version_id, EvidenceKind.REPORT_NUMBER, told.digest, theirs=told.role in _OF_REPORTED
            )
        secret = index_keys().parties
        for one in newest:
            if one.door not in _NUMBERED or sum(map(str.isdigit, one.number)) < _FEWEST_DIGITS:
                continue
            try:
                number = clean("ct_report", one.number).normalised
            except NotUnderstood:
                continue  # a platform's own way of numbering
            index = blind_index(secret, "ct_report", number)
            self._digest(one.telling.version_id, EvidenceKind.REPORT_NUMBER, index)

    def from_seals(self, actor: Actor, newest: Sequence[Newest]) -> None:
        """Names of reported adults, and venues with their week. Raises SealBroken, KeyMissing."""
        happened = {one.telling.version_id: one.happened for one in newest}
        for told in compared_by_linking(actor, version_ids=list(happened)):
            guarded = {key for one in told.guarded for key in name_keys(one.names, one.shown)}
            for one in told.named:
                for key in name_keys(one.names, one.shown) - guarded:
                    self._digest(told.version_id, EvidenceKind.NAME, key.encode())
            if (at := happened.get(told.version_id)) is None:
                continue
            for district, text in told.venues:
                if venue := venue_week(district, text, at):
                    self._digest(told.version_id, EvidenceKind.VENUE_WEEK, venue.encode())

    def _digest(self, version: int, kind: EvidenceKind, value: bytes, *, theirs: bool = True) -> None:
        self._put(version, kind, digest_key(self._secret, kind, value), theirs=theirs)

    def _put(self, version: int, kind: EvidenceKind, key: int, *, theirs: bool = True) -> None:
        clue = _LINKS[kind] if theirs else _SUPPORTS[kind]
        held, number = self.of[version], stored(key)
        if number not in held or held[number] < clue:
            held[number] = clue


def _of_file(kind: EvidenceKind, key: int) -> int:
    return digest_key(b"", kind, key.to_bytes(8, "big", signed=True))


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)


# ---------------------------------------------------------------- writing


def _noted(ids: Sequence[int]) -> dict[int, Telling]:
    rows = select_in(
        "SELECT report_id, version_id, source, trust FROM linking_noted WHERE report_id IN {values}", ids
    )
    return {row[0]: Telling._make(row) for row in rows}


def _write(tellings: Sequence[Telling], fresh: set[int], found: _Found) -> None:
    """Only what changed: an index of keys is dear to write."""
    ids = [one.report_id for one in tellings]
    held: dict[int, dict[tuple[int, int, int], int]] = defaultdict(dict)
    for number, report, *clue in select_in(
        "SELECT id, report_id, kind, key, stance FROM linking_clue WHERE report_id IN {values}", ids
    ):
        if report in fresh or clue[0] not in _FROM_SEALS:
            held[report][clue[0], clue[1], clue[2]] = number
    gone: list[int] = []
    new: list[tuple[int, int, int, int]] = []
    for one in tellings:
        wanted = {(kind, key, stance) for key, (kind, stance) in found.of.get(one.version_id, {}).items()}
        gone += [number for clue, number in held[one.report_id].items() if clue not in wanted]
        new += [(one.report_id, *clue) for clue in sorted(wanted - held[one.report_id].keys())]
    if gone:
        Clue.objects.filter(pk__in=gone).delete()
    insert_rows(Clue, ("report_id", "kind", "key", "stance"), new)


def _write_noted(tellings: Sequence[Telling], before: Mapping[int, Telling]) -> None:
    changed = [one for one in tellings if before.get(one.report_id) != one]
    known = [one.report_id for one in changed if one.report_id in before]
    if known:
        Noted.objects.filter(pk__in=known).delete()
    insert_rows(Noted, Telling._fields, changed)
