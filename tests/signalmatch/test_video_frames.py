"""vPDQ without a video: the published file format, pruning, and the published comparison, linear and by index."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signalmatch import ClipIndex, VideoFrame
from signalmatch.errors import BadFrameList
from signalmatch.signals.vpdq import (
    compare,
    distinct_hashes,
    is_match,
    pruned,
    read_frames,
    write_frames,
)


def frame(hash_number: int, quality: int = 100, number: int = 0, seconds: float = 0.0) -> VideoFrame:
    return VideoFrame(number, quality, hash_number.to_bytes(32, "big"), seconds)


def distance(a: VideoFrame, b: VideoFrame) -> int:
    return (int.from_bytes(a.pdq, "big") ^ int.from_bytes(b.pdq, "big")).bit_count()


def flipped(near: int, bits: list[int]) -> int:
    for bit in bits:
        near ^= 1 << bit
    return near


# Frames around few centres, so that near, just too far and equal ones all occur.
centres = [0, (1 << 256) - 1, int("5a" * 32, 16), int("00ff" * 16, 16)]
hashes = st.builds(flipped, st.sampled_from(centres), st.lists(st.integers(0, 255), max_size=34, unique=True))
frames = st.builds(frame, hashes, st.sampled_from([0, 49, 50, 51, 100]))
videos = st.lists(frames, max_size=12)


def published(query: list[VideoFrame], compared: list[VideoFrame]) -> tuple[float, float]:
    """The pseudocode of vpdq/README.md, written out."""
    ours = {f.pdq: f for f in query if f.quality >= 50}.values()
    theirs = {f.pdq: f for f in compared if f.quality >= 50}.values()
    if not ours or not theirs:
        return 0.0, 0.0
    found = sum(any(distance(a, b) <= 31 for b in theirs) for a in ours)
    covered = sum(any(distance(b, a) <= 31 for a in ours) for b in theirs)
    return found * 100 / len(ours), covered * 100 / len(theirs)


@given(videos, videos)
@settings(max_examples=60)
def test_percentages_are_the_published_ones(query: list[VideoFrame], compared: list[VideoFrame]) -> None:
    result = compare(query, compared)
    assert (result.query_percent, result.compared_percent) == published(query, compared)


@given(videos, st.lists(videos, max_size=4))
@settings(max_examples=40)
def test_an_index_of_clips_finds_what_the_linear_comparison_finds(
    query: list[VideoFrame], known: list[list[VideoFrame]]
) -> None:
    ids = [1000 + at * 7 for at in range(len(known))]
    hits = ClipIndex.build(ids, [distinct_hashes(one) for one in known]).search(distinct_hashes(query))
    by_clip = {hit.clip: hit for hit in hits}
    assert len(by_clip) == len(hits)
    for clip, one in zip(ids, known, strict=True):
        plain = compare(query, one)
        if not plain.compared_matched:
            assert clip not in by_clip
            continue
        hit = by_clip[clip]
        assert (hit.query_matched, hit.query_frames) == (plain.query_matched, plain.query_frames)
        assert (hit.compared_matched, hit.compared_frames) == (plain.compared_matched, plain.compared_frames)
        assert hit.is_match() == plain.is_match()
    assert [h.compared_percent for h in hits] == sorted((h.compared_percent for h in hits), reverse=True)


def test_a_clip_index_is_told_each_clip_once() -> None:
    with pytest.raises(ValueError, match="once"):
        ClipIndex.build([1, 1], [distinct_hashes([]), distinct_hashes([])])


def test_a_still_video_against_another_takes_slices_and_not_every_pair() -> None:
    rng = np.random.default_rng(4)
    still = [
        frame(flipped(centres[2], list(map(int, rng.choice(256, 6, replace=False))))) for _ in range(900)
    ]
    ours, theirs = still[:500], still[400:]
    plain = compare(ours, theirs)
    (hit,) = ClipIndex.build([5], [distinct_hashes(theirs)]).search(distinct_hashes(ours))
    assert (
        (hit.query_matched, hit.compared_matched)
        == (plain.query_matched, plain.compared_matched)
        == (500, 500)
    )


def test_a_clip_of_a_known_video_matches_and_padding_does_not_hide_it() -> None:
    known = [frame(1 << at * 4 | centres[0]) for at in range(3)]
    elsewhere = [frame(flipped(centres[1], [at])) for at in range(20)]
    assert is_match(known + elsewhere, known)
    assert not is_match(known + elsewhere, known, query_percent=80)


def test_eighty_percent_is_enough_and_less_is_not() -> None:
    far = [frame(centre) for centre in centres] + [frame(int("3c" * 32, 16))]
    assert compare(far[:4], far).compared_percent == 80.0
    assert is_match(far[:4], far)
    assert not is_match(far[:3], far)


def test_the_distance_counts_up_to_and_with_the_threshold() -> None:
    assert is_match([frame(0)], [frame((1 << 31) - 1)])
    assert not is_match([frame(0)], [frame((1 << 32) - 1)])


def test_what_has_no_good_frame_matches_nothing_even_at_zero_percent() -> None:
    dark = [frame(0, quality=49)]
    for query, compared in ((dark, dark), (dark, [frame(0)]), ([frame(0)], dark), ([], [])):
        assert not is_match(query, compared, compared_percent=0, query_percent=0)


def test_a_bad_frame_does_not_stand_for_a_good_one_with_the_same_hash() -> None:
    assert is_match([frame(7, quality=10), frame(7, quality=90)], [frame(7)])


@given(st.lists(frames, max_size=20), st.integers(0, 40))
@settings(max_examples=60)
def test_pruning_leaves_for_every_frame_a_near_one_that_counts_as_much(
    video: list[VideoFrame], within: int
) -> None:
    kept = pruned(video, within)
    assert kept[:1] == video[:1]
    for one in video:
        near = [other for other in kept if distance(one, other) <= within]
        assert any(other.quality >= 50 for other in near) or (near and one.quality < 50)


def test_pruning_keeps_the_published_example() -> None:
    first = frame(0)
    video = [first, frame(0, number=1), frame(3, number=2), frame(7, number=3), frame(7, number=4)]
    assert pruned(video, 2) == [first, video[3]]


written = st.builds(
    VideoFrame,
    st.integers(0, 10**9),
    st.integers(0, 100),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 10**8).map(lambda ms: ms / 1000),
)


@given(st.lists(written, max_size=10))
@settings(max_examples=40)
def test_what_is_written_is_read_again(video: list[VideoFrame]) -> None:
    assert read_frames(write_frames(video)) == video


def test_a_file_from_windows_and_one_without_seconds_are_read() -> None:
    assert read_frames(f"\r\n0, 100, {'AB' * 32}, 1.5\r\n30,7,{'cd' * 32}\r\n") == [
        VideoFrame(0, 100, b"\xab" * 32, 1.5),
        VideoFrame(30, 7, b"\xcd" * 32, 0.0),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "0,100",
        f"0,100,{'a' * 63},0.0",
        f"0,100,{'g' * 64},0.0",
        f"0,101,{'a' * 64},0.0",
        f"-1,100,{'a' * 64},0.0",
        f"0,-1,{'a' * 64},0.0",
        f"0,100,{'a' * 64},nan",
        f"0,100,{'a' * 64},-0.5",
        f"0,100,{'a' * 64},1e999",
        f"0,100,{'a' * 64},soon",
        f"٣,100,{'a' * 64},0.0",
        f"0,100,{'a' * 64},0.0,more",
        f"{'9' * 5000},100,{'a' * 64},0.0",
    ],
)
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(BadFrameList, match="line 2"):
        read_frames(f"0,100,{'a' * 64},0.000\n{line}\n")
