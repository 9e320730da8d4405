"""Frames of videos, hashed on the device in a real Chromium, against signalmatch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.browser import chromium
from tests.rooms.portal.hashing_site import serving
from tests.rooms.portal.test_hashing import bits, hashed

from signalmatch.signals.vpdq import VideoFrame, compare, video_signals

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module", params=["plane", "picture"])
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """With the luma plane that WebCodecs hands out, and with the picture alone, as over plain http."""
    with serving({}, "") as site:
        page = chromium.new_page()
        if request.param == "picture":
            page.add_init_script("delete globalThis.VideoFrame")
        page.goto(f"{site.address}/bare")
        yield page
        page.close()


@pytest.fixture(scope="module")
def videos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    pytest.importorskip("av", reason="PyAV is absent: no video can be made here")
    from tests.signalmatch.videos import a_video

    folder = tmp_path_factory.mktemp("videos")
    made = {
        "plain.mp4": a_video(3),
        "turned.mp4": a_video(2, rotation=90),
        "turned-on.mp4": a_video(2, rotation=270, scene=3),
        "full.mp4": a_video(2, full_range=True, scene=2),
        "quick.mov": a_video(2, container="mov", rate=25),
        "free.webm": a_video(2, codec="libvpx-vp9", container="webm", scene=4),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in made]


def as_frames(told: dict[str, Any]) -> list[VideoFrame]:
    return [
        VideoFrame(number, quality, bytes.fromhex(pdq), seconds)
        for number, quality, pdq, seconds in told["frames"]
    ]


@pytest.mark.parametrize("worker", [True, False])
def test_frames_are_those_of_signalmatch(page: Page, videos: list[Path], worker: bool) -> None:
    plane = page.evaluate("'VideoFrame' in globalThis")
    for file, told in zip(videos, hashed(page, videos, worker=worker), strict=True):
        assert (told["kind"], told["why"], told["pdq"], told["quality"]) == ("video", "", "", None)
        assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        ours = video_signals(file).frames
        if file.suffix != ".webm":  # which says nothing of its frames' numbers
            assert [frame[0] for frame in told["frames"]] == [frame.number for frame in ours], file
        for seen, frame in zip(told["frames"], ours, strict=True):
            assert seen[3] == pytest.approx(frame.timestamp, abs=0.001)
            far = bits(seen[2], frame.pdq.hex())
            assert far <= (2 if plane else 10), (file, frame.number)
            assert abs(seen[1] - frame.quality) <= 2
        assert compare(as_frames(told), ours).is_match()


@pytest.mark.shared
def test_published_videos_are_recognised(page: Page, shared: Path) -> None:
    plane = page.evaluate("'VideoFrame' in globalThis")
    files = sorted((shared / "vectors" / "pdq" / "vpdq").glob("*.mp4"))
    for file, told in zip(files, hashed(page, files), strict=True):
        ours = video_signals(file).frames
        for seen, frame in zip(told["frames"], ours, strict=True):
            if frame.quality >= 50:
                assert bits(seen[2], frame.pdq.hex()) <= (2 if plane else 10), (file, frame.number)


def wanted(page: Page, duration: float, rate: float, count: int, most: int) -> list[list[float]]:
    found: list[list[float]] = page.evaluate(
        """async ([duration, rate, count, most]) => {
          const { framesWanted } = await import('/door/portal/hashing/video.js')
          return framesWanted(duration, { rate, count }, most)
        }""",
        [duration, rate, count, most],
    )
    return found


def test_a_long_video_is_covered_to_its_end_by_frames_that_a_full_list_has(page: Page) -> None:
    full = {number for number, _, _ in wanted(page, 4_000, 29.97, 0, 100_000)}
    some = wanted(page, 4_000, 29.97, 0, 300)
    assert 200 < len(some) <= 300
    assert {number for number, _, _ in some} <= full
    assert some[-1][1] > 3_950
    assert [number for number, _, _ in wanted(page, 3, 30, 0, 300)] == [0, 30, 60]


def test_sound_that_outlasts_the_picture_adds_no_frame(page: Page) -> None:
    assert [number for number, _, _ in wanted(page, 4.3, 30, 120, 300)] == [0, 30, 60, 90]
    assert wanted(page, 4, 30, 120, 0) == []
