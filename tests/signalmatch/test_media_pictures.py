"""Bytes to pixels: what Pillow gives, in every format; a named error for anything else."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.signalmatch.pictures import a_heic, a_jpeg, clouds, in_every_format, written

from signalmatch.errors import PictureError, PictureTooLarge, PictureTruncated, UndecodablePicture
from signalmatch.media.limits import Limits
from signalmatch.media.pictures import decode, format_of

EVERY = in_every_format()


def as_the_reference(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("name", EVERY)
def test_pixels_are_those_of_pillow(name: str) -> None:
    picture = decode(EVERY[name])
    pixels = picture.pixels
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, 2)
    assert np.array_equal(pixels, as_the_reference(EVERY[name]))
    assert (picture.width, picture.height) == (48, 40)
    assert picture.format == format_of(EVERY[name])
    assert picture.format is not None
    assert picture.format.lower() == name.split(maxsplit=1)[0]


def test_heic_is_read_and_its_damage_has_a_name() -> None:
    data = a_heic()
    picture = decode(data)
    assert (picture.format, picture.width, picture.height) == ("HEIC", 64, 64)
    apart = np.abs(picture.pixels.astype(int) - clouds(64, 64).astype(int))
    assert apart.mean() < 12
    with pytest.raises(PictureTooLarge):
        decode(data, Limits(side=60))
    rng = np.random.default_rng(0)
    for _ in range(60):
        broken = bytearray(data[: rng.integers(20, len(data) + 1)])
        broken[rng.integers(0, len(broken))] = rng.integers(0, 256)
        try:
            decode(bytes(broken), Limits(pixels=1_000_000))
        except PictureError as error:
            assert str(error)


def test_rotation_flags_are_not_applied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = decode(a_jpeg(exif=exif.tobytes()))
    assert (turned.width, turned.height) == (240, 200)
    assert np.array_equal(turned.pixels, decode(a_jpeg()).pixels)


def test_grey_takes_the_stored_luminance_and_only_of_colour_jpegs() -> None:
    stored = decode(a_jpeg(), grey=True).pixels
    with Image.open(io.BytesIO(a_jpeg())) as image:
        image.draft("L", None)
        assert np.array_equal(stored, np.asarray(image.convert("L")))
    assert decode(EVERY["png"], grey=True).pixels.ndim == 3


@pytest.mark.parametrize("name", ["jpeg", "png", "gif", "webp", "avif", "tiff deflate", "bmp"])
def test_a_file_that_ends_early_is_refused_by_name(name: str) -> None:
    data = EVERY[name]
    for kept in (len(data) // 2, len(data) * 3 // 4):
        with pytest.raises(UndecodablePicture):
            decode(data[:kept])


@pytest.mark.parametrize("name", ["jpeg", "png", "bmp"])
def test_truncation_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(PictureTruncated):
        decode(EVERY[name][: len(EVERY[name]) * 3 // 4])


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"not a picture", b"%PDF-1.7", b"%!PS-Adobe-3.0 EPSF-3.0", b"RIFF1234WAVE"]
)
def test_what_is_no_photo_is_refused(data: bytes) -> None:
    with pytest.raises(UndecodablePicture):
        decode(data)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_bomb(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("width", "height"), [(60_000, 60_000), (1, 70_000), (20_000, 9_500), (2**31 - 1, 2**31 - 1)]
)
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(width: int, height: int) -> None:
    with pytest.raises(PictureTooLarge):
        decode(a_bomb(width, height))


def test_the_limits_are_the_caller_s() -> None:
    data = a_jpeg()
    for limits in (Limits(size=100), Limits(pixels=1000), Limits(side=100)):
        with pytest.raises(PictureTooLarge):
            decode(data, limits)
    for name in ("png", "gif", "webp", "avif", "tiff", "bmp"):
        with pytest.raises(PictureTooLarge):
            decode(EVERY[name], Limits(pixels=47 * 40))
        assert decode(EVERY[name], Limits(pixels=48 * 40)).width == 48


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = a_jpeg(progressive=True)
    start = data.rindex(b"\xff\xda")
    with pytest.raises(PictureTooLarge, match="scans"):
        decode(data[:-2] + data[start:-2] * 300 + b"\xff\xd9")


def test_a_second_scan_of_a_file_that_promised_one_is_refused_too() -> None:
    data = a_jpeg()
    start = data.rindex(b"\xff\xda")
    with pytest.raises(UndecodablePicture):
        decode(data[:-2] + data[start:-2] * 300 + b"\xff\xd9")


def test_large_pictures_come_in_bands_without_a_seam() -> None:
    image = Image.fromarray(clouds(2100, 510)[:, :, 0])
    assert np.array_equal(decode(written(image, "PNG", compress_level=1)).pixels, np.asarray(image))


@settings(max_examples=120)
@given(st.sampled_from(sorted(EVERY)), st.data())
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damaged_files_give_a_picture_or_a_named_error(name: str, draw: st.DataObject) -> None:
    data = bytearray(EVERY[name])
    for _ in range(draw.draw(st.integers(1, 6), label="changes")):
        at = draw.draw(st.integers(0, len(data) - 1), label="at")
        data[at] = draw.draw(st.integers(0, 255), label="value")
    if draw.draw(st.booleans(), label="cut"):
        data = data[: draw.draw(st.integers(0, len(data)), label="kept")]
    try:
        picture = decode(bytes(data), Limits(pixels=4_000_000))
    except PictureError as error:
        assert str(error)
    else:
        assert picture.pixels.dtype == np.uint8
        assert picture.width * picture.height <= 4_000_000


@settings(max_examples=60)
@given(
    st.sampled_from(
        [
            b"\xff\xd8\xff\xe0",
            b"\x89PNG\r\n\x1a\n",
            b"GIF89a",
            b"II*\0",
            b"MM\0*",
            b"BM",
            b"\0\0\0\x18ftypheic",
            b"\0\0\0\x18ftypavif",
        ]
    ),
    st.binary(max_size=200),
)
def test_a_right_beginning_and_then_anything(beginning: bytes, rest: bytes) -> None:
    with pytest.raises(PictureError):
        decode(beginning + rest, Limits(pixels=1_000_000))
