"""The lexicon that comes with the program, read once a process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from amaan.lexicon.domain.lexicon import Lexicon, load_lexicon

FOLDER: Final = Path(__file__).parent.parent / "lexicon"


@cache
def shipped() -> Lexicon:
    """Raises BadLexicon."""
    return load_lexicon({path.name: path.read_bytes() for path in sorted(FOLDER.glob("*.toml"))})
