"""The command `signalmatch`: one module a subcommand.

To add one: a module `signalmatch.cli.<name>` with `add_to` and `run`, and a line below. What is heavy (numpy, numba,
decoders, rich) they import in the function that needs it, so that `signalmatch --help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from signalmatch.cli import bench, hash, match, video, warm  # noqa: A004 - the subcommand's name


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="signalmatch", description="Hash photos and videos and find known ones, exactly."
    )
    among = made.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for one in (hash, match, video, warm, bench):
        one.add_to(among)
    return made


def run(arguments: Sequence[str]) -> int:
    """One command; its exit code. Raises SystemExit with 2 where the arguments can't be read, as argparse does."""
    chosen = parser().parse_args(arguments)
    code: int = chosen.run(chosen)
    return code


def main() -> None:
    """The entry point of the console script."""
    sys.exit(run(sys.argv[1:]))
