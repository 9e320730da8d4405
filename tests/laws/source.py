"""The source as the laws read it: parsed, without importing it."""

from __future__ import annotations

import ast
import configparser
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCE = ROOT / "src" / "amaan"


class Import(NamedTuple):
    """`target` is a dotted module of amaan, or a name in one; `typing_only` if no running code sees it."""

    path: Path
    line: int
    target: str
    typing_only: bool


@cache
def modules() -> dict[Path, ast.Module]:
    """Every module of the source but migrations, which Django writes."""
    return {
        path: ast.parse(path.read_text("utf-8"))
        for path in sorted(SOURCE.rglob("*.py"))
        if "migrations" not in path.parts
    }


def room_of(path: Path) -> str:
    first = path.relative_to(SOURCE).parts[0]
    return first.removesuffix(".py")


def rooms() -> list[str]:
    return sorted(path.parent.name for path in SOURCE.glob("*/__init__.py"))


@cache
def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return parser


def order() -> list[frozenset[str]]:
    """The rooms from the last to look at everything to the first, those side by side in one set."""
    lines = contracts()["importlinter:contract:house"]["layers"].split("\n")
    return [frozenset(name.strip(" ()") for name in line.split("|")) for line in lines if line.strip()]


@cache
def imports() -> tuple[Import, ...]:
    """Every import of a module of ours, in every module."""
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    for path, tree in modules().items():
        guarded = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            for target in _targets(node):
                yield Import(path, getattr(node, "lineno", 0), target, id(node) in guarded)


def _targets(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names if name.name.startswith("amaan"))
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute, so that a reader sees the room"
        if (node.module or "").split(".")[0] == "amaan":
            yield from (f"{node.module}.{name.name}" for name in node.names)


def tracked() -> list[Path]:
    """Every file that is, or is about to be, part of the project: what git does not ignore."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    found = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    return [path for path in found if path.is_file()]


def where(path: Path, line: int = 0) -> str:
    return f"{path.relative_to(ROOT)}:{line}" if line else str(path.relative_to(ROOT))
