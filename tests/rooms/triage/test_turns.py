"""Inside a band time decides, and danger shortens time: never before receipt, never past the promise."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from amaan.triage.domain.turns import turn_of

_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
_SPANS = st.integers(1, 720).map(lambda hours: timedelta(hours=hours))
_DANGER = st.integers(0, 100)


@given(_TIMES, _SPANS, _DANGER, _DANGER)
def test_danger_brings_a_turn_forward_by_half_the_span_at_most(
    received: datetime, span: timedelta, one: int, other: int
) -> None:
    turns = [turn_of(received, span, danger) for danger in sorted((one, other))]
    assert turns == sorted(turns, reverse=True)
    assert all(received + span / 2 <= turn <= received + span for turn in turns)
    assert (turns[0] == turns[1]) == (one == other)
