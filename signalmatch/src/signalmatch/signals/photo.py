"""Everything that a photo can be recognised by, from its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from signalmatch.errors import PictureError, PictureTooLarge
from signalmatch.media.limits import USUAL, Limits
from signalmatch.signals.cryptographic import Digests, digests, digests_of_file

Data = bytes | bytearray | memoryview
GREY = 1
"""The flag with which a decoder process is asked for the faster grey path."""


@dataclass(frozen=True)
class PerceptualSignals:
    """What the picture is recognised by; the fields are those of PhotoSignals."""

    pdq: bytes | None = None
    quality: int | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    why_no_pdq: str | None = None
    detail: str | None = None

    @classmethod
    def none(
        cls,
        why: PictureError,
        width: int | None = None,
        height: int | None = None,
        kind: str | None = None,
    ) -> PerceptualSignals:
        """No PDQ, and why."""
        return cls(None, None, width, height, kind, type(why).__name__, str(why)[:500])


@dataclass(frozen=True)
class PhotoSignals(PerceptualSignals, Digests):
    """What the bytes are recognised by.

    md5, sha1, sha256: of the bytes as they came, lower-case hexadecimal; always there.
    pdq: 32 bytes, most significant first, or None; then `why_no_pdq` is the name of an error of
    `signalmatch.errors` (e.g. "UndecodablePicture") and `detail` its message. quality: 0 to 100, or None with pdq.
    width, height: pixels, as stored (rotation flags are not applied), or None where no picture was found.
    format: "JPEG", "PNG", …, or None.
    """


def together(known: Digests, seen: PerceptualSignals) -> PhotoSignals:
    """The two halves as one."""
    return PhotoSignals(**vars(known), **vars(seen))


def photo_signals(data: Data, *, limits: Limits = USUAL, grey: bool = False) -> PhotoSignals:
    """Hash the bytes of one photo. Bytes that are no picture give the cryptographic hashes and say why no PDQ.

    It decodes in this process, where nothing can stop a codec: for strangers' files use `Decoder`. `grey` reads the
    luminance that a colour JPEG stores: faster, but a few bits may differ (docs/pdq.md says how many).
    """
    return together(digests(data), perceptual_signals(data, limits=limits, grey=grey))


def photo_signals_of_file(file: BinaryIO, *, limits: Limits = USUAL) -> PhotoSignals:
    """The same of an open file. One that is larger than the limit is digested a part at a time, never held whole."""
    data = file.read(limits.size + 1)
    if len(data) <= limits.size:
        return photo_signals(data, limits=limits)
    file.seek(0)
    why = PictureTooLarge(f"more than {limits.size} bytes")
    return together(digests_of_file(file), PerceptualSignals.none(why))


def perceptual_signals(data: Data, *, limits: Limits = USUAL, grey: bool = False) -> PerceptualSignals:
    """The same without the cryptographic hashes."""
    # Here, because a server that leaves decoding to a `Decoder` needs neither codecs nor compiled code itself.
    from signalmatch.media.pictures import decode, scratch
    from signalmatch.signals.pdq import pdq_of_pixels

    with scratch() as room:
        try:
            picture = decode(data, limits, grey=grey, room=room)
        except PictureError as error:
            return PerceptualSignals.none(error)
        try:
            pdq, quality = pdq_of_pixels(picture.pixels)
        except PictureError as error:
            return PerceptualSignals.none(error, picture.width, picture.height, picture.format)
        return PerceptualSignals(pdq, quality, picture.width, picture.height, picture.format)
