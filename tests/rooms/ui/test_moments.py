"""Times are said as people say them, in both languages, and never lie about which side of now they are on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from amaan.ui import moments

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "english", "urdu"),
    [
        (timedelta(seconds=20), "0 min", "0 منٹ"),
        (timedelta(minutes=45), "45 min", "45 منٹ"),
        (timedelta(hours=1, minutes=5), "1 h 5 min", "1 گھنٹہ 5 منٹ"),
        (timedelta(hours=2, minutes=10), "2 h 10 min", "2 گھنٹے 10 منٹ"),
        (timedelta(hours=3), "3 h", "3 گھنٹے"),
        (timedelta(hours=14, minutes=50), "14 h", "14 گھنٹے"),
        (timedelta(days=1, hours=3), "1 day", "1 دن"),
        (timedelta(days=12), "12 days", "12 دن"),
        (timedelta(seconds=-5), "0 min", "0 منٹ"),
    ],
)
def test_lengths(span: timedelta, english: str, urdu: str) -> None:
    with translation.override("en"):
        assert moments.length(span) == english
    with translation.override("ur"):
        assert moments.length(span) == urdu


def test_due_says_on_which_side_of_now() -> None:
    with translation.override("en"):
        assert moments.due_words(NOW + timedelta(hours=2, minutes=10), NOW) == "due in 2 h 10 min"
        assert moments.due_words(NOW - timedelta(days=2), NOW) == "overdue by 2 days"
    with translation.override("ur"):
        assert moments.due_words(NOW + timedelta(hours=2), NOW) == "2 گھنٹے باقی"


@given(st.integers(-(10**8), 10**8))
def test_state_and_words_agree(seconds: int) -> None:
    due_at = NOW + timedelta(seconds=seconds)
    state = moments.due_state(due_at, NOW)
    with translation.override("en"):
        words = moments.due_words(due_at, NOW)
    assert (state is moments.OVERDUE) == words.startswith("overdue")
    assert len({state.shape for state in (moments.OVERDUE, moments.DUE_SOON, moments.LATER)}) == 3


@pytest.mark.parametrize(
    ("moment", "english"),
    [
        (NOW - timedelta(seconds=30), "just now"),
        (NOW - timedelta(hours=3), "3 h ago"),
        (NOW - timedelta(hours=13), "today at 01:30"),
        (NOW - timedelta(hours=20), "yesterday at 18:30"),
        (NOW - timedelta(days=9), "12 November 2026"),
        (NOW + timedelta(hours=3), "today at 17:30"),
        (NOW + timedelta(days=3), "24 November 2026"),
    ],
)
def test_when(moment: datetime, english: str) -> None:
    with translation.override("en"):
        assert moments.when_words(moment, NOW) == english


def test_dates_in_urdu_name_their_month_in_urdu() -> None:
    with translation.override("ur"):
        assert moments.when_words(NOW - timedelta(days=9), NOW) == "12 نومبر 2026"


def test_the_exact_time_names_its_zone() -> None:
    with translation.override("en"):
        assert moments.exact_words(NOW) == "21 November 2026, 14:30 UTC"
    assert moments.machine_words(NOW) == "2026-11-21T14:30:00Z"
