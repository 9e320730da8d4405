"""Texts of many reports for one machine that reads them in memory: no veil, nobody's page, nothing kept.

Only the system comes in. What it takes away are words and places, never the text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import orjson

from amaan.authority.actors import Actor, ActorKind
from amaan.keyring.domain import sealed_under
from amaan.keyring.services import Opener, opener
from amaan.reports.domain.drafts import PartyRole
from amaan.reports.domain.facts import holds_text
from amaan.reports.domain.marking import Mark
from amaan.reports.opening import Opened
from amaan.store.rows import select_in

LEFT_OUT: Final = frozenset(
    {"fileNames", "displayName", "incidentType", "incident.type", "contact_when", "contact_care"}
)
"""Kinds of texts that state nothing: names of files and accounts, a sender's own label, how to reach the reporter."""
ESCALATION: Final = "escalation"
_PRESENT: Final = '"text.present":true'
"""As nearly all facts say it. No value can hold these quotes, and looking for them is quicker than reading all."""


class OnlyTheSystemReadsTexts(Exception):
    """People read a report's texts on its page, covered and recorded."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(f"{actor.key} may not read texts of many reports; open the report's page.")


class PartOfText(NamedTuple):
    """One text of a telling. `part` says where it stands: report, incident, escalation, content, or a party's role, and
    the text's kind: `incident.chat`."""

    part: str
    text: str


class TextsOfTelling(NamedTuple):
    version_id: int
    report_id: int
    reference: str
    parts: list[PartOfText]


def texts_for_reading(actor: Actor, *, version_ids: Sequence[int]) -> Iterator[TextsOfTelling]:
    """The free texts of those of these tellings that hold any, in the order of ids; as many queries for a thousand.

    Raises OnlyTheSystemReadsTexts, SealBroken, KeyMissing.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise OnlyTheSystemReadsTexts(actor)
    ids = sorted(set(version_ids))
    held = select_in(
        "SELECT v.id, v.report_id, r.reference, v.digest, v.facts, v.sealed FROM reports_version v"
        " JOIN reports_report r ON r.id = v.report_id WHERE v.id IN {values} ORDER BY v.id",
        ids,
    )
    rows = [row for row in held if _PRESENT in row[4] or holds_text(orjson.loads(row[4]))]
    if not rows:
        return
    told = [row[0] for row in rows]
    below: dict[int, list[tuple[str, str, bytes]]] = {}
    parties = "SELECT version_id, role, number, sealed FROM reports_party WHERE sealed IS NOT NULL"
    for version, role, number, sealed in select_in(parties + " AND version_id IN {values} ORDER BY id", told):
        if role != PartyRole.REPORTER:
            below.setdefault(version, []).append((str(role), f"reports_party/{{}}.{number}", sealed))
    files = "SELECT version_id, number, sealed FROM reports_contentitem WHERE sealed IS NOT NULL"
    for version, number, sealed in select_in(files + " AND version_id IN {values} ORDER BY id", told):
        below.setdefault(version, []).append(("content", f"reports_contentitem/{{}}.{number}", sealed))
    keys = opener()
    blobs = [*(row[5] for row in rows), *(blob for held_below in below.values() for _, _, blob in held_below)]
    keys.load(sealed_under(bytes(blob)) for blob in blobs if blob)
    for version, report, reference, digest, _, sealed in rows:
        place = f"{reference}.{bytes(digest)[:8].hex()}"
        parts = list(_of_telling(_open(keys, f"reports_version/{place}/sealed", sealed)))
        for name, where, blob in below.get(version, ()):
            parts += _of(name, _open(keys, f"{where.format(place)}/sealed", blob))
        yield TextsOfTelling(version, report, reference, parts)


def _open(keys: Opener, place: str, blob: bytes | memoryview | None) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(keys.open(place, bytes(blob))) if blob else {}
    return found


def _of_telling(kept: dict[str, object]) -> Iterator[PartOfText]:
    yield from _of("report", kept)
    incidents = kept.get("incidents", [])
    for incident in incidents if isinstance(incidents, list) else []:
        yield from _of("incident", incident)
    escalation = kept.get("escalation", "")
    if isinstance(escalation, str) and escalation not in {"", "yes"}:
        yield PartOfText(ESCALATION, escalation)


def _of(name: str, kept: dict[str, object]) -> Iterator[PartOfText]:
    texts = kept.get("texts", [])
    for kind, text in texts if isinstance(texts, list) else []:
        if kind not in LEFT_OUT:
            yield PartOfText(part_name(name, kind), text)


def part_name(where: str, kind: str) -> str:
    """How `PartOfText` names a text of this kind that stands there."""
    return where if where == ESCALATION else f"{where}.{kind}"[:60]


def marks_that_fit(found: Opened, marks: Mapping[str, Sequence[Mark]]) -> dict[str, Sequence[Mark]]:
    """Without those of parts that several texts of the telling bear: nobody says which of them is meant."""
    told = Counter(one.part for one in _of_telling(found.kept))
    for party in found.parties:
        if party.role != PartyRole.REPORTER:
            told.update(one.part for one in _of(str(party.role), found.kept_of_party[party.number]))
    for kept in found.kept_of_content.values():
        told.update(one.part for one in _of("content", kept))
    return {part: held for part, held in marks.items() if told[part] == 1}
