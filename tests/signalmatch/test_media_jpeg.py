"""The usual JPEG by our own kernel: libjpeg's pixels or none at all, whatever the bytes are."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile
from tests.signalmatch.pictures import clouds

from signalmatch.errors import PictureError, PictureTooLarge
from signalmatch.media import jpeg, pictures
from signalmatch.media.pictures import decode

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
sides = st.integers(64, 300)
seeds = st.integers(0, 1000)


def written(pixels: Pixels, quality: int = 85, subsampling: int = 2, **options: object) -> bytes:
    file = io.BytesIO()
    # What Pillow gives the encoder room for; noise needs more.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 1 << 22)
    with Image.fromarray(pixels) as image:
        image.save(file, "JPEG", quality=quality, subsampling=subsampling, **options)
    return file.getvalue()


def by_libjpeg(data: bytes) -> Pixels:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


def made(height: int, width: int, seed: int, kind: str) -> Pixels:
    random = np.random.default_rng(seed)
    if kind == "noise":
        return random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    if kind == "extremes":  # the largest sums that pixels can make
        return (random.random((height, width, 3)) < 0.5).astype(np.uint8) * 255
    return clouds(height, width, seed)


@settings(max_examples=60)
@given(
    sides,
    sides,
    seeds,
    st.sampled_from(["clouds", "noise", "extremes"]),
    st.integers(1, 100),
    st.sampled_from([1, 2]),
)
@example(64, 64, 0, "noise", 100, 2)
@example(65, 67, 0, "clouds", 95, 2)
@example(129, 128, 0, "extremes", 100, 1)
def test_every_pixel_is_libjpeg_s(
    height: int, width: int, seed: int, kind: str, quality: int, subsampling: int
) -> None:
    data = written(made(height, width, seed, kind), quality, subsampling, optimize=seed % 2 == 0)
    found = jpeg.usual_pixels(data, height, width, None)
    assert found is not None or kind == "extremes"
    if found is not None:
        assert np.array_equal(found, by_libjpeg(data))
        grey = jpeg.usual_pixels(data, height, width, None, grey=True)
        assert grey is not None
        assert np.array_equal(grey, simplejpeg.decode_jpeg(data, "GRAY")[:, :, 0])
    assert np.array_equal(decode(data).pixels, by_libjpeg(data))


@settings(max_examples=150)
@given(st.data(), seeds, st.sampled_from([1, 2]))
def test_damaged_bytes_give_libjpeg_s_pixels_or_none(
    draw: st.DataObject, seed: int, subsampling: int
) -> None:
    whole = written(clouds(96, 130, seed), 80, subsampling)
    data = bytearray(whole)
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(2, len(data) - 1))] = draw.draw(st.integers(0, 255))
    data = data[: draw.draw(st.sampled_from([len(data), draw.draw(st.integers(4, len(data)))]))]
    found = jpeg.usual_pixels(bytes(data), 96, 130, None)
    if found is None:
        return
    try:
        expected = by_libjpeg(bytes(data))
    except Exception:  # noqa: BLE001  Pillow refuses some headers that both decoders would read
        return
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("symbol", [0x0B, 0x1E, 0xE0, 0xFF])
def test_a_code_for_what_no_block_may_hold_is_not_ours(symbol: int) -> None:
    """Such a short code was once taken for the beginning of a long one."""
    data = bytearray(written(clouds(96, 130, 5), 95))
    tables = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xc4" and data[at + 4] >> 4]
    for at in tables:
        data[at + 21 : at + 27] = bytes([symbol]) * 6
    assert jpeg.usual_pixels(bytes(data), 96, 130, None) is None


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"subsampling": 0},
        {"restart_marker_blocks": 4},
        {"comment": b"a comment", "exif": Image.Exif()},
        {"keep_rgb": True, "subsampling": 0},
    ],
)
def test_other_kinds_are_left_to_libjpeg_with_the_same_pixels(options: dict[str, object]) -> None:
    data = written(clouds(150, 170, 1), **options)  # type: ignore[arg-type]
    usual = "comment" in options
    assert (jpeg.usual_pixels(data, 150, 170, None) is not None) is usual
    assert np.array_equal(decode(data).pixels, by_libjpeg(data))


def test_the_usual_photo_takes_the_quick_way_into_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    data = written(clouds(200, 300, 3))
    room = np.full(1 << 20, 7, np.uint8)
    monkeypatch.setattr("simplejpeg.decode_jpeg", None)  # decoding by it would fail
    found = pictures.decode(data, room=room).pixels
    assert np.shares_memory(found, room)
    assert (room[found.size + 96 :] == 7).all()


@pytest.mark.parametrize("cut", [300, 700, -3, -2, -1])
def test_a_scan_that_ends_early_is_not_ours(cut: int) -> None:
    data = written(clouds(200, 300, 3))[:cut]
    assert jpeg.usual_pixels(data, 200, 300, None) is None


def test_a_header_of_a_giant_without_a_scan_costs_nothing() -> None:
    data = bytearray(written(clouds(200, 300, 3)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = (14_000).to_bytes(2, "big") * 2
    assert jpeg.usual_pixels(bytes(data), 14_000, 14_000, None) is None
    with pytest.raises(PictureError):
        decode(bytes(data))


def guarded(*arguments: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.signalmatch.guarded", *map(str, arguments)]
    root = Path(__file__).parents[2]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform != "linux", reason="pages that nobody may touch are made by mprotect")
def test_damaged_files_are_decoded_inside_their_rooms() -> None:
    """A read or write one byte outside the file, the output or any room would end the process."""
    done = guarded(400, 1)
    assert done.returncode == 0, done.stdout + done.stderr
    assert guarded(14, 1, 8).returncode == -signal.SIGSEGV  # the guard is there: so much too little is seen


def with_codes(data: bytes, number: int, lengths: list[int], symbols: list[int]) -> bytes:
    """The file with one more part before its scan, which renews that table of codes."""
    part = bytes([number, *lengths, *[0] * (16 - len(lengths)), *symbols])
    at = data.index(b"\xff\xda")
    return data[:at] + b"\xff\xc4" + (len(part) + 2).to_bytes(2, "big") + part + data[at:]


def test_codes_that_libjpeg_refuses_though_nothing_uses_them_are_not_ours() -> None:
    flat = written(np.full((64, 64, 3), 128, np.uint8), 50)
    scan = flat.index(b"\xff\xda")
    # Each block is 0 for "no change" and 0 for "over": a scan of zeros.
    flat = flat[: scan + 14] + bytes(2 * 6 * 16 // 8) + b"\xff\xd9"
    for number in (0, 1, 16, 17):
        flat = with_codes(flat, number, [1, 1], [0, 0])
    assert jpeg.usual_pixels(flat, 64, 64, None) is not None
    for lengths, symbols in ([1, 2], [0, 0, 0]), ([1, 1], [0, 16]):
        refused = with_codes(flat, 0, lengths, symbols)
        assert jpeg.usual_pixels(refused, 64, 64, None) is None
        with pytest.raises(PictureError):
            decode(refused)


@pytest.mark.parametrize("part", [b"\xff\xfe\0\x02", b"\xff\xc4\x42\x6a" + bytes(17 * 1000)])
def test_a_header_without_end_is_not_read_to_its_end(part: bytes) -> None:
    data = written(clouds(64, 64, 1))
    before = time.process_time()
    assert jpeg.usual_pixels(data[:2] + part * ((8 << 20) // len(part)) + data[2:], 64, 64, None) is None
    assert time.process_time() - before < 0.25


def test_a_giant_of_few_bytes_is_left_without_touching_its_pixels() -> None:
    """14,000 × 14,000 pixels are 588 MB of addresses: none of them is touched before the scan has ended."""
    resource = pytest.importorskip("resource")
    data = bytearray(written(clouds(200, 300, 3)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = (14_000).to_bytes(2, "big") * 2
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert jpeg.usual_pixels(bytes(data), 14_000, 14_000, None) is None
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 64 << 10
    data[at + 5 : at + 9] = (65_500).to_bytes(2, "big") * 2
    with pytest.raises(PictureTooLarge):
        decode(bytes(data))


@pytest.mark.slow
def test_a_processor_without_wide_vectors_gives_the_same(tmp_path: Path) -> None:
    ours = "test_every_pixel or test_eight_rows or test_the_brightest or test_scan or test_each_kernel"
    here = Path(__file__).parent
    files = [
        str(here / name) for name in ("test_media_jpeg.py", "test_photo_pdq.py", "test_hamming_kernels.py")
    ]
    environment = {
        **os.environ,
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:randomly", "-k", ours, *files]
    done = subprocess.run(
        command, env=environment, cwd=here.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
