"""What other rooms need to cover a report's documents by themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from amaan.authority.actors import Actor
from amaan.reports.domain.drafts import PartyRole, Source
from amaan.reports.domain.veil import Veil, compared
from amaan.reports.opening import Opened, opened
from amaan.reports.panels.shown import HELD_TEXTS
from amaan.reports.selectors import access_report


@dataclass(frozen=True, slots=True)
class Shield:
    """`exhibits`: the documents' ids with the kind that the receipt names, in order.

    `reported`, `associated`: whether each reported party, and each of its accounts, is protected, in the documents'
    order; `uploader` whether whoever uploaded the files may be. `clear`: texts, as `veil.compared` gives them, that
    stand unsealed or belong to nobody protected; of a table's row only, where no name says what a cell is.
    """

    veil: Veil
    exhibits: tuple[tuple[int, str], ...]
    reported: tuple[bool, ...]
    associated: tuple[tuple[bool, ...], ...]
    clear: frozenset[str]
    uploader: bool


def shield_of(actor: Actor, reference: str) -> Shield:
    """For a report's newest telling. Raises ReportNotFound, SealBroken, KeyMissing."""
    found = opened(access_report(actor, reference))
    reported = [party for party in found.parties if party.role == PartyRole.REPORTED]
    accounts: dict[int, list[bool]] = {}
    for party in found.parties:
        if party.of_party is not None:
            accounts.setdefault(party.of_party, []).append(party.protected)
    exhibits = json.loads(found.version.exhibits)
    kinds = [str(receipt[0]) for receipt in json.loads(found.version.receipt)]
    kinds += [""] * (len(exhibits) - len(kinds))
    return Shield(
        veil=found.veil,
        exhibits=tuple(zip(exhibits, kinds, strict=False)),
        reported=tuple(party.protected for party in reported),
        associated=tuple(tuple(accounts.get(party.number, ())) for party in reported),
        clear=frozenset(compared(text.strip()) for text in _clear(found) if text.strip())
        if found.version.source == Source.CSV
        else frozenset(),
        uploader=found.uploader_protected,
    )


def _clear(found: Opened) -> Iterator[str]:
    yield found.report.number
    yield found.report.entity.name
    yield found.kept.get("platform", "")
    for texts in (
        found.kept.get("texts", []),
        *(i.get("texts", []) for i in found.kept.get("incidents", [])),
    ):
        yield from (text for kind, text in texts if kind not in HELD_TEXTS)
    for party in found.parties:
        if not party.protected:
            kept = found.kept_of_party[party.number]
            yield from (*kept.get("names", []), *(text for _, text in kept.get("texts", [])))
    for item in found.contents:
        yield from (bytes(h).hex() for h in (item.md5, item.sha1, item.sha256, item.pdq) if h)
    yield from (named.value for named in found.named if not named.sealed)
