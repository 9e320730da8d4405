"""Sealing without Django: everything here can be pickled into a spawned process.

Nothing here reads a clock or a database. Nonces and file keys are random, as the ciphers demand.
"""

from __future__ import annotations

from amaan.keyring.domain.errors import (
    HOW_TO,
    KeyMissing,
    KeyringError,
    KeysAlreadyExist,
    KeysDoNotFit,
    KeysMissing,
    KeysTooOpen,
    SealBroken,
)
from amaan.keyring.domain.sealing import (
    IndexKeys,
    Sealer,
    blind_index,
    blind_indexer,
    derive,
    fingerprint,
    fresh_nonce,
    keyed_digest,
    open_sealed,
    open_with,
    sealed_under,
    unwrap_data_key,
    wrap_data_key,
)

__all__ = [
    "HOW_TO",
    "IndexKeys",
    "KeyMissing",
    "KeyringError",
    "KeysAlreadyExist",
    "KeysDoNotFit",
    "KeysMissing",
    "KeysTooOpen",
    "SealBroken",
    "Sealer",
    "blind_index",
    "blind_indexer",
    "derive",
    "fingerprint",
    "fresh_nonce",
    "keyed_digest",
    "open_sealed",
    "open_with",
    "sealed_under",
    "unwrap_data_key",
    "wrap_data_key",
]
