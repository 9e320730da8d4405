"""Writing: reading reports' texts, making them comparable, and reading past reports again when the lexicon changed."""

from amaan.lexicon.services.comparing import ComparingRun, compare_ahead, compare_reports
from amaan.lexicon.services.reading import ReadingRun, read_ahead, read_reports
from amaan.lexicon.services.rereading import reread_some

__all__ = [
    "ComparingRun",
    "ReadingRun",
    "compare_ahead",
    "compare_reports",
    "read_ahead",
    "read_reports",
    "reread_some",
]
