"""The lexicon that comes with the program, read once a process."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from amaan.lexicon.domain.lexicon import Lexicon, digest_of, load_lexicon

FOLDER: Final = Path(__file__).parent.parent / "lexicon"


def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))}


@cache
def shipped() -> Lexicon:
    """Raises BadLexicon."""
    return load_lexicon(_files())


@cache
def named() -> tuple[str, str]:
    """The lexicon's digest and version: all that is asked while there is nothing to read."""
    files = _files()
    versions = (tomllib.loads(data.decode()).get("version") for data in files.values())
    return digest_of(files), next(version for version in versions if version)


@cache
def rules() -> tuple[str, dict[str, str]]:
    """The lexicon's digest, and the indicator of each pattern: what a page needs, ten times sooner than all of it."""
    files = _files()
    patterns = (row for data in files.values() for row in tomllib.loads(data.decode()).get("pattern", ()))
    return digest_of(files), {row["id"]: row["indicator"] for row in patterns}
