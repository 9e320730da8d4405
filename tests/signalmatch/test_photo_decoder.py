"""The decoder process: it answers as the library does, can be killed, and keeps what it has to itself."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.signalmatch.pictures import a_heic, a_jpeg, clouds, in_every_format, written

from signalmatch import Decoder, Limits, PhotoSignals, photo_signals
from signalmatch.errors import DecoderBusy, DecoderClosed, DecoderDied
from signalmatch.media.worker import Worker
from signalmatch.signals import decoder as decoders
from signalmatch.signals.photo import PerceptualSignals

EVERY = in_every_format()


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(seconds=60) as made:
        yield made


@contextmanager
def asleep(pid: int) -> Iterator[None]:
    """The child makes no progress, as if a codec looped. It is killed all the same."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def gone(pid: int) -> bool:
    try:
        # One that is dead and that nobody asked after is gone as well: it does nothing more.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def eventually(true: object, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        if time.monotonic() > end:
            return False
        threading.Event().wait(0.02)
    return True


@pytest.mark.parametrize("name", EVERY)
def test_it_says_what_the_library_says(decoder: Decoder, name: str) -> None:
    assert decoder.photo_signals(EVERY[name]) == photo_signals(EVERY[name])


def test_heic_too_though_the_child_may_open_no_file(decoder: Decoder) -> None:
    found = decoder.photo_signals(a_heic())
    assert found == photo_signals(a_heic())
    assert (found.format, found.why_no_pdq) == ("HEIC", None)


def test_a_plug_in_that_pillow_loads_late_is_there_though_the_child_may_open_no_file(
    decoder: Decoder,
) -> None:
    """Several pictures in one JPEG are read by another plug-in; for a name that is none Pillow would load them all."""
    file = io.BytesIO()
    with Image.fromarray(clouds(90, 120, 1)) as one, Image.fromarray(clouds(90, 120, 2)) as two:
        one.save(file, "MPO", save_all=True, append_images=[two])
    several = file.getvalue()
    assert photo_signals(several).why_no_pdq is None
    for data in (several, several[: len(several) // 4], b"\xff\xd8\xff" + bytes(200)):
        there, here = decoder.photo_signals(data), photo_signals(data)
        assert (there.pdq, there.why_no_pdq) == (here.pdq, here.why_no_pdq)
        for detail in (there.detail or "", here.detail or ""):
            assert "Errno" not in detail
            assert "MPO" not in detail


def test_grey_limits_and_refusals_are_the_library_s_too(decoder: Decoder) -> None:
    data = a_jpeg()
    assert decoder.photo_signals(data, grey=True) == photo_signals(data, grey=True)
    for bad in (b"", b"nothing", data[:3000], bytearray(data)[:100]):
        assert decoder.photo_signals(bad) == photo_signals(bad)
    assert decoder.photo_signals(memoryview(data)) == photo_signals(data)
    with Decoder(limits=Limits(size=1000)) as small:
        assert small.photo_signals(data).why_no_pdq == "PictureTooLarge"
        assert small.pids == []


def test_a_photo_that_takes_too_long_is_ended_and_the_next_one_served(decoder: Decoder) -> None:
    decoder.start()
    (before,) = decoder.pids
    began = time.monotonic()
    with asleep(before):
        found = decoder.photo_signals(a_jpeg(), seconds=0.05)
    assert (found.why_no_pdq, found.pdq) == ("DecodingTookTooLong", None)
    assert len(found.sha256) == 64
    assert time.monotonic() - began < 20
    assert gone(before)
    assert decoder.photo_signals(a_jpeg()).pdq is not None


def test_a_photo_that_needs_too_much_memory_is_refused_and_the_next_one_served() -> None:
    large = written(Image.new("L", (11_000, 11_000)), "PNG", compress_level=1)
    with Decoder(memory=120 << 20, seconds=60) as decoder:
        assert decoder.photo_signals(large).why_no_pdq in {"PictureTooLarge", "DecoderDied"}
        assert decoder.photo_signals(a_jpeg()).pdq is not None


def test_a_decoder_that_dies_is_replaced(decoder: Decoder) -> None:
    decoder.start()
    (pid,) = decoder.pids
    told: list[PhotoSignals] = []
    asking = threading.Thread(target=lambda: told.append(decoder.photo_signals(a_jpeg(), seconds=60)))
    with asleep(pid):
        asking.start()
        assert eventually(lambda: decoder._workers._waiting == 1)
        os.kill(pid, signal.SIGKILL)
        asking.join(60)
    assert told[0].why_no_pdq == "DecoderDied"
    assert told[0].md5 == photo_signals(a_jpeg()).md5
    assert decoder.photo_signals(a_jpeg()).pdq is not None
    assert pid not in decoder.pids


def test_many_threads_share_few_processes(decoder: Decoder) -> None:
    files = [a_jpeg(seed=seed) for seed in range(4)]
    expected = [photo_signals(data) for data in files]
    wrong: list[int] = []

    def ask(number: int) -> None:
        wrong.extend(
            number for _ in range(3) if decoder.photo_signals(files[number % 4]) != expected[number % 4]
        )

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert len(decoder.pids) == 1


def test_the_queue_is_bounded(decoder: Decoder) -> None:
    decoder.start()
    (pid,) = decoder.pids
    decoder._workers._most_waiting = 0
    asking = threading.Thread(target=lambda: decoder.photo_signals(a_jpeg(), seconds=60))
    with asleep(pid):
        asking.start()
        assert eventually(lambda: decoder._workers._waiting == 1)
        with pytest.raises(DecoderBusy):
            decoder.photo_signals(a_jpeg())
    asking.join(60)
    decoder._workers._most_waiting = 32
    assert decoder.photo_signals(a_jpeg()).pdq is not None


def test_a_closed_decoder_says_so_and_leaves_no_process() -> None:
    decoder = Decoder()
    decoder.start()
    (pid,) = decoder.pids
    decoder.close()
    assert gone(pid)
    with pytest.raises(DecoderClosed):
        decoder.photo_signals(a_jpeg())
    decoder.close()


def test_the_child_opens_no_file_writes_none_and_inherits_nothing(decoder: Decoder) -> None:
    with Path(__file__).open() as held:
        os.set_inheritable(held.fileno(), True)
        os.environ["A_SECRET"] = "of the parent"
        try:
            with Decoder() as fresh:
                fresh.start()
                (pid,) = fresh.pids
                limits = Path(f"/proc/{pid}/limits").read_text()
                assert len(list(Path(f"/proc/{pid}/fd").iterdir())) == 3
                assert b"A_SECRET" not in Path(f"/proc/{pid}/environ").read_bytes()
                assert os.getsid(pid) != os.getsid(0)
        finally:
            del os.environ["A_SECRET"]
    allowed = {line[:26].strip(): line[26:].split()[:2] for line in limits.splitlines()[1:]}
    assert allowed["Max file size"] == allowed["Max core file size"] == ["0", "0"]
    assert allowed["Max open files"] == ["0", "0"]
    assert allowed["Max cpu time"][1] != "unlimited"
    assert allowed["Max address space"][0] != "unlimited"


def test_a_child_that_was_taken_over_opens_nothing_and_dies_with_all_it_started() -> None:
    worker = Worker("tests.signalmatch.taken_over", {"forks": os.geteuid() == 0})
    told = json.loads(worker.ask(b"", 60))
    others = told.pop("grandchild", None)
    worker.kill()
    assert told == {
        "open": "OSError",
        "socket": "OSError",
        "pipe": "OSError",
        "memory file": "OSError",
        "copy": "OSError",
        "fork": "BlockingIOError",
        "fill": "MemoryError",
    }
    assert gone(worker.pid)
    if others:
        assert eventually(lambda: gone(others))


def test_a_child_that_died_leaves_nothing_it_started(decoder: Decoder) -> None:
    worker = Worker("tests.signalmatch.taken_over", {"forks": os.geteuid() == 0})
    others = json.loads(worker.ask(b"", 60)).get("grandchild")
    os.kill(worker.pid, signal.SIGKILL)
    assert eventually(lambda: not worker.alive)
    worker.kill()
    if others:
        assert eventually(lambda: gone(others))


def test_it_dies_with_its_parent_and_not_of_ctrl_c() -> None:
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from signalmatch import Decoder;"
        "d = Decoder(); d.start(); print(d.pids[0], flush=True); sys.stdin.read(1); import os; os._exit(0)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(sys.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, signal.SIGINT)
        assert not eventually(lambda: gone(pid), 0.2)
        parent.communicate(b"x", 30)
    assert eventually(lambda: gone(pid))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b'{"pdq": "00"}',
        b'{"pdq": "%s", "quality": 101}' % (b"0" * 64),
        b'{"pdq": "%s", "quality": true}' % (b"0" * 64),
        b'{"why_no_pdq": "SomethingElse", "detail": "x"}',
        b'{"why_no_pdq": "UndecodablePicture", "width": -1}',
        b'{"why_no_pdq": "UndecodablePicture", "detail": {}}',
        b'{"unheard": 1}',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"pdq": ' + b"[" * 60_000,
        b'{"pdq": %s, "quality": 1}' % (b"9" * 5_000),
        b'{"why_no_pdq": "__class__"}',
        b'{"why_no_pdq": "VideoError"}',
        b'{"why_no_pdq": ["PictureError"]}',
        b'{"why_no_pdq": "UndecodablePicture", "detail": "\\ud800"}',
        b'{"why_no_pdq": "UndecodablePicture", "width": 1e999}',
    ],
)
def test_a_child_that_was_taken_over_is_not_believed(answer: bytes) -> None:
    with pytest.raises(DecoderDied):
        decoders._read(answer)


@given(answer=st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["pdq", "quality", "width", "format", "why_no_pdq", "x"]), inner),
    max_leaves=8,
).map(lambda told: json.dumps(told).encode()))  # fmt: skip
@settings(max_examples=60)
def test_whatever_it_answers_is_signals_or_a_named_error(answer: bytes) -> None:
    with suppress(DecoderDied):
        assert isinstance(decoders._read(answer), PerceptualSignals)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(EVERY)), draw=st.data())
def test_hostile_files_get_the_same_answer_there_and_here(
    decoder: Decoder, name: str, draw: st.DataObject
) -> None:
    data = bytearray(EVERY[name])
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    limits = Limits(pixels=4_000_000)
    here = photo_signals(bytes(data), limits=limits)
    if here.why_no_pdq not in {"PictureTooLarge", "DecodingTookTooLong"}:
        there = decoder.photo_signals(bytes(data))
        assert (there.pdq, there.quality, there.why_no_pdq) == (here.pdq, here.quality, here.why_no_pdq)


def test_a_spent_child_is_replaced_before_it_is_needed() -> None:
    with Decoder() as decoder:
        decoder._workers._renewed_after = 2
        small = written(Image.fromarray(clouds(20, 20)), "PNG")
        decoder.photo_signals(small)
        (first,) = decoder.pids
        decoder.photo_signals(small)
        assert decoder.pids != [first]
        assert decoder.photo_signals(small).pdq is not None
