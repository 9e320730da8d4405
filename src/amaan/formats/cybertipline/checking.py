"""What a document at the wire must be: the schema, then the rules that a schema can't say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from amaan.formats.cybertipline.xml import parse
from amaan.formats.reading import Unreadable

MOST_BYTES = 10 * 1024 * 1024
"""A document with 10,000 persons has about 5 MB."""


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
    """A document that is refused (4100), with up to 20 of its problems, in the document's order."""

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
    raise NotImplementedError


def schema_bytes() -> bytes:
    """The schema, byte for byte what documents are validated with."""
    raise NotImplementedError


def _check(kind: str, raw: bytes, now: datetime, most_bytes: int) -> Checked:
    _parsed(raw, most_bytes)
    raise NotImplementedError


def _parsed(raw: bytes, most_bytes: int) -> etree._Element:
    if len(raw) > most_bytes:
        raise MalformedXml(f"The document has {len(raw)} bytes; at most {most_bytes} are read.")
    try:
        return parse(raw)
    except Unreadable as refusal:
        raise MalformedXml(refusal.detail) from refusal
