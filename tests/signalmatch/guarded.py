"""Rooms that end where memory ends, and damaged JPEGs to decode in them. Run as a program: it dies of a wrong access.

`python -m tests.signalmatch.guarded FILES SEED [SHORT]`: each file's bytes, every room and the output lie directly
before a page that nobody may touch (every second time directly behind one). Says how many were decoded and how many
were refused; ends with 1 where pixels differ from libjpeg's. SHORT: so many bytes less of output than are needed, to
see it die.
"""

from __future__ import annotations

import ctypes
import io
import mmap
import sys
from typing import Any

import numpy as np
from PIL import Image
from tests.signalmatch.pictures import clouds

from signalmatch.kernels.photo import SLACK, decode_usual, rooms_for
from signalmatch.media import jpeg

Bytes = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
SIDES = [(64, 64), (65, 67), (96, 130), (81, 97), (64, 159), (143, 64), (130, 191)]


class Guarded:
    """A room of some pages between two that nobody may touch."""

    def __init__(self, capacity: int = 1 << 20) -> None:
        self._whole = mmap.mmap(-1, capacity + 2 * mmap.PAGESIZE)
        begin = ctypes.addressof(ctypes.c_char.from_buffer(self._whole))
        protect = ctypes.CDLL(None, use_errno=True).mprotect
        protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for page in (begin, begin + mmap.PAGESIZE + capacity):
            if protect(page, mmap.PAGESIZE, 0):
                raise OSError(ctypes.get_errno(), "mprotect")
        self._room = np.frombuffer(self._whole, np.uint8)[mmap.PAGESIZE : mmap.PAGESIZE + capacity]

    def take(self, shape: Any, kind: Any, *, behind: bool) -> Any:
        """An array that ends at the page behind the room, or begins at the page before it."""
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        part = self._room[self._room.size - size :] if behind else self._room[:size]
        part[:] = 0xA5
        return part.view(kind).reshape(shape)


ROOMS = [Guarded() for _ in range(9)]


def decoded(data: bytes, height: int, width: int, grey: bool, behind: bool, short: int = 0) -> Bytes | None:
    """As `jpeg.usual_pixels`, in guarded rooms."""
    try:
        header, start = jpeg.header_of(memoryview(data), height, width)
    except jpeg._Unusual:
        return None
    free = iter(ROOMS)
    source = next(free).take(len(data), np.uint8, behind=behind)
    source[:] = np.frombuffer(data, np.uint8)
    size = height * width * (1 if grey else 3)
    out = next(free).take(size + SLACK - short, np.uint8, behind=behind)
    rooms = rooms_for(len(data), width, lambda shape, kind: next(free).take(shape, kind, behind=behind))
    tables = header.counts, header.symbols, header.factors, header.codes
    why_not = decode_usual(source, start, *tables, header.rows_a_sample, height, width, grey, rooms, out)
    return None if why_not else out[:size].reshape((height, width) if grey else (height, width, 3))


def originals(random: np.random.Generator) -> list[tuple[bytes, int, int]]:
    found = []
    for number, (height, width) in enumerate(SIDES):
        for subsampling in (1, 2):
            pixels = clouds(height, width, number)
            if number % 3 == 2:
                pixels = random.integers(0, 256, pixels.shape, dtype=np.uint8)
            file = io.BytesIO()
            with Image.fromarray(pixels) as image:
                options = {"quality": [20, 75, 95][number % 3], "optimize": number % 2 == 0}
                image.save(file, "JPEG", subsampling=subsampling, **options)
            found.append((file.getvalue(), height, width))
    return found


def parts(data: bytes) -> tuple[list[tuple[int, int]], int]:
    """Where the header's parts lie, and where the scan begins."""
    found, at = [], 2
    while True:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((at, end))
        if data[at + 1] == 0xDA:
            return found, end
        at = end


def damaged(data: bytes, other: bytes, random: np.random.Generator) -> bytes:  # noqa: C901  a list of damages
    """Bits and bytes changed, cut, with another's tables, symbols or scan, or with noise for a scan."""

    def number(most: int) -> int:
        return int(random.integers(0, most))

    header, scan = parts(data)
    theirs, their_scan = parts(other)
    made = bytearray(data)
    match number(9):
        case 0:
            made[scan + number(len(data) - scan)] ^= 1 << number(8)
        case 1:
            for _ in range(1 + number(6)):
                made[number(len(data))] = number(256)
        case 2:
            made = made[: number(len(data))] + b"\xff\xd9"
        case 3:
            made = made[: number(len(data)) + 1]
        case 4:
            made[scan:] = other[their_scan:]
        case 5:  # their tables before our scan
            made = bytearray(other[:2] + b"".join(other[a:b] for a, b in theirs if other[a + 1] == 0xC4))
            made += b"".join(data[a:b] for a, b in header if data[a + 1] != 0xC4) + data[scan:]
        case 6:  # any symbols for the codes, or any codes for the symbols
            for a, b in header:
                if made[a + 1] == 0xC4:
                    first, last = (a + 21, b) if number(4) else (a + 5, a + 21)
                    for _ in range(1 + number(3)):
                        made[first + number(last - first)] = number(256)
        case 7:
            noise = random.integers(0, 255, number(len(data) - scan + 40), dtype=np.uint8)
            made[scan + number(len(data) - scan) :] = noise.tobytes() + b"\xff\xd9"
        case _:
            at = scan + number(len(data) - scan)
            made[at:at] = bytes([number(255)]) * number(60)
    return bytes(made)


def same_as_libjpeg(data: bytes, found: Bytes) -> bool:
    try:
        with Image.open(io.BytesIO(data)) as image:
            return np.array_equal(found, np.asarray(image.convert("L" if found.ndim == 2 else "RGB")))
    except Exception as error:  # noqa: BLE001
        # Pillow reads some headers more strictly than libjpeg does.
        return "broken data stream" not in str(error) and "truncated" not in str(error)


def main(files: int, seed: int, short: int = 0) -> int:
    random = np.random.default_rng(seed)
    whole = originals(random)
    yes = no = wrong = 0
    for n in range(files):
        data, height, width = whole[n % len(whole)]
        # The first time round they are whole, so that the last pixel of each is written.
        data = data if n < len(whole) else damaged(data, whole[random.integers(len(whole))][0], random)
        grey = n >= len(whole) and bool(random.integers(4) == 0)
        found = decoded(
            data, height, width, grey, behind=short > 0 or bool((n + n // len(whole)) % 2), short=short
        )
        yes, no = yes + (found is not None), no + (found is None)
        if found is not None and not grey and not same_as_libjpeg(data, found):
            wrong += 1
            sys.stdout.write(f"differs: {seed} {n}\n")
    sys.stdout.write(f"{yes} decoded, {no} refused, {wrong} differ\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
