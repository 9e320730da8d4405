"""Uploaded photos get their PDQ in memory, within bounds; nothing about one keeps its upload from being taken."""

from __future__ import annotations

import hashlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.photos import decoder_ready, grain, noise

from amaan.evidence.domain import DiscardingSink, MediaAborted, NoPdq, ReceivedFile, holding
from amaan.evidence.domain.holding import HEAD, Budget, HeldPhoto
from amaan.evidence.services import photos
from amaan.evidence.services.photos import SeenSink
from signalmatch import photo_signals
from signalmatch.media.limits import Limits
from signalmatch.signals.decoder import Decoder

PHOTO = noise()


@pytest.fixture(scope="module", autouse=True)
def _started() -> None:
    decoder_ready()


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> Budget:
    fresh = Budget(8 << 20)
    monkeypatch.setattr(photos, "_budget", fresh)
    return fresh


def given_to(sink: SeenSink, data: bytes, piece: int = 4000) -> ReceivedFile:
    for start in range(0, len(data), piece):
        sink.write(data[start : start + piece])
    return sink.finish()


def received(data: bytes) -> ReceivedFile:
    return given_to(SeenSink(DiscardingSink()), data)


def other_decoder(monkeypatch: pytest.MonkeyPatch, made: Decoder) -> Decoder:
    made.start()
    monkeypatch.setattr(photos, "decoder", lambda: made)
    return made


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"])
def test_a_photo_gets_the_hash_that_the_library_gives(budget: Budget, kind: str) -> None:
    photo = noise(kind=kind)
    found, said = received(photo), photo_signals(photo)
    assert said.pdq is not None
    assert (found.pdq, found.pdq_quality, found.no_pdq) == (said.pdq.hex(), said.quality, None)
    assert (found.size, found.sha256) == (len(photo), hashlib.sha256(photo).hexdigest())
    assert budget.left == 8 << 20


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"not a picture" * 20, NoPdq.NO_PHOTO, id="text"),
        pytest.param(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(500), NoPdq.NO_PHOTO, id="video"),
        pytest.param(b"x", NoPdq.NO_PHOTO, id="shorter than a head"),
        pytest.param(PHOTO[: len(PHOTO) // 2], NoPdq.UNDECODABLE, id="cut"),
        pytest.param(PHOTO[:40] + bytes(500), NoPdq.UNDECODABLE, id="broken"),
        pytest.param(b"\xff\xd8\xff", NoPdq.UNDECODABLE, id="a beginning alone"),
        pytest.param(grain(3), NoPdq.TOO_SMALL, id="three pixels"),
    ],
)
def test_without_a_hash_it_says_why(budget: Budget, data: bytes, why: NoPdq) -> None:
    found = received(data)
    assert (found.pdq, found.pdq_quality, found.no_pdq) == (None, None, why)
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert budget.left == 8 << 20


def test_more_bytes_than_are_held_for_one(budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "MOST_HELD", 10_000)
    photo = grain(80)
    sink = SeenSink(DiscardingSink())
    for start in range(0, len(photo), 4000):
        sink.write(photo[start : start + 4000])
        assert budget.left >= (8 << 20) - 10_000
    assert sink.finish().no_pdq is NoPdq.TOO_LARGE


def test_what_finds_no_room_goes_without(budget: Budget) -> None:
    photo = grain(1200)  # 4.3 MB: one fits, two don't
    first, second = SeenSink(DiscardingSink()), SeenSink(DiscardingSink())
    for start in range(0, len(photo), 1 << 16):
        first.write(photo[start : start + (1 << 16)])
    assert given_to(second, photo).no_pdq is NoPdq.NO_ROOM
    assert first.finish().pdq is not None
    assert received(photo).pdq is not None, "there is room again"


def test_an_upload_that_is_given_up_gives_its_memory_back(budget: Budget) -> None:
    sink = SeenSink(DiscardingSink())
    sink.write(PHOTO)
    assert budget.left < 8 << 20
    sink.abort()
    assert budget.left == 8 << 20
    with pytest.raises(MediaAborted):
        sink.finish()


def test_finishing_again_repeats_the_answer(budget: Budget) -> None:
    sink = SeenSink(DiscardingSink())
    first = given_to(sink, PHOTO)
    assert sink.finish() is first
    sink.abort()
    assert budget.left == 8 << 20


@given(
    files=st.lists(st.tuples(st.binary(max_size=300), st.integers(1, 90), st.booleans()), max_size=6),
    most=st.integers(0, 500),
)
def test_never_more_is_held_than_there_is_room_for(files: list[tuple[bytes, int, bool]], most: int) -> None:
    budget = Budget(most)
    held = []
    for data, piece, is_photo in files:
        photo = HeldPhoto(budget, lambda head, is_photo=is_photo: is_photo)
        for start in range(0, len(data), piece):
            photo.add(data[start : start + piece])
        held.append((photo, data, is_photo))
        assert budget.left >= 0
    for photo, data, is_photo in held:
        whole = photo.whole()
        assert (photo.why_not is None) == (whole is not None)
        if whole is not None:
            assert is_photo
            assert bytes(whole) == data
        elif not is_photo and len(data) < HEAD <= most:
            assert photo.why_not in {NoPdq.NO_PHOTO, NoPdq.NO_ROOM}
    for photo, _, _ in held:
        photo.release()
        photo.release()
    assert budget.left == most


def test_threads_share_one_budget() -> None:
    budget = Budget(1000)
    taken: list[int] = []

    def work() -> None:
        for _ in range(200):
            if budget.take(7):
                taken.append(7)
                assert budget.left >= 0

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sum(taken) + budget.left == 1000
    assert budget.left < 7


# -- hostile photos kill their decoder, and nothing else --


@pytest.fixture
def small_decoders(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Decoder]]:
    made: list[Decoder] = []
    yield made
    for one in made:
        one.close()


def test_one_that_takes_too_long_ends_with_its_decoder_alone(
    budget: Budget, monkeypatch: pytest.MonkeyPatch, small_decoders: list[Decoder]
) -> None:
    made = other_decoder(monkeypatch, Decoder(seconds=0.02))
    small_decoders.append(made)
    (before,) = made.pids
    os.kill(before, signal.SIGSTOP)  # a codec that never ends
    found = received(PHOTO)
    assert found.no_pdq is NoPdq.TOO_SLOW
    assert found.sha256 == hashlib.sha256(PHOTO).hexdigest()
    made.start()
    assert made.pids != [before]
    assert budget.left == 8 << 20


def test_one_that_kills_its_decoder_leaves_the_next_one_a_new_decoder(
    budget: Budget, monkeypatch: pytest.MonkeyPatch, small_decoders: list[Decoder]
) -> None:
    made = other_decoder(monkeypatch, Decoder(seconds=20))
    small_decoders.append(made)
    (pid,) = made.pids
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
    assert received(PHOTO).no_pdq is NoPdq.DIED
    assert received(PHOTO).pdq is not None


def test_one_that_wants_more_memory_or_pixels_than_it_may_have(
    budget: Budget, monkeypatch: pytest.MonkeyPatch, small_decoders: list[Decoder]
) -> None:
    made = other_decoder(monkeypatch, Decoder(seconds=20, memory=4 << 20))
    small_decoders.append(made)
    large = noise(3000, kind="PNG")
    assert received(large).no_pdq in {NoPdq.TOO_LARGE, NoPdq.DIED, NoPdq.UNDECODABLE}
    few = other_decoder(monkeypatch, Decoder(seconds=20, limits=Limits(pixels=100 * 100)))
    small_decoders.append(few)
    assert received(large).no_pdq is NoPdq.TOO_LARGE
    assert received(noise(80)).pdq is not None


def test_where_no_decoder_is_free_or_can_be_started(budget: Budget, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Decoder()
    closed.close()
    monkeypatch.setattr(photos, "decoder", lambda: closed)
    assert received(PHOTO).no_pdq is NoPdq.BUSY


def test_the_decoder_can_open_no_file_and_write_none(budget: Budget) -> None:
    before = _written_by_decoder()
    assert received(grain(600)).pdq is not None
    (pid,) = photos.decoder().pids
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert "Max file size             0                    0" in limits
    assert "Max open files            0                    0" in limits
    assert "Max core file size        0                    0" in limits
    opened = {str(link.readlink()).partition(":")[0] for link in Path(f"/proc/{pid}/fd").iterdir()}
    assert opened <= {"pipe", "/dev/null"}
    assert _written_by_decoder() == before


def _written_by_decoder() -> int:
    """Bytes that the decoder sent to any disk."""
    (pid,) = photos.decoder().pids
    told = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(told["write_bytes"])
