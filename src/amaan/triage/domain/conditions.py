"""Conditions on facts: three ways to join, seven ways to ask. Read, checked, compiled, and told in words.

A condition is a table of the rule file: `{ fact = "victim.count", at_least = 2 }`, or `{ all = […] }`,
`{ any = […] }`, `{ not = {…} }`. What each question takes stands in `OPERATORS`.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from amaan.triage.domain.facts import FACTS, NOT_SAID, Facts, FactValue, Kind

Test = Callable[[Facts], bool]

OPERATORS: Mapping[str, frozenset[Kind]] = {
    "is": frozenset({Kind.FLAG, Kind.WORD, Kind.NUMBER}),
    "in": frozenset({Kind.WORD}),
    "any_of": frozenset({Kind.WORDS}),
    "at_least": frozenset({Kind.NUMBER}),
    "at_most": frozenset({Kind.NUMBER}),
    "present": frozenset({Kind.NUMBER, Kind.WORDS}),
    "said": frozenset({Kind.WORD, Kind.WORDS}),
}


class BadCondition(ValueError):
    """A condition that can't be read; the message says which part and what would be right."""


@dataclass(frozen=True)
class Leaf:
    """One question about one fact. `value` is a frozenset of words for `in` and `any_of`."""

    fact: str
    operator: str
    value: bool | int | str | frozenset[str]


@dataclass(frozen=True)
class Group:
    """`how` is "all", "any" or "not"; "not" has one part."""

    how: str
    parts: tuple[Condition, ...]


Condition = Leaf | Group


def parse(table: object) -> Condition:
    """The condition that a table of the file spells; raises BadCondition."""
    if not isinstance(table, dict) or not table:
        raise BadCondition('a condition must be a table such as { fact = "victim.named", is = true }')
    if "fact" in table:
        return _parse_leaf(table)
    if len(table) != 1 or next(iter(table)) not in {"all", "any", "not"}:
        raise BadCondition(f"expected fact, all, any or not; found {', '.join(sorted(map(str, table)))}")
    ((how, parts),) = table.items()
    if how == "not":
        return Group("not", (parse(parts),))
    if not isinstance(parts, list) or not parts:
        raise BadCondition(f"{how} takes a list of conditions that is not empty")
    return Group(how, tuple(parse(part) for part in parts))


def _parse_leaf(table: dict[str, Any]) -> Leaf:
    fact = table["fact"]
    spec = FACTS.get(fact) if isinstance(fact, str) else None
    if spec is None:
        raise BadCondition(f"unknown fact {fact!r}; docs/reference/triage-rules.md lists the facts")
    asked = [key for key in table if key != "fact"]
    if len(asked) != 1:
        raise BadCondition(f"a question about {fact} needs exactly one operator; found {len(asked)}")
    operator, value = asked[0], table[asked[0]]
    kinds = OPERATORS.get(operator)
    if kinds is None:
        raise BadCondition(f"unknown operator {operator!r}; the operators are {', '.join(OPERATORS)}")
    if spec.kind not in kinds:
        raise BadCondition(f"{fact} is a {spec.kind.value}; {operator} does not ask such a fact")
    if operator in {"in", "any_of"}:
        if not isinstance(value, list) or not value:
            raise BadCondition(f"{operator} takes a list of words that is not empty")
        for word in value:
            _check_word(fact, word)
        return Leaf(fact, operator, frozenset(value))
    if operator in {"present", "said"} or spec.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise BadCondition(f"{operator} takes true or false when it asks {fact}")
        return Leaf(fact, operator, value)
    if spec.kind is Kind.WORD:
        _check_word(fact, value)
        return Leaf(fact, operator, value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadCondition(f"{operator} takes a whole number, 0 or more, when it asks {fact}")
    return Leaf(fact, operator, value)


def _check_word(fact: str, word: object) -> None:
    known = FACTS[fact].words
    if word == NOT_SAID:
        raise BadCondition(f"ask {fact} with said = false instead of {NOT_SAID}: silence is not a word")
    if not isinstance(word, str) or (known and word not in known):
        raise BadCondition(f"{fact} never reads {word!r}; it reads {', '.join(sorted(known)) or 'text'}")


def leaves(condition: Condition, positive: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Every question in a condition, each with whether *more* of the fact helps the condition to hold."""
    if isinstance(condition, Group):
        turned = positive if condition.how != "not" else not positive
        for part in condition.parts:
            yield from leaves(part, turned)
        return
    falling = condition.operator == "at_most" or condition.value is False
    yield condition, positive != falling


def implies(one: Condition, other: Condition) -> bool:
    """Whether `other` plainly holds wherever `one` does; False where that can't be read from how they are written."""
    if one == other:
        return True
    if isinstance(one, Leaf) and isinstance(other, Leaf):
        return one.fact == other.fact and _leaf_implies(one, other)
    if isinstance(one, Group) and one.how == "any":
        return all(implies(part, other) for part in one.parts)
    if isinstance(other, Group) and other.how == "all":
        return all(implies(one, part) for part in other.parts)
    return (
        (isinstance(other, Group) and other.how == "any" and any(implies(one, part) for part in other.parts))
        or (isinstance(one, Group) and one.how == "all" and any(implies(part, other) for part in one.parts))
        or (
            isinstance(one, Group)
            and isinstance(other, Group)
            and one.how == other.how == "not"
            and implies(other.parts[0], one.parts[0])
        )
    )


def _leaf_implies(one: Leaf, other: Leaf) -> bool:
    if isinstance(other.value, frozenset):
        asked = one.value if isinstance(one.value, frozenset) else {one.value}
        return one.operator in {"is", other.operator} and asked <= other.value
    if one.operator != other.operator or isinstance(one.value, str | frozenset | bool):
        return False
    assert isinstance(other.value, int)
    if one.operator == "at_least":
        return other.value <= one.value
    return one.operator == "at_most" and other.value >= one.value


def could_hold(condition: Condition, told: Container[str]) -> bool:
    """Whether a condition could hold where only these facts are told; never False where it holds."""
    if isinstance(condition, Group):
        if condition.how == "not":
            return True
        parts = (could_hold(part, told) for part in condition.parts)
        return all(parts) if condition.how == "all" else any(parts)
    return condition.fact in told or (condition.operator in {"said", "present"} and condition.value is False)


def said(value: FactValue | None) -> bool:
    """Whether somebody told it: not absent, not `not_said`, not a list of nothing else."""
    if value is None or value == NOT_SAID:
        return False
    return not isinstance(value, list) or any(word != NOT_SAID for word in value)


def compile_condition(condition: Condition) -> Test:
    """A closure that answers the condition; held equal to `holds` by a property test."""
    if isinstance(condition, Group):
        return _compile_group(condition)
    return _COMPILERS[condition.operator](condition.fact, condition.value)


def _compile_any_of(fact: str, value: Any) -> Test:
    disjoint = value.isdisjoint
    return lambda facts: fact in facts and not disjoint(facts[fact])


def _compile_at_least(fact: str, value: Any) -> Test:
    if not value:  # a number that nobody told is not "at least 0"
        return lambda facts: fact in facts
    return lambda facts: facts.get(fact, -1) >= value


def _compile_at_most(fact: str, value: Any) -> Test:
    return lambda facts: fact in facts and facts[fact] <= value


def _compile_present(fact: str, value: Any) -> Test:
    return lambda facts: (fact in facts and facts[fact] != []) is value


def _compile_said(fact: str, value: Any) -> Test:
    return lambda facts: said(facts.get(fact)) is value


def _compile_equal(fact: str, value: Any) -> Test:
    if isinstance(value, frozenset):
        return lambda facts: facts.get(fact) in value
    if isinstance(value, bool):
        return lambda facts: facts.get(fact) is value
    return lambda facts: facts.get(fact) == value


_COMPILERS: Mapping[str, Callable[[str, Any], Test]] = {
    "is": _compile_equal,
    "in": _compile_equal,
    "any_of": _compile_any_of,
    "at_least": _compile_at_least,
    "at_most": _compile_at_most,
    "present": _compile_present,
    "said": _compile_said,
}


def _compile_group(group: Group) -> Test:
    tests = tuple(compile_condition(part) for part in group.parts)
    first = tests[0]
    if group.how == "not":
        return lambda facts: not first(facts)
    if len(tests) == 2:
        second = tests[1]
        if group.how == "all":
            return lambda facts: first(facts) and second(facts)
        return lambda facts: first(facts) or second(facts)
    if group.how == "all":
        return lambda facts: all(test(facts) for test in tests)
    return lambda facts: any(test(facts) for test in tests)


def holds(condition: Condition, facts: Facts) -> bool:  # noqa: PLR0911 - one line a case is the point
    """The slow twin of `compile_condition`, written to be read."""
    if isinstance(condition, Group):
        answers = [holds(part, facts) for part in condition.parts]
        return {"all": all(answers), "any": any(answers), "not": not answers[0]}[condition.how]
    told, asked = facts.get(condition.fact), condition.value
    if condition.operator == "said":
        return said(told) == asked
    if condition.operator == "present":
        return (told is not None and told != []) == asked
    if told is None:
        return False
    if isinstance(asked, frozenset):
        return bool(asked & (set(told) if isinstance(told, list) else {told}))
    if condition.operator == "at_least":
        return int(told) >= int(asked)  # type: ignore[arg-type]
    if condition.operator == "at_most":
        return int(told) <= int(asked)  # type: ignore[arg-type]
    return type(told) is type(asked) and told == asked


def spell(condition: Condition) -> str:
    """The condition in one line for a reader: `victim.count ≥ 2 and (victim.named or victim.school)`."""
    if isinstance(condition, Group):
        if condition.how == "not":
            return f"not ({spell(condition.parts[0])})"
        parts = [
            f"({spell(p)})" if isinstance(p, Group) and p.how != "not" else spell(p) for p in condition.parts
        ]
        return (" and " if condition.how == "all" else " or ").join(parts)
    return _spell_leaf(condition)


def _spell_leaf(leaf: Leaf) -> str:
    value = leaf.value
    if isinstance(value, frozenset):
        joined = ", ".join(sorted(value, key=lambda word: (len(word.split("-")[0]), word)))
        verb = "holds" if leaf.operator == "any_of" else "is"
        return f"{leaf.fact} {verb} {'any of ' if len(value) > 1 else ''}{joined}"
    if leaf.operator in {"present", "said"}:
        return f"{leaf.fact} is {'' if value else 'not '}{'there' if leaf.operator == 'present' else 'said'}"
    if isinstance(value, bool):
        return leaf.fact if value else f"{leaf.fact} is false"
    sign = {"at_least": "≥", "at_most": "≤"}.get(leaf.operator, "is")
    return f"{leaf.fact} {sign} {value}"
