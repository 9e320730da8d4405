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
def photo(
    as_json: AsJson = False,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds; medians are told.")] = 7,
) -> None:
    """Pixels and JPEG bytes to PDQ, beside Pillow and pdqhash where they are installed."""
    from signalmatch.bench.photo import report

    report(as_json=as_json, rounds=rounds)


@app.command()
def video(
    as_json: AsJson = False,
    seconds: Annotated[int, typer.Option(min=2, help="Length of the video that is made.")] = 60,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds; medians are told.")] = 3,
) -> None:
    """What hashing adds to decoding a 1080p30 video, and how soon key frames give a first verdict. Needs PyAV."""
    from signalmatch.bench.video import report

    report(as_json=as_json, seconds=seconds, rounds=rounds)


@app.command()
def index(  # noqa: PLR0917 - options of a command
    n: Annotated[int, typer.Option("--n", min=0, help="How many hashes.")] = 1_000_000,
    mode: Annotated[str, typer.Option(help="auto, fast, lean or plain.")] = "auto",
    threads: Annotated[int, typer.Option(min=1)] = 1,
    data: Annotated[str, typer.Option(help="realistic, uniform or clustered.")] = "realistic",
    radius: Annotated[int, typer.Option(min=0, max=63)] = 31,
    queries: Annotated[int, typer.Option(min=100, help="Half of them near one of the hashes.")] = 4096,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds; medians are told.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Queries a second beside FAISS, bytes a hash, seconds to build, and the share of what the machine allows."""
    from signalmatch.bench.hashes import KINDS
    from signalmatch.bench.index import report
    from signalmatch.index.plan import MODES

    if mode not in MODES or data not in KINDS:
        raise typer.BadParameter(f"--mode is one of {', '.join(MODES)}; --data is one of {', '.join(KINDS)}")
    report(
        n=n, mode=mode, threads=threads, data=data, radius=radius, queries=queries, rounds=rounds, as_json=as_json
    )  # fmt: skip
