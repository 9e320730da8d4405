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
    ReceivedFile,
)

__all__ = [
    "ADDRESS_BYTES",
    "HEAD_BYTES",
    "MAGIC",
    "VERSION",
    "Digests",
    "DiscardingSink",
    "ExhibitSealer",
    "Head",
    "MediaAborted",
    "MediaPolicy",
    "MediaSink",
    "ReceivedFile",
    "SealedExhibit",
    "SealingStream",
    "address_of",
    "wrapping_key",
]
