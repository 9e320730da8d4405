"""What a document at the wire must be: the schema, then the rules that a schema can't say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from amaan.formats.cybertipline import schema
from amaan.formats.cybertipline.rules.applying import judge, rules_at
from amaan.formats.cybertipline.rules.base import Answer, Document
from amaan.formats.cybertipline.rules.batched import broken_by_files
from amaan.formats.cybertipline.rules.table import ANNOTATIONS
from amaan.formats.cybertipline.schema import schema_bytes
from amaan.formats.cybertipline.xml import parse
from amaan.formats.reading import Unreadable

__all__ = [
    "MOST_BYTES",
    "MOST_ELEMENTS",
    "MOST_PROBLEMS",
    "Checked",
    "MalformedXml",
    "NotValid",
    "Problem",
    "check_batched_files",
    "check_file",
    "check_report",
    "schema_bytes",
]

MOST_BYTES = 10 * 1024 * 1024
MOST_ELEMENTS = 100_000
"""10,000 people with ten elements each."""
MOST_PROBLEMS = 20

OUTSIDE_THE_SCHEMA = "schema"
"""The rule of a problem that no line of the table names."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A document that may come in. `flags` are the ids of rules that it bends, sorted, each once."""

    root: etree._Element
    flags: tuple[str, ...]
    batched: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason for a refusal: the rule's id, the element path where it is broken, what is demanded.

    Never a value of the document.
    """

    rule: str
    path: str
    words: str


class MalformedXml(Exception):
    """Not XML that is read here (4110). `detail` says why and quotes nothing of the document."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class NotValid(Exception):
    """A document that is refused (4100), with up to 20 of its problems: the schema's first, then the rules'."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.words}" for one in problems))
        self.problems = problems


def check_report(raw: bytes, *, now: datetime, most_bytes: int = MOST_BYTES) -> Checked:
    """A `<report>`, judged at the moment `now` (aware).

    Raises MalformedXml, NotValid.
    """
    return _check("report", raw, now, most_bytes)


def check_file(raw: bytes, *, now: datetime, most_bytes: int = MOST_BYTES) -> Checked:
    """A `<fileDetails>`, judged at the moment `now` (aware). `batched` is False.

    Raises MalformedXml, NotValid.
    """
    return _check("fileDetails", raw, now, most_bytes)


def check_batched_files(files: Sequence[etree._Element | None]) -> None:
    """What the files of a batched report must be, judged when it is finished.

    One entry for each uploaded file: its `<fileDetails>` (the last that came), None if none came.

    Raises NotValid.
    """
    broken = broken_by_files(files)
    if broken:
        raise NotValid(tuple(Problem(rule.id, rule.path, rule.check.demand) for rule in broken))


def _check(kind: str, raw: bytes, now: datetime, most_bytes: int) -> Checked:
    root = _parsed(raw, most_bytes)
    if root.tag != kind:
        raise NotValid((Problem(OUTSIDE_THE_SCHEMA, "/", f"The root element is {kind}, in no namespace."),))
    document = Document(root, now)
    problems = _outside_the_schema(root)
    refused, flags = judge(document, MOST_PROBLEMS)
    problems += [
        Problem(rule.id, f"{_path(element)}{rule.path.removeprefix(rule.at)}", rule.check.demand)
        for rule, element in refused
    ]
    if problems:
        raise NotValid(tuple(problems[:MOST_PROBLEMS]))
    return Checked(root, tuple(sorted(flags)), document.batched)


def _parsed(raw: bytes, most_bytes: int) -> etree._Element:
    if len(raw) > most_bytes:
        raise MalformedXml(f"The document has {len(raw)} bytes; at most {most_bytes} are read.")
    try:
        root = parse(raw)
    except Unreadable as refusal:
        raise MalformedXml(_unquoted(refusal)) from refusal
    if (elements := _count(root)) > MOST_ELEMENTS:
        raise MalformedXml(f"The document has {elements} elements; at most {MOST_ELEMENTS} are read.")
    return root


def _unquoted(refusal: Unreadable) -> str:
    """Why it could not be read. The parser's own sentence may quote the document, so only its place is told."""
    if refusal.code == "dtd":
        return refusal.detail
    cause = refusal.__cause__
    if isinstance(cause, etree.XMLSyntaxError):
        line, column = cause.position
        return f"This is not well-formed XML, or not in the encoding that it names: line {line}, column {column}."
    return "This cannot be read as XML."


def _count(root: etree._Element) -> int:
    found: Any = root.xpath("count(descendant-or-self::*)")
    return int(found)


def _outside_the_schema(root: etree._Element) -> list[Problem]:
    validated = _without_unknown_annotations(root)
    problems = []
    for breach in schema.breaches(validated, _count(validated))[:MOST_PROBLEMS]:
        rule = OUTSIDE_THE_SCHEMA
        if breach.element is None:
            where = f"{root.tag}//{breach.name or UNKNOWN}"
        else:
            where = _path(breach.element) + (f"/@{breach.attribute}" if breach.attribute else "")
            for one in rules_at(breach.element, breach.attribute):
                if one.answer is Answer.SCHEMA:
                    rule = one.id
        line = f" Line {breach.line}." if breach.line and where.endswith(UNKNOWN) else ""
        problems.append(Problem(rule, where, f"{breach.words}{line}"))
    return list(dict.fromkeys(problems))


def _without_unknown_annotations(root: etree._Element) -> etree._Element:
    """The document as the schema sees it: empty annotations that it doesn't know are set aside (and flagged)."""
    if next(_unknown_annotations(root), None) is None:
        return root
    copy = deepcopy(root)
    for stranger in list(_unknown_annotations(copy)):
        parent = stranger.getparent()
        # With text behind it it stays: its going would take the text along, which the schema refuses.
        if parent is not None and not (stranger.tail or "").strip():
            parent.remove(stranger)
    return copy


def _unknown_annotations(root: etree._Element) -> Iterator[etree._Element]:
    for tag, known in ANNOTATIONS.items():
        for parent in root.iter(tag):
            for one in parent.iterchildren("*"):
                name = str(one.tag)
                empty = not len(one) and not one.keys() and (one.text or "").strip() in {"", "true"}
                if empty and name not in known and not name.startswith("{"):
                    yield one


UNKNOWN = "*"
"""Stands in a path for a name that the schema doesn't know: it is the document's own."""


def _path(element: etree._Element) -> str:
    """`report/victim[2]/victimPerson`; the number only among several of the same name."""
    steps: list[str] = []
    place: etree._Element | None = element
    while place is not None:
        steps.append(_step(place))
        place = place.getparent()
    return "/".join(reversed(steps))


def _step(element: etree._Element) -> str:
    name = str(element.tag)
    if name not in schema.names():
        return UNKNOWN
    before = sum(1 for _ in element.itersiblings(name, preceding=True))
    if not before and next(element.itersiblings(name), None) is None:
        return name
    return f"{name}[{before + 1}]"
