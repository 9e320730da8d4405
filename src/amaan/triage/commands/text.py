"""`amaan triage text`: what the lexicon reads in sentences of a file. Needs no installation and keeps nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

COLUMNS = ("id", "lang", "text")
LANGUAGES = ("", "en", "ur", "roman")
MOST_BYTES = 64_000_000


class BadSentences(Exception):
    """A file of sentences that can't be read; says the line and what is wrong."""


def text(
    file: Annotated[Path, typer.Option("--csv", help="A CSV file in UTF-8 with the columns id, lang, text.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a row.")] = False,
) -> None:
    """Say what each text asserts. `lang` is en, ur, roman or empty. Exit code 1: the file can't be read."""
    from amaan.lexicon.domain.reading import indicators_of, read_text

    try:
        rows = list(_rows(file))
    except (BadSentences, OSError, UnicodeDecodeError, csv.Error) as error:
        typer.echo(f"{file}: {error}", err=True)
        raise typer.Exit(1) from None
    for number, lang, said in rows:
        if as_json:
            typer.echo(
                json.dumps({"id": number, "indicators": [str(one) for one in indicators_of(said, lang)]})
            )
            continue
        hits = read_text(said, lang)
        typer.echo(number if hits else f"{number}  -")
        for hit in hits:
            typer.echo(
                f"  {hit.indicator:<22} {hit.rule:<34} {hit.start}-{hit.end}  {said[hit.start : hit.end]}"
            )


def _rows(file: Path) -> Iterator[tuple[str, str, str]]:
    """Raises BadSentences, OSError, UnicodeDecodeError, csv.Error."""
    if file.stat().st_size > MOST_BYTES:
        raise BadSentences(f"it is larger than {MOST_BYTES} bytes; split it")
    csv.field_size_limit(MOST_BYTES)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        table = csv.DictReader(lines)
        missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
        if missing:
            raise BadSentences(f"line 1: the column {missing[0]} is missing; it needs {', '.join(COLUMNS)}")
        seen: set[str] = set()
        for row in table:
            number, lang, said = (row[name] for name in COLUMNS)
            at = f"line {table.line_num}"
            if said is None or lang is None:
                raise BadSentences(f"{at}: it has fewer columns than the first line")
            if not number or number in seen:
                raise BadSentences(f"{at}: the id {number!r} is empty or stands twice")
            if lang not in LANGUAGES:
                raise BadSentences(f"{at}: the language is en, ur, roman or empty, not {lang!r}")
            seen.add(number)
            yield number, lang, said
