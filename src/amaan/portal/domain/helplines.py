"""Helplines as the help page shows them: where each is, what it does, and whether anybody has tried it.

Pure: takes the text of a CSV file, gives frozen rows. The file that ships is `portal/data/helplines.csv`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from amaan.vocabulary.domain.places import COUNTRY, provinces

COLUMNS: Final = (
    "key", "order", "need", "for_danger", "scope", "kind", "contact", "name_en", "name_ur", "what_en", "what_ur",
    "hours_en", "hours_ur", "verified", "checked", "source", "as_of",
)  # fmt: skip
_OPTIONAL: Final = frozenset({"hours_en", "hours_ur", "checked"})
_PHONE: Final = re.compile(r"\+?[0-9][0-9 -]{0,18}[0-9]")
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_WEB: Final = re.compile(r"https://[A-Za-z0-9.-]+(/[A-Za-z0-9._/-]*)?")
_KEY: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_Word = TypeVar("_Word", bound=StrEnum)


class BadHelplines(ValueError):
    """The file cannot be used; the message names the line, the column and what is wanted."""

    def __init__(self, line: int, column: str, wanted: str) -> None:
        super().__init__(f"line {line}, {column}: {wanted}")
        self.line, self.column = line, column


class Kind(StrEnum):
    """How one gets there."""

    PHONE = "phone"
    WEB = "web"
    EMAIL = "email"
    APP = "app"


class Need(StrEnum):
    """What somebody needs who looks for it, in the order of the page."""

    DANGER = "danger"
    SELF_HARM = "self_harm"
    CHILD = "child"
    ONLINE = "online"
    PICTURES = "pictures"
    MISSING = "missing"


class Verified(StrEnum):
    """What is known of the contact. `no`: it stands in the source and nobody of ours has tried it.

    `doubtful`: the sources contradict each other or are memory; kept in the file, never shown, until
    somebody has telephoned. `out_of_date`: shown only as a number not to use.
    """

    YES = "yes"
    NO = "no"
    DOUBTFUL = "doubtful"
    OUT_OF_DATE = "out_of_date"


_CONTACT: Final[Mapping[Kind, tuple[re.Pattern[str], str]]] = MappingProxyType(
    {
        Kind.PHONE: (_PHONE, "a telephone number of digits, spaces and hyphens"),
        Kind.EMAIL: (_EMAIL, "an email address"),
        Kind.WEB: (_WEB, "an https address of letters, digits, dots, hyphens and slashes"),
        Kind.APP: (re.compile(r"\S.{0,59}"), "the app's name"),
    }
)
_ALWAYS: Final = (Need.DANGER, Need.SELF_HARM, Need.CHILD, Need.PICTURES)
_AT_THE_DOOR: Final = (*_ALWAYS, Need.ONLINE)
_FITTING: Final[Mapping[str, Need]] = MappingProxyType(
    {
        "child_with_person": Need.DANGER,
        "live_now": Need.DANGER,
        "meeting": Need.DANGER,
        "self_harm": Need.SELF_HARM,
        "missing": Need.MISSING,
        "threat_now": Need.ONLINE,
    }
)
"""What each danger that somebody ticks asks for, the nearest first. Beside it stands what is for everybody: whoever is
threatened may also lose heart. Lines for threats and for missing children help nobody else."""
_LINKS: Final = {Kind.PHONE: "tel:", Kind.EMAIL: "mailto:", Kind.WEB: ""}


@dataclass(frozen=True, slots=True)
class Helpline:
    """One row. `scope` is a province's code of the vocabulary or PK; `checked` is the day of the last try."""

    key: str
    order: int
    need: Need
    for_danger: bool
    scope: str
    kind: Kind
    contact: str
    names: Mapping[str, str]
    whats: Mapping[str, str]
    hours: Mapping[str, str]
    verified: Verified
    checked: date | None
    source: str
    as_of: date

    @property
    def shown(self) -> bool:
        """Whether it may stand on a page as something to use."""
        return self.verified in {Verified.YES, Verified.NO}

    @property
    def link(self) -> str:
        """`tel:…`, `mailto:…` or the address; empty for an app, and for what must not be used."""
        if not self.shown or self.kind is Kind.APP:
            return ""
        contact = re.sub(r"[ -]", "", self.contact) if self.kind is Kind.PHONE else self.contact
        return _LINKS[self.kind] + contact


def read_helplines(text: str) -> tuple[Helpline, ...]:
    """The rows of a CSV file, in their order. Raises BadHelplines for the first thing that is wrong."""
    reader = csv.DictReader(text.removeprefix("\ufeff").splitlines(), restkey="more", restval="")
    try:
        if missing := [column for column in COLUMNS if column not in (reader.fieldnames or ())]:
            raise BadHelplines(1, missing[0], "this column is missing")
        found = [_read(reader.line_num, row) for row in reader]
    except csv.Error as fault:
        raise BadHelplines(reader.line_num, "the row", str(fault)) from fault
    keys = [line.key for line in found]
    for line in found:
        if keys.count(line.key) > 1:
            raise BadHelplines(0, "key", f"{line.key} stands twice")
    return tuple(sorted(found, key=lambda line: line.order))


def _read(line: int, row: Mapping[str, str]) -> Helpline:
    if "more" in row:
        raise BadHelplines(
            line, "the end", "there are more cells than columns; put quotes around a text with commas"
        )
    for column in COLUMNS:
        if column not in _OPTIONAL and not row[column].strip():
            raise BadHelplines(line, column, "must not be empty")
    said = {column: row[column].strip() for column in COLUMNS}
    kind = _one_of(line, "kind", said["kind"], Kind)
    pattern, wanted = _CONTACT[kind]
    if not pattern.fullmatch(said["contact"]):
        raise BadHelplines(line, "contact", f"must be {wanted}")
    if not _KEY.fullmatch(said["key"]):
        raise BadHelplines(line, "key", "must be small letters, digits and hyphens")
    if not said["order"].isascii() or not said["order"].isdigit():
        raise BadHelplines(line, "order", "must be a whole number")
    if said["for_danger"] not in {"yes", "no"}:
        raise BadHelplines(line, "for_danger", "must be yes or no")
    if said["scope"] not in {COUNTRY, *(province.code for province in provinces())}:
        raise BadHelplines(line, "scope", "must be PK or a province's code, such as PB")
    if bool(said["hours_en"]) != bool(said["hours_ur"]):
        raise BadHelplines(line, "hours_ur", "give the hours in both languages or in none")
    verified = _one_of(line, "verified", said["verified"], Verified)
    if verified is Verified.YES and not said["checked"]:
        raise BadHelplines(line, "checked", "verified is yes: say on which day somebody tried it")
    return Helpline(
        key=said["key"],
        order=int(said["order"]),
        need=_one_of(line, "need", said["need"], Need),
        for_danger=said["for_danger"] == "yes",
        scope=said["scope"],
        kind=kind,
        contact=said["contact"],
        names=_both(said, "name"),
        whats=_both(said, "what"),
        hours=_both(said, "hours"),
        verified=verified,
        checked=_day(line, "checked", said["checked"]) if said["checked"] else None,
        source=said["source"],
        as_of=_day(line, "as_of", said["as_of"]),
    )


def _one_of(line: int, column: str, value: str, words: type[_Word]) -> _Word:
    try:
        return words(value)
    except ValueError:
        raise BadHelplines(line, column, f"must be one of {', '.join(words)}") from None


def _day(line: int, column: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadHelplines(line, column, "must be a day such as 2026-11-21") from None


def _both(said: Mapping[str, str], column: str) -> Mapping[str, str]:
    return MappingProxyType({language: said[f"{column}_{language}"] for language in ("en", "ur")})


def in_scope(lines: Iterable[Helpline], scope: str) -> tuple[Helpline, ...]:
    """What may be used in exactly this scope: PK for the whole country, or one province."""
    return tuple(line for line in lines if line.scope == scope and line.shown)


def by_need(lines: Iterable[Helpline]) -> tuple[tuple[Need, tuple[Helpline, ...]], ...]:
    """Usable lines grouped by need, in the order of the page; a need without a line is left out."""
    usable = [line for line in lines if line.shown]
    groups = ((need, tuple(line for line in usable if line.need is need)) for need in Need)
    return tuple((need, group) for need, group in groups if group)


def for_danger(
    lines: Iterable[Helpline], province: str = "", danger: Collection[str] | None = None
) -> tuple[Helpline, ...]:
    """What a person in danger is shown: the country's, and the province's if it is known, of what fits.

    `danger`: what they ticked; what that needs comes first. None: nobody was asked, and many are threatened.
    """
    scopes = {COUNTRY, province}
    first = [need for one, need in _FITTING.items() if danger and one in danger]
    order = _AT_THE_DOOR if danger is None else tuple(dict.fromkeys((*first, *_ALWAYS)))
    fitting = [line for line in lines if line.for_danger and line.shown and line.scope in scopes]
    return tuple(line for need in order for line in fitting if line.need is need)


def out_of_date(lines: Iterable[Helpline]) -> tuple[Helpline, ...]:
    """Contacts that still circulate and must not be used."""
    return tuple(line for line in lines if line.verified is Verified.OUT_OF_DATE)
