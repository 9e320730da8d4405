"""What every page knows: the chosen theme, whether this is the demo world, and the way back to itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from amaan.accounts.selectors import is_demo_world

THEME_COOKIE = "theme"
THEMES = frozenset({"light", "dark"})


@dataclass(frozen=True)
class PageFrame:
    """`theme` is light, dark or empty (the device decides); a form of the frame returns to `here`."""

    theme: str
    demo: bool
    here: str


def frame(request: HttpRequest) -> dict[str, PageFrame]:
    """Template context processor: `{{ ui.theme }}`, `{{ ui.demo }}`, `{{ ui.here }}`."""
    chosen = request.COOKIES.get(THEME_COOKIE, "")
    here = request.get_full_path() if request.method in {"GET", "HEAD"} else request.path
    return {"ui": PageFrame(chosen if chosen in THEMES else "", is_demo_world(), here)}
