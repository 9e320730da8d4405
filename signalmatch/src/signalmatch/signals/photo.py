"""Everything that a photo can be recognised by, from its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from signalmatch.errors import PictureError
from signalmatch.media.pictures import Limits, decode
from signalmatch.signals.cryptographic import digests
from signalmatch.signals.pdq import pdq_of_pixels


@dataclass(frozen=True)
class PhotoSignals:
    """What the bytes are recognised by.

    md5, sha1, sha256: of the bytes as they came, lower-case hexadecimal; always there.
    pdq: 32 bytes, most significant first, or None; then `why_no_pdq` is the name of an error of
    `signalmatch.errors` (e.g. "UndecodablePicture") and `detail` its message. quality: 0 to 100, or None with pdq.
    width, height: pixels, as stored (rotation flags are not applied), or None where no picture was found.
    format: "JPEG", "PNG", …, or None.
    """

    md5: str
    sha1: str
    sha256: str
    pdq: bytes | None = None
    quality: int | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None
    why_no_pdq: str | None = None
    detail: str | None = None


def photo_signals(data: bytes, *, limits: Limits = Limits()) -> PhotoSignals:  # noqa: B008 - frozen
    """Hash the bytes of one photo. Bytes that are no picture give the cryptographic hashes and say why no PDQ."""
    known = digests(data)
    try:
        picture = decode(data, limits)
    except PictureError as error:
        return PhotoSignals(
            known.md5, known.sha1, known.sha256, why_no_pdq=type(error).__name__, detail=str(error)
        )
    about = (picture.width, picture.height, picture.format)
    try:
        pdq, quality = pdq_of_pixels(picture.pixels)
    except PictureError as error:
        return PhotoSignals(
            known.md5, known.sha1, known.sha256, None, None, *about, type(error).__name__, str(error)
        )
    return PhotoSignals(known.md5, known.sha1, known.sha256, pdq, quality, *about)
