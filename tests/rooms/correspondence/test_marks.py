"""Floods, the same story, many accusations of one account: marked for a person, refused to nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.correspondence.door import STORY, THREAT, conversation_of, reference_of, staff, tell

from amaan.authority.actors import Role
from amaan.correspondence.domain.flooding import (
    ALIKE,
    BANDS,
    CAMPAIGN,
    bands,
    is_unsupported,
    likeness,
    signature,
    words_of,
)
from amaan.correspondence.domain.words import FlagKind
from amaan.correspondence.models import Conversation, Flag, Story
from amaan.correspondence.panels import conversation_of as panel_of
from amaan.reports.models import Report

KEY = b"s" * 32
at_the_desk = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]
WORDS = st.lists(st.sampled_from([f"word{n}" for n in range(400)]), min_size=12, max_size=60)


def _flags(sent: Any) -> list[Any]:
    panel = panel_of(staff(Role.ANALYST), reference_of(sent))
    assert panel is not None
    return [(flag.kind, flag.about) for flag in panel.flags]


@pytest.mark.pure
@given(WORDS)
def test_a_story_is_known_again_however_it_is_written(words: list[str]) -> None:
    first = signature(" ".join(words), KEY)
    again = signature("  ".join(words).upper().replace("WORD1", "Word1") + " !!", KEY)
    assert first is not None
    assert first == again
    assert bands(first, KEY) == bands(again or b"", KEY)
    assert len(set(bands(first, KEY))) == BANDS
    other = signature(" ".join(words), b"t" * 32)
    assert likeness(first, other or b"") < 0.5  # without the key nothing can be compared


@pytest.mark.pure
@settings(max_examples=40)
@given(WORDS, st.lists(st.sampled_from([f"other{n}" for n in range(400)]), min_size=12, max_size=60))
def test_another_story_is_another(words: list[str], others: list[str]) -> None:
    one, other = signature(" ".join(words), KEY), signature(" ".join(others), KEY)
    assert likeness(one or b"", other or b"") < ALIKE


@pytest.mark.pure
def test_a_short_text_is_compared_with_nothing_and_digits_count_in_any_script() -> None:
    assert signature("he threatens me", KEY) is None
    assert words_of("Ali, ۱۲۳ — CAFÉ!") == ["ali", "123", "cafe"]


@pytest.mark.pure
@pytest.mark.parametrize(
    ("answers", "hashes", "unsupported"),
    [
        ({"way": "saw", "accounts": ["x"]}, 0, True),
        ({"way": "child", "phones": ["0300"]}, 0, True),
        ({"way": "saw"}, 0, False),
        ({"way": "saw", "accounts": ["x"], "links": ["y"]}, 0, False),
        ({"way": "saw", "accounts": ["x"], "chat": "y"}, 0, False),
        ({"way": "saw", "accounts": ["x"]}, 1, False),
        ({"way": "me", "accounts": ["x"]}, 0, False),
        ({"way": "child", "accounts": ["x"], "victim_age": "6-10"}, 0, False),
    ],
)
def test_what_stands_behind_an_accusation(answers: dict[str, Any], hashes: int, unsupported: bool) -> None:
    assert is_unsupported(answers, hashes) is unsupported


class TestAtTheDesk:
    pytestmark = at_the_desk

    def test_the_same_story_again_keeps_its_own_report_and_names_the_earlier_one(self) -> None:
        first = tell()
        again = tell({**THREAT, "what_happened": STORY.upper() + "."})
        third = tell(THREAT)
        other = tell(
            {
                **THREAT,
                "what_happened": "Somebody else was seen near the gate with a camera on Monday morning",
            }
        )
        assert Report.objects.count() == 4
        assert _flags(first) == _flags(other) == []
        assert _flags(again) == _flags(third) == [(FlagKind.SAME_STORY, reference_of(first))]
        assert Story.objects.count() == 2  # copies are compared with one row, however many come

    def test_many_accusations_that_stand_on_nothing_are_marked_together(self) -> None:
        accused = {"way": "saw", "accounts": ["@blamed_person"], "platforms": ["instagram"]}
        sent = [tell(accused) for _ in range(CAMPAIGN - 1)]
        supported = tell({**accused, "links": ["https://pictures.example/9"]})
        assert not Flag.objects.exists()
        sent.append(tell(accused))
        assert {kind for one in sent for kind, _ in _flags(one)} == {FlagKind.POSSIBLE_CAMPAIGN}
        assert _flags(supported) == []
        sent.append(tell(accused))
        assert Flag.objects.count() == CAMPAIGN + 1

    def test_what_came_before_this_week_makes_no_campaign(self) -> None:
        accused = {"way": "saw", "accounts": ["@blamed_person"], "platforms": ["instagram"]}
        for _ in range(CAMPAIGN - 1):
            tell(accused)
        Conversation.objects.update(began_at=timezone.now() - timedelta(days=8))
        assert conversation_of(tell(accused)).unsupported
        assert not Flag.objects.exists()
