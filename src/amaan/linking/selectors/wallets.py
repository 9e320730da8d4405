"""A mobile wallet is opened on one SIM, so that its number is a telephone's: told as either, it is one thing.

One sender tells the wallet, another the telephone, so the spine holds two rows. Here the later row leads to the earlier
one, whose kind both have: so nothing that was weighed before changes when the other is told. Only where both stand in
clear: what a protected party uses is sealed, and stays apart.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.store.rows import select_in

WALLET, PHONE = "mobile_wallet", "phone"
_OTHER: Final = {WALLET: PHONE, PHONE: WALLET}


def all_twins() -> dict[int, int]:
    """Later row → earlier row, of all identifiers."""
    rows = select_in(
        "SELECT id, type, clear FROM reports_identifier WHERE clear IS NOT NULL AND type IN {values}",
        [WALLET],
    )
    return _twins(rows)


def twins_of(identifiers: Collection[int]) -> dict[int, int]:
    """The same of those pairs of which one is among these."""
    rows = select_in(
        f"SELECT id, type, clear FROM reports_identifier WHERE type IN ('{WALLET}', '{PHONE}')"  # noqa: S608
        " AND clear IS NOT NULL AND id IN {values}",
        sorted(identifiers),
    )
    return _twins(rows)


def _twins(told: Collection[tuple[int, str, str]]) -> dict[int, int]:
    secret = index_keys().parties
    wanted = {
        blind_index(secret, _OTHER[type_], clear): number for number, type_, clear in told if clear[:1] == "+"
    }
    rows = select_in(
        "SELECT id, key FROM reports_identifier WHERE clear IS NOT NULL AND key IN {values}", list(wanted)
    )
    pairs = [sorted((number, wanted[bytes(key)])) for number, key in rows]
    return {later: earlier for earlier, later in pairs}
