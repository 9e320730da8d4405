"""`signalmatch hash FILE…`: one line or one JSON object a file, a progress bar on a terminal."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from signalmatch.signals.photo import PhotoSignals


class Frames(StrEnum):
    """Which frames of a video are hashed: `signals.vpdq.video_signals`."""

    SECONDS = "seconds"
    KEYFRAMES = "keyframes"
    EVERY = "every"


def hash_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Photos and videos, in any format that is decoded.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array and nothing else.")] = False,
    frames: Annotated[
        Frames,
        typer.Option(help="Of a video: one frame in so many seconds, key frames (quick), or every one."),
    ] = Frames.SECONDS,
    seconds: Annotated[
        float | None, typer.Option(min=0, help="Seconds a frame: 1, and 5 between key frames, unless told.")
    ] = None,
) -> None:
    """Hash photos and videos. What is neither still has MD5, SHA-1 and SHA-256, and says why it has no PDQ."""
    import json

    from rich.console import Console
    from rich.progress import track

    from signalmatch.cli.video import is_video, video_line, video_words
    from signalmatch.signals.photo import photo_signals_of_file

    told = []
    missing = False
    with_bar = Console(stderr=True)
    for path in track(files, "Hashing", console=with_bar, transient=True, disable=not with_bar.is_terminal):
        try:
            if is_video(path):
                told.append({"file": str(path), **video_words(path, frames.value, seconds)})
                continue
            with path.open("rb") as file:
                found = photo_signals_of_file(file)
        except OSError as error:
            missing = True
            told.append({"file": str(path), "error": error.strerror or type(error).__name__})
            continue
        told.append({"file": str(path), **as_words(found)})
    if as_json:
        typer.echo(json.dumps(told, indent=1))
    else:
        for row in told:
            typer.echo(video_line(row) if "frames" in row else _line(row))
    if missing:
        raise typer.Exit(1)


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
