"""Writing: derive, say, hold back, tell, acknowledge, export, count."""

from amaan.feedback.services.counting import count_month, count_some
from amaan.feedback.services.exporting import export_feedback, export_quality
from amaan.feedback.services.giving import derive, give
from amaan.feedback.services.telling import acknowledge, read_stream, tell_some

__all__ = [
    "acknowledge",
    "count_month",
    "count_some",
    "derive",
    "export_feedback",
    "export_quality",
    "give",
    "read_stream",
    "tell_some",
]
