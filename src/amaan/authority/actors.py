"""Actors: whoever acts, as a value that can be passed to every service."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    INTAKE_OFFICER = "intake_officer"
    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    INVESTIGATOR = "investigator"
    CUSTODIAN = "custodian"
    EXAMINER = "examiner"
    PROSECUTOR = "prosecutor"
    COUNSEL = "counsel"
    STATISTICIAN = "statistician"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class ActorKind(StrEnum):
    STAFF = "staff"
    PLATFORM = "platform"
    REPORTER = "reporter"
    SYSTEM = "system"


@dataclass(frozen=True)
class Grant:
    """A role held in a unit (an office). `unit` is the unit's code."""

    role: Role
    unit: str


@dataclass(frozen=True)
class Actor:
    """`key` names the actor in the ledger without naming a person: `staff:12`, `system:import`."""

    kind: ActorKind
    key: str
    grants: frozenset[Grant] = field(default_factory=frozenset)
    delivers_to: str = ""  # a platform's only unit: where its referrals go

    @classmethod
    def system(cls, name: str) -> Actor:
        """A process of the installation itself, or its operator at the command line."""
        return cls(ActorKind.SYSTEM, f"system:{name}")

    @classmethod
    def platform(cls, number: int, unit: str) -> Actor:
        """A platform's credential, which may hand in referrals for one unit and read nothing back."""
        return cls(ActorKind.PLATFORM, f"platform:{number}", delivers_to=unit)
