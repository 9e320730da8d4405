"""Proofs of submission: written for whoever sent a report, and checked for whoever brings one."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from amaan.portal.domain.receipts import Proof, as_pasted, publish_key, verify_proof, write_proof
from amaan.portal.keys import DoorNotReady, read_receipt_key
from amaan.portal.services.sending import Sent, door_keys


def proof_of(sent: Sent) -> str:
    """The text that may be kept; empty where what was sent is no report. Raises DoorNotReady."""
    return write_proof(sent.leaf, sent.sealed, door_keys().receipt) if sent.leaf else ""


def check_proof(text: str) -> Proof:
    """A proof that this door signed, however it was pasted. Raises ProofRejected, DoorNotReady."""
    return verify_proof(as_pasted(text), read_receipt_key(Path(settings.AMAAN_PORTAL_KEYS)))


def published_key() -> str:
    """For /.well-known/amaan-receipt-key. Raises DoorNotReady."""
    return publish_key(read_receipt_key(Path(settings.AMAAN_PORTAL_KEYS)))


def own_key() -> bytes:
    """The public half of this installation's receipt key, 32 bytes; empty where there is none."""
    try:
        return read_receipt_key(Path(settings.AMAAN_PORTAL_KEYS))
    except DoorNotReady:
        return b""
