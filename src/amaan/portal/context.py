"""What every page of the door knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import translation

from amaan.portal.languages import LANGUAGES, RIGHT_TO_LEFT


@dataclass(frozen=True)
class DoorFrame:
    """`language` of this page; `others` are (code, own name) of the rest; `path` is the address after the language."""

    language: str
    direction: str
    others: tuple[tuple[str, str], ...]
    path: str


def frame(request: HttpRequest) -> dict[str, DoorFrame]:
    """Template context processor: `{{ door.language }}` and the rest of DoorFrame."""
    language = translation.get_language() or "en"
    _, _, rest = request.path.lstrip("/").partition("/")
    return {
        "door": DoorFrame(
            language,
            "rtl" if language in RIGHT_TO_LEFT else "ltr",
            tuple((code, name) for code, name in LANGUAGES.items() if code != language),
            rest,
        )
    }
