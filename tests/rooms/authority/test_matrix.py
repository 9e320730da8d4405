"""The matrix: whole, closed by default, and the same for one unit as for many."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import MATRIX, Action, NotAllowed, Scope, may, require, units_where
from amaan.authority.rendering import ACTIONS_IN_WORDS, ROLES_IN_WORDS, permissions_page

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parents[3]
UNITS = ["north", "south", "east"]

grants = st.frozensets(st.builds(Grant, st.sampled_from(Role), st.sampled_from(UNITS)), max_size=5)


def staff(*held: Grant) -> Actor:
    return Actor(ActorKind.STAFF, "staff:1", frozenset(held))


def test_every_action_has_a_cell_for_every_role_and_words_for_people() -> None:
    assert set(MATRIX) == set(Action) == set(ACTIONS_IN_WORDS)
    assert all(set(row) == set(Role) for row in MATRIX.values())
    assert set(ROLES_IN_WORDS) == set(Role)


def test_every_action_is_held_by_somebody() -> None:
    for action, row in MATRIX.items():
        assert any(scope is not Scope.NONE for scope in row.values()), action


def test_the_administrator_and_the_auditor_cannot_read_reports() -> None:
    telling = (
        Action.VIEW_QUEUE,
        Action.VIEW_REPORT,
        Action.VIEW_IMPORT,
        Action.EXPLAIN_TRIAGE,
        Action.UNSEAL,
    )
    for action in telling:
        for role in (Role.ADMINISTRATOR, Role.AUDITOR, Role.STATISTICIAN):
            assert MATRIX[action][role] is Scope.NONE


def test_only_the_custodian_unseals_and_only_in_the_own_unit() -> None:
    assert {role for role, scope in MATRIX[Action.UNSEAL].items() if scope is not Scope.NONE} == {
        Role.CUSTODIAN
    }
    assert MATRIX[Action.UNSEAL][Role.CUSTODIAN] is Scope.OWN_UNIT


@given(grants, st.sampled_from(Action), st.sampled_from(UNITS))
def test_one_and_many_agree(held: frozenset[Grant], action: Action, unit: str) -> None:
    actor = staff(*held)
    assert may(actor, action, unit) == (unit in units_where(actor, action))
    assert may(actor, action) == any(may(actor, action, code) for code in [*UNITS, "elsewhere"])


@given(grants, grants, st.sampled_from(Action), st.sampled_from(UNITS))
def test_rights_add_up_and_never_take_away(
    some: frozenset[Grant], more: frozenset[Grant], action: Action, unit: str
) -> None:
    together = may(staff(*some, *more), action, unit)
    assert together == (may(staff(*some), action, unit) or may(staff(*more), action, unit))


def test_a_role_elsewhere_does_not_reach_here() -> None:
    assert not may(staff(Grant(Role.ANALYST, "north")), Action.VIEW_REPORT, "south")
    assert may(staff(Grant(Role.AUDITOR, "north")), Action.READ_LEDGER, "south")


def test_nobody_without_grants_and_no_platform_or_reporter_may_anything() -> None:
    held = frozenset({Grant(Role.ADMINISTRATOR, "north"), Grant(Role.ANALYST, "north")})
    for action in Action:
        assert not may(staff(), action)
        assert not may(Actor(ActorKind.PLATFORM, "platform:1", held), action)
        assert not may(Actor(ActorKind.REPORTER, "reporter:1", held), action)
        assert may(Actor.system("import"), action, "north")


def test_require_names_the_action_and_no_person() -> None:
    with pytest.raises(NotAllowed, match="staff:1 may not view_report in unit south"):
        require(staff(Grant(Role.ANALYST, "north")), Action.VIEW_REPORT, "south")


def test_the_committed_page_is_the_matrix() -> None:
    committed = (ROOT / "docs" / "reference" / "permissions.md").read_text("utf-8")
    assert committed == permissions_page(), "Run `make docs` and commit docs/reference/permissions.md"
