"""Looking an identifier up: for a purpose, within a day's cap, recorded before it is answered.

`making` searches and records; `tracing` tells the auditor which searches led nowhere.
"""

from amaan.reports.domain.searching import NothingToLookUp
from amaan.reports.lookups.making import (
    FILE_HASH,
    DailyCapReached,
    Finding,
    LookedUp,
    LookUpNotFound,
    look_up_for,
    note_opened,
    remaining_today,
)
from amaan.reports.lookups.tracing import (
    TRACED,
    Alert,
    Made,
    TracedLookUp,
    alerts_for,
    led_nowhere,
    made_today,
    read_terms,
)

__all__ = [
    "FILE_HASH",
    "TRACED",
    "Alert",
    "DailyCapReached",
    "Finding",
    "LookUpNotFound",
    "LookedUp",
    "Made",
    "NothingToLookUp",
    "TracedLookUp",
    "alerts_for",
    "led_nowhere",
    "look_up_for",
    "made_today",
    "note_opened",
    "read_terms",
    "remaining_today",
]
