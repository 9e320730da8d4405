"""Taking what is known out of a document's tree: what is left at the end was said too, and becomes details."""

from __future__ import annotations

from typing import Any

from amaan.formats.reading import Tree, text_of
from amaan.reports.domain.drafts import Said

_NO = frozenset({"false", "0"})


def take(tree: Tree, name: str) -> list[Any]:
    """Remove and return what stands under a name; what is left in the tree at the end becomes details."""
    values = tree.pop(name, None)
    return values if values is not None else []


def take_text(tree: Tree, name: str) -> str:
    """The first text under a name; further ones stay where they are, as details."""
    values = tree.get(name)
    if not values or not isinstance(values[0], str):
        return text_of(take(tree, name)[0]) if values and set(values[0]) <= {"#"} else ""
    if len(values) == 1:
        del tree[name]
    else:
        tree[name] = values[1:]
    return str(values[0])


def said(text: str | None) -> Said:
    """An XML boolean, or a presence flag: an empty element means yes."""
    if text is None:
        return Said.NOT_SAID
    return Said.NO if text.strip().lower() in _NO else Said.YES


def take_said(tree: Tree, name: str) -> Said:
    """A boolean that leaves three states; the element's attributes, if any, stay as details."""
    values = tree.get(name)
    if not values:
        return Said.NOT_SAID
    value = values[0]
    if isinstance(value, dict):
        return said(str(value.get("#", "")))
    return said(take_text(tree, name))


def flags_of(branches: list[Any], words: dict[str, str]) -> list[str]:
    """Names of the annotations that are set: `<viral/>` and `<viral>true</viral>` both are."""
    found = []
    for branch in branches:
        if isinstance(branch, dict):
            for name, values in branch.items():
                if name in words and any(said(text_of(v)) is Said.YES for v in values):
                    found.append(words[name])
    return found
