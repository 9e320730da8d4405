"""`signalmatch match --list FILE FILE…`: which files are on a list, by the same bytes or by a near PDQ hash."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from signalmatch.index import HammingIndex
    from signalmatch.lists import HashList
    from signalmatch.signals.photo import PhotoSignals


def match_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Photos, in any format that is decoded.")
    ],
    lists: Annotated[
        list[Path], typer.Option("--list", help="A hash list, plain or CSV; may be given several times.")
    ],
    radius: Annotated[
        int, typer.Option(min=0, max=63, help="PDQ hashes that differ in at most so many bits match.")
    ] = 31,
    quality: Annotated[
        int, typer.Option(min=0, max=100, help="PDQ hashes of a lower quality match nothing.")
    ] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Compare photos with hash lists: the same bytes first (MD5, SHA-1, SHA-256), then near PDQ hashes."""
    import json

    import numpy as np
    from rich.console import Console
    from rich.progress import track

    from signalmatch.errors import UnreadableHashList
    from signalmatch.index import HammingIndex
    from signalmatch.lists import read_hash_list
    from signalmatch.signals.photo import photo_signals

    console = Console(stderr=True)
    quiet = not console.is_terminal
    known: list[HashList] = []
    for path in track(lists, "Reading lists", console=console, transient=True, disable=quiet):
        try:
            known.append(read_hash_list(path))
        except (OSError, UnreadableHashList) as wrong:
            typer.echo(f"{path}: {getattr(wrong, 'strerror', None) or wrong}", err=True)
            raise typer.Exit(2) from wrong
    index = HammingIndex.build(np.concatenate([one.pdq for one in known]))
    told: list[dict[str, Any]] = []
    for path in track(files, "Comparing", console=console, transient=True, disable=quiet):
        try:
            signals = photo_signals(path.read_bytes())
        except OSError as error:
            told.append({"file": str(path), "error": error.strerror or type(error).__name__})
            continue
        told.append({"file": str(path), **matches_of(signals, known, index, radius, quality)})
    summary = [_summary(one) for one in known]
    if as_json:
        typer.echo(
            json.dumps({"lists": summary, "radius": radius, "quality": quality, "files": told}, indent=1)
        )
    else:
        for one in summary:
            wrong_lines = ", ".join(f"{line['line']} ({line['why']})" for line in one["invalid"][:3])
            bad = (
                f"; {one['invalid_count']:,} lines hold no hash: {wrong_lines}"
                if one["invalid_count"]
                else ""
            )
            typer.echo(f"{one['list']}: {one['hashes']:,} hashes{bad}", err=True)
        for row in told:
            typer.echo(_line(row))
    if any("error" in row for row in told):
        raise typer.Exit(1)


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
