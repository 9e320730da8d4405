"""The vault's formats and the media policy: pure, and picklable into a spawned process."""

from __future__ import annotations

from amaan.evidence.domain.exhibits import (
    ADDRESS_BYTES,
    HEAD_BYTES,
    MAGIC,
    VERSION,
    ExhibitSealer,
    Head,
    SealedExhibit,
    SealingStream,
    address_of,
    wrapping_key,
)
from amaan.evidence.domain.media import (
    Digests,
    DiscardingSink,
    MediaAborted,
    MediaPolicy,
    MediaSink,
    NoPdq,
    ReceivedFile,
)
from amaan.evidence.domain.recipients import (
    RECIPIENT_HEAD_BYTES,
    RECIPIENT_ID_BYTES,
    MediaKey,
    NotAMediaKey,
    Recipient,
    RecipientHead,
    RecipientStream,
    SealedToRecipient,
    WrongMediaKey,
    recipient_address,
    sealed_length,
)

__all__ = [
    "ADDRESS_BYTES",
    "HEAD_BYTES",
    "MAGIC",
    "RECIPIENT_HEAD_BYTES",
    "RECIPIENT_ID_BYTES",
    "VERSION",
    "Digests",
    "DiscardingSink",
    "ExhibitSealer",
    "Head",
    "MediaAborted",
    "MediaKey",
    "MediaPolicy",
    "MediaSink",
    "NoPdq",
    "NotAMediaKey",
    "ReceivedFile",
    "Recipient",
    "RecipientHead",
    "RecipientStream",
    "SealedExhibit",
    "SealedToRecipient",
    "SealingStream",
    "WrongMediaKey",
    "address_of",
    "recipient_address",
    "sealed_length",
    "wrapping_key",
]
