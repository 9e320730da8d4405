"""PDQ of uploaded photos, in memory, by a decoder that can be killed: whatever the media policy does with the bytes.

A copy of the bytes is held while they arrive, within a budget (`HELD_AT_ONCE`) that all uploads of this process share.
Before the upload is answered the copy goes by a pipe to a child process that can open no file and write none, and is
forgotten. A file that is no photo, that finds no room, or that its decoder can't read keeps its cryptographic hashes
and says why it has no PDQ.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from amaan.evidence.domain import MediaSink, NoPdq, ReceivedFile
from amaan.evidence.domain.holding import MOST_HELD, Budget, HeldPhoto

if TYPE_CHECKING:
    from signalmatch.signals.decoder import Decoder

_log = logging.getLogger(__name__)

HELD_AT_ONCE: Final = 128 << 20
"""Bytes of uploaded photos that one web process holds at once. There are up to four such processes."""
SECONDS: Final = 5.0
"""For one photo; waiting for the decoder is bounded by the same again."""
MOST_PIXELS: Final = 110_000_000
"""A telephone of 108 megapixels fits."""
DECODER_BYTES: Final = 1 << 30
"""What the decoder may take beside its code."""

_budget = Budget(HELD_AT_ONCE)
_WHY: Final = {
    "PictureTooLarge": NoPdq.TOO_LARGE,
    "PictureTooSmall": NoPdq.TOO_SMALL,
    "UndecodablePicture": NoPdq.UNDECODABLE,
    "PictureTruncated": NoPdq.UNDECODABLE,
    "DecodingFailed": NoPdq.UNDECODABLE,
    "DecodingTookTooLong": NoPdq.TOO_SLOW,
    "DecoderDied": NoPdq.DIED,
}


class SeenSink:
    """A `MediaSink` around the policy's own: the bytes go to that one, and a photo's to the decoder as well."""

    def __init__(self, inner: MediaSink) -> None:
        self._inner = inner
        self._held = HeldPhoto(_budget, _begins_as_photo)
        self._received: ReceivedFile | None = None

    def write(self, data: bytes) -> None:
        """Raises what the policy's sink raises."""
        self._inner.write(data)
        self._held.add(data)

    def finish(self) -> ReceivedFile:
        """Raises what the policy's sink raises, and nothing else: no photo keeps an upload from being taken."""
        if self._received is None:
            try:
                pdq, quality, why = _seen(self._held)
            finally:
                self._held.release()
            self._received = replace(self._inner.finish(), pdq=pdq, pdq_quality=quality, no_pdq=why)
        return self._received

    def abort(self) -> None:
        self._held.release()
        self._inner.abort()


def decoder() -> Decoder:
    """This process's decoder, one child for all threads; the child starts when the first photo arrives."""
    return _starting()[0]


@cache
def _starting() -> tuple[Decoder, threading.Thread]:
    from signalmatch.media.limits import Limits
    from signalmatch.signals.decoder import Decoder

    made = Decoder(
        processes=1,
        seconds=SECONDS,
        memory=DECODER_BYTES,
        limits=Limits(size=MOST_HELD, pixels=MOST_PIXELS),
    )
    # In the background: the rest of the photo is still arriving. Where nothing was compiled at set-up (`signalmatch
    # warm`), a start compiles for a while, and the photos of that while are told that the decoder is busy.
    begun = threading.Thread(target=_start, args=(made,), daemon=True)
    begun.start()
    return made, begun


def _start(made: Decoder) -> None:
    from signalmatch.errors import DecoderClosed

    try:
        made.start()
    except DecoderClosed as fault:
        _log.error("Photos get no PDQ hash: %s", fault)


def _begins_as_photo(head: bytes) -> bool:
    from signalmatch.media.formats import format_of

    found = format_of(head) is not None
    if found:
        decoder()
    return found


def _seen(held: HeldPhoto) -> tuple[str | None, int | None, NoPdq | None]:
    """PDQ and quality, or why there are none."""
    from signalmatch.errors import DecoderBusy, DecoderClosed

    photo = held.whole()
    if photo is None:
        return None, None, held.why_not
    try:
        found = decoder().perceptual_signals(photo)
    except (DecoderBusy, DecoderClosed):
        return None, None, NoPdq.BUSY
    if found.pdq is None:
        return None, None, _WHY.get(found.why_no_pdq or "", NoPdq.UNDECODABLE)
    return found.pdq.hex(), found.quality, None
