"""Photos: pixels to PDQ and JPEG bytes to PDQ, beside pdqhash and Pillow, in one run and by turns.

The pictures are made here (soft patches of many sizes, with grain), so that anybody can repeat it. Every hash is
compared with the peer's; without the peers only our own figures are told.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from signalmatch.media.pictures import decode
from signalmatch.signals import pdq
from signalmatch.signals.decoder import Decoder
from signalmatch.signals.photo import perceptual_signals

PIXELS = ((1024, 1024), (3000, 4000), (3072, 4096))
"""Height and width: 1 megapixel, and 12 as telephones have them (4000 and, a power of two, 4096 wide)."""
JPEGS = (1024, 2048, 4096)
"""Side of each square, colour at half resolution. The more bits a pixel, the more decoding weighs."""
QUALITY = 85

Ways = dict[str, Callable[[], Any]]


def report(*, as_json: bool, rounds: int = 7) -> None:
    """Print `measure`'s figures."""
    figures = measure(rounds)
    if as_json:
        print(json.dumps(figures, indent=1))  # noqa: T201 - the command's output
        return
    print(figures["peer"])  # noqa: T201
    for part in ("pixels", "jpeg"):
        for row in figures[part]:
            print(row["picture"])  # noqa: T201
            for name, value in row.items():
                if name != "picture":
                    print(f"  {name:34} {value}")  # noqa: T201


def measure(rounds: int = 7) -> dict[str, Any]:
    """Medians in milliseconds of `rounds` interleaved rounds on one thread; `x_…` is the peer's median by ours.

    `processor_x_…` is the same of processor time, which says more where other programs share the machine.
    """
    peer = importlib.util.find_spec("pdqhash") is not None
    figures: dict[str, Any] = {
        "machine": {
            "processor": _processor(),
            "cores": len(os.sched_getaffinity(0)),
            "load": round(os.getloadavg()[0], 1),
            "sequential_read_gb_a_second": _reading(),
        },
        "peer": (
            f"pdqhash {version('pdqhash')} behind Pillow {version('Pillow')}"
            if peer
            else "pdqhash is not installed (pip install signalmatch[peers]): only our own figures"
        ),
        "pixels": [_of_pixels(height, width, rounds, peer=peer) for height, width in PIXELS],
    }
    with Decoder(seconds=60) as decoder:
        decoder.start()
        figures["jpeg"] = [_of_jpeg(width, rounds, decoder, peer=peer) for width in JPEGS]
    return figures


def made(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """uint8[height, width, 3]: patches from a third of the picture to a few pixels, and grain."""
    rng = np.random.default_rng(seed)
    out = np.empty((height, width, 3), np.uint8)
    patches = [
        (cells, rng.normal(size=(cells, cells)) * 100 / np.sqrt(cells)) for cells in (3, 8, 20, 60, 200)
    ]
    across = np.arange(width)
    for top in range(0, height, 256):
        down = np.arange(top, min(top + 256, height))
        field = sum(patch[down * cells // height][:, across * cells // width] for cells, patch in patches)
        grain = rng.normal(0, 3, (len(down), width, 1))
        band = np.asarray(field)[:, :, None] * [1.0, 0.8, 0.9] + 128 + grain
        out[top : top + 256] = np.clip(band, 0, 255)
    return out


def _of_pixels(height: int, width: int, rounds: int, *, peer: bool) -> dict[str, Any]:
    pixels = made(height, width)
    ways: Ways = {"ours": lambda: pdq.pdq_of_pixels(pixels)}
    if peer:
        ways["pdqhash"] = lambda: _by_pdqhash(pixels)
    took, busy, said = _by_turns(ways, rounds, repeat=5)
    row: dict[str, Any] = {
        "picture": f"{width} x {height}, pixels",
        "ours_ms": took["ours"],
        "gigabytes_a_second": round(pixels.nbytes / took["ours"] / 1e6, 1),
        "reference_order_asked": pdq._quickly(*pdq._rows(pixels)) is None,
    }
    if peer:
        row |= {
            "pdqhash_ms": took["pdqhash"],
            "x_pdqhash": round(took["pdqhash"] / took["ours"], 1),
            "processor_x_pdqhash": round(busy["pdqhash"] / busy["ours"], 1),
            "bits_different": _apart(said["ours"][0], said["pdqhash"][0]),
            "quality_different": abs(said["ours"][1] - said["pdqhash"][1]),
        }
    return row


def _of_jpeg(width: int, rounds: int, decoder: Decoder, *, peer: bool) -> dict[str, Any]:
    written = io.BytesIO()
    with Image.fromarray(made(width, width)) as image:
        image.save(written, "JPEG", quality=QUALITY)
    data = written.getvalue()
    ways: Ways = {
        "ours": lambda: _both(perceptual_signals(data)),
        "ours_grey": lambda: _both(perceptual_signals(data, grey=True)),
        "ours_in_its_process": lambda: _both(decoder.perceptual_signals(data)),
        "ours_grey_in_its_process": lambda: _both(decoder.perceptual_signals(data, grey=True)),
        "decoding_alone": lambda: decode(data),
    }
    if peer:
        ways["pillow_and_pdqhash"] = lambda: _by_pillow_and_pdqhash(data)
    took, busy, said = _by_turns(ways, rounds, repeat=3)
    row: dict[str, Any] = {"picture": f"JPEG {width} x {width}, {len(data) * 8 / width**2:.1f} bits a pixel"}
    row |= {f"{name}_ms": value for name, value in took.items()}
    row["grey_bits_different"] = _apart(said["ours"][0], said["ours_grey"][0])
    if peer:
        theirs = took["pillow_and_pdqhash"]
        row |= {
            f"x_{name}": round(theirs / value, 1) for name, value in took.items() if name.startswith("ours")
        }
        for name in ("ours", "ours_grey"):
            row[f"processor_x_{name}"] = round(busy["pillow_and_pdqhash"] / busy[name], 1)
        row["bits_different"] = _apart(said["ours"][0], said["pillow_and_pdqhash"][0])
        row["quality_different"] = abs(said["ours"][1] - said["pillow_and_pdqhash"][1])
    return row


def _by_turns(
    ways: Ways, rounds: int, repeat: int
) -> tuple[dict[str, float], dict[str, float], dict[str, Any]]:
    """Each way's median in milliseconds, by the clock and of processor time, and what it answered.

    Our short ones run `repeat` times a round.
    """
    said = {name: way() for name, way in ways.items()}
    took: dict[str, list[float]] = {name: [] for name in ways}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            for _ in range(1 if "pdqhash" in name else repeat):
                began, worked = time.perf_counter(), time.thread_time()
                way()
                took[name].append(time.perf_counter() - began)
                busy[name].append(time.thread_time() - worked)
    return _medians(took), _medians(busy), said


def _medians(times: dict[str, list[float]]) -> dict[str, float]:
    return {name: round(median(values) * 1000, 3) for name, values in times.items()}


def _both(found: Any) -> tuple[bytes, int]:
    return found.pdq, found.quality


def _by_pdqhash(pixels: NDArray[np.uint8]) -> tuple[bytes, int]:
    import pdqhash

    bits, quality = pdqhash.compute(pixels)
    return np.packbits(bits.astype(np.uint8)).tobytes(), quality


def _by_pillow_and_pdqhash(data: bytes) -> tuple[bytes, int]:
    with Image.open(io.BytesIO(data)) as image:
        return _by_pdqhash(np.asarray(image.convert("RGB")))


def _apart(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def _reading() -> float:
    """What this machine reads in a row, on one thread, from memory: no hash can be quicker than that."""
    many = np.ones(24_000_000, np.uint64)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        many.sum()
        times.append(time.perf_counter() - began)
    return round(many.nbytes / min(times) / 1e9, 1)


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as told:  # noqa: PTH123
            return next((line.split(":", 1)[1].strip() for line in told if line.startswith("model name")), "")
    except OSError:
        return platform.processor()
