"""Texts of which a room has covered a part, as a page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext


class Covered(Protocol):
    """A stretch of text that a room has covered, left open, or marked for what it says."""

    @property
    def text(self) -> str: ...

    @property
    def covered(self) -> bool: ...

    @property
    def says(self) -> str: ...


def told(pieces: Iterable[Covered]) -> SafeString:
    """A text whose covered stretches are marked as held, with a word for those who listen."""
    held = gettext("held")
    mark = format_html(
        '<span class="masked" title="{}"><span aria-hidden="true">▒▒▒</span><span class="hidden">{}</span></span>',
        held,
        held,
    )
    stretches = format_html_join("", "{}", ((mark if one.covered else _open(one),) for one in pieces))
    return format_html("<bdi>{}</bdi>", stretches)


def _open(one: Covered) -> SafeString | str:
    if not one.says:
        return one.text
    # The words for it stand once more on the page, so that nobody depends on a pointer that hovers.
    return format_html('<mark class="said-so" title="{}">{}</mark>', one.says, one.text)
