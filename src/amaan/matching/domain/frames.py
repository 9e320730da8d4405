"""Which frames of a video stand for all of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Frame = tuple[bytes, int]
"""32 bytes of PDQ and the quality."""
_RADII: Final = (8, 16, 24, 31)


def frames_that_stand_for(frames: Sequence[Frame], most: int) -> list[Frame]:
    """At most `most` of them, in their order, such that every other one lies near one that stays.

    Near is 8 bits where that leaves few enough, else 16, 24 or 31: what is at most r from a frame that was left out is
    at most r + 8 from one that stayed. Of a video that never stands still, which has more than `most` even then, they
    are taken evenly from its beginning to its end.
    """
    kept: list[Frame] = []
    for radius in _RADII:
        kept = _apart(frames, radius)
        if len(kept) <= most:
            return kept
    return [kept[at * len(kept) // most] for at in range(most)]


def _apart(frames: Sequence[Frame], radius: int) -> list[Frame]:
    kept: list[tuple[int, Frame]] = []
    for frame in frames:
        bits = int.from_bytes(frame[0], "big")
        if all((bits ^ other).bit_count() > radius for other, _ in kept):
            kept.append((bits, frame))
    return [frame for _, frame in kept]
