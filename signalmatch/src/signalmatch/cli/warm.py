"""`signalmatch warm`: compile every kernel into the cache, so that nobody waits for it later.

A new machine compiles for some twenty-five seconds of processor time. A decoder that is given less to answer would be
killed meanwhile, so installations do this once, before they serve. A second time costs one start.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from signalmatch.cli.arguments import subcommand

if TYPE_CHECKING:
    from signalmatch.cli.arguments import Subcommands


def add_to(among: Subcommands) -> None:
    words = "Compile the kernels once, so that the first photo and the first search need not wait."
    subcommand(among, "warm", warm, words)


def warm(_chosen: argparse.Namespace) -> int:
    import numpy as np

    from signalmatch.index import HammingIndex
    from signalmatch.kernels import photo
    from signalmatch.media.pictures import load_codecs
    from signalmatch.signals.pdq import dihedral_hashes, pdq_of_pixels

    photo.load()
    load_codecs()
    # Noise and a gradient: both ways in which a photo is hashed, in colour and in grey.
    draw = np.random.default_rng(1)
    noise = draw.integers(0, 256, (96, 128, 3), dtype=np.uint8)
    ramp = np.tile(np.linspace(0, 255, 128, dtype=np.uint8), (96, 1))
    for pixels in (noise, noise[:, :, 0].copy(), ramp, np.stack([ramp] * 3, axis=2)):
        pdq_of_pixels(pixels)
        dihedral_hashes(pixels)
    hashes = draw.integers(0, 2**63, (20_000, 4), dtype=np.uint64)
    for mode in ("plain", "lean", "fast"):
        index = HammingIndex.build(hashes, mode=mode)
        for radius in (0, 31, 63):
            index.search(hashes[:1], radius)
            index.search(hashes[:200], radius)
    return 0
