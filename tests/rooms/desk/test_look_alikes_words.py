"""Every fact that reports are compared by has words in both languages, in every value that it may have."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from amaan.desk.look_alikes import GRADES, INDICATORS, LABELS, value_word
from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.likeness import COMPARED, Grade

pytestmark = pytest.mark.pure
CODES = {"content.classes"}
"""The industry's classes are codes everywhere."""


def test_each_fact_and_each_of_its_values_is_read_in_urdu() -> None:
    with translation.override("ur"):
        mute = [name for name in COMPARED if not re.search(r"[\u0600-\u06ff]", str(LABELS[name]))]
        mute += [
            f"{name}: {value}"
            for name in COMPARED
            for value in FACTS[name].words
            if name not in CODES and not re.search(r"[\u0600-\u06ff]", value_word(name, value))
        ]
    assert not mute


def test_nothing_is_left_over() -> None:
    assert set(LABELS) == set(COMPARED)
    assert set(INDICATORS) == FACTS["text.indicators"].words
    assert set(GRADES) == set(Grade)


def test_values_in_words() -> None:
    assert value_word("victim.named", None) == "not said"
    assert value_word("victim.named", True) == "yes"
    assert value_word("victim.count", 2) == "2"
    assert value_word("content.classes", ["A1", "B2"]) == "A1, B2"
