"""`signalmatch bench …`: figures of this machine. One function a subject; each imports its subject only when called."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from signalmatch.cli.arguments import add_json, subcommand, whole

if TYPE_CHECKING:
    from signalmatch.cli.arguments import Subcommands

# The names of `index.plan.MODES` and `bench.hashes.KINDS`, which would load numpy; a test holds them together.
MODES = ("auto", "fast", "lean", "plain")
KINDS = ("realistic", "uniform", "clustered")


def add_to(among: Subcommands) -> None:
    words = "Measure here, beside what others take, in the same run."
    subjects = among.add_parser("bench", help=words, description=words).add_subparsers(
        title="subjects", required=True, metavar="SUBJECT"
    )
    _photo(subjects)
    _video(subjects)
    _index(subjects)


def _rounds(parser: argparse.ArgumentParser, rounds: int) -> None:
    parser.add_argument(
        "--rounds", type=whole(1), default=rounds, help="Interleaved rounds; medians are told."
    )


def _photo(among: Subcommands) -> None:
    words = "Pixels and JPEG bytes to PDQ, beside Pillow and pdqhash where they are installed."
    parser = subcommand(among, "photo", photo, words)
    add_json(parser)
    _rounds(parser, 7)


def photo(chosen: argparse.Namespace) -> int:
    from signalmatch.bench.photo import report

    report(as_json=chosen.as_json, rounds=chosen.rounds)
    return 0


def _video(among: Subcommands) -> None:
    words = "What hashing adds to decoding a 1080p30 video, and how soon key frames give a first verdict. Needs PyAV."
    parser = subcommand(among, "video", video, words)
    add_json(parser)
    parser.add_argument("--seconds", type=whole(2), default=60, help="Length of the video that is made.")
    _rounds(parser, 3)


def video(chosen: argparse.Namespace) -> int:
    from signalmatch.bench.video import report

    report(as_json=chosen.as_json, seconds=chosen.seconds, rounds=chosen.rounds)
    return 0


def _index(among: Subcommands) -> None:
    words = "Queries a second beside FAISS, bytes a hash, seconds to build, and the share of what the machine allows."
    parser = subcommand(among, "index", index, words)
    parser.add_argument("--n", type=whole(0), default=1_000_000, help="How many hashes.")
    parser.add_argument("--mode", choices=MODES, default="auto", help="The index's layout; auto chooses.")
    parser.add_argument("--threads", type=whole(1), default=1)
    parser.add_argument("--data", choices=KINDS, default="realistic", help="What the hashes look like.")
    parser.add_argument("--radius", type=whole(0, 63), default=31)
    parser.add_argument(
        "--queries", type=whole(100), default=4096, help="Half of them near one of the hashes."
    )
    _rounds(parser, 5)
    add_json(parser)


def index(chosen: argparse.Namespace) -> int:
    from signalmatch.bench.index import report

    report(
        n=chosen.n,
        mode=chosen.mode,
        threads=chosen.threads,
        data=chosen.data,
        radius=chosen.radius,
        queries=chosen.queries,
        rounds=chosen.rounds,
        as_json=chosen.as_json,
    )
    return 0
