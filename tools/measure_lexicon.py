"""Measure the lexicon on the labelled sentences and write docs/reference/lexicon.md.

It prints figures only, never a sentence: whoever works on the lexicon may read dev.csv, and not held_out.csv.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from amaan.lexicon.domain.measuring import Labelled, Measured, measured, table
from amaan.lexicon.rendering import lexicon_page

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "rooms" / "triage" / "sentences"
PAGE = ROOT / "docs" / "reference" / "lexicon.md"


def measure(name: str) -> Measured:
    """The figures of one file of sentences."""
    with (SENTENCES / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return measured(Labelled(row["lang"], row["text"], frozenset(row["indicators"].split())) for row in rows)


def main() -> None:
    dev, held_out = measure("dev.csv"), measure("held_out.csv")
    PAGE.write_text(lexicon_page(dev, held_out), encoding="utf-8")
    sys.stdout.write(f"{table(dev)}\n{table(held_out)}")


if __name__ == "__main__":
    main()
