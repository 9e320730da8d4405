"""The door's languages, each in its address: no cookie remembers one."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = {"en": "English", "ur": "اردو", "ps": "پښتو", "sd": "سنڌي"}
"""By code, each in its own script."""
RIGHT_TO_LEFT: Final = frozenset({"ur", "ps", "sd"})


class LanguageConverter:
    regex = "|".join(LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
