"""Bytes of a picture to pixels, within limits; anything else is a named error.

The pixels are those that Pillow's `Image.open(file).convert("RGB")` gives, because the reference hasher reads those:
the first frame of an animation, alpha dropped, 16 bits clipped as Pillow does, no rotation by EXIF. The usual JPEG is
decoded by our own kernel (`media.jpeg`), others by simplejpeg, which is the same library as Pillow's (libjpeg-turbo)
with fewer copies; what it won't take goes to Pillow.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from signalmatch.errors import (
    PictureError,
    PictureTooLarge,
    PictureTruncated,
    UndecodablePicture,
)
from signalmatch.kernels.machine_code import CannotRun
from signalmatch.media.formats import FORMATS, format_of
from signalmatch.media.jpeg import usual_pixels
from signalmatch.media.limits import USUAL, Limits

__all__ = ["FORMATS", "Picture", "decode", "format_of", "load_codecs", "scratch"]

Data = bytes | bytearray | memoryview

# Only these of Pillow's plug-ins are ever asked: no EPS (it runs Ghostscript), no PDF, no rarely tested format.
_PLUGINS = {
    "JPEG": ("PIL.JpegImagePlugin", ("JPEG",)),  # MPO, too: it has no name of its own to be opened by
    "PNG": ("PIL.PngImagePlugin", ("PNG",)),
    "GIF": ("PIL.GifImagePlugin", ("GIF",)),
    "WEBP": ("PIL.WebPImagePlugin", ("WEBP",)),
    "AVIF": ("PIL.AvifImagePlugin", ("AVIF",)),
    "TIFF": ("PIL.TiffImagePlugin", ("TIFF",)),
    "BMP": ("PIL.BmpImagePlugin", ("BMP",)),
}
# Of a JPEG's header that are looked at one by one here: 256 MB could hold 64 million, minutes of Python.
_MOST_PARTS = 600
_ENDS_EARLY = (
    "truncated",
    "premature",
    "unexpected end",
    "end of file",
    "end-of-file",
    "not enough data",
    "incomplete",
)


@dataclass(frozen=True)
class Picture:
    """Decoded: `pixels` are uint8[height, width, 3] in RGB, or uint8[height, width] where all three are equal."""

    pixels: NDArray[np.uint8]
    format: str

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])


# Addresses only: a page of it costs nothing before a picture that large has been seen.
_scratch = [np.empty(48 << 20, np.uint8)]


@contextmanager
def scratch() -> Iterator[NDArray[np.uint8] | None]:
    """Room for a JPEG's pixels that is used again and again: fresh memory costs a tenth of the decoding.

    One a process, so that it is never more than 48 MB; None while another thread has it.
    """
    room: NDArray[np.uint8] | None
    try:
        room = _scratch.pop()
    except IndexError:
        room = None
    try:
        yield room
    finally:
        if room is not None:
            _scratch.append(room)


def decode(
    data: Data, limits: Limits = USUAL, *, grey: bool = False, room: NDArray[np.uint8] | None = None
) -> Picture:
    """The picture, or a PictureError that names why there is none.

    grey: of a colour JPEG take the luminance as it is stored (docs/pdq.md: faster, not bit-exact); others as ever.
    room: bytes that the pixels may be put into; they are then a view of it.
    """
    if len(data) > limits.size:
        raise PictureTooLarge(f"{len(data)} bytes; the limit is {limits.size}")
    kind = format_of(data)
    if kind is None:
        raise UndecodablePicture("no photo format that is known here: " + ", ".join(FORMATS))
    try:
        if kind == "JPEG":
            return _jpeg(data, limits, grey, room)
        if kind == "HEIC":
            return _heic(data, limits)
        return _by_pillow(data, kind, limits)
    except (PictureError, CannotRun):
        raise
    except MemoryError as error:
        raise PictureTooLarge(f"{kind}: more memory than there is or than is allowed") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLarge(f"{kind}: more pixels than Pillow takes") from error
    # Codecs raise whatever their authors thought of (SyntaxError, struct.error, KeyError, …): all mean one thing.
    except Exception as error:
        message = str(error)
        ends_early = isinstance(error, EOFError) or any(words in message.lower() for words in _ENDS_EARLY)
        named = PictureTruncated if ends_early else UndecodablePicture
        raise named(f"{kind}: {message[:200] or type(error).__name__}") from error


def _within(limits: Limits, width: int, height: int) -> None:
    if width * height > limits.pixels or max(width, height) > limits.side:
        raise PictureTooLarge(
            f"{width} × {height} pixels; the limit is {limits.pixels} in all and {limits.side} a side"
        )


def _jpeg(data: Data, limits: Limits, grey: bool, room: NDArray[np.uint8] | None) -> Picture:
    import simplejpeg

    # Each further scan is a pass over every pixel. Inside a scan FF is followed by 00, so the marker can be counted.
    if not _one_scan(data) and (scans := bytes(data).count(b"\xff\xda")) > limits.scans:
        raise PictureTooLarge(f"JPEG of {scans} scans; the limit is {limits.scans}")
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
        _within(limits, width, height)
        one = space == "Gray" or (grey and space == "YCbCr")
        if space == "YCbCr":
            usual = usual_pixels(data, height, width, room, grey=grey)
            if usual is not None:
                return Picture(usual, "JPEG")
        if one or space in {"YCbCr", "RGB"}:
            fits = room is not None and height * width * (1 if one else 3) <= room.size
            pixels = simplejpeg.decode_jpeg(data, "GRAY" if one else "RGB", buffer=room if fits else None)
            return Picture(pixels[:, :, 0] if one else pixels, "JPEG")
    except ValueError:
        # Damaged, or of a kind that it does not take: Pillow is the reference, and has the last word.
        return _by_pillow(data, "JPEG", limits)
    return _by_pillow(data, "JPEG", limits)


def _one_scan(data: Data) -> bool:
    """Whether the header promises a single scan of all components: then the decoder reads no other."""
    view = memoryview(data)
    at, components = 2, 0
    for _ in range(_MOST_PARTS):
        if at + 10 > len(view) or view[at] != 0xFF:
            break
        kind = view[at + 1]
        if kind in (0xC0, 0xC1):
            components = view[at + 9]
        elif kind == 0xDA:
            return 0 < components == view[at + 4]
        at += 2 + int.from_bytes(view[at + 2 : at + 4], "big")
    return False


def _by_pillow(data: Data, kind: str, limits: Limits) -> Picture:
    plugin, formats = _PLUGINS[kind]
    import_module(plugin)
    with Image.open(io.BytesIO(data), formats=formats) as image:
        _within(limits, *image.size)
        if image.mode in {"RGB", "L"}:
            return Picture(_pixels(image), kind)
        with image.convert("RGB") as converted:
            return Picture(_pixels(converted), kind)


def _heic(data: Data, limits: Limits) -> Picture:
    import pi_heif

    image = pi_heif.open_heif(io.BytesIO(data))
    _within(limits, *image.size)
    with image.to_pillow() as read, read.convert("RGB") as converted:
        return Picture(_pixels(converted), "HEIC")


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    """The pixels of an image in mode RGB or L, a band at a time: Pillow's own way holds them three times."""
    width, height = image.size
    out = np.empty((height, width, 3) if image.mode == "RGB" else (height, width), np.uint8)
    band = max(1, (1 << 20) // max(1, width))
    image.load()
    for top in range(0, height, band):
        with image.crop((0, top, width, min(height, top + band))) as part:
            out[top : top + band] = np.asarray(part)
    return out


def load_codecs() -> None:
    """Load every codec now, and what each loads on its first picture. For a process that is about to lose its files."""
    import pi_heif
    import simplejpeg

    pi_heif.options.DECODE_THREADS = 1
    vars(import_module("PIL.AvifImagePlugin"))["DEFAULT_MAX_THREADS"] = 1
    import_module("PIL.MpoImagePlugin")  # which Pillow loads only when a JPEG holds several pictures
    grey = np.zeros((8, 8, 1), np.uint8)
    usual = np.zeros((64, 64, 3), np.uint8)
    samples: list[Callable[[], bytes]] = [
        lambda: bytes(simplejpeg.encode_jpeg(grey, colorspace="GRAY")),
        lambda: bytes(simplejpeg.encode_jpeg(usual, colorsubsampling="420")),
    ]
    for kind, (plugin, _) in _PLUGINS.items():
        import_module(plugin)
        samples.append(lambda kind=kind: _sample(kind))  # type: ignore[misc]
    for sample in samples:
        decode(sample())


def _sample(kind: str) -> bytes:
    written = io.BytesIO()
    with Image.new("CMYK" if kind == "JPEG" else "RGB", (8, 8)) as image:
        image.save(written, kind)
    return written.getvalue()
