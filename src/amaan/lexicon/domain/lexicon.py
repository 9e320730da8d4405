"""The lexicon as data: words, patterns and what withholds them, read from TOML files and refused where wrong. Pure.

A file that can't be read is refused with its name, the line and the cause; nothing of a broken lexicon is used. Four
kinds of tables, in whichever files:

    [class.PIC]                    en, roman, ur: words of one meaning, separated by spaces; `roman` is Latin Urdu
    [[pattern]]                    id, indicator, language (en, ur or any), words (lines), note; see `patterns`
    [[neutral]]                    id, words, note: where a "not" denies nothing ("won't stop", "nahi to")
    [[guard]]                      id, kind, scope, words, note: what withholds hits near it

`weights.json` beside them holds what words weigh (`domain.weights`); a lexicon without it has patterns alone.

The grammar of Urdu is the same in both scripts, so `language = "ur"` reads both; its classes hold words of both.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.letters import key, plain
from amaan.lexicon.domain.patterns import BadPattern, Index, Sequence_, Wording, compiled
from amaan.lexicon.domain.tokens import Joins

if TYPE_CHECKING:
    from amaan.lexicon.domain.weights import Weights

LANGUAGES: Final = ("en", "roman", "ur")
WEIGHTS: Final = "weights.json"
RULE_OF_WEIGHTS: Final = "weights."
"""How the rule of a raise by weights begins; the indicator follows."""


class BadLexicon(Exception):
    """A lexicon file that can't be used; says the file, where in it, and why."""

    def __init__(self, file: str, where: str, cause: str, line: int | None = None) -> None:
        at = f", line {line}" if line else ""
        super().__init__(f"{file}{at}: {where}: {cause}.")


class Negation(StrEnum):
    """What a "not" does to a hit of the pattern."""

    WITHHOLDS = "withholds"
    INSIDE = "inside"  # one between the pattern's words belongs to it: "hasn't come home"
    IGNORED = "ignored"


class Scope(StrEnum):
    """Which hits a guard withholds."""

    REST = "rest"  # those that begin after it in its clause
    CLAUSE = "clause"
    SENTENCE = "sentence"
    BEFORE = "before"  # of its sentence and the few before it
    AROUND = "around"  # of its sentence and the few before and after it


class Kind(StrEnum):
    """Why a guard withholds."""

    NEGATION = "negation"
    HYPOTHETICAL = "hypothetical"
    QUESTION = "question"
    RESOLVED = "resolved"
    PAST = "past"
    SPEAKER = "speaker"
    NEWS = "news"
    FICTION = "fiction"
    ADVICE = "advice"
    ORDER = "order"  # an order to a machine
    INNOCENT = "innocent"


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """`beside`: it counts only where one of these indicators is hit in the same sentence."""

    id: str
    indicator: Indicator
    language: str
    lines: tuple[str, ...]
    sequences: tuple[Sequence_, ...]
    negation: Negation
    beside: frozenset[Indicator]
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """`unless`: what, in its sentence or those right after, takes its force: "but he still writes"."""

    id: str
    kind: Kind
    scope: Scope
    lines: tuple[str, ...]
    sequences: tuple[Sequence_, ...]
    unless: tuple[Sequence_, ...]
    withholds: frozenset[Indicator]
    asked: bool
    urdu: bool
    note: str


@dataclass(slots=True)
class Lexicon:
    """Read-only once it is loaded, but for what its parts remember of words that they met."""

    version: str
    digest: str
    wording: Wording
    classes: dict[str, dict[str, str]]
    patterns: list[Pattern] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    neutral: list[tuple[Sequence_, bool]] = field(default_factory=list)
    joins: Joins = field(default_factory=lambda: Joins({}))
    found: Index[Pattern] | None = None
    guarded: Index[Guard] | None = None
    neutral_found: Index[bool] | None = None
    negators: int = 0
    marks_english: int = 0
    marks_urdu: int = 0
    weights: Weights | None = None


def load_lexicon(files: Mapping[str, bytes]) -> Lexicon:
    """Raises BadLexicon."""
    tables = {name: _parsed(name, data) for name, data in sorted(files.items()) if name != WEIGHTS}
    texts = {name: files[name].decode() for name in tables}
    digest = digest_of(files)
    versions = [(name, table["version"]) for name, table in tables.items() if "version" in table]
    if len(versions) != 1 or not isinstance(versions[0][1], str):
        raise BadLexicon(
            min(tables, default="lexicon"), "version", "one file, and only one, says the version in quotes"
        )
    classes = dict(_classes(tables, texts))
    roman = {name: frozenset(held.get("roman", "").split()) for name, held in classes.items()}
    made = Lexicon(versions[0][1], digest, Wording(_words(classes), roman), classes)
    for word in ("NEG", "MARK_EN", "MARK_UR"):
        if word not in classes:
            raise BadLexicon("words.toml", word, "the reading needs this class")
    made.wording.common = frozenset().union(*(made.wording.classes[word] for word in ("MARK_EN", "MARK_UR")))
    made.negators = made.wording.bit("NEG")
    made.marks_english = made.wording.bit("MARK_EN")
    made.marks_urdu = made.wording.bit("MARK_UR")
    seen: set[str] = set()
    joins: dict[tuple[str, ...], str] = {}
    for name, table in tables.items():
        joins |= _joins(name, table)
        for read in (_pattern, _neutral, _guard):
            for row in _rows(name, table, read.__name__.strip("_")):
                line = _line_of(texts[name], str(row.get("id", "")))
                where = str(row.get("id", f"a {read.__name__.strip('_')} without id"))
                if "id" not in row or where in seen:
                    raise BadLexicon(name, where, "every entry has an id of its own", line)
                seen.add(where)
                made.wording.reads_urdu = row.get("language") == "ur" or ".ur." in where
                try:
                    read(made, row)
                except (BadPattern, KeyError, ValueError, TypeError) as error:
                    cause = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
                    raise BadLexicon(name, where, cause, line) from None
    if not made.patterns:
        raise BadLexicon("lexicon", "patterns", "there is none")
    made.weights = _weights(files[WEIGHTS]) if WEIGHTS in files else None
    made.joins = Joins(joins)
    made.found = Index(((s, p) for p in made.patterns for s in p.sequences), made.wording)
    made.guarded = Index(((s, g) for g in made.guards for s in g.sequences), made.wording)
    made.neutral_found = Index(made.neutral, made.wording)
    made.wording.masks.clear()
    return made


def _weights(data: bytes) -> Weights:
    from amaan.lexicon.domain.weights import (  # with numpy: whoever reads, and no other process
        BadWeights,
        Weights,
    )

    try:
        return Weights(data)
    except BadWeights as error:
        raise BadLexicon(WEIGHTS, "weights", str(error)) from None


def digest_of(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the files by their names, hex."""
    return hashlib.sha256(
        b"".join(name.encode() + b"\0" + files[name] + b"\0" for name in sorted(files))
    ).hexdigest()


def _parsed(name: str, data: bytes) -> dict[str, Any]:
    try:
        table = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadLexicon(name, "TOML", str(error).rstrip(".")) from None
    for one in table:
        if one not in {"version", "note", "class", "pattern", "neutral", "guard", "joins"}:
            raise BadLexicon(name, one, "no table of that name is known", _line_of(data.decode(), one))
    return table


def _classes(
    tables: Mapping[str, dict[str, Any]], texts: Mapping[str, str]
) -> Iterator[tuple[str, dict[str, str]]]:
    seen: set[str] = set()
    for name, table in tables.items():
        for word, held in table.get("class", {}).items():
            line = _line_of(texts[name], f"class.{word}")
            if word in seen or not re.fullmatch(r"[A-Z][A-Z0-9_]*", word):
                raise BadLexicon(name, word, "a class is named once, in capitals", line)
            seen.add(word)
            wrong = set(held) - {*LANGUAGES, "note", "of"}
            if wrong or not all(isinstance(text, str) for text in held.values()):
                raise BadLexicon(name, word, "a class has words in en, roman and ur, and a note", line)
            yield word, held


def _words(classes: Mapping[str, dict[str, str]]) -> dict[str, frozenset[str]]:
    """The words of each class; `of` names classes whose words it holds too."""
    own = {
        name: frozenset(" ".join(held.get(language, "") for language in LANGUAGES).split())
        for name, held in classes.items()
    }
    others = {name: held.get("of", "").split() for name, held in classes.items()}
    for name, named in others.items():
        for other in named:
            if other not in own:
                raise BadLexicon("words.toml", name, f"there is no class {other}")
    grows = True
    while grows:  # ends: words are only added, and there are only so many
        grows = False
        for name, named in others.items():
            held_now = own[name].union(*(own[other] for other in named))
            grows = grows or len(held_now) > len(own[name])
            own[name] = held_now
    return own


def _rows(name: str, table: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    rows = table.get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadLexicon(name, kind, f"write [[{kind}]] before each")
    return rows


def _joins(name: str, table: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    found = {}
    for line in table.get("joins", []):
        parts = tuple(key(plain(part).text) for part in str(line).split())
        if len(parts) < 2:
            raise BadLexicon(name, "joins", f"{line!r} has fewer than two words", None)
        found[parts] = key(plain("".join(str(line).split())).text)
    return found


def _compiled(
    made: Lexicon, row: Mapping[str, Any], field_: str
) -> tuple[tuple[str, ...], tuple[Sequence_, ...]]:
    lines = row[field_]
    if not isinstance(lines, list) or not lines or not all(isinstance(line, str) for line in lines):
        raise BadPattern(f"{field_} is a list of lines in quotes")
    found = []
    for line in lines:
        try:
            found += compiled(line, made.wording)
        except BadPattern as error:
            raise BadPattern(f"{line!r}: {error}") from None
    return tuple(lines), tuple(found)


def _known(row: Mapping[str, Any], fields: str) -> None:
    if wrong := set(row) - set(fields.split()):
        raise BadPattern(f"{sorted(wrong)[0]!r} is not known here")


def _pattern(made: Lexicon, row: Mapping[str, Any]) -> None:
    _known(row, "id indicator language words negation beside note source")
    if row["language"] not in {"en", "ur", "any"}:
        raise BadPattern("language is en, ur or any")
    lines, sequences = _compiled(made, row, "words")
    made.patterns.append(
        Pattern(
            row["id"],
            Indicator(row["indicator"]),
            row["language"],
            lines,
            sequences,
            Negation(row.get("negation", "withholds")),
            frozenset(Indicator(word) for word in row.get("beside", [])),
            row["note"],
        )
    )


def _neutral(made: Lexicon, row: Mapping[str, Any]) -> None:
    _known(row, "id words note")
    made.neutral += [(sequence, _is_urdu(row)) for sequence in _compiled(made, row, "words")[1]]


def _is_urdu(row: Mapping[str, Any]) -> bool:
    """Whether it reads Urdu alone: its "to" and "par" are no English words."""
    return ".ur." in str(row["id"])


def _guard(made: Lexicon, row: Mapping[str, Any]) -> None:
    _known(row, "id kind scope words unless withholds spares asked note")
    lines, sequences = _compiled(made, row, "words")
    withholds = frozenset(Indicator(word) for word in row.get("withholds", list(Indicator)))
    made.guards.append(
        Guard(
            row["id"],
            Kind(row["kind"]),
            Scope(row["scope"]),
            lines,
            sequences,
            _compiled(made, row, "unless")[1] if "unless" in row else (),
            withholds - frozenset(Indicator(word) for word in row.get("spares", [])),
            bool(row.get("asked", False)),
            _is_urdu(row),
            row["note"],
        )
    )


def _line_of(text: str, what: str) -> int | None:
    for number, line in enumerate(text.splitlines(), 1):
        if what and what in line:
            return number
    return None
