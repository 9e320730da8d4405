"""Hashing on the device, in a real Chromium, against signalmatch: the same bits of the same pixels."""

from __future__ import annotations

import base64
import hashlib
import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, Page
from tests.browser import chromium
from tests.rooms.portal.hashing_site import serving

from signalmatch import photo_signals
from signalmatch.signals.pdq import pdq_of_pixels

__all__ = ["chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

WITHIN = 10
"""Bits that implementations may differ by at quality ≥ 80, as PDQ's authors publish."""
Pixels = NDArray[np.uint8]

WHOLE_FILES = """async (worker) => {
  const { Hasher } = await import('/door/portal/hashing/hasher.js')
  const hasher = new Hasher(worker && '/door/portal/hashing/worker.js')
  const found = []
  for (const file of document.querySelector('input').files) {
    const told = []
    found.push({ ...await hasher.hash(file, { told: (share) => told.push(share) }), told })
  }
  return found
}"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with serving({}, "") as site:
        page = chromium.new_page()
        page.goto(f"{site.address}/bare")
        yield page
        page.close()


def bits(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def scene(width: int, height: int, seed: int) -> Image.Image:
    """Like a photo of nothing: soft colours, grain, and some hard edges."""
    random = np.random.default_rng(seed)
    soft = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize((width, height))
    pixels = np.asarray(soft).astype(np.int16) + random.integers(-14, 15, (height, width, 3), dtype=np.int16)
    for _ in range(9):
        y, x = random.integers(0, height), random.integers(0, width)
        pixels[y : y + height // 7, x : x + width // 9] = random.integers(0, 256, 3)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def arrays() -> Iterator[Pixels]:
    """Every kind of picture that PDQ rounds differently, and the sizes at which its windows change."""
    random = np.random.default_rng(20_261_122)
    sizes = [(64, 64), (5, 5), (5, 300), (128, 129), (129, 128), (256, 257), (63, 65), (700, 33), (1, 1)]
    for number in range(80):
        side = sizes[number % 8] if number < 32 else random.integers(5, 320, 2)
        height, width = map(int, side)
        y, x = np.mgrid[:height, :width]
        if number % 5 == 0:
            yield random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        elif number % 5 == 1:
            slope = np.stack([x * 255 // width, y * 255 // height, (x + y) * 255 // (width + height)], 2)
            yield slope.astype(np.uint8)
        elif number % 5 == 2:
            cells = random.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3), dtype=np.uint8)
            yield np.ascontiguousarray(cells.repeat(9, axis=0).repeat(9, axis=1)[:height, :width])
        elif number % 5 == 3:
            flat = np.full((height, width, 3), random.integers(0, 256), np.uint8)
            flat[height // 3 : height // 2, width // 4 : width // 2] = random.integers(0, 256, 3)
            yield flat
        else:
            yield np.asarray(scene(width, height, number))
    yield random.integers(0, 256, (1024, 1024, 3), dtype=np.uint8)


def test_the_same_pixels_give_the_same_bits_and_quality(page: Page) -> None:
    tried = list(arrays())
    given = [
        [base64.b64encode(pixels.tobytes()).decode(), pixels.shape[1], pixels.shape[0]] for pixels in tried
    ]
    found = page.evaluate(
        """async (pictures) => {
          const { PdqOfRows, pdqOfPixels } = await import('/door/portal/hashing/pdq.js')
          return pictures.map(([text, width, height]) => {
            const rgb = atob(text)
            const rgba = new Uint8ClampedArray(width * height * 4).fill(255)
            for (let i = 0; i < width * height; i += 1) {
              for (let c = 0; c < 3; c += 1) rgba[4 * i + c] = rgb.charCodeAt(3 * i + c)
            }
            const whole = pdqOfPixels(rgba, width, height)
            const strips = new PdqOfRows(width, height)
            const at = (row) => 4 * width * Math.min(height, row)
            for (let row = 0; row < height; row += 7) strips.push(rgba.subarray(at(row), at(row + 7)))
            const again = strips.finish()
            return [whole.hex, whole.quality, again.hex, again.quality]
          })
        }""",
        given,
    )
    for pixels, told in zip(tried, found, strict=True):
        pdq, quality = pdq_of_pixels(pixels)
        assert told == [pdq.hex(), quality] * 2, pixels.shape


def test_a_picture_without_five_pixels_a_side_has_no_pdq(page: Page) -> None:
    small = """async ([width, height]) => {
      const { pdqOfPixels } = await import('/door/portal/hashing/pdq.js')
      const black = new Uint8Array(width * height * 4)
      try { return pdqOfPixels(black, width, height).hex } catch (fault) { return fault.message }
    }"""
    assert page.evaluate(small, [4, 50]) == page.evaluate(small, [50, 4]) == "PictureTooSmall"
    assert len(page.evaluate(small, [5, 5])) == 64


@pytest.mark.parametrize("piece", [1, 63, 64, 65, 1000])
def test_sha256_does_not_depend_on_the_pieces(page: Page, piece: int) -> None:
    lengths = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, 70_001 if piece > 60 else 300]
    found = page.evaluate(
        """async ([lengths, piece]) => {
          const { sha256OfBlob } = await import('/door/portal/hashing/sha256.js')
          const bytes = (length) => Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 255)
          return Promise.all(lengths.map((length) => sha256OfBlob(new Blob([bytes(length)]), { piece })))
        }""",
        [lengths, piece],
    )
    for length, told in zip(lengths, found, strict=True):
        data = bytes((i * 7 + (i >> 8)) & 255 for i in range(length))
        assert told == hashlib.sha256(data).hexdigest(), length


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def see_through(image: Image.Image, seed: int) -> Image.Image:
    random = np.random.default_rng(seed)
    alpha = random.integers(0, 256, (image.height // 20 + 1, image.width // 20 + 1), dtype=np.uint8)
    out = image.copy()
    out.putalpha(Image.fromarray(alpha).resize(image.size))
    return out


MADE: dict[str, Callable[[Image.Image], bytes]] = {
    "a.jpg": lambda image: saved(image, "JPEG", quality=85),
    "b.jpg": lambda image: saved(image, "JPEG", quality=40, progressive=True, subsampling=2),
    "grey.jpg": lambda image: saved(image.convert("L"), "JPEG"),
    "ink.jpg": lambda image: saved(image.convert("CMYK"), "JPEG"),
    "turned.jpg": lambda image: saved(image, "JPEG", exif=turned()),
    "a.png": lambda image: saved(image, "PNG"),
    "few.png": lambda image: saved(image.quantize(64), "PNG"),
    "turned.png": lambda image: saved(image, "PNG", exif=turned()),
    "see-through.png": lambda image: saved(see_through(image, 1), "PNG"),
    "a.webp": lambda image: saved(image, "WEBP", quality=80),
    "exact.webp": lambda image: saved(image, "WEBP", lossless=True),
    "turned.webp": lambda image: saved(image, "WEBP", exif=turned()),
    "a.gif": lambda image: saved(image.quantize(128), "GIF"),
    "a.bmp": lambda image: saved(image, "BMP"),
    "a.avif": lambda image: saved(image, "AVIF", speed=9),
}


def hashed(page: Page, files: list[Path], *, worker: bool = True) -> list[dict[str, Any]]:
    page.set_input_files("input", files)
    found: list[dict[str, Any]] = page.evaluate(WHOLE_FILES, worker)
    for told in found:
        assert told["told"] == sorted(told["told"])
        assert not told["told"] or 0 <= told["told"][0] <= told["told"][-1] <= 1
    return found


def apart(told: dict[str, Any], data: bytes) -> int:
    """Bits between the browser's hash and signalmatch's; the rest has to be equal."""
    ours = photo_signals(data)
    assert ours.pdq is not None
    assert ours.quality is not None
    assert (told["kind"], told["why"], told["frames"]) == ("photo", "", [])
    assert told["sha256"] == ours.sha256
    assert abs(told["quality"] - ours.quality) <= 2
    return bits(told["pdq"], ours.pdq.hex()) if ours.quality >= 80 else 0


@pytest.mark.parametrize("worker", [True, False])
def test_real_files_lie_within_the_published_distance(page: Page, tmp_path: Path, worker: bool) -> None:
    image = scene(480, 300, 7)
    files = []
    for name, made in MADE.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(made(image))
    found = hashed(page, files, worker=worker)
    told = {file.name: apart(one, file.read_bytes()) for file, one in zip(files, found, strict=True)}
    assert {name: far for name, far in told.items() if far > WITHIN} == {}


@pytest.mark.shared
def test_the_published_pictures_lie_within_the_published_distance(page: Page, shared: Path) -> None:
    # 16 bits of grey: Pillow, which the reference reads by, cuts them off where every browser scales them.
    files = [
        file for file in sorted((shared / "vectors" / "pdq" / "images").iterdir()) if file.name != "I16.png"
    ]
    found = hashed(page, files)
    told = {file.name: apart(one, file.read_bytes()) for file, one in zip(files, found, strict=True)}
    assert len(told) >= 20
    assert {name: far for name, far in told.items() if far > WITHIN} == {}


def test_a_picture_too_large_to_hold_is_read_reduced(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(saved(scene(1200, 850, 3).resize((4800, 3400)), "JPEG", quality=80))
    (told,) = hashed(page, [file])
    assert apart(told, file.read_bytes()) <= WITHIN
    held = page.evaluate(
        """async () => {
          const { readHeader } = await import('/door/portal/hashing/headers.js')
          const { FULL_PIXELS, REDUCED_PIXELS, pdqOfPhoto } = await import('/door/portal/hashing/photo.js')
          const seen = []
          const decode = globalThis.createImageBitmap
          globalThis.createImageBitmap = async (...given) => {
            const bitmap = await decode(...given)
            seen.push(bitmap.width * bitmap.height)
            return bitmap
          }
          const header = await readHeader(document.querySelector('input').files[0])
          await pdqOfPhoto(header)
          globalThis.createImageBitmap = decode
          return [header.width * header.height > FULL_PIXELS, Math.max(...seen) <= REDUCED_PIXELS * 1.01]
        }"""
    )
    assert held == [True, True]


def a_png_head(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBBI", 13, b"IHDR", width, height, 8, 2, 0, 0, 0, 0)


def test_why_there_is_no_pdq_is_said_and_nothing_large_is_decoded(page: Page, tmp_path: Path) -> None:
    files = {
        "large.png": (a_png_head(60_000, 60_000), "photo", "large"),
        "small.png": (saved(Image.new("RGB", (4, 40)), "PNG"), "photo", "small"),
        "broken.png": (a_png_head(300, 300) + b"\0" * 400, "photo", "broken"),
        "scan.tif": (saved(Image.new("RGB", (40, 40)), "TIFF"), "photo", "format"),
        "broken.jpg": (b"\xff\xd8\xff\xe0" + b"\0" * 60, "photo", "format"),
        "letter.txt": (b"a few words, and then some more", "other", "other"),
        "short": (b"x", "other", "other"),
        "broken.mp4": (b"\0\0\0\x18ftypisom" + b"\0" * 300, "video", "video"),
    }
    for name, (data, _, _) in files.items():
        (tmp_path / name).write_bytes(data)
    found = hashed(page, [tmp_path / name for name in files])
    for told, (name, (data, kind, why)) in zip(found, files.items(), strict=True):
        assert (told["kind"], told["why"]) == (kind, why), name
        assert (told["pdq"], told["quality"], told["frames"]) == ("", None, []), name
        assert told["sha256"] == hashlib.sha256(data).hexdigest(), name


def test_a_browser_that_hides_its_canvas_gives_no_false_hash(chromium: Browser, tmp_path: Path) -> None:
    """Tor Browser hands out white, or noise, where a page reads a canvas."""
    file = tmp_path / "a.jpg"
    file.write_bytes(MADE["a.jpg"](scene(200, 200, 2)))
    with serving({}, "") as site:
        page = chromium.new_page()
        page.add_init_script(
            "const read = OffscreenCanvasRenderingContext2D.prototype.getImageData\n"
            "OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...given) {\n"
            "  const seen = read.apply(this, given); seen.data.fill(255); return seen }"
        )
        page.goto(f"{site.address}/bare")
        (told,) = hashed(page, [file], worker=False)
        page.close()
    assert (told["why"], told["pdq"], told["quality"]) == ("protected", "", None)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_never_more_than_a_megabyte_of_a_file_is_read_at_once(page: Page) -> None:
    read = page.evaluate(
        """async () => {
          const { hashOneFile } = await import('/door/portal/hashing/one_file.js')
          const seen = []
          const whole = Blob.prototype.arrayBuffer
          Blob.prototype.arrayBuffer = function () { seen.push(this.size); return whole.call(this) }
          await hashOneFile(new File(Array(5).fill(new Uint8Array(700_000)), 'x'))
          Blob.prototype.arrayBuffer = whole
          return [Math.max(...seen), seen.length > 3]
        }"""
    )
    assert read == [1 << 20, True]
