"""Writing at the door: what is sent, and what the desk fetches and leaves."""

from amaan.portal.keys import DoorNotReady
from amaan.portal.services.agreeing import same_codes, say_codes
from amaan.portal.services.crossing import (
    Leaving,
    Waiting,
    drop_carried,
    leave_letter,
    leave_many,
    waiting_envelopes,
)
from amaan.portal.services.opening import NoSuchBox, OpenBox, open_box
from amaan.portal.services.proving import check_proof, proof_of
from amaan.portal.services.sending import Sent, new_box, send

__all__ = [
    "DoorNotReady",
    "Leaving",
    "NoSuchBox",
    "OpenBox",
    "Sent",
    "Waiting",
    "check_proof",
    "drop_carried",
    "leave_letter",
    "leave_many",
    "new_box",
    "open_box",
    "proof_of",
    "same_codes",
    "say_codes",
    "send",
    "waiting_envelopes",
]
