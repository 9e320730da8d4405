"""The vectors that ThreatExchange publishes for vPDQ, where ../shared is present."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalmatch import ClipIndex, VideoFrame, video_signals
from signalmatch.signals.vpdq import compare, distinct_hashes, read_frames, write_frames

pytestmark = pytest.mark.shared

HASH_FILES = (
    "chair-19-sd-bar",
    "chair-20-sd-bar",
    "doorknob-hd-no-bar",
    "doorknob-hd-no-bar-128x128",
    "pattern-sd-grey-bar",
    "pattern-sd-with-small-logo-bar",
    "test-padded-dimensions",
)


def published(shared: Path, name: str) -> list[VideoFrame]:
    return read_frames((shared / "vectors" / "pdq" / "vpdq" / f"{name}.txt").read_text())


def bits(a: VideoFrame, b: VideoFrame) -> int:
    return (int.from_bytes(a.pdq) ^ int.from_bytes(b.pdq)).bit_count()


@pytest.mark.parametrize("name", HASH_FILES)
def test_a_published_hash_file_is_read_and_written_to_the_byte(shared: Path, name: str) -> None:
    text = (shared / "vectors" / "pdq" / "vpdq" / f"{name}.txt").read_text()
    assert write_frames(read_frames(text)) == text


@pytest.mark.parametrize("name", ["doorknob-hd-no-bar", "test-padded-dimensions"])
def test_every_frame_of_a_published_video_has_the_published_hash(shared: Path, name: str) -> None:
    """Published: within 10 bits at quality 80, and in its regression test within 31 at quality 50. Here 4 and 12."""
    pytest.importorskip("av", reason="PyAV is not installed here: it is the extra `video`")
    path = shared / "vectors" / "pdq" / "vpdq" / f"{name}.mp4"
    ours, theirs = video_signals(path, "every").frames, published(shared, name)
    assert [f.number for f in ours] == [f.number for f in theirs]
    for a, b in zip(ours, theirs, strict=True):
        assert abs(a.timestamp - b.timestamp) < 0.001
        assert abs(a.quality - b.quality) <= 1
        if b.quality >= 50:
            assert bits(a, b) <= (4 if b.quality >= 80 else 12), b.number
    # One frame of published quality 50 is 49 here, so doesn't count.
    assert compare(ours, theirs).compared_percent > 98
    one_a_second = video_signals(path, in_process=True)
    assert list(one_a_second.frames) == [f for f in ours if f.number % 30 == 0]


def test_published_videos_match_their_like_and_nothing_else(shared: Path) -> None:
    videos = {name: published(shared, name) for name in HASH_FILES}
    index = ClipIndex.build(range(len(HASH_FILES)), [distinct_hashes(video) for video in videos.values()])
    for name, video in videos.items():
        found = {HASH_FILES[hit.clip]: hit for hit in index.search(distinct_hashes(video))}
        assert {other for other, hit in found.items() if hit.is_match()} == {
            other for other in HASH_FILES if other.split("-")[0] == name.split("-")[0]
        }
        for other, hit in found.items():
            plain = compare(video, videos[other])
            assert (plain.query_percent, plain.compared_percent) == (hit.query_percent, hit.compared_percent)
