"""Opening the seals of one part. Only `asking.read_unsealed` calls this, after it has recorded the reading."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amaan.keyring.services import Opener, opener
from amaan.reports.domain.unsealings import Part, PartKind
from amaan.reports.models import ContentItem, Identifier, Mention, Party, Place, Version

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
    reference, seals = version.report.reference, opener()
    place = f"{reference}.{bytes(version.digest)[:8].hex()}"
    known: dict[str, Any] = {
        "number": number,
        "reference": reference,
        "telling": version.number,
        "part": part,
        "open_until": open_until,
    }
    if part.kind is PartKind.PARTY:
        assert part.party is not None
        return Opened(**known, **_party(version, part.party, place, seals))
    if part.kind is PartKind.TEXTS:
        return Opened(**known, **_texts(version, place, seals))
    exhibits: list[int] = json.loads(version.exhibits)
    kinds: list[str] = [str(one[0]) for one in json.loads(version.receipt)]
    kinds += [""] * (len(exhibits) - len(kinds))
    return Opened(**known, exhibits=tuple(zip(exhibits, kinds, strict=False)))


def _party(version: Version, number: int, place: str, seals: Opener) -> dict[str, Any]:
    party = Party.objects.get(version=version, number=number)
    kept = _opened(seals, f"reports_party/{place}.{number}/sealed", party.sealed)
    return {
        "names": tuple(kept.get("names", ())),
        "birth": kept.get("birth", ""),
        "age": kept.get("age"),
        "school": tuple(kept.get("school", ())),
        "addresses": tuple(_addresses(version, number, place, seals)),
        "identifiers": tuple(_identifiers(version, number, seals)),
        "texts": tuple((kind, text) for kind, text in kept.get("texts", ())),
        "other": tuple(_lines(kept.get("details", {}))),
    }


def _addresses(version: Version, number: int, place: str, seals: Opener) -> list[str]:
    # A place's number in its seal is its position in the telling, and rows were inserted in that order.
    found = []
    for position, row in enumerate(Place.objects.filter(version=version).order_by("id")):
        if row.party == number:
            kept = _opened(seals, f"reports_place/{place}.{position}/sealed", row.sealed)
            found.append(", ".join(text for text in (kept.get("text"), kept.get("district")) if text))
    return [text for text in found if text]


def _identifiers(version: Version, number: int, seals: Opener) -> list[tuple[str, str]]:
    ids = Mention.objects.filter(version=version, party=number).order_by("id").values_list("identifier_id")
    rows = Identifier.objects.in_bulk([pk for (pk,) in ids])
    found = []
    for pk in dict.fromkeys(pk for (pk,) in ids):
        row = rows[pk]
        key = bytes(row.key).hex()
        value = row.clear
        if value is None:
            assert row.sealed is not None
            value = seals.open(f"reports_identifier/{key}/value", bytes(row.sealed)).decode()
        found.append((row.type, value))
    return found


def _texts(version: Version, place: str, seals: Opener) -> dict[str, Any]:
    kept = _opened(seals, f"reports_version/{place}/sealed", version.sealed)
    texts = [(kind, text) for kind, text in kept.get("texts", ())]
    texts += [("escalation", kept["escalation"])] if kept.get("escalation") else []
    for incident in kept.get("incidents", ()):
        texts += [(kind, text) for kind, text in incident.get("texts", ())]
    for item in ContentItem.objects.filter(version=version).order_by("number"):
        inside = _opened(seals, f"reports_contentitem/{place}.{item.number}/sealed", item.sealed)
        texts += [("file_name", name) for name in inside.get("names", ())]
        texts += [(kind, text) for kind, text in inside.get("texts", ())]
    other = list(_lines(kept.get("details", {})))
    other += [(str(name), str(value)) for name, value in kept.get("unread", ())]
    other += [(str(name), str(value)) for name, value in kept.get("remainder", ())]
    return {"texts": tuple(texts), "other": tuple(other)}


def _opened(seals: Opener, place: str, blob: bytes | memoryview | None) -> dict[str, Any]:
    if blob is None:
        return {}
    found = json.loads(seals.open(place, bytes(blob)))
    assert isinstance(found, dict), place
    return found


def _lines(value: Any, name: str = "") -> list[tuple[str, str]]:
    """Nested values as lines: `{"a": {"b": 1}}` → `("a › b", "1")`."""
    if isinstance(value, dict):
        return [
            line for key, one in value.items() for line in _lines(one, f"{name} › {key}" if name else key)
        ]
    if isinstance(value, list):
        return [line for one in value for line in _lines(one, name)]
    return [(name, str(value))] if value not in {None, ""} else []
