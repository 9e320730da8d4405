"""Incident types, offences of Pakistani law, and languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from amaan.vocabulary.domain.rows import rows

Answer = Literal["yes", "no", "not_confirmed"]


@dataclass(frozen=True, slots=True)
class IncidentType:
    """What is reported, in the words of the Terminology Guidelines."""

    id: str
    name: str
    name_ur: str


@dataclass(frozen=True, slots=True)
class Offence:
    """A section of the law. `title` is its heading, an outdated term in quotes. Not legal advice.

    `cognizable`, `bailable`: as the source says; `not_confirmed` until a lawyer has looked it up.
    `in_force` is False for sections that were omitted and matter only to old cases. `fits` names situations:
    production, possession_distribution, grooming, sextortion, hidden_camera, trafficking.
    `evidence`: `primary` when the official text was read, `secondary` for press or bar sources.
    """

    id: str
    act: str
    section: str
    title: str
    cognizable: Answer
    bailable: Answer
    in_force: bool
    fits: frozenset[str]
    evidence: str
    source: str
    as_of: str


@dataclass(frozen=True, slots=True)
class Language:
    """`code`: ISO 639-1, else 639-3. `direction`: `ltr` or `rtl`."""

    code: str
    name: str
    own_name: str
    direction: str


@cache
def incident_types() -> Mapping[str, IncidentType]:
    return MappingProxyType(
        {row["id"]: IncidentType(row["id"], row["name"], row["name_ur"]) for row in rows("incident_types")}
    )


@cache
def offences() -> Mapping[str, Offence]:
    return MappingProxyType(
        {
            row["id"]: Offence(
                row["id"],
                row["act"],
                row["section"],
                row["title"],
                cast("Answer", row["cognizable"]),
                cast("Answer", row["bailable"]),
                row["status"] == "in_force",
                frozenset(row["fits"].split()),
                row["evidence"],
                row["source"],
                row["as_of"],
            )
            for row in rows("pk_offences")
        }
    )


@cache
def languages() -> Mapping[str, Language]:
    return MappingProxyType(
        {
            row["code"]: Language(row["code"], row["name"], row["own_name"], row["direction"])
            for row in rows("languages")
        }
    )
