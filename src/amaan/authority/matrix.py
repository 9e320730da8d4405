"""The permissions matrix, as data: which role may do what, and how far it reaches.

`docs/reference/permissions.md` is rendered from here, views and services ask here, and a law test attacks
every view with every role by what stands here. A cell that is absent means no: nobody gains a right by being
forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from amaan.authority.actors import Actor, ActorKind, Role


class Action(StrEnum):
    """What somebody may be allowed to do. Services and views name one of these, never a role."""

    VIEW_QUEUE = "view_queue"
    VIEW_REPORT = "view_report"
    DECIDE_REPORT = "decide_report"
    EXPLAIN_TRIAGE = "explain_triage"
    ENTER_REPORT = "enter_report"
    WRITE_TO_REPORTER = "write_to_reporter"
    NOTE_REPORT = "note_report"
    HIDE_TEXT = "hide_text"
    VIEW_IMPORT = "view_import"
    IMPORT_REFERRALS = "import_referrals"
    RETRY_QUARANTINE = "retry_quarantine"
    LOOK_UP = "look_up"
    REQUEST_UNSEALING = "request_unsealing"
    UNSEAL = "unseal"
    VIEW_CASE = "view_case"
    OPEN_CASE = "open_case"
    WORK_CASE = "work_case"
    ASSIGN_CASE = "assign_case"
    VIEW_LISTS = "view_lists"
    MANAGE_LISTS = "manage_lists"
    APPROVE_LIST = "approve_list"
    CONFIRM_KNOWN = "confirm_known"
    MANAGE_QUEUES = "manage_queues"
    MANAGE_ON_CALL = "manage_on_call"
    VIEW_LOAD = "view_load"
    VIEW_CARE = "view_care"
    VIEW_RULES = "view_rules"
    PROPOSE_RULES = "propose_rules"
    APPROVE_RULES = "approve_rules"
    VIEW_LEARNING = "view_learning"
    SWITCH_LEARNING = "switch_learning"
    GIVE_FEEDBACK = "give_feedback"
    EXPORT_FEEDBACK = "export_feedback"
    MANAGE_PLATFORMS = "manage_platforms"
    VIEW_STATISTICS = "view_statistics"
    READ_LEDGER = "read_ledger"
    VERIFY_LEDGER = "verify_ledger"
    VIEW_PEOPLE = "view_people"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_UNITS = "manage_units"


class Scope(StrEnum):
    """How far a right reaches: the units in which the role is held, or all of them."""

    NONE = "none"
    OWN_UNIT = "own_unit"
    ALL_UNITS = "all_units"


class NotAllowed(Exception):
    """The actor's roles do not carry the action (here). Pages answer it as if the object did not exist."""

    def __init__(self, actor: Actor, action: Action, unit: str | None = None) -> None:
        place = f" in unit {unit}" if unit else ""
        super().__init__(
            f"{actor.key} may not {action.value}{place}; an administrator can grant a role that may."
        )
        self.actor, self.action, self.unit = actor, action, unit


@dataclass(frozen=True)
class Units:
    """The units that an action reaches for one actor. `codes` is empty when `all` is true."""

    all: bool = False
    codes: frozenset[str] = frozenset()

    def __contains__(self, unit: str) -> bool:
        return self.all or unit in self.codes

    def __bool__(self) -> bool:
        return self.all or bool(self.codes)


def _row(own: tuple[Role, ...] = (), everywhere: tuple[Role, ...] = ()) -> Mapping[Role, Scope]:
    cells = dict.fromkeys(Role, Scope.NONE)
    cells.update(dict.fromkeys(own, Scope.OWN_UNIT))
    cells.update(dict.fromkeys(everywhere, Scope.ALL_UNITS))
    return MappingProxyType(cells)


_INTAKE, _ANALYST, _SUPERVISOR = Role.INTAKE_OFFICER, Role.ANALYST, Role.SUPERVISOR

# The administrator stands in no row that shows a report, the auditor reads what was done and not what was
# told, and nothing sealed is opened without the custodian: three powers that stay in three hands.
MATRIX: Final[Mapping[Action, Mapping[Role, Scope]]] = MappingProxyType(
    {
        Action.VIEW_QUEUE: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.VIEW_REPORT: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR, Role.CUSTODIAN)),
        Action.DECIDE_REPORT: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.EXPLAIN_TRIAGE: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.ENTER_REPORT: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR)),
        Action.WRITE_TO_REPORTER: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.NOTE_REPORT: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.HIDE_TEXT: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR)),
        Action.VIEW_IMPORT: _row(own=(_INTAKE, _ANALYST, _SUPERVISOR)),
        Action.IMPORT_REFERRALS: _row(own=(_INTAKE, _SUPERVISOR)),
        Action.RETRY_QUARANTINE: _row(own=(_INTAKE, _SUPERVISOR)),
        Action.LOOK_UP: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.REQUEST_UNSEALING: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.UNSEAL: _row(own=(Role.CUSTODIAN,)),
        Action.VIEW_CASE: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR, Role.CUSTODIAN)),
        Action.OPEN_CASE: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.WORK_CASE: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.ASSIGN_CASE: _row(own=(_SUPERVISOR,)),
        # Lists belong to no unit. Who may approve one may also propose one; never both for the same list.
        Action.VIEW_LISTS: _row(
            own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR, Role.EXAMINER),
            everywhere=(Role.AUDITOR, Role.ADMINISTRATOR),
        ),
        Action.MANAGE_LISTS: _row(own=(_SUPERVISOR,), everywhere=(Role.ADMINISTRATOR,)),
        Action.APPROVE_LIST: _row(own=(_SUPERVISOR, Role.EXAMINER)),
        Action.CONFIRM_KNOWN: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR, Role.EXAMINER)),
        # Queues filter inside a unit and give nobody a right; whom a unit wakes is its supervisor's to say.
        Action.MANAGE_QUEUES: _row(own=(_SUPERVISOR,)),
        Action.MANAGE_ON_CALL: _row(own=(_SUPERVISOR,)),
        Action.VIEW_LOAD: _row(own=(_SUPERVISOR,)),
        # Numbers of an office, never of a person (care).
        Action.VIEW_CARE: _row(own=(_SUPERVISOR,)),
        # Rules belong to no unit either. Who may approve some may also propose some; never both for the same rules.
        Action.VIEW_RULES: _row(
            own=(_INTAKE, _ANALYST, _SUPERVISOR, Role.INVESTIGATOR), everywhere=(Role.AUDITOR,)
        ),
        Action.PROPOSE_RULES: _row(own=(_SUPERVISOR,)),
        Action.APPROVE_RULES: _row(own=(_SUPERVISOR,)),
        # The model that may order inside a band belongs to no unit.
        Action.VIEW_LEARNING: _row(own=(_ANALYST, _SUPERVISOR), everywhere=(Role.STATISTICIAN, Role.AUDITOR)),
        Action.SWITCH_LEARNING: _row(own=(_SUPERVISOR,)),
        Action.GIVE_FEEDBACK: _row(own=(_ANALYST, _SUPERVISOR, Role.INVESTIGATOR)),
        Action.EXPORT_FEEDBACK: _row(own=(_SUPERVISOR,)),
        Action.MANAGE_PLATFORMS: _row(everywhere=(Role.ADMINISTRATOR,)),
        Action.VIEW_STATISTICS: _row(own=(_SUPERVISOR,), everywhere=(Role.STATISTICIAN, Role.AUDITOR)),
        Action.READ_LEDGER: _row(everywhere=(Role.AUDITOR,)),
        Action.VERIFY_LEDGER: _row(everywhere=(Role.AUDITOR, Role.ADMINISTRATOR)),
        Action.VIEW_PEOPLE: _row(own=(_SUPERVISOR,), everywhere=(Role.AUDITOR, Role.ADMINISTRATOR)),
        Action.MANAGE_PEOPLE: _row(everywhere=(Role.ADMINISTRATOR,)),
        Action.MANAGE_UNITS: _row(everywhere=(Role.ADMINISTRATOR,)),
    }
)


def units_where(actor: Actor, action: Action) -> Units:
    """The units in which `actor` may do `action`. The filter for many, beside `may` for one."""
    if actor.kind is ActorKind.SYSTEM:
        return Units(all=True)
    if actor.kind is ActorKind.PLATFORM and action is Action.IMPORT_REFERRALS and actor.delivers_to:
        return Units(codes=frozenset({actor.delivers_to}))
    if actor.kind is not ActorKind.STAFF:
        return Units()
    row = MATRIX[action]
    if any(row[grant.role] is Scope.ALL_UNITS for grant in actor.grants):
        return Units(all=True)
    return Units(codes=frozenset(grant.unit for grant in actor.grants if row[grant.role] is Scope.OWN_UNIT))


def may(actor: Actor, action: Action, unit: str | None = None) -> bool:
    """Whether `actor` may do `action` in the unit with this code; without a unit: anywhere at all."""
    units = units_where(actor, action)
    return bool(units) if unit is None else unit in units


def require(actor: Actor, action: Action, unit: str | None = None) -> None:
    """Raise NotAllowed unless `may`. The first line of every service."""
    if not may(actor, action, unit):
        raise NotAllowed(actor, action, unit)
