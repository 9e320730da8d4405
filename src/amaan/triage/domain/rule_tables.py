"""Tables of a TOML file that people wrote, each refused with its name, its line and the cause. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from amaan.triage.domain.conditions import BadCondition, Condition, parse


class BadRuleFile(ValueError):
    """A rule file that was refused. `where` names the rule or table, `line` its first line when known."""

    def __init__(self, where: str, cause: str, line: int | None = None) -> None:
        self.where, self.cause, self.line = where, cause, line
        super().__init__(f"{where}{f' (line {line})' if line else ''}: {cause}")


@dataclass(frozen=True)
class Words:
    """A sentence in both languages; neither may be missing."""

    en: str
    ur: str


ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*\Z")
_VERSION = re.compile(r"[a-z0-9][a-z0-9.\-]{0,31}\Z")
_URDU = re.compile("[\u0600-\u06ff]")


def is_version(word: str) -> bool:
    """Whether a rule file may call itself so: small letters, digits, dots, hyphens, 32 at most."""
    return _VERSION.match(word) is not None


def read_toml(data: bytes, known: frozenset[str]) -> tuple[str, dict[str, Any]]:
    """The text of a file and what it spells, with a version and no table but the known ones."""
    try:
        body = data.decode("utf-8")
        table = tomllib.loads(body)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadRuleFile("the file", f"is not UTF-8 at byte {error.start}", line) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else body.count("\n") + 1
        raise BadRuleFile("the file", f"is not TOML: {error}", line) from None
    if unknown := sorted(set(table) - known):
        raise BadRuleFile("the file", f"unknown table {unknown[0]}", line_of(body, unknown[0]))
    version = table.get("version")
    if not isinstance(version, str) or not is_version(version):
        cause = 'must be a word such as "pk-2026.1" (small letters, digits, dots, hyphens)'
        raise BadRuleFile("version", cause, line_of(body, "version"))
    return body, table


def line_of(body: str, name: str) -> int:
    """The line on which a key or a table of this name first stands; 1 where it stands nowhere."""
    for number, line in enumerate(body.splitlines(), 1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(name)}\b", line):
            return number
    return 1


def lines_of(body: str, kinds: Iterable[str]) -> dict[str, list[int]]:
    """For each kind of table, the line on which its n-th one begins: tomllib keeps no positions."""
    found: dict[str, list[int]] = {kind: [] for kind in kinds}
    for number, line in enumerate(body.splitlines(), 1):
        if (match := re.match(r"\s*\[\[\s*(\w+)\s*\]\]", line)) and match[1] in found:
            found[match[1]].append(number)
    return found


def only_known(table: Mapping[str, Any], allowed: set[str], where: str, line: int | None) -> None:
    """Refuses a table with a key that nobody reads."""
    if unknown := sorted(set(table) - allowed):
        raise BadRuleFile(
            where, f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(allowed))}", line
        )


def words_of(value: object, what: str, where: str, line: int | None) -> Words:
    """A sentence in both languages, each one line."""
    if not isinstance(value, dict):
        raise BadRuleFile(where, f"{what} needs {what}.en and {what}.ur", line)
    only_known(value, {"en", "ur"}, where, line)
    for language in ("en", "ur"):
        text = value.get(language)
        if not isinstance(text, str) or not text.strip() or "\n" in text:
            raise BadRuleFile(where, f"{what}.{language} is missing, or is not one line of text", line)
    if not _URDU.search(value["ur"]):
        raise BadRuleFile(where, f"{what}.ur is not written in Urdu", line)
    return Words(value["en"], value["ur"])


def whole_number(value: object, what: str, where: str, line: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadRuleFile(where, f"{what} must be a whole number", line)
    return value


def tables_of(
    value: object, kind: str, lines: Mapping[str, list[int]], also: Container[str] = ()
) -> list[tuple[dict[str, Any], str, int]]:
    """Each table of a kind, its name for a refusal, and its line. `also`: names allowed that are no id."""
    if not isinstance(value, list) or not value or len(lines[kind]) != len(value):
        first = lines[kind][0] if lines[kind] else 1
        raise BadRuleFile("the file", f"needs [[{kind}]] tables, each heading on a line of its own", first)
    found = []
    seen: set[str] = set()
    for table, line in zip(value, lines[kind], strict=True):
        name = table.get("id")
        if not isinstance(name, str) or not (ID.match(name) or name in also):
            raise BadRuleFile(f"a {kind}", "needs an id of small letters and hyphens", line)
        if name in seen:
            raise BadRuleFile(f"{kind} {name}", "stands twice in the file", line)
        seen.add(name)
        found.append((table, f"{kind} {name}", line))
    return found


def condition_of(value: object, where: str, line: int) -> Condition:
    """A condition, refused under its rule's name and line."""
    try:
        return parse(value)
    except BadCondition as error:
        raise BadRuleFile(where, str(error), line) from None
