"""A photo's signals from its bytes, and what is said where there are none."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.signalmatch.pictures import a_jpeg, clouds, in_every_format, noise, written

from signalmatch import Limits, PhotoSignals, photo_signals
from signalmatch.signals.cryptographic import digests
from signalmatch.signals.pdq import pdq_of_pixels
from signalmatch.signals.photo import photo_signals_of_file


@given(st.binary(max_size=1000), st.integers(0, 400))
def test_three_digests_in_one_pass_are_the_three_digests(some: bytes, times: int) -> None:
    data = some * times
    found = digests(data)
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert found.sha1 == hashlib.sha1(data).hexdigest()
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_a_photo_has_everything() -> None:
    data = a_jpeg()
    found = photo_signals(data)
    assert (found.width, found.height, found.format) == (240, 200, "JPEG")
    assert found.pdq is not None
    assert len(found.pdq) == 32
    assert found.quality == 100
    assert found.why_no_pdq is found.detail is None
    assert found.sha256 == hashlib.sha256(data).hexdigest()


def test_the_same_photo_in_another_format_is_near() -> None:
    image = Image.fromarray(clouds(300, 400))
    plain = photo_signals(written(image, "PNG"))
    assert plain.pdq == pdq_of_pixels(clouds(300, 400))[0]
    for kind in ("JPEG", "WEBP", "TIFF", "BMP"):
        other = photo_signals(written(image, kind))
        assert plain.pdq is not None
        assert other.pdq is not None
        assert (int.from_bytes(plain.pdq) ^ int.from_bytes(other.pdq)).bit_count() <= 16, kind


@pytest.mark.parametrize(
    ("data", "why", "size"),
    [
        (b"nothing of the kind", "UndecodablePicture", None),
        (a_jpeg()[:2000], "PictureTruncated", None),
        (written(Image.fromarray(noise(4, 30)), "PNG"), "PictureTooSmall", (30, 4)),
    ],
)
def test_without_a_pdq_the_digests_stay_and_the_reason_is_named(
    data: bytes, why: str, size: tuple[int, int] | None
) -> None:
    found = photo_signals(data)
    assert (found.pdq, found.quality, found.why_no_pdq) == (None, None, why)
    assert found.detail
    assert found.md5 == hashlib.md5(data).hexdigest()
    assert (found.width, found.height) == (size or (None, None))


def test_limits_are_passed_on() -> None:
    assert photo_signals(a_jpeg(), limits=Limits(pixels=100)).why_no_pdq == "PictureTooLarge"


@pytest.mark.parametrize("seed", range(4))
def test_the_grey_path_is_near(seed: int) -> None:
    data = a_jpeg(500, 640, seed)
    exact, grey = photo_signals(data), photo_signals(data, grey=True)
    assert exact.pdq is not None
    assert grey.pdq is not None
    assert (int.from_bytes(exact.pdq) ^ int.from_bytes(grey.pdq)).bit_count() <= 16
    png = in_every_format()["png"]
    assert photo_signals(png, grey=True) == photo_signals(png)


def test_nothing_that_is_handed_out_can_be_changed() -> None:
    found = photo_signals(a_jpeg())
    assert isinstance(found, PhotoSignals)
    with pytest.raises(AttributeError):
        found.quality = 1  # type: ignore[misc]


def test_a_server_that_leaves_decoding_to_a_decoder_loads_no_codec_and_no_compiled_code() -> None:
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv[1]); import signalmatch; signalmatch.Decoder;"
        "assert not {'numba', 'numpy', 'PIL', 'simplejpeg'} & set(sys.modules), sorted(sys.modules)"
    )
    import json

    subprocess.run([sys.executable, "-c", code, json.dumps(sys.path)], check=True, timeout=60)


def test_a_file_past_the_limit_is_digested_in_parts_and_says_why() -> None:
    data = a_jpeg() + bytes(300_000)
    found = photo_signals_of_file(io.BytesIO(data), limits=Limits(size=200_000))
    assert (found.why_no_pdq, found.sha256) == ("PictureTooLarge", hashlib.sha256(data).hexdigest())
    assert photo_signals_of_file(io.BytesIO(a_jpeg())) == photo_signals(a_jpeg())
