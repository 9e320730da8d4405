"""No field of a document, of the form, or of the facts is overlooked: a rule reads it, or it is said why none does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.rooms.triage.schema_fields import (
    CYBERTIPLINE,
    LAW_ENFORCEMENT_JSON,
    PUBLIC_FORM,
    READ_ELSEWHERE,
    UNREAD_FACTS,
)
from tests.strategies.cybertipline import LE_TREE

import amaan.formats.cybertipline
from amaan.portal.domain.questions import FIELDS, FieldKind, Way
from amaan.reports.domain.told import TOLD_ANSWERS, TOLD_WORDS
from amaan.triage.domain.conditions import leaves
from amaan.triage.domain.facts import FACTS, NOT_SAID
from amaan.triage.domain.ruleset import load_ruleset
from amaan.triage.rulebook import SHIPPED

pytestmark = pytest.mark.pure

RULES = load_ruleset(SHIPPED.read_bytes())
READ = {rule.id: {leaf.fact for leaf, _ in leaves(rule.when)} for rule in RULES.rules}
_XS = "{http://www.w3.org/2001/XMLSchema}"
_OWNERS = {f"{_XS}{kind}" for kind in ("element", "complexType", "group", "attributeGroup")}


def _schema_fields() -> set[str]:
    schema = etree.parse(str(Path(amaan.formats.cybertipline.__file__).parent / "schema.xsd"))
    found = set()
    for node in schema.iter(f"{_XS}element", f"{_XS}attribute"):
        name = node.get("name") or node.get("ref")
        owner = next(
            (up.get("name") for up in node.iterancestors() if up.tag in _OWNERS and up.get("name")), ""
        )
        if owner:
            found.add(f"{owner}/{'@' if node.tag.endswith('attribute') else ''}{name}")
    return found


def _answer(field: str) -> str:
    """The table's line for a field: its own, its owner's, or the field's under any owner."""
    owner, _, name = field.partition("/")
    return next((CYBERTIPLINE[key] for key in (field, f"*/{name}", f"{owner}/*") if key in CYBERTIPLINE), "")


def test_every_field_of_the_schema_is_read_or_excused() -> None:
    fields = _schema_fields()
    assert len(fields) > 200
    assert sorted(field for field in fields if not _answer(field)) == []
    used = {
        key
        for field in fields
        for key in (field, f"*/{field.partition('/')[2]}", f"{field.partition('/')[0]}/*")
    }
    assert sorted(set(CYBERTIPLINE) - used) == []


def _keys(tree: Any) -> Iterator[str]:
    """The keys of the JSON under which something is said; what only holds others, and the parts of one, aside."""
    if isinstance(tree, list):
        for one in tree:
            yield from _keys(one)
    elif isinstance(tree, Mapping):
        for key, below in tree.items():
            if key in LAW_ENFORCEMENT_JSON or not isinstance(below, dict | list):
                yield key
                if not key.endswith("Incident"):
                    continue
            yield from _keys(below)


def test_every_key_of_the_json_is_read_or_excused() -> None:
    assert set(_keys(LE_TREE)) | {"reportId"} == set(LAW_ENFORCEMENT_JSON)


def test_every_question_of_the_door_is_read_or_excused() -> None:
    assert set(FIELDS) | {"way"} == set(PUBLIC_FORM)


@pytest.mark.parametrize(
    "table", [CYBERTIPLINE, LAW_ENFORCEMENT_JSON, PUBLIC_FORM], ids=["xml", "json", "form"]
)
def test_what_the_table_says_is_so(table: dict[str, str]) -> None:
    for field, said in table.items():
        if said.startswith("- "):
            assert len(said) > 10, field
        else:
            fact, _, rule = said.partition(": ")
            assert fact in READ[rule], (field, said)


def test_every_fact_is_read_by_a_rule_or_excused() -> None:
    read = set().union(*READ.values())
    assert set(FACTS) - read == set(UNREAD_FACTS)


def test_every_word_that_tells_of_a_danger_is_named_by_a_rule_or_excused() -> None:
    named: dict[str, set[str]] = {}
    for rule in RULES.rules:
        for leaf, _ in leaves(rule.when):
            if leaf.operator in {"present", "said"}:
                named.setdefault(leaf.fact, set()).update(FACTS[leaf.fact].words)
            else:
                value = leaf.value if isinstance(leaf.value, frozenset) else {str(leaf.value)}
                named.setdefault(leaf.fact, set()).update(value)
    silent = {
        f"{fact}={word}"
        for fact, spec in FACTS.items()
        for word in spec.danger
        if word is not True and word not in named.get(fact, set()) and fact not in UNREAD_FACTS
    }
    assert silent == set(READ_ELSEWHERE)
    assert all(said.startswith("- ") or said in READ for said in READ_ELSEWHERE.values())


def test_the_doors_words_are_the_words_of_the_facts() -> None:
    """Two rooms hold these words; the door may import nothing that reads reports."""
    asked = {key: set(field.options) for key, field in FIELDS.items() if field.options}
    assert asked.keys() | {"way"} >= TOLD_WORDS.keys()
    for key, words in TOLD_WORDS.items():
        assert words == ({str(way) for way in Way} if key == "way" else asked[key]), key
    for key in TOLD_ANSWERS:
        assert FIELDS[key].kind is FieldKind.CHOICE
        assert asked[key] == FACTS[f"told.{key}"].words | {NOT_SAID}
