"""Writing the spine: reports coming in, and what becomes of them."""

from amaan.reports.services.deciding import (
    ToldAgain,
    close_out,
    hold_to_telling,
    record_outcome,
    set_public_status,
)
from amaan.reports.services.following import note_what_followed, note_withdrawn, still_open
from amaan.reports.services.receiving import (
    DUPLICATE,
    STORED,
    VERSION,
    Receipt,
    ReferenceTaken,
    receive_reports,
)
from amaan.reports.services.settling_with import settle_with, stand_again

__all__ = [
    "DUPLICATE",
    "STORED",
    "VERSION",
    "Receipt",
    "ReferenceTaken",
    "ToldAgain",
    "close_out",
    "hold_to_telling",
    "note_what_followed",
    "note_withdrawn",
    "receive_reports",
    "record_outcome",
    "set_public_status",
    "settle_with",
    "stand_again",
    "still_open",
]
