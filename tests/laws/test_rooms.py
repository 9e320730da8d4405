"""Law: a room is entered by its services, selectors or domain. What else stands open is written here, with why.

Decided: another room's table is never queried. Its rows come from its selectors; their class may be named as a type
(under TYPE_CHECKING), so that a service can say that it takes a Unit. Foreign keys name tables as text.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.module_loading import import_string
from tests.laws.source import SOURCE, contracts, imports, modules, order, room_of, rooms, where

from amaan.flow import BEHIND, SUBSCRIPTIONS

DOORS = frozenset({"services", "selectors", "domain", "panels"})
# Panels are selectors that open seals for one page.

# Pure or foundational packages without a service layer: the whole of them is what others come for.
OPEN_ROOMS = frozenset({"authority", "clients", "formats", "store"})

OPEN_MODULES = {
    "ui": frozenset({"words", "moments", "covering"}),  # how values are said on a page; no table, no rule
    "reports": frozenset(
        {"words", "lookups", "unsealing"}
    ),  # its codes as people say them; two more services
    "referrals": frozenset({"partners"}),  # whose credential it is, for rooms that answer partners
    "matching": frozenset({"words"}),
    "learning": frozenset({"words"}),
    "feedback": frozenset({"words"}),
    "triage": frozenset({"rule_words"}),
    "correspondence": frozenset({"words"}),
    "portal": frozenset({"words", "letter_words"}),  # the questions and the answers, as the public reads them
    "accounts": frozenset({"audience"}),  # the mark that every view carries
}

# The outermost layers assemble: they may ask how the process is set up, and print what rooms say of themselves.
ASSEMBLY = {
    "cli": frozenset(
        {"commands", "rendering", "second_factor", "people", "keys", "bodies"}
    ),  # the door's keys are made at set-up; one way of reading bodies serves both doors
    "web": frozenset({"sessions", "second_factor", "bodies"}),
    "config": frozenset({"checks", "chunked", "forwarding", "bodies"}),
    "demo": frozenset({"second_factor"}),  # the demo marker decides whether the second factor is relaxed
}


def _strangers() -> Iterator[str]:
    for found in imports():
        here = room_of(found.path)
        parts = found.target.split(".")
        if len(parts) < 3 or parts[1] == here or parts[1] in OPEN_ROOMS:
            continue
        room, module = parts[1], parts[2]
        opened = DOORS | OPEN_MODULES.get(room, frozenset()) | ASSEMBLY.get(here, frozenset())
        if module in opened or (found.typing_only and module == "models"):
            continue
        yield f"{where(found.path, found.line)} enters {room} by {module}"


def test_other_rooms_are_entered_by_services_selectors_or_domain() -> None:
    assert list(_strangers()) == []


def test_the_search_sees_imports() -> None:
    seen = {(room_of(found.path), found.target.split(".")[1]) for found in imports()}
    assert {("triage", "reports"), ("referrals", "formats"), ("reports", "ledger"), ("cli", "demo")} <= seen
    assert any(found.typing_only for found in imports())


def test_every_room_says_what_enters_and_leaves_and_who_may_come_in() -> None:
    silent = [
        f"{room} lacks «{words}»"
        for room in rooms()
        for words in ("Enters: ", "Leaves: ", "come in: ")
        if words not in (ast.get_docstring(modules()[SOURCE / room / "__init__.py"]) or "").replace("\n", " ")
    ]
    assert silent == []


def test_every_room_stands_in_the_order_of_the_work() -> None:
    known = set().union(*order())
    assert set(rooms()) | {"flow"} <= known
    assert order()[0] == {"config"}


@pytest.mark.parametrize("room", [room for room in rooms() if (SOURCE / room / "apps.py").exists()])
def test_a_room_with_tables_or_services_has_layers_inside(room: str) -> None:
    """A room with no more than a domain or a package of its own needs none."""
    inside = {path.stem for path in (SOURCE / room).glob("*.py")} & {"models", "services", "pages"}
    if not inside:
        return
    contract = contracts()[f"importlinter:contract:inside-{room}"]
    assert contract["exhaustive"] == "True"


def _calls(name: str) -> Iterator[Path]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            named = getattr(node, "id", getattr(node, "attr", getattr(node, "name", None)))
            if named == name and not isinstance(node, ast.FunctionDef):
                yield path


def test_only_the_sequencer_asks_for_the_signing_key() -> None:
    assert set(_calls("ledger_signing_key")) == {SOURCE / "ledger" / "sequencer.py"}


def test_models_are_never_fetched_by_name() -> None:
    """`apps.get_model` would go round the doors."""
    assert [where(path) for path in _calls("get_model")] == []


def _reads_environment(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in {"environ", "environb", "getenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(tree)
    ) or any(
        isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and {name.name for name in node.names} & {"environ", "environb", "getenv"}
        for node in ast.walk(tree)
    )


def test_only_config_reads_the_environment() -> None:
    """The command line may hand an environment on to the processes that it starts."""
    readers = {room_of(path) for path, tree in modules().items() if _reads_environment(tree)}
    assert readers == {"config", "cli"}
    for path, tree in modules().items():
        if room_of(path) == "cli" and _reads_environment(tree):
            text = path.read_text("utf-8")
            assert text.count("os.environ") == text.count("**os.environ") + text.count(
                "os.environ.setdefault"
            )


def test_the_flow_names_tasks_that_exist_and_later_rooms_only_wake_up() -> None:
    """An event wakes its publisher again, or rooms after it; what happens next is never behind."""
    ranks = {room: rank for rank, side_by_side in enumerate(order()) for room in side_by_side}
    for event, subscribers in SUBSCRIPTIONS.items():
        known = {"list": "matching", "hash": "correspondence"}
        publisher = known.get(event.split(".")[0], event.split(".")[0] + "s")
        for subscriber, path in subscribers.items():
            assert callable(import_string(path)), path
            room, module = path.split(".")[1:3]
            assert module == "tasks", path
            assert subscriber.split(".")[0] == room
            assert ranks[room] <= ranks[publisher], f"{event} of {publisher} wakes {room}"
    behind = [name for group in BEHIND for name in group]
    assert len(behind) == len(set(behind))
    assert {name for told in SUBSCRIPTIONS.values() for name in told} >= set(behind)
