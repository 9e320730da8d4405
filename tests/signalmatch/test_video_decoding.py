"""Videos to frames: which frames, what of their pixels, and what hostile files can't do. Needs PyAV (the extra)."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.signalmatch.videos import a_video, picture

from signalmatch import video_signals
from signalmatch.errors import (
    NoVideoStream,
    SignalmatchError,
    UndecodableVideo,
    VideoDecoderDied,
    VideoSupportMissing,
    VideoTookTooLong,
    VideoTooLarge,
)
from signalmatch.media import video, video_process
from signalmatch.media.video import (
    Ending,
    RawFrame,
    StreamFacts,
    VideoLimits,
    Wanted,
    looks_like_video,
    open_video,
)
from signalmatch.signals.pdq import pdq_of_pixels
from signalmatch.signals.vpdq import compare, video_frames

pytest.importorskip("av", reason="PyAV is not installed here: it is the extra `video`")


@pytest.fixture(scope="module")
def clip() -> bytes:
    return a_video()


def events(data: bytes, **wanted: object) -> list[video.Event]:
    return list(open_video(data, Wanted(**wanted), in_process=True))  # type: ignore[arg-type]


def raw_frames(data: bytes, **wanted: object) -> list[RawFrame]:
    return [event for event in events(data, **wanted) if isinstance(event, RawFrame)]


def bits(a: bytes, b: bytes) -> int:
    return (int.from_bytes(a) ^ int.from_bytes(b)).bit_count()


def test_the_process_gives_what_decoding_here_gives_from_bytes_from_a_path_and_from_a_file(
    clip: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip)
    here = video_signals(clip, in_process=True)
    assert [f.number for f in here.frames] == [0, 10, 20]
    assert [f.timestamp for f in here.frames] == [0.0, 1.0, 2.0]
    assert (here.facts.codec, here.facts.width, here.facts.height, here.problem) == ("h264", 160, 120, "")
    assert video_signals(path) == video_signals(clip) == video_signals(io.BytesIO(clip)) == here


def test_without_files_of_memory_a_pipe_serves(clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create")
    assert len(video_signals(clip, "keyframes", 1).frames) == 3


def test_one_frame_a_second_is_of_all_frames_those_that_are_due_whatever_is_skipped(clip: bytes) -> None:
    every = raw_frames(clip, mode="every")
    assert [f.number for f in every] == list(range(30))
    assert raw_frames(clip) == raw_frames(clip, skip_unneeded=False) == [every[0], every[10], every[20]]
    assert raw_frames(clip, seconds_per_hash=0.25) == every[::2]
    assert raw_frames(clip, seconds_per_hash=0) == every
    skipped, plain = events(clip)[-1], events(clip, skip_unneeded=False)[-1]
    assert isinstance(skipped, Ending)
    assert isinstance(plain, Ending)
    assert skipped.decoded < plain.decoded == 30


def test_key_frames_are_the_same_frames_and_nothing_else_is_decoded(clip: bytes) -> None:
    every = raw_frames(clip, mode="every")
    *_, ending = events(clip, mode="keyframes")
    assert raw_frames(clip, mode="keyframes") == [every[0], every[10], every[20]]
    assert isinstance(ending, Ending)
    assert ending.decoded == 3


@pytest.mark.parametrize("mode", ["sometimes", ""])
def test_an_unknown_mode_is_refused(clip: bytes, mode: str) -> None:
    with pytest.raises(ValueError, match="mode"):
        video_signals(clip, mode)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1.0, float("nan"), float("inf")])
def test_an_interval_is_a_number_from_zero_on(clip: bytes, seconds: float) -> None:
    with pytest.raises(ValueError, match="seconds_per_hash"):
        video_signals(clip, seconds_per_hash=seconds)


LOSSLESS = {"codec": "ffv1", "container": "matroska", "seconds": 0.2}


@pytest.mark.parametrize(
    ("width", "height", "pixels", "full_range"),
    [
        (66, 50, "yuv420p", False),
        (67, 51, "yuv420p", True),
        (67, 51, "gray", True),
        (67, 51, "yuv444p10le", False),
        (66, 50, "gray16le", True),
        (67, 51, "bgr0", True),
    ],
)
def test_pixels_are_the_pictures_whatever_the_padding_the_depth_and_the_range(
    width: int, height: int, pixels: str, full_range: bool
) -> None:
    frame = raw_frames(a_video(width=width, height=height, pixels=pixels, full_range=full_range, **LOSSLESS))[
        0
    ]
    assert (frame.width, frame.height, frame.full_range) == (width, height, full_range)
    rgb = picture(0.0, width, height).astype(float)
    luma = rgb @ np.array([0.299, 0.587, 0.114])
    got = np.frombuffer(frame.pixels, np.uint8)
    if frame.channels == 3:
        assert pixels == "bgr0"
        assert np.array_equal(got.reshape(height, width, 3), rgb)
    else:
        shown = got.reshape(height, width) if full_range else (got.reshape(height, width) - 16.0) * 255 / 219
        assert abs(shown - luma).max() < 3


@pytest.mark.parametrize("full_range", [False, True])
def test_hash_and_quality_are_those_of_the_picture_in_either_range(full_range: bool) -> None:
    (frame,) = video_frames(
        a_video(width=128, height=96, full_range=full_range, **LOSSLESS), "seconds", in_process=True
    )
    hash_bytes, quality = pdq_of_pixels(picture(0.0, 128, 96))
    assert bits(frame.pdq, hash_bytes) <= 10
    assert abs(frame.quality - quality) <= 1


def test_a_turned_video_is_hashed_as_coded_and_upright_on_request() -> None:
    plain = a_video(0.2)
    turned = a_video(0.2, rotation=90)
    as_coded, upright = (video_signals(turned, in_process=True, upright=flag) for flag in (False, True))
    assert as_coded.rotation == upright.rotation == 90
    assert as_coded.frames == video_signals(plain, in_process=True).frames
    seen = np.ascontiguousarray(np.rot90(picture(0.0, 160, 120), 1))
    assert bits(upright.frames[0].pdq, pdq_of_pixels(seen)[0]) <= 10


def test_a_frame_too_small_for_pdq_has_quality_zero() -> None:
    (frame,) = video_signals(a_video(width=4, height=4, **LOSSLESS), in_process=True).frames
    assert (frame.pdq, frame.quality) == (bytes(32), 0)


def test_a_copy_at_another_size_rate_and_codec_is_the_same_video() -> None:
    known = video_signals(a_video(4, rate=10), in_process=True).frames
    copy = video_signals(
        a_video(4, width=320, height=240, rate=15, codec="mpeg4", container="avi", options={"qscale": "4"}),
        in_process=True,
    ).frames
    other = video_signals(a_video(4, scene=1), in_process=True).frames
    assert compare(copy, known).is_match()
    assert compare(video_signals(a_video(4), "keyframes", 1, in_process=True).frames, known).is_match()
    assert not compare(other, known).is_match()


def test_a_rate_that_is_a_lie_does_not_hide_frames() -> None:
    """The published rule alone would hash one frame of a file that claims 90,000 frames a second."""
    raw = a_video(2, rate=30, container="h264")  # no timestamps: frames can only be counted
    import av

    out = io.BytesIO()
    with av.open(io.BytesIO(raw)) as source, av.open(out, "w", format="mp4") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for at, packet in enumerate(source.demux(video=0)):
            if packet.size:
                packet.pts = packet.dts = at
                packet.time_base, packet.stream = stream.time_base or packet.time_base, stream
                target.mux(packet)
    facts, *rest = events(out.getvalue(), seconds_per_hash=0.1)
    assert isinstance(facts, StreamFacts)
    assert facts.frame_rate > 1000
    assert len([event for event in rest if isinstance(event, RawFrame)]) >= 2


# ── hostile files ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_breaks_off_gives_what_came_before_and_says_so() -> None:
    whole = a_video(8, container="matroska", options={"crf": "30"})
    told = video_signals(whole[: len(whole) // 2], in_process=True)
    assert 2 <= len(told.frames) < 8
    assert told.problem
    assert told.frames == video_signals(whole, in_process=True).frames[: len(told.frames)]


def test_a_file_without_its_index_is_named(clip: bytes) -> None:
    with pytest.raises(UndecodableVideo):
        video_signals(clip[: len(clip) // 2])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nothing of the kind",
        bytes(5000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><BaseURL>file:///etc/</BaseURL></MPD>",
    ],
)
def test_what_is_no_video_and_what_names_other_files_is_refused(data: bytes) -> None:
    with pytest.raises(UndecodableVideo):
        video_signals(data, in_process=True)


def test_sound_alone_is_named() -> None:
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="wav") as file:
        stream = file.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        frame.rate = 8000
        file.mux(stream.encode(frame))
    with pytest.raises((NoVideoStream, UndecodableVideo)):
        video_signals(out.getvalue(), in_process=True)


@given(st.data())
@settings(max_examples=40)
def test_broken_bytes_give_frames_or_a_named_error(clip: bytes, data: st.DataObject) -> None:
    broken = bytearray(clip)
    for at in data.draw(st.lists(st.integers(0, len(clip) - 1), min_size=1, max_size=30)):
        broken[at] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(clip)))
    try:
        told = video_signals(bytes(broken[:cut]), "keyframes", in_process=True)
    except SignalmatchError:
        return
    assert told.frames


def test_limits_hold(clip: bytes) -> None:
    with pytest.raises(VideoTooLarge):
        video_signals(clip, limits=VideoLimits(max_pixels=100 * 100), in_process=True)
    with pytest.raises(VideoTooLarge):
        video_signals(clip, limits=VideoLimits(max_bytes=1000))
    with pytest.raises(VideoTooLarge):
        video_signals(io.BytesIO(clip), limits=VideoLimits(max_bytes=1000))
    with pytest.raises(VideoTookTooLong):
        video_signals(clip, limits=VideoLimits(seconds=0.005))
    with pytest.raises(VideoDecoderDied):
        video_signals(clip, limits=VideoLimits(memory=64 << 20))
    few = video_signals(clip, "every", limits=VideoLimits(max_frames=4), in_process=True)
    assert (len(few.frames), "4 frames" in few.problem) == (4, True)


def test_a_decoder_that_is_slow_after_its_first_frame_loses_only_the_rest(
    clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = video._Reader.exactly
    asked = []

    def late(reader: video._Reader, length: int) -> memoryview:
        asked.append(length)
        if len(asked) > 8:
            reader.deadline = 0
        return real(reader, length)

    monkeypatch.setattr(video._Reader, "exactly", late)
    told = video_signals(clip)
    assert (len(told.frames), told.problem) == (2, "the time allowed for this video was over")


@pytest.mark.parametrize(
    "answer",
    [
        b"V" + b"\xff" * 4,
        b"Q" + (2).to_bytes(4, "big") + b"{}",
        b"V" + (2).to_bytes(4, "big") + b"[]",
        b"F" + (2).to_bytes(4, "big") + b"{}",
        video_process.record(b"X", {"kind": "SystemExit", "message": "no error of the library"}),
        video_process.record(
            b"F",
            {"number": 0, "timestamp": 0, "width": 1 << 20, "height": 1 << 20, "channels": 1,
             "full_range": True, "rotation": 0},
        ),
        video_process.record(b"E", {"decoded": "Infinity", "broken": 0, "problem": ""}),
        b"V" + (4000).to_bytes(4, "big") + b"[" * 4000,
        video_process.record(
            b"F",
            {"number": 0, "timestamp": float("nan"), "width": 8, "height": 8, "channels": 1,
             "full_range": True, "rotation": 0},
        ) + bytes(64),
    ],
)  # fmt: skip
def test_a_decoder_under_the_files_command_is_not_believed(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen

    def another(_command: list[str], **settings: object) -> subprocess.Popen[bytes]:
        written = f"import sys; sys.stdout.buffer.write({answer!r})"
        return real([sys.executable, "-I", "-S", "-c", written], **settings)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(video.subprocess, "Popen", another)
    with pytest.raises(SignalmatchError):
        video_signals(b"anything")


def test_whoever_stops_at_the_first_frame_leaves_no_process(
    clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    real = subprocess.Popen

    def watched(*command: object, **settings: object) -> subprocess.Popen[bytes]:
        started.append(real(*command, **settings))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(video.subprocess, "Popen", watched)
    found = video_frames(clip, "every")
    assert next(found).number == 0
    found.close()
    assert [child.returncode is not None for child in started] == [True]


CONFINED = """
import socket
from signalmatch.media.confinement import confine
confine(memory=1 << 30, seconds=5)
__import__("os").close(2)
for name, attempt in (
    ("open", lambda: open("/etc/hosts", "rb")),
    ("connect", lambda: socket.socket()),
    ("start", lambda: __import__("posix").pipe()),
    ("fill", lambda: bytearray(2 << 30)),
):
    try:
        attempt()
    except (OSError, MemoryError, ImportError) as error:
        print(name, type(error).__name__)
    else:
        print(name, "was possible")
"""


def test_the_decoder_can_open_nothing_and_fill_nothing() -> None:
    told = subprocess.run(
        [sys.executable, "-P", "-c", CONFINED],
        env={**video._environment(), "AMAAN": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.splitlines() == ["open OSError", "connect OSError", "start OSError", "fill MemoryError"]
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 3, "the limits are the decoder's own"


def test_the_decoder_learns_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMAAN_SECRET", "key")
    assert "key" not in video._environment().values()


def test_without_pyav_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, clip: bytes) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(VideoSupportMissing, match=r"pip install signalmatch\[video\]"):
        video_signals(clip, in_process=True)


def test_videos_are_known_by_their_first_bytes(clip: bytes) -> None:
    assert looks_like_video(clip[:64])
    for container in ("matroska", "avi", "mpegts", "flv"):
        codec = "mpeg4" if container == "avi" else "libx264"
        assert looks_like_video(a_video(0.2, container=container, codec=codec)[:512]), container
    for photo in (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"\0\0\0\x1cftypavif\0\0\0\0",
        b"\0\0\0\x18ftypheic",
        b"",
        b"x",
    ):
        assert not looks_like_video(photo)


def test_where_every_frame_is_a_key_frame_one_a_second_is_enough() -> None:
    intra = a_video(3, codec="mjpeg", pixels="yuvj420p", container="avi")
    assert [f.number for f in raw_frames(intra, mode="keyframes")] == [0, 10, 20]
    assert len(raw_frames(intra, mode="keyframes", seconds_per_hash=0)) == 30
    assert len(video_signals(a_video(6), "keyframes", in_process=True).frames) == 2
