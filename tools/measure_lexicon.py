"""Measure the lexicon on the labelled sentences and write docs/reference/lexicon.md.

It prints figures only, never a sentence: whoever works on the lexicon may read dev.csv, and neither held_out.csv
nor any unseen*.csv.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from amaan.lexicon.domain.measuring import Labelled, Measured, measured, table
from amaan.lexicon.rendering import lexicon_page

ROOT = Path(__file__).resolve().parent.parent
SENTENCES = ROOT / "tests" / "rooms" / "triage" / "sentences"
FILES = ("dev.csv", "held_out.csv", "unseen.csv", "unseen_2.csv", "unseen_3.csv", "unseen_4.csv")
PAGE = ROOT / "docs" / "reference" / "lexicon.md"


def measure(name: str) -> Measured:
    """The figures of one file of sentences."""
    with (SENTENCES / name).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return measured(Labelled(row["lang"], row["text"], frozenset(row["indicators"].split())) for row in rows)


def main() -> None:
    read, *measured_only = (measure(name) for name in FILES)
    PAGE.write_text(lexicon_page(read, *measured_only), encoding="utf-8")
    sys.stdout.write("\n".join(table(one) for one in (read, *measured_only)))


if __name__ == "__main__":
    main()
