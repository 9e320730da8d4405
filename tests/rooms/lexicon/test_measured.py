"""Precision, recall and F1 on the sentences that were written before the lexicon, and the page that tells them.

The floors hold what was reached, a little below it; the figures of the held-out sentences are what to expect.
"""

from __future__ import annotations

from functools import cache

import pytest
from tools.measure_lexicon import FILES, PAGE, measure

from amaan.lexicon.domain.measuring import DANGER, Measured
from amaan.lexicon.rendering import lexicon_page

pytestmark = pytest.mark.pure
_measured = cache(measure)

# file, language: F1, recall of danger, precision
FLOORS = {
    ("dev.csv", "en"): (0.97, 0.98, 0.97),
    ("dev.csv", "ur"): (0.96, 0.99, 0.94),
    ("dev.csv", "roman"): (0.98, 0.99, 0.97),
    ("held_out.csv", "en"): (0.82, 0.85, 0.85),
    ("held_out.csv", "ur"): (0.82, 0.84, 0.88),
    ("held_out.csv", "roman"): (0.82, 0.87, 0.85),
    ("unseen.csv", "en"): (0.83, 0.85, 0.78),
    ("unseen.csv", "ur"): (0.81, 0.87, 0.79),
    ("unseen.csv", "roman"): (0.85, 0.92, 0.81),
    ("unseen_2.csv", "en"): (0.74, 0.79, 0.72),
    ("unseen_2.csv", "ur"): (0.80, 0.83, 0.80),
    ("unseen_2.csv", "roman"): (0.79, 0.84, 0.74),
    ("unseen_3.csv", "en"): (0.72, 0.74, 0.70),
    ("unseen_3.csv", "ur"): (0.74, 0.86, 0.70),
    ("unseen_3.csv", "roman"): (0.79, 0.85, 0.75),
    ("unseen_4.csv", "en"): (0.82, 0.98, 0.74),
    ("unseen_4.csv", "ur"): (0.83, 0.94, 0.77),
    ("unseen_4.csv", "roman"): (0.84, 0.95, 0.76),
}


@pytest.mark.parametrize(("file", "lang"), FLOORS)
def test_it_reads_no_worse_than_it_did(file: str, lang: str) -> None:
    made: Measured = _measured(file)
    whole, danger = made.score(lang), made.score(lang, DANGER)
    f1, recall, precision = FLOORS[file, lang]
    assert whole.f1 >= f1
    assert danger.recall >= recall
    assert whole.precision >= precision


def test_the_page_tells_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == lexicon_page(*map(_measured, FILES)), (
        "docs/reference/lexicon.md is out of date: run python tools/measure_lexicon.py"
    )
