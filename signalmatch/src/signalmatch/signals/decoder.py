"""`Decoder`: photo signals by way of a process that can be killed. For servers that read strangers' files."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from types import TracebackType

from signalmatch import errors
from signalmatch.errors import DecoderDied, PictureError, PictureTooLarge
from signalmatch.media.limits import USUAL, Limits
from signalmatch.media.worker import Workers
from signalmatch.signals.cryptographic import digests
from signalmatch.signals.photo import GREY, PerceptualSignals, PhotoSignals, together

_RENEWED_AFTER = 1000
_MODULE = "signalmatch.signals.photo_process"
MEGABYTE = 1 << 20


class Decoder:
    """A few decoding processes for many threads.

    Make one a server process (after it forked), share it between its threads, close it at the end or use it as a
    context. Making it starts nothing; `start()` or the first photo does (about half a second; a first start on a new
    machine compiles for some seconds more).

        with Decoder() as decoder:
            signals = decoder.photo_signals(data, seconds=10)

    processes: children at most. seconds: for one photo, unless the call says otherwise; the child is killed past it
    and replaced. memory: bytes that one child may take beside its code. waiting: callers that may wait for a child;
    one more gets DecoderBusy at once. limits: of a photo, see `Limits`.
    """

    def __init__(
        self,
        *,
        processes: int = 1,
        seconds: float = 10.0,
        memory: int = 1536 * MEGABYTE,
        waiting: int = 32,
        limits: Limits = USUAL,
    ) -> None:
        self._seconds, self._limits = seconds, limits
        self._workers = Workers(
            _MODULE,
            {
                "memory": memory,
                "seconds": _RENEWED_AFTER * math.ceil(seconds + 1),
                "limits": asdict(limits),
            },
            processes=processes,
            waiting=waiting,
            renewed_after=_RENEWED_AFTER,
        )

    def start(self) -> None:
        """Start the children now and wait until they are ready. Raises DecoderClosed where they can't be started."""
        self._workers.start()

    def photo_signals(
        self, data: bytes | bytearray | memoryview, *, seconds: float | None = None, grey: bool = False
    ) -> PhotoSignals:
        """What `signalmatch.photo_signals` gives, decoded in a child.

        A photo that takes too long, kills its decoder or is none gives its MD5, SHA-1 and SHA-256 all the same and
        says why it has no PDQ. Raises only DecoderBusy and DecoderClosed: then nothing was tried.
        """
        return together(digests(data), self.perceptual_signals(data, seconds=seconds, grey=grey))

    def perceptual_signals(
        self, data: bytes | bytearray | memoryview, *, seconds: float | None = None, grey: bool = False
    ) -> PerceptualSignals:
        """The same without the cryptographic hashes, for a caller that has them already."""
        if len(data) > self._limits.size:
            return PerceptualSignals.none(
                PictureTooLarge(f"{len(data)} bytes; the limit is {self._limits.size}")
            )
        try:
            answer = self._workers.ask(data, seconds=seconds or self._seconds, flag=GREY if grey else 0)
            return _read(answer)
        except PictureError as error:
            return PerceptualSignals.none(error)

    @property
    def pids(self) -> list[int]:
        """The process numbers of the children that live now."""
        return self._workers.pids

    def close(self) -> None:
        """End every child. A photo under way says that its decoder died; a later one raises DecoderClosed."""
        self._workers.close()

    def __enter__(self) -> Decoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()


def _read(answer: bytes) -> PerceptualSignals:
    """The child's answer, believed only as far as it has the right shape: a hostile file may have taken it over."""
    try:
        said = PerceptualSignals(**json.loads(answer))
        if said.pdq is None:
            return _checked(said, _names_an_error(said.why_no_pdq) and said.quality is None)
        pdq = bytes.fromhex(str(said.pdq))
        fits = (
            len(pdq) == 32
            and type(said.quality) is int
            and 0 <= said.quality <= 100
            and said.why_no_pdq is None
        )
        return _checked(PerceptualSignals(**{**vars(said), "pdq": pdq}), fits)
    except (TypeError, ValueError, RecursionError) as error:
        raise DecoderDied("the decoder answered with something else than signals") from error


def _names_an_error(name: object) -> bool:
    named = getattr(errors, name, None) if isinstance(name, str) else None
    return isinstance(named, type) and issubclass(named, PictureError)


def _checked(said: PerceptualSignals, fits: bool) -> PerceptualSignals:
    numbers = all(value is None or (type(value) is int and value > 0) for value in (said.width, said.height))
    texts = all(
        value is None or (isinstance(value, str) and len(value.encode()) <= 2000)
        for value in (said.format, said.detail)
    )
    if not (fits and numbers and texts):
        raise ValueError("an answer of the wrong shape")
    return said
