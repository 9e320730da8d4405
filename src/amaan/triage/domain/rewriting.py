"""The common change of one rule, made in the text itself, so that comments and order stay. Pure.

What comes out is read again and compared: whatever would differ beyond what was asked is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from itertools import count
from typing import Final

from amaan.triage.domain.differences import compare
from amaan.triage.domain.proposals import CannotRewrite, NoSuchRule
from amaan.triage.domain.ruleset import Band, RuleSet, Words, load_ruleset

_HEADING: Final = re.compile(r"\s*\[")
_LOCAL: Final = "-local."


@dataclass(frozen=True)
class Wish:
    """What one rule is to be: its weight, its floor (None: none) and its reason."""

    weight: int
    floor: Band | None
    reason: Words


def next_version(version: str, taken: frozenset[str] = frozenset()) -> str:
    """A free name for what people here make of `version`: `pk-2026.4-local.1`, then `-local.2`. At most 32 characters.

    Never a name that the program's next file could have.
    """
    stem = version.partition(_LOCAL)[0][: 32 - len(_LOCAL) - 4] + _LOCAL
    return next(name for number in count(1) if (name := f"{stem}{number}") not in taken)


def rewrite_rule(ruleset: RuleSet, rule_id: str, wish: Wish, *, version: str) -> str:
    """The rule file's text as version `version`, with one rule changed and nothing else.

    Raises NoSuchRule, CannotRewrite, BadRuleFile (a promise would be broken).
    """
    try:
        rule = ruleset.rule(rule_id)
    except KeyError:
        raise NoSuchRule(f"The rules {ruleset.version} have no rule {rule_id}.") from None
    # By "\n" alone: a reason may hold characters at which splitlines would cut.
    lines = ruleset.body.split("\n")
    begin, end = _block(lines, rule_id)
    block = lines[begin:end]
    if rule.weight != wish.weight:
        block = _set(block, "weight", str(wish.weight))
    if rule.floor != wish.floor:
        block = _set(block, "floor", None if wish.floor is None else _text(wish.floor.slug), after="weight")
    if rule.reason != wish.reason:
        block = _set_reason(block, wish.reason)
    changed = _set([*lines[:begin], *block, *lines[end:]], "version", _text(version))
    body = "\n".join(changed)
    asked = replace(rule, weight=wish.weight, floor=wish.floor, reason=wish.reason)
    done = compare(ruleset, load_ruleset(body.encode()))
    if done.others or [change.after for change in done.rules] != ([] if asked == rule else [asked]):
        raise CannotRewrite(f"{rule_id} can't be changed by the small form; change it in the text.")
    return body


def _text(value: str) -> str:
    """A basic string of TOML; JSON's are that too, but for one character, which no field lets in."""
    return json.dumps(value, ensure_ascii=False)


def _block(lines: list[str], rule_id: str) -> tuple[int, int]:
    """The lines of one rule: after its heading, up to the next heading."""
    named = re.compile(rf"\s*id\s*=\s*[\"']{re.escape(rule_id)}[\"']")
    starts = [n for n, line in enumerate(lines) if re.match(r"\s*\[\[\s*rule\s*\]\]", line)]
    for start in starts:
        end = next((n for n in range(start + 1, len(lines)) if _HEADING.match(lines[n])), len(lines))
        if any(named.match(line) for line in lines[start + 1 : end]):
            return start + 1, end
    raise CannotRewrite(f"{rule_id} does not stand on lines of its own; change it in the text.")


def _set(lines: list[str], key: str, value: str | None, *, after: str = "") -> list[str]:
    """The line of a key with another value; taken out for None, put below the line of `after` where it is absent."""
    place = _line_of(lines, key)
    if place is not None:
        kept = [] if value is None else [f"{key} = {value}"]
        return [*lines[:place], *kept, *lines[place + 1 :]]
    if value is None:
        return lines
    below = _line_of(lines, after)
    if below is None:
        raise CannotRewrite(f"There is no line for {key}; change it in the text.")
    return [*lines[: below + 1], f"{key} = {value}", *lines[below + 1 :]]


def _set_reason(block: list[str], words: Words) -> list[str]:
    if _line_of(block, "reason") is not None:
        return _set(block, "reason", f"{{ en = {_text(words.en)}, ur = {_text(words.ur)} }}")
    for language, said in (("en", words.en), ("ur", words.ur)):
        if _line_of(block, f"reason.{language}") is None:
            raise CannotRewrite("The reason does not stand on lines of its own; change it in the text.")
        block = _set(block, f"reason.{language}", _text(said))
    return block


def _line_of(lines: list[str], key: str) -> int | None:
    wanted = re.compile(rf"\s*{re.escape(key)}\s*=")
    return next((n for n, line in enumerate(lines) if wanted.match(line)), None)
