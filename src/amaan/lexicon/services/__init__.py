"""Writing: reading reports' texts, and reading past reports again when the lexicon changed."""

from amaan.lexicon.services.reading import ReadingRun, read_ahead, read_reports
from amaan.lexicon.services.rereading import reread_some

__all__ = ["ReadingRun", "read_ahead", "read_reports", "reread_some"]
