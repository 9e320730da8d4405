"""The lexicon that comes with the program, read once a process."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.lexicon import RULE_OF_WEIGHTS, WEIGHTS, Lexicon, digest_of, load_lexicon

FOLDER: Final = Path(__file__).parent.parent / "lexicon"


def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (*sorted(FOLDER.glob("*.toml")), FOLDER / WEIGHTS)}


def _tables() -> tuple[str, list[dict[str, Any]]]:
    """The digest of all files, and what the TOML files hold."""
    files = _files()
    return digest_of(files), [tomllib.loads(data.decode()) for name, data in files.items() if name != WEIGHTS]


@cache
def shipped() -> Lexicon:
    """Raises BadLexicon."""
    return load_lexicon(_files())


@cache
def named() -> tuple[str, str]:
    """The lexicon's digest and version: all that is asked while there is nothing to read."""
    digest, tables = _tables()
    return digest, next(table["version"] for table in tables if table.get("version"))


@cache
def rules() -> tuple[str, dict[str, str]]:
    """The lexicon's digest, and the indicator of each rule: what a page needs, ten times sooner than all of it."""
    digest, tables = _tables()
    patterns = (row for table in tables for row in table.get("pattern", ()))
    weighed = {f"{RULE_OF_WEIGHTS}{one}": str(one) for one in Indicator}
    return digest, weighed | {row["id"]: row["indicator"] for row in patterns}
