"""One walk over a document that asks every rule of the table that looks at what stands there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from lxml import etree

from amaan.formats.cybertipline.rules.base import Answer, Document, Rule, Spot, text_of
from amaan.formats.cybertipline.rules.table import KINDS, RULES

# (kind of the parent, tag) for a path with two names, ("", kind) for one with one name; with the attribute, if any.
_Looks = tuple[tuple[str, Rule], ...]


def _place(path: str) -> tuple[tuple[str, str], str]:
    element, _, attribute = path.partition("@")
    parent, _, tag = element.rstrip("/").rpartition("/")
    return (parent, tag), attribute


def _looks() -> dict[tuple[str, str], _Looks]:
    looks: dict[tuple[str, str], list[tuple[str, Rule]]] = defaultdict(list)
    for rule in RULES.values():
        place, attribute = _place(rule.at)
        looks[place].append((attribute, rule))
    return {place: tuple(rules) for place, rules in looks.items()}


_LOOKS = _looks()


def breaches(document: Document) -> Iterator[tuple[Rule, etree._Element]]:
    """Every rule that is broken, with the element where its check looked."""
    yield from _at(document.root, "", document)
    for parent in document.root.iter("*"):
        tag = str(parent.tag)
        kind = KINDS.get(tag, tag)
        for element in parent.iterchildren("*"):
            yield from _at(element, kind, document)


def rules_at(element: etree._Element, attribute: str = "") -> Iterator[Rule]:
    """The rules that look at an element or at one of its attributes."""
    parent = element.getparent()
    tag, host = str(element.tag), "" if parent is None else str(parent.tag)
    for place in ((KINDS.get(host, host), tag), ("", KINDS.get(tag, tag))):
        for looked, rule in _LOOKS.get(place, ()):
            if looked == attribute:
                yield rule


def _at(element: etree._Element, host: str, document: Document) -> Iterator[tuple[Rule, etree._Element]]:
    tag = str(element.tag)
    inside = _LOOKS.get((host, tag), ()) if host else ()
    whole = _LOOKS.get(("", KINDS.get(tag, tag)), ())
    if not inside and not whole:
        return
    text = text_of(element)
    for attribute, rule in (*inside, *whole):
        check = rule.check
        if check.keeps is None:
            continue
        if attribute:
            value = element.get(attribute)
            if value is None:
                continue
            judged = str(value).strip()
        else:
            judged = text
        if (judged or check.blank) and not check.keeps(Spot(element, judged, document)):
            yield rule, element


def judge(document: Document, most: int) -> tuple[list[tuple[Rule, etree._Element]], set[str]]:
    """The first `most` breaches for which the document is refused, and the ids of what is only flagged."""
    refused: list[tuple[Rule, etree._Element]] = []
    flags: set[str] = set()
    for rule, element in breaches(document):
        if rule.answer is Answer.FLAGGED:
            flags.add(rule.id)
        else:
            refused.append((rule, element))
            if len(refused) >= most:
                break
    return refused, flags
