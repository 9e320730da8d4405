"""Writing the spine: reports coming in, and what becomes of them."""

from amaan.reports.services.deciding import (
    ToldAgain,
    close_out,
    note_what_followed,
    record_outcome,
    set_public_status,
)
from amaan.reports.services.receiving import (
    DUPLICATE,
    STORED,
    VERSION,
    Receipt,
    ReferenceTaken,
    receive_reports,
)

__all__ = [
    "DUPLICATE",
    "STORED",
    "VERSION",
    "Receipt",
    "ReferenceTaken",
    "ToldAgain",
    "close_out",
    "note_what_followed",
    "receive_reports",
    "record_outcome",
    "set_public_status",
]
