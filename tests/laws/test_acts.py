"""Law: whatever is recorded can be read in words, in both languages."""

from __future__ import annotations

import ast
import re

import pytest
from tests.laws.source import modules

from amaan.desk.acts import ACTS
from amaan.flow import SUBSCRIPTIONS
from amaan.ledger.domain.leaf import ERASED

pytestmark = pytest.mark.pure

_ACT = re.compile(r"(?!amaan\.)[a-z_]+\.(?!html$|json$|xml$|csv$|js$)[a-z_]+")
# Events and subscribers are named like acts; only what is recorded needs words.
_NO_ACTS = set(SUBSCRIPTIONS) - {"report.received"} | {
    name for event in SUBSCRIPTIONS.values() for name in event
}


def recorded() -> dict[str, str]:
    """Every text shaped like an act in the modules that write to the ledger."""
    found = {}
    for path, tree in modules().items():
        if not any(_writes(node) for node in ast.walk(tree)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ACT.fullmatch(node.value):
                found[node.value] = f"{path.name}:{node.lineno}"
    return {act: place for act, place in found.items() if act not in _NO_ACTS} | {ERASED: "ledger"}


def _writes(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.ImportFrom)
        and node.module == "amaan.ledger.services"
        and any(name.name in {"Act", "append"} for name in node.names)
    )


def test_every_act_has_words() -> None:
    silent = {act: where for act, where in recorded().items() if act not in ACTS}
    assert silent == {}, "write them in desk/acts.py"


def test_the_search_sees_acts() -> None:
    assert {"report.received", "queue.read", "ledger.proof_taken", ERASED} <= set(recorded())


def test_an_act_is_written_out() -> None:
    """One put together from pieces would be seen by no search, and might have no words."""
    joined = [
        f"{path.name}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Act"
        if node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert joined == []
