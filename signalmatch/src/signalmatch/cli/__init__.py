"""The command `signalmatch`: one module a subcommand.

To add one: a module `signalmatch.cli.<name>` and a line below. These modules import only typer; what is heavy (numpy,
numba, decoders, rich) they import in the function that needs it, so that `signalmatch --help` answers at once.
"""

from __future__ import annotations

import typer

from signalmatch.cli import bench, hash, match, video, warm  # noqa: A004 - the subcommand's name

app = typer.Typer(
    name="signalmatch",
    help="Hash photos and videos and find known ones, exactly.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("hash")(hash.hash_files)
app.command("match")(match.match_files)
app.command("compare")(video.compare_videos)
app.command("warm")(warm.warm)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """The entry point of the console script."""
    app(prog_name="signalmatch")
