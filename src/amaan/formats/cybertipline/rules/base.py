"""What a rule is, and what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from lxml import etree


class Answer(Enum):
    """What happens where a document breaks a rule."""

    ENFORCED = "refused"
    SCHEMA = "refused, by the schema"
    WIRE = "refused, by the wire"
    FLAGGED = "flagged"


class Document:
    """What the rules ask of the whole document; worked out once, when first asked."""

    __slots__ = ("_emails", "batched", "now", "root")

    def __init__(self, root: etree._Element, now: datetime) -> None:
        self.root = root
        self.now = now
        self.batched = root.find("batchedReport") is not None
        self._emails: frozenset[str] | None = None

    @property
    def emails_of_people(self) -> frozenset[str]:
        """The addresses of everybody reported, receiving or harmed, their associated accounts included."""
        if self._emails is None:
            self._emails = frozenset(
                text_of(email).casefold()
                for party in ("personOrUserReported", "intendedRecipient", "victim")
                for person in self.root.iterchildren(party)
                for email in person.iter("email")
            )
        return self._emails


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule looks: an element, and the text that it judges (the element's or an attribute's, trimmed)."""

    element: etree._Element
    text: str
    document: Document

    def child(self, tag: str) -> str:
        """The trimmed text of a child; empty where there is none."""
        child = self.element.find(tag)
        return "" if child is None else text_of(child)

    def sibling(self, tag: str) -> str:
        parent = self.element.getparent()
        child = None if parent is None else parent.find(tag)
        return "" if child is None else text_of(child)

    def attribute(self, name: str) -> str:
        return str(self.element.get(name, "")).strip()

    def tags(self) -> Iterator[str]:
        return (str(child.tag) for child in self.element)


@dataclass(frozen=True, slots=True)
class Check:
    """`keeps` says whether a spot keeps to `demand` (a sentence of ours, never a value of the document).

    A blank text counts as not given: only a check with `blank` is asked about it. Nonsense that the schema refuses
    is not judged here a second time: a check keeps it.
    """

    name: str
    demand: str
    keeps: Callable[[Spot], bool] | None
    answer: Answer = Answer.ENFORCED
    why: str = ""
    added: bool = False
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table.

    `path` is what a reader looks for: a kind or an element, its child, an `@attribute`; `at` is where the check looks
    (the same, or a beginning of it). `documented` is the path in the documentation's lists of validations, empty
    for a rule that is not in them.
    """

    path: str
    check: Check
    at: str
    documented: str

    @property
    def id(self) -> str:
        return f"{self.path}:{self.check.name}"

    @property
    def answer(self) -> Answer:
        return self.check.answer


@dataclass(frozen=True, slots=True)
class Section:
    """Rules that are read together."""

    title: str
    rules: tuple[Rule, ...]


def at(
    path: str, *checks: Check, bound: str | None = None, documented: str | None = None
) -> tuple[Rule, ...]:
    """The rules of one path, looked at where `bound` says, under the documentation's own path where that differs."""
    return tuple(
        Rule(
            path,
            check,
            path if bound is None else bound,
            "" if check.added else path if documented is None else documented,
        )
        for check in checks
    )


def text_of(element: etree._Element) -> str:
    return (element.text or "").strip()
