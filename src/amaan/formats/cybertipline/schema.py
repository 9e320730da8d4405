"""The schema that the wire serves and validates with, and its refusals in words that quote nothing of the document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
_FILE = Path(__file__).with_name("schema.xsd")
# libxml2 works out the path of each breach by counting siblings; from here on breaches are told without a path.
_MANY_ELEMENTS = 2_000

_TOLD = 100  # breaches; a person needs the first few

_EXPECTED = re.compile(r"Expected is (?:one of )?\( ([A-Za-z0-9, ]+) \)\.\Z")
_ELEMENT = re.compile(r"\AElement '([A-Za-z0-9]{1,40})'")
_ATTRIBUTE = re.compile(r"\AElement '[^']*', attribute '([A-Za-z]{1,40})'")
_REQUIRED = re.compile(r"The attribute '([A-Za-z]{1,40})' is required but missing\.\Z")
_SIMPLE = re.compile(r"of the atomic type '((?:xs:)?[A-Za-z]{1,40})'\.\Z")
_PATTERN = re.compile(r"by the pattern '([^']{1,40})'\.\Z")

_IN_WORDS = {
    "xs:boolean": "True or false.",
    "xs:int": "A whole number.",
    "xs:long": "A whole number.",
    "xs:double": "A number.",
    "xs:date": "A date such as 2026-01-31.",
    "xs:dateTime": "A time such as 2026-01-31T08:00:00Z.",
    r"\+[0-9]{1,3}": "A plus sign and one to three digits.",
    "[0-9]+": "Digits only.",
    "country": "A two-letter country code (ISO 3166-1).",
    "state": "The postal abbreviation of a US state or territory.",
}


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a document leaves the schema, and how.

    `element` is None in a large document, where only its `name` is told; that is empty if the schema doesn't know it.
    """

    element: etree._Element | None
    name: str
    attribute: str
    line: int
    words: str


_UNCHECKED = Breach(None, "", "", 0, "It is too large to be checked.")


@cache
def schema_bytes() -> bytes:
    """The schema, byte for byte what documents are validated with."""
    return _FILE.read_bytes()


@cache
def _tree() -> etree._Element:
    return etree.fromstring(schema_bytes())


@cache
def _compiled() -> etree.XMLSchema:
    return etree.XMLSchema(_tree())


_one_at_a_time = Lock()  # a compiled schema keeps the errors of its last document


@cache
def names() -> frozenset[str]:
    """Every element and attribute name of the schema."""
    return frozenset(
        str(one.get("name")) for tag in ("element", "attribute") for one in _tree().iter(f"{XS}{tag}")
    )


@cache
def _values() -> dict[str, tuple[str, ...]]:
    """The types that list their values."""
    return {
        str(kind.get("name")): values
        for kind in _tree().iter(f"{XS}simpleType")
        if (values := tuple(str(one.get("value")) for one in kind.iter(f"{XS}enumeration")))
    }


def breaches(root: etree._Element, elements: int) -> list[Breach]:
    """Where a document of so many elements leaves the schema; empty where it keeps to it.

    Time and memory grow with `elements` and no faster. At most 100 are told.
    """
    if elements <= _MANY_ELEMENTS:
        with _one_at_a_time:
            if _compiled().validate(root):
                return []
            log: Any = _compiled().error_log
            entries = list(log)[:_TOLD]
        return _once(entries, [_found(root, entry.path) for entry in entries])
    parser = etree.XMLParser(schema=_compiled(), resolve_entities=False, no_network=True)
    try:
        etree.fromstring(etree.tostring(root, encoding="utf-8"), parser)
    except etree.XMLSyntaxError:
        entries = [entry for entry in parser.error_log if entry.type_name.startswith("SCHEMAV_")][:_TOLD]
        # Whatever else hindered it: what was not checked is not valid.
        return _once(entries, [None] * len(entries)) or [_UNCHECKED]
    return []


def _found(root: etree._Element, path: str | None) -> etree._Element | None:
    try:
        found: Any = root.xpath(path) if path else None
    except etree.XPathError:  # a prefix of the document's own stands in the path
        return None
    return found[0] if found else None


def _once(entries: list[Any], elements: Sequence[etree._Element | None]) -> list[Breach]:
    """The breaches; some versions of the parser tell a wrong value twice."""
    told: dict[tuple[Any, ...], Breach] = {}
    for entry, element in zip(entries, elements, strict=True):
        name = _known(_named(_ELEMENT, entry.message))
        attribute = _known(_named(_ATTRIBUTE, entry.message) or _named(_REQUIRED, entry.message))
        breach = Breach(element, name, attribute, entry.line, _words(entry))
        told.setdefault((entry.path, entry.line, name, attribute, breach.words), breach)
    return list(told.values())


def _named(pattern: re.Pattern[str], message: str) -> str:
    found = pattern.search(message)
    return found[1] if found else ""


def _known(name: str) -> str:
    return name if name in names() else ""


def _words(entry: Any) -> str:
    message: str = entry.message
    kind: str = entry.type_name
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        expected = _named(_EXPECTED, message)
        known = [name for name in expected.split(", ") if name in names()]
        may = f" Here may stand: {', '.join(known)}." if known else ""
        if "Missing child element(s)" in message:
            return f"Something is missing.{may}"
        return f"This element does not belong here.{may}"
    if kind == "SCHEMAV_CVC_ENUMERATION_VALID":
        return _listed(message.rpartition(" of the set {")[2].removesuffix("}."))
    demanded = _named(_SIMPLE, message) or _named(_PATTERN, message)
    return _IN_WORDS.get(demanded) or _BY_KIND.get(kind) or "The schema does not allow this."


def _listed(values: str) -> str:
    """The words for the type whose values the parser quotes; it is looked up, so that nothing else is repeated."""
    for name, known in _values().items():
        if ", ".join(f"'{value}'" for value in known) == values:
            return _IN_WORDS.get(name) or f"One of: {'; '.join(value or '(empty)' for value in known)}."
    return "One of the values that the schema lists."


_BY_KIND = {
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "An attribute is missing.",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "This attribute does not belong here.",
    "SCHEMAV_CVC_TYPE_3_1_1": "No attributes here.",
    "SCHEMAV_CVC_TYPE_3_1_2": "Text only, no elements here.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "Empty: neither text nor elements here.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "Text only, no elements here.",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "Elements only, no text between them.",
    "SCHEMAV_CVC_ELT_1": "The root is report or fileDetails, in no namespace.",
    "SCHEMAV_CVC_ELT_5_2_2_2_1": "Empty, or: true.",
    "SCHEMAV_CVC_ELT_5_2_2_2_2": "Empty, or: true.",
}
