"""Few frames stand for a whole video, and none is far from all of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.matching.banks import value

from amaan.matching.domain.frames import frames_that_stand_for

FRAMES = st.lists(st.tuples(st.integers(0, 40), st.sets(st.integers(0, 255), max_size=20)), max_size=40)


@given(FRAMES, st.integers(1, 12))
def test_every_frame_lies_near_one_that_stands_for_it(made: list[tuple[int, set[int]]], most: int) -> None:
    frames = [(near_value(number % 4, flips), 50 + number) for number, flips in made]
    kept = frames_that_stand_for(frames, most)
    assert len(kept) <= most
    if len(kept) < most:
        assert all(any(bits(one[0], other[0]) <= 31 for other in kept) for one in frames)


def near_value(number: int, flips: set[int]) -> bytes:
    flipped = sum(1 << place for place in flips)
    return (int.from_bytes(value(number), "big") ^ flipped).to_bytes(32, "big")


def bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def test_of_a_video_that_never_stands_still_frames_are_taken_evenly() -> None:
    frames = [(value(number), 80) for number in range(90)]
    assert frames_that_stand_for(frames, 30) == frames[::3]
    assert frames_that_stand_for(frames[:5] * 9, 30) == frames[:5]


def test_as_near_as_there_is_room_for() -> None:
    frames = [(near_value(1, set(range(9 * step))), 80) for step in range(4)]
    assert frames_that_stand_for(frames, 4) == frames
    assert frames_that_stand_for(frames, 3) == [frames[0], frames[2]]
    assert frames_that_stand_for([(near_value(1, set(range(8 * n))), 80) for n in range(2)], 9) == [
        (value(1), 80)
    ]
