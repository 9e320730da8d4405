"""`signalmatch match --list FILE FILE…`: which files are on a list, by the same bytes or by a near PDQ hash."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signalmatch.cli.arguments import add_json, subcommand, whole, with_bar

if TYPE_CHECKING:
    from signalmatch.cli.arguments import Subcommands
    from signalmatch.index import HammingIndex
    from signalmatch.lists import HashList
    from signalmatch.signals.photo import PhotoSignals


def add_to(among: Subcommands) -> None:
    words = (
        "Compare photos with hash lists: the same bytes first (MD5, SHA-1, SHA-256), then near PDQ hashes."
    )
    parser = subcommand(among, "match", match_files, words)
    parser.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="Photos, in any format that is decoded."
    )
    parser.add_argument(
        "--list",
        dest="lists",
        action="append",
        required=True,
        type=Path,
        help="A hash list, plain or CSV; may be given several times.",
    )
    parser.add_argument(
        "--radius",
        type=whole(0, 63),
        default=31,
        help="PDQ hashes that differ in at most so many bits match.",
    )
    parser.add_argument(
        "--quality", type=whole(0, 100), default=50, help="PDQ hashes of a lower quality match nothing."
    )
    add_json(parser)


def match_files(chosen: argparse.Namespace) -> int:
    """1 where a file could not be opened, 2 where a list could not be read."""
    import json

    import numpy as np

    from signalmatch.errors import UnreadableHashList
    from signalmatch.index import HammingIndex
    from signalmatch.lists import read_hash_list
    from signalmatch.signals.photo import photo_signals

    known: list[HashList] = []
    for path in with_bar(chosen.lists, "Reading lists"):
        try:
            known.append(read_hash_list(path))
        except (OSError, UnreadableHashList) as wrong:
            print(f"{path}: {getattr(wrong, 'strerror', None) or wrong}", file=sys.stderr)
            return 2
    index = HammingIndex.build(np.concatenate([one.pdq for one in known]))
    told: list[dict[str, Any]] = []
    for path in with_bar(chosen.files, "Comparing"):
        try:
            signals = photo_signals(path.read_bytes())
        except OSError as error:
            told.append({"file": str(path), "error": error.strerror or type(error).__name__})
            continue
        told.append({"file": str(path), **matches_of(signals, known, index, chosen.radius, chosen.quality)})
    summary = [_summary(one) for one in known]
    if chosen.as_json:
        whole_telling = {"lists": summary, "radius": chosen.radius, "quality": chosen.quality, "files": told}
        print(json.dumps(whole_telling, indent=1))
    else:
        for one in summary:
            wrong_lines = ", ".join(f"{line['line']} ({line['why']})" for line in one["invalid"][:3])
            bad = (
                f"; {one['invalid_count']:,} lines hold no hash: {wrong_lines}"
                if one["invalid_count"]
                else ""
            )
            print(f"{one['list']}: {one['hashes']:,} hashes{bad}", file=sys.stderr)
        for row in told:
            print(_line(row))
    return 1 if any("error" in row for row in told) else 0


def matches_of(
    signals: PhotoSignals, known: list[HashList], index: HammingIndex, radius: int, quality: int
) -> dict[str, Any]:
    """{"matches": [...]}, nearest first, and "not_compared" where PDQ said nothing, with why.

    index: of all lists' PDQ hashes, one list after the other, numbered from 0.
    """
    matches: list[dict[str, Any]] = []
    for one in known:
        for kind in ("sha256", "sha1", "md5"):
            line = one.exact[kind].get(getattr(signals, kind))
            if line is not None:
                matches.append({"list": one.name, "line": line, "kind": kind, "distance": 0})
    told: dict[str, Any] = {"matches": matches, "quality": signals.quality}
    if signals.pdq is None:
        return {**told, "not_compared": f"no PDQ hash: {signals.why_no_pdq}"}
    if signals.quality is None or signals.quality < quality:
        return {**told, "not_compared": f"the quality is under {quality}: near hashes would say nothing"}
    _, rows, distances = index.search([signals.pdq], radius)
    for row, distance in zip(rows.tolist(), distances.tolist(), strict=True):
        at = row
        for one in known:
            if at < len(one.pdq):
                break
            at -= len(one.pdq)
        matches.append(
            {
                "list": one.name,
                "line": int(one.pdq_lines[at]),
                "kind": "pdq",
                "distance": distance,
                "hash": one.pdq[at].astype(">u8").tobytes().hex(),
            }
        )
    return told


def _summary(one: HashList) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "list": one.name,
        "hashes": len(one),
        "pdq": len(one.pdq),
        **{kind: len(lines) for kind, lines in one.exact.items()},
        "invalid_count": one.invalid_count,
        "invalid": [asdict(line) for line in one.invalid],
    }


def _line(row: dict[str, Any]) -> str:
    if "error" in row:
        return f"{row['file']}: {row['error']}"
    lines = [
        f"  {match['kind']:6} distance {match['distance']:2}  {match['list']}, line {match['line']}"
        for match in row["matches"]
    ]
    if not lines:
        lines = ["  no match"]
    if "not_compared" in row:
        lines.append(f"  not compared by PDQ: {row['not_compared']}")
    return "\n".join([row["file"], *lines])
