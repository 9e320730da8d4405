"""Writing: envelopes carried across, messages and notes, reports taken down, hashes offered and taken back."""

from amaan.correspondence.services.carrying import carry_some
from amaan.correspondence.services.hashes import note_hash_status
from amaan.correspondence.services.letters import leave_letters
from amaan.correspondence.services.retrying import Retried, retry_unreadable
from amaan.correspondence.services.taking_down import (
    LetterTaken,
    NoSuchUnit,
    NotALetter,
    TakenDown,
    receive_by_staff,
)
from amaan.correspondence.services.writing import (
    hide_text,
    mark_seen,
    note,
    show_text,
    tell_outcome,
    tell_status,
    write_to_reporter,
)
from amaan.correspondence.services.writing_down import write_down_answers

__all__ = [
    "LetterTaken",
    "NoSuchUnit",
    "NotALetter",
    "Retried",
    "TakenDown",
    "carry_some",
    "hide_text",
    "leave_letters",
    "mark_seen",
    "note",
    "note_hash_status",
    "receive_by_staff",
    "retry_unreadable",
    "show_text",
    "tell_outcome",
    "tell_status",
    "write_down_answers",
    "write_to_reporter",
]
