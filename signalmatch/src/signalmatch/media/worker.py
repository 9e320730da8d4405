"""Processes that can be killed: bytes go in by a pipe, a short answer comes out, nothing touches a disk.

A codec that reads strangers' files may loop, crash or eat all memory. So it runs in a child that has limits of its own
(`signals.photo_process`), is killed when its time is over, and is replaced at once. The child is a fresh interpreter
and no fork: a fork of a threaded process can hang in a lock that nobody holds any more.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from signalmatch.errors import DecoderBusy, DecoderClosed, DecoderDied, DecodingTookTooLong
from signalmatch.media.confinement import code_of, end_group, kill_group

# To the child: bytes to come, seconds it may take, a flag of the caller's. From the child: bytes to come.
REQUEST = struct.Struct("<QdB")
ANSWER = struct.Struct("<I")
READY = b"R"
LONGEST_ANSWER = 64 * 1024
"""A child that was taken over by a hostile file can at worst lie in this many bytes."""
STARTING_SECONDS = 90.0
"""A first start on a new machine compiles the kernels."""

_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from {module} import main; main(json.loads(sys.argv[2]))"
)
# The child is given no secret of its parent's environment: only what loaders and caches need.
_KEPT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "NUMBA_CACHE_DIR",
    "XDG_CACHE_HOME",
    "SYSTEMROOT",
)
_ONE_THREAD = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "MALLOC_ARENA_MAX",
)


class Worker:
    """One child. Not for several threads at once; `Workers` sees to that."""

    def __init__(self, module: str, order: dict[str, Any]) -> None:
        here = str(Path(__file__).parents[2])
        paths = [here, *(path for path in sys.path if path and path != here)]
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-I",
                "-c",
                _START.format(module=module),
                json.dumps(paths),
                json.dumps(order),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**kept, **dict.fromkeys(_ONE_THREAD, "1")},
            cwd="/",
            close_fds=True,
            start_new_session=True,  # a group to end as one; and Ctrl-C is the parent's to answer
        )
        if self._process.stdin is None or self._process.stdout is None:
            raise DecoderClosed("the decoder has no pipes")
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._ready = False
        self.asked = 0

    def wait_until_ready(self, seconds: float = STARTING_SECONDS) -> None:
        """Return when the child has loaded its code. Raises DecoderClosed if it can't."""
        if self._ready:
            return
        try:
            said = self._read(1, time.monotonic() + seconds)
        except (DecoderDied, DecodingTookTooLong) as error:
            self.kill()
            raise DecoderClosed(f"the decoder process does not start: {error}") from error
        if said != READY:
            self.kill()
            raise DecoderClosed("the decoder process does not speak as it should")
        self._ready = True

    def ask(self, data: bytes | bytearray | memoryview, seconds: float, flag: int = 0) -> bytes:
        """The child's answer. Raises DecodingTookTooLong or DecoderDied; then the child is killed."""
        self.wait_until_ready()
        self.asked += 1
        end = time.monotonic() + seconds
        try:
            self._write(REQUEST.pack(len(data), seconds, flag), end)
            self._write(data, end)
            (length,) = ANSWER.unpack(self._read(ANSWER.size, end))
            if length > LONGEST_ANSWER:
                raise DecoderDied("the decoder answered out of all proportion")
            return self._read(length, end)
        except BaseException:
            # Whatever interrupted the talk: what is still in the pipes would be taken for the next answer.
            self.kill()
            raise

    def _write(self, data: bytes | bytearray | memoryview, end: float) -> None:
        view = memoryview(data)
        while view:
            self._wait(self._to, select.POLLOUT, end)
            try:
                view = view[os.write(self._to, view) :]
            except BlockingIOError:
                continue
            except OSError as error:
                raise self._death() from error

    def _read(self, length: int, end: float) -> bytes:
        said = bytearray()
        while len(said) < length:
            self._wait(self._from, select.POLLIN, end)
            try:
                part = os.read(self._from, length - len(said))
            except BlockingIOError:
                continue
            if not part:
                raise self._death()
            said += part
        return bytes(said)

    def _wait(self, pipe: int, what: int, end: float) -> None:
        poll = select.poll()
        poll.register(pipe, what)
        left = end - time.monotonic()
        if left <= 0 or not poll.poll(max(1, int(left * 1000))):
            raise DecodingTookTooLong("the time allowed was over")

    def _death(self) -> DecoderDied | DecodingTookTooLong:
        """Why the child is gone. Its own alarm and processor limit mean the same as our deadline."""
        code = code_of(self._process, 5)
        if code is None:
            return DecoderDied("the decoder closed its pipe")
        if code in (-signal.SIGALRM, -signal.SIGXCPU):
            return DecodingTookTooLong("the time allowed was over")
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"exit code {code}"
        return DecoderDied(f"the decoder process ended ({name})")

    @property
    def alive(self) -> bool:
        """Whether it can be asked (again)."""
        return code_of(self._process) is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        """End the child now. Safe while another thread asks it: that one reads the end and tidies up."""
        kill_group(self._process)

    def kill(self) -> None:
        """End the child and what it started, take it off the process table, close the pipes. Twice does no harm."""
        end_group(self._process)
        self.abandon()

    def abandon(self) -> None:
        """Close our ends of its pipes: an idle child reads the end and goes."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Workers:
    """A few children for many threads. The queue is bounded: past it `DecoderBusy` is raised at once."""

    def __init__(
        self, module: str, order: dict[str, Any], *, processes: int, waiting: int, renewed_after: int
    ) -> None:
        if processes < 1:
            raise DecoderClosed("a decoder needs at least one process")
        self._module, self._order, self._renewed_after = module, order, renewed_after
        self._most_waiting, self._processes = waiting, processes
        self._lock = threading.Lock()
        self._open = True
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._waiting = 0
        self._all: set[Worker] = set()
        # A place holds a child or, before its first use, none: a decoder that nobody uses costs no process.
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(self._processes):
            self._idle.put(None)

    def ask(self, data: bytes | bytearray | memoryview, *, seconds: float, flag: int = 0) -> bytes:
        """One child's answer. `seconds` bounds the decoding; waiting for a free child is bounded by the same again.

        Raises DecodingTookTooLong, DecoderDied, DecoderBusy or DecoderClosed.
        """
        self._after_a_fork()
        worker = self._take(seconds)
        try:
            if worker is None or not worker.alive:
                worker = self._instead_of(worker)
            return worker.ask(data, seconds, flag)
        finally:
            self._give_back(worker)

    def start(self) -> None:
        """Start every child now and wait until they are ready, so that the first caller does not."""
        self._after_a_fork()
        taken: list[Worker | None] = [self._idle.get() for _ in range(self._processes)]
        try:
            for place, worker in enumerate(taken):
                if worker is None or not worker.alive:
                    taken[place] = self._instead_of(worker)
            for worker in taken:
                if worker is not None:
                    worker.wait_until_ready()
        finally:
            for worker in taken:
                self._idle.put(worker)

    def _take(self, seconds: float) -> Worker | None:
        with self._lock:
            if not self._open:
                raise DecoderClosed("this decoder was closed")
            if self._waiting >= self._most_waiting + self._processes:
                raise DecoderBusy(f"{self._waiting} files are before this one")
            self._waiting += 1
        try:
            return self._idle.get(timeout=seconds)
        except queue.Empty:
            with self._lock:
                self._waiting -= 1
            raise DecoderBusy(f"no decoder was free for {seconds:g} seconds") from None

    def _give_back(self, worker: Worker | None) -> None:
        try:
            if worker is not None and (not worker.alive or worker.asked >= self._renewed_after):
                # The next caller should not wait for an interpreter to start: begin now.
                worker = self._instead_of(worker)
        except DecoderClosed:
            worker = None
        finally:
            with self._lock:
                self._waiting -= 1
            self._idle.put(worker)

    def _instead_of(self, old: Worker | None) -> Worker:
        """A new child in the place of one that is dead, spent or was never there. Raises DecoderClosed."""
        if old is not None:
            old.kill()
        with self._lock:
            if old is not None:
                self._all.discard(old)
            if not self._open:
                raise DecoderClosed("this decoder was closed")
            try:
                worker = Worker(self._module, self._order)
            except OSError as error:
                raise DecoderClosed(f"no decoder process can be started: {error.strerror}") from error
            self._all.add(worker)
        return worker

    def _after_a_fork(self) -> None:
        """A server that forked after making the decoder: the children belong to the other process."""
        if self._owner != os.getpid():
            for worker in self._all:
                worker.abandon()
            self._lock = threading.Lock()
            self._begin()

    @property
    def pids(self) -> list[int]:
        """The children that live now."""
        return [worker.pid for worker in self._all if worker.alive]

    def close(self) -> None:
        """End every child. A call under way gets DecoderDied, a later one DecoderClosed."""
        with self._lock:
            self._open = False
            children = list(self._all) if self._owner == os.getpid() else []
            self._all.clear()
        for worker in children:
            worker.end()
        with contextlib.suppress(queue.Empty):
            while True:
                idle = self._idle.get_nowait()
                if idle is not None and self._owner == os.getpid():
                    idle.kill()

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()
