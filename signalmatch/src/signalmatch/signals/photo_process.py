"""The decoder's own process: bytes of a photo on standard input, its PDQ on standard output.

It is started by `media.worker`. Once its code is loaded it gives up what it does not need (`media.confinement`); for
each photo it gets an alarm and a limit of processor time, which end it even if its parent is gone. Between photos it
waits in a read: when the parent dies, that read ends and so does the process.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import resource
import signal
from pathlib import Path
from typing import Any

import numpy as np

from signalmatch.errors import PictureError
from signalmatch.kernels import photo as kernels
from signalmatch.media.confinement import confine
from signalmatch.media.limits import Limits
from signalmatch.media.pictures import load_codecs
from signalmatch.media.worker import ANSWER, READY, REQUEST
from signalmatch.signals.pdq import pdq_of_pixels
from signalmatch.signals.photo import GREY, perceptual_signals


def main(order: dict[str, Any]) -> None:
    """Answer photos until standard input ends. `order`: memory (bytes past what the code takes), seconds (of
    the processor, in all its life), limits."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    limits = Limits(**order["limits"])
    _warm()
    # No limit of threads: libheif starts one for each HEIC, and aborts where it can't.
    confine(memory=_taken() + int(order["memory"]), seconds=_spent() + int(order["seconds"]), threads=None)
    os.write(1, READY)
    while True:
        head = _read(REQUEST.size)
        if head is None:
            return
        length, seconds, flag = REQUEST.unpack(head)
        _allow(seconds)
        data = _read(length)
        if data is None:
            return
        answer = json.dumps(_answer(data, limits, grey=flag == GREY)).encode()
        signal.setitimer(signal.ITIMER_REAL, 0)
        del data
        os.write(1, ANSWER.pack(len(answer)) + answer)


def _answer(data: bytearray, limits: Limits, *, grey: bool) -> dict[str, Any]:
    found = perceptual_signals(data, limits=limits, grey=grey)
    return {**vars(found), "pdq": None if found.pdq is None else found.pdq.hex()}


def _warm() -> None:
    """Load compiled code and codecs before the door to the file system closes."""
    kernels.load()
    load_codecs()
    rng = np.random.default_rng(1)
    for shape in ((70, 70, 3), (70, 70)):
        pdq_of_pixels(rng.integers(0, 256, shape, dtype=np.uint8))
    with contextlib.suppress(PictureError):
        pdq_of_pixels(np.zeros((1, 1), np.uint8))


def _taken() -> int:
    """Bytes of address space so far."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def _spent() -> int:
    """Whole seconds of processor time so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime)


def _allow(seconds: float) -> None:
    """Two clocks that the kernel watches, a second behind the parent's own: wall and processor."""
    signal.setitimer(signal.ITIMER_REAL, seconds + 1)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (min(_spent() + math.ceil(seconds) + 1, hard), hard))


def _read(length: int) -> bytearray | None:
    """Exactly `length` bytes, or None where the pipe ends before."""
    data = bytearray(length)
    view = memoryview(data)
    while view:
        got = os.readv(0, [view])
        if not got:
            return None
        view = view[got:]
    return data
