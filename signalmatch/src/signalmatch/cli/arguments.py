"""What the subcommands' options share. argparse and not typer: a typer of today loads pydantic, a sixth of a second."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]

One = TypeVar("One")
Run = Callable[[argparse.Namespace], int]
"""A subcommand's work; returns the exit code."""


def subcommand(among: Subcommands, name: str, run: Run, words: str) -> argparse.ArgumentParser:
    """A subcommand that `main` will run; `words` are its help."""
    parser = among.add_parser(name, help=words, description=words)
    parser.set_defaults(run=run)
    return parser


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", dest="as_json", action="store_true", help="Print JSON and nothing else.")


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number between two, both included."""

    def read(text: str) -> int:
        value = int(text)
        if value < least or (most is not None and value > most):
            limits = f"at least {least}" if most is None else f"{least} to {most}"
            raise argparse.ArgumentTypeError(f"{value} is not {limits}")
        return value

    read.__name__ = "whole number"
    return read


def share(text: str) -> float:
    """A number of at least zero."""
    value = float(text)
    if not value >= 0:
        raise argparse.ArgumentTypeError(f"{text} is not at least 0")
    return value


def with_bar(several: Sequence[One], words: str) -> Iterable[One]:
    """The same one by one, with a progress bar on a terminal. Elsewhere what draws it is not even loaded."""
    if not sys.stderr.isatty():
        return several
    from rich.console import Console
    from rich.progress import track

    return track(several, words, console=Console(stderr=True), transient=True)
