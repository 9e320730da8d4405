"""`signalmatch bench …`: figures of this machine. One function a subject; each imports its subject only when called."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.callback()
def _bench() -> None:
    """Measure here, beside what others take, in the same run."""


@app.command()
def video(
    as_json: AsJson = False,
    seconds: Annotated[int, typer.Option(min=2, help="Length of the video that is made.")] = 60,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds; medians are told.")] = 3,
) -> None:
    """What hashing adds to decoding a 1080p30 video, and how soon key frames give a first verdict. Needs PyAV."""
    from signalmatch.bench.video import report

    report(as_json=as_json, seconds=seconds, rounds=rounds)
