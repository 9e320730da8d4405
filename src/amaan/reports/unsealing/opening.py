"""Opening the seals of one part. Only `asking.read_unsealed` calls this, after it has recorded the reading."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amaan.reports.domain.unsealings import Part, PartKind
from amaan.reports.models import ContentItem, Identifier, Mention, Party, Version
from amaan.reports.opening import TellingSeals

Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What stood under one seal, in plain words; in memory only. What does not belong to the part is empty.

    `texts` are (kind, text). `other` holds what the sender said besides, as (name, value). For the document only
    `exhibits` is set: the raw documents of that telling with their kinds, which `referrals` shows as trees.
    """

    number: int
    reference: str
    telling: int
    part: Part
    open_until: datetime
    names: tuple[str, ...] = ()
    birth: str = ""
    age: int | None = None
    school: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    texts: Texts = ()
    other: Texts = ()
    exhibits: tuple[tuple[int, str], ...] = ()


def open_part(version: Version, part: Part, *, number: int, open_until: datetime) -> Opened:
    """Raises SealBroken, KeyMissing, KeysDoNotFit."""
    seals = TellingSeals(version.report.reference, version)
    known: dict[str, Any] = {
        "number": number,
        "reference": version.report.reference,
        "telling": version.number,
        "part": part,
        "open_until": open_until,
    }
    if part.kind is PartKind.PARTY:
        assert part.party is not None
        return Opened(**known, **_party(version, part.party, seals))
    if part.kind is PartKind.TEXTS:
        return Opened(**known, **_texts(version, seals))
    exhibits: list[int] = json.loads(version.exhibits)
    kinds: list[str] = [str(one[0]) for one in json.loads(version.receipt)]
    kinds += [""] * (len(exhibits) - len(kinds))
    return Opened(**known, exhibits=tuple(zip(exhibits, kinds, strict=False)))


def _party(version: Version, number: int, seals: TellingSeals) -> dict[str, Any]:
    kept = seals.of_party(Party.objects.get(version=version, number=number))
    return {
        "names": tuple(kept.get("names", ())),
        "birth": kept.get("birth", ""),
        "age": kept.get("age"),
        "school": tuple(kept.get("school", ())),
        "addresses": tuple(_addresses(number, seals)),
        "identifiers": tuple(_identifiers(version, number, seals)),
        "texts": tuple((kind, text) for kind, text in kept.get("texts", ())),
        "other": tuple(_lines(kept.get("details", {}))),
    }


def _addresses(number: int, seals: TellingSeals) -> Iterator[str]:
    for _, kept in seals.places(number):
        if text := ", ".join(text for text in (kept.get("text"), kept.get("district")) if text):
            yield text


def _identifiers(version: Version, number: int, seals: TellingSeals) -> list[tuple[str, str]]:
    ids = Mention.objects.filter(version=version, party=number).order_by("id").values_list("identifier_id")
    rows = Identifier.objects.in_bulk([pk for (pk,) in ids])
    found = []
    for pk in dict.fromkeys(pk for (pk,) in ids):
        row = rows[pk]
        value = row.clear
        if value is None:
            assert row.sealed is not None
            value = seals.identifier(row.key, row.sealed)
        found.append((row.type, value))
    return found


def _texts(version: Version, seals: TellingSeals) -> dict[str, Any]:
    kept = seals.of_telling()
    texts = [(kind, text) for kind, text in kept.get("texts", ())]
    texts += [("escalation", kept["escalation"])] if kept.get("escalation") else []
    for incident in kept.get("incidents", ()):
        texts += [(kind, text) for kind, text in incident.get("texts", ())]
    for item in ContentItem.objects.filter(version=version).order_by("number"):
        inside = seals.of_content(item)
        texts += [("file_name", name) for name in inside.get("names", ())]
        texts += [(kind, text) for kind, text in inside.get("texts", ())]
    other = list(_lines(kept.get("details", {})))
    other += [(str(name), str(value)) for name, value in kept.get("unread", ())]
    other += [(str(name), str(value)) for name, value in kept.get("remainder", ())]
    return {"texts": tuple(texts), "other": tuple(other)}


def _lines(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested values as lines: `{"a": {"b": 1}}` → `("a › b", "1")`."""
    if isinstance(value, dict):
        return [
            line for key, one in value.items() for line in _lines(one, f"{name} › {key}" if name else key)
        ]
    if isinstance(value, list):
        return [line for one in value for line in _lines(one, name)]
    return [(name, str(value))] if value not in {None, ""} else []
