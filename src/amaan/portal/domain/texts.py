"""The campaign's texts: Markdown that operators may edit, made into HTML that carries nothing but text and links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

NAMES: Final = ("children", "guardians", "teachers", "shopkeepers", "what-happens-next", "why-not-share")
"""What ships, in the order of the list of texts. Operators may add texts of other names."""
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SCHEMES: Final = frozenset({"", "https", "tel", "mailto"})


class NoTitle(ValueError):
    """A text does not begin with a line such as `# Title`."""


@dataclass(frozen=True, slots=True)
class CampaignText:
    """`title` is plain text; `body` is HTML without the title, safe to show as it is."""

    title: str
    body: str


def is_name(name: str) -> bool:
    """Whether this can name a text: it becomes a file's name, so it holds no dot and no slash."""
    return bool(_NAME.fullmatch(name))


def may_link(address: str) -> bool:
    """Pages of this site, https, telephone and mail. Nothing that runs, nothing unencrypted."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in _SCHEMES and (bool(parts.scheme) or not parts.netloc)


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Another site learns nothing of where its visitor was, and gets no hold of our window."""
    if str(tokens[index].attrGet("href")).startswith("https:"):
        tokens[index].attrSet("rel", "noreferrer")
    return renderer.renderToken(tokens, index, options, env)


class _TextAndLinks(MarkdownIt):
    """CommonMark without HTML, and without pictures, which would be fetched from somewhere."""

    def __init__(self) -> None:
        super().__init__("commonmark", {"html": False})
        self.disable(["image", "html_block", "html_inline"])
        self.add_render_rule("link_open", _link)

    def validateLink(self, url: str) -> bool:  # noqa: N802 (the library's name)
        return may_link(url)


_MARKDOWN: Final = _TextAndLinks()


@lru_cache(maxsize=64)
def read_text(source: str) -> CampaignText:
    """Markdown whose first line is `# Title`. Raises NoTitle."""
    tokens = _MARKDOWN.parse(source.removeprefix("\ufeff"))
    if len(tokens) < 3 or (tokens[0].type, tokens[0].tag) != ("heading_open", "h1"):
        raise NoTitle("A text begins with its title, in a line such as: # For teachers")
    title = "".join(child.content for child in tokens[1].children or ())
    return CampaignText(title, _MARKDOWN.renderer.render(tokens[3:], _MARKDOWN.options, {}))
