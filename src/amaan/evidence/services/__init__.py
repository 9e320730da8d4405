"""Exhibits stored and opened, the vault checked, uploaded files taken in and carried to the examiner."""

from __future__ import annotations

from amaan.evidence.services.checking import VaultChecked, check_vault
from amaan.evidence.services.media import (
    Exported,
    MediaKeyMissing,
    NoReasonNamed,
    NotSealedToRecipient,
    export_media,
    media_policy,
    media_sink,
    open_carried,
    open_media,
    settle_policy,
    trust_media_key,
)
from amaan.evidence.services.storing import (
    ExhibitUnknown,
    exhibit_sealer,
    exhibit_sizes,
    open_exhibit,
    store_exhibits,
    store_stream,
    stream_exhibit,
    sweep_unfinished,
    vault_costs,
    write_exhibits,
)
from amaan.evidence.vault import Costs, ExhibitBytesMissing

__all__ = [
    "Costs",
    "ExhibitBytesMissing",
    "ExhibitUnknown",
    "Exported",
    "MediaKeyMissing",
    "NoReasonNamed",
    "NotSealedToRecipient",
    "VaultChecked",
    "check_vault",
    "exhibit_sealer",
    "exhibit_sizes",
    "export_media",
    "media_policy",
    "media_sink",
    "open_carried",
    "open_exhibit",
    "open_media",
    "settle_policy",
    "store_exhibits",
    "store_stream",
    "stream_exhibit",
    "sweep_unfinished",
    "trust_media_key",
    "vault_costs",
    "write_exhibits",
]
