"""Which language speaks where another is silent: Urdu for Pashto and Sindhi, then English."""

from __future__ import annotations

from typing import Final

FALLBACKS: Final = {"ur": ("en",), "ps": ("ur", "en"), "sd": ("ur", "en")}


def spoken_in(language: str) -> tuple[str, ...]:
    """The language itself and those that stand in for it, in order; an unknown one is answered in English."""
    if language != "en" and language not in FALLBACKS:
        return ("en",)
    return (language, *FALLBACKS.get(language, ()))
