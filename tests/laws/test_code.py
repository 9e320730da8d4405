"""Law: how the source is written, where ruff has no rule for it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from tests.laws.source import SOURCE, modules, where

MOST_LINES = 400
NO_WORDS = re.compile(r"(Manager|Handler|Processor|Helper|Util|Utils)$")
NO_FILES = frozenset(
    {"utils", "util", "helpers", "helper", "common", "misc", "tools", "managers", "handlers"}
)
# Django's word for the object behind `Model.objects`; the class must be one.
_DJANGO_BASES = {"BaseUserManager", "Manager"}


def test_no_file_is_longer_than_a_sitting() -> None:
    """Past about 400 lines a file becomes a package of the same name."""
    long = [where(path) for path in modules() if len(path.read_text("utf-8").splitlines()) > MOST_LINES]
    assert long == []


def test_no_file_is_a_drawer() -> None:
    assert [where(path) for path in SOURCE.rglob("*.py") if path.stem in NO_FILES] == []


def _names(tree: ast.Module) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and NO_WORDS.search(node.name):
            bases = {ast.unparse(base).split(".")[-1].split("[")[0] for base in node.bases}
            if not bases & _DJANGO_BASES:
                yield node


def test_classes_are_named_after_what_they_are() -> None:
    assert [where(p, node.lineno) for p, tree in modules().items() for node in _names(tree)] == []


def _swallows(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if all(isinstance(line, ast.Pass) for line in node.body):
                yield node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            yield node.lineno


def test_nothing_is_swallowed_and_nothing_printed() -> None:
    assert [where(path, line) for path, tree in modules().items() for line in _swallows(tree)] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("try:\n  f()\nexcept ValueError:\n  pass\n", [3]),
        ("try:\n  f()\nexcept ValueError:\n  g()\n", []),
        ("print(1)\n", [1]),
        ("console.print(1)\n", []),
    ],
)
def test_the_search_for_swallowing_can_fail(source: str, lines: list[int]) -> None:
    assert list(_swallows(ast.parse(source))) == lines


def _unguarded_raises() -> Iterator[str]:
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and node.exc is not None:
                named = ast.unparse(node.exc).split("(")[0]
                if named in {"Exception", "BaseException", "RuntimeError"}:
                    yield where(path, node.lineno)


def test_errors_have_names() -> None:
    assert list(_unguarded_raises()) == []
