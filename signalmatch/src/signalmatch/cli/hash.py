"""`signalmatch hash FILE…`: one line or one JSON object a file, a progress bar on a terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalmatch.cli.arguments import add_json, share, subcommand, with_bar

if TYPE_CHECKING:
    from signalmatch.cli.arguments import Subcommands
    from signalmatch.signals.photo import PhotoSignals


FRAMES = ("seconds", "keyframes", "every")
"""Which frames of a video are hashed: `signals.vpdq.video_signals`."""


def add_to(among: Subcommands) -> None:
    words = "Hash photos and videos. What is neither still has MD5, SHA-1 and SHA-256, and says why it has no PDQ."
    parser = subcommand(among, "hash", hash_files, words)
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="Photos and videos, in any format that is decoded.",
    )
    add_json(parser)
    parser.add_argument(
        "--frames",
        choices=FRAMES,
        default="seconds",
        help="Of a video: one frame in so many seconds, key frames (quick), or every one.",
    )
    parser.add_argument(
        "--seconds", type=share, help="Seconds a frame: 1, and 5 between key frames, unless told."
    )


def hash_files(chosen: argparse.Namespace) -> int:
    """One line or one JSON object a file; 1 where a file could not be opened."""
    import json

    from signalmatch.cli.video import is_video, video_line, video_words
    from signalmatch.signals.photo import photo_signals_of_file

    told = []
    missing = False
    for path in with_bar(chosen.files, "Hashing"):
        try:
            if is_video(path):
                told.append({"file": str(path), **video_words(path, chosen.frames, chosen.seconds)})
                continue
            with path.open("rb") as file:
                found = photo_signals_of_file(file)
        except OSError as error:
            missing = True
            told.append({"file": str(path), "error": error.strerror or type(error).__name__})
            continue
        told.append({"file": str(path), **as_words(found)})
    if chosen.as_json:
        print(json.dumps(told, indent=1))
    else:
        for row in told:
            print(video_line(row) if "frames" in row else _line(row))
    return 1 if missing else 0


def as_words(signals: PhotoSignals) -> dict[str, Any]:
    """The signals as JSON has them: PDQ in hexadecimal."""
    from dataclasses import asdict

    return {**asdict(signals), "pdq": signals.pdq.hex() if signals.pdq is not None else None}


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['file']}: {row['error']}"
    if row["pdq"] is None:
        return f"{row['file']}\n  no pdq  {row['why_no_pdq']}: {row['detail']}\n  sha256  {row['sha256']}"
    return f"{row['file']}\n  pdq     {row['pdq']}  quality {row['quality']}\n  sha256  {row['sha256']}"
