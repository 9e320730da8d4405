"""Videos on the command line: their part of `signalmatch hash`, and `signalmatch compare`."""

from __future__ import annotations

import argparse
import mmap
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalmatch.cli.arguments import add_json, share, subcommand, whole

if TYPE_CHECKING:
    from signalmatch.cli.arguments import Subcommands
    from signalmatch.media.video import Mode
    from signalmatch.signals.vpdq import VideoFrame

HEAD = 512
LONGEST_LIST = 64 << 20


def is_video(path: Path) -> bool:
    """Whether the file begins like a video. Raises OSError where it can't be read."""
    from signalmatch.media.video import looks_like_video

    with path.open("rb") as file:
        return looks_like_video(file.read(HEAD))


def video_words(path: Path, mode: Mode, seconds_per_hash: float | None) -> dict[str, Any]:
    """What `signalmatch hash` tells of a video: digests of its bytes, and its frames or why there are none."""
    from signalmatch.errors import VideoError
    from signalmatch.signals.cryptographic import digests
    from signalmatch.signals.vpdq import video_signals

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        told: dict[str, Any] = asdict(digests(content))  # type: ignore[arg-type]
    try:
        signals = video_signals(path, mode, seconds_per_hash)
    except VideoError as error:
        return told | {"frames": None, "why_no_pdq": type(error).__name__, "detail": str(error)}
    return told | {
        "video": asdict(signals.facts),
        "rotation": signals.rotation,
        "mode": signals.mode,
        "problem": signals.problem or None,
        "frames": [
            {"frame": f.number, "quality": f.quality, "pdq": f.pdq.hex(), "timestamp": round(f.timestamp, 3)}
            for f in signals.frames
        ],
    }


def video_line(row: dict[str, Any]) -> str:
    """One video for people to read."""
    if row["frames"] is None:
        return f"{row['file']}\n  no vpdq {row['why_no_pdq']}: {row['detail']}\n  sha256  {row['sha256']}"
    facts = row["video"]
    lines = [
        f"{row['file']}",
        f"  vpdq    {len(row['frames'])} frames ({row['mode']}), {facts['codec']}, {facts['duration']:.1f} s",
        f"  sha256  {row['sha256']}",
    ]
    if row["problem"]:
        lines.append(f"  problem {row['problem']}")
    return "\n".join(lines)


def add_to(among: Subcommands) -> None:
    words = "How much of each known video is in another, and of that one in each (vPDQ)."
    parser = subcommand(among, "compare", compare_videos, words)
    parser.add_argument("query", metavar="QUERY", type=Path, help="A video, or a vPDQ hash file.")
    parser.add_argument("known", metavar="KNOWN", nargs="+", type=Path, help="Videos or vPDQ hash files.")
    parser.add_argument(
        "--distance", type=whole(0, 256), default=31, help="Two frames are near up to this distance."
    )
    parser.add_argument("--quality", type=whole(0, 100), default=50, help="Frames below it are not compared.")
    parser.add_argument(
        "--compared-percent", type=share, default=80.0, help="So much of the known video is a match."
    )
    parser.add_argument("--query-percent", type=share, default=0.0, help="And so much of the query.")
    add_json(parser)


def compare_videos(chosen: argparse.Namespace) -> int:
    """1 where nothing matches, 2 where something could not be read."""
    import json

    from signalmatch.errors import SignalmatchError
    from signalmatch.signals.vpdq import compare

    try:
        asked = frames_of(chosen.query)
        told = []
        for path in chosen.known:
            found = compare(asked, frames_of(path), chosen.distance, chosen.quality)
            told.append(
                {
                    "known": str(path),
                    "match": found.is_match(chosen.compared_percent, chosen.query_percent),
                    "compared_percent": round(found.compared_percent, 2),
                    "query_percent": round(found.query_percent, 2),
                    **asdict(found),
                }
            )
    except (SignalmatchError, OSError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    if chosen.as_json:
        print(json.dumps(told, indent=1))
    else:
        for row in told:
            print(
                f"{'match' if row['match'] else '-':6}{row['compared_percent']:6} % of {row['known']}, "
                f"{row['query_percent']} % of {chosen.query}"
            )
    return 0 if any(row["match"] for row in told) else 1


def frames_of(path: Path) -> list[VideoFrame]:
    """The frames of a vPDQ hash file, or of a video that is hashed now. Raises a SignalmatchError or an OSError."""
    from signalmatch.errors import BadFrameList
    from signalmatch.signals.vpdq import read_frames, video_signals

    if is_video(path):
        return list(video_signals(path).frames)
    if path.stat().st_size > LONGEST_LIST:
        raise BadFrameList(f"{path} is no video, and too long for a vPDQ hash file")
    return read_frames(path.read_text("utf-8", "replace"))
