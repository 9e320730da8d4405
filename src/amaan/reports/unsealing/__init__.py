"""Unsealing: somebody asks for one sealed part with a reason, somebody else answers, and only the asker reads.

`asking` writes, `listing` reads what became of requests, `opening` opens seals for `asking.read_unsealed` alone.
"""

from amaan.reports.domain.unsealings import NoSuchPart
from amaan.reports.unsealing.asking import (
    AlreadyAnswered,
    AlreadyWaiting,
    HoursOutOfRange,
    NotOpen,
    OwnRequest,
    ReasonTooShort,
    ask_unsealing,
    grant_unsealing,
    read_unsealed,
    refuse_unsealing,
    withdraw_unsealing,
)
from amaan.reports.unsealing.listing import (
    Request,
    SealedPart,
    UnsealingNotFound,
    access_unsealing,
    history_for,
    reason_of,
    request_of,
    sealed_parts,
    unsealing_history,
    unsealings_of,
    waiting_for,
)
from amaan.reports.unsealing.opening import Opened

__all__ = [
    "AlreadyAnswered",
    "AlreadyWaiting",
    "HoursOutOfRange",
    "NoSuchPart",
    "NotOpen",
    "Opened",
    "OwnRequest",
    "ReasonTooShort",
    "Request",
    "SealedPart",
    "UnsealingNotFound",
    "access_unsealing",
    "ask_unsealing",
    "grant_unsealing",
    "history_for",
    "read_unsealed",
    "reason_of",
    "refuse_unsealing",
    "request_of",
    "sealed_parts",
    "unsealing_history",
    "unsealings_of",
    "waiting_for",
    "withdraw_unsealing",
]
