"""Questions read aloud: which recordings an operator has put where the door finds them.

A recording is a file AUDIO/LANGUAGE/QUESTION.ogg (or .mp3, which old iPhones need); no other name is ever served.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from amaan.portal.domain.fallback import FALLBACKS, spoken_in

TYPES: Final = {"ogg": "audio/ogg", "mp3": "audio/mpeg"}
LANGUAGES: Final = frozenset({"en", *FALLBACKS})
_QUESTION: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Recording:
    """One question in one language; `endings` are those of TYPES that are there, in their order."""

    language: str
    question: str
    endings: tuple[str, ...]

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """File name and media type of each."""
        return tuple((f"{self.question}.{ending}", TYPES[ending]) for ending in self.endings)


def is_question(question: str) -> bool:
    """Whether this can name a question: it becomes a file's name, so it holds no dot and no slash."""
    return bool(_QUESTION.fullmatch(question))


def recordings(folder: Path) -> frozenset[tuple[str, str, str]]:
    """What is there, as (language, question, ending). Files of other names, and links, are passed over."""
    return frozenset(
        (language, path.stem, path.suffix[1:])
        for language in LANGUAGES
        if (folder / language).is_dir()
        for path in (folder / language).iterdir()
        if is_question(path.stem) and path.suffix[1:] in TYPES and path.is_file() and not path.is_symlink()
    )


def recording_of(there: Iterable[tuple[str, str, str]], language: str, question: str) -> Recording | None:
    """The question in this language, else in one that stands in for it, or None."""
    found = frozenset(there)
    for spoken in spoken_in(language):
        endings = tuple(ending for ending in TYPES if (spoken, question, ending) in found)
        if endings:
            return Recording(spoken, question, endings)
    return None
