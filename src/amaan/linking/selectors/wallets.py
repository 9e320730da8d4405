"""A mobile wallet is opened on one SIM, so that its number is a telephone's: told as either, it is one thing.

One sender tells the wallet, another the telephone, so the spine holds two rows. Here the later row leads to the earlier
one, whose kind both have: so nothing that was weighed before changes when the other is told. Only where both stand in
clear: what a protected party uses is sealed, and stays apart.

Which rows are twins is kept (`models.Kept`) when a report that tells one of them is noted, and parted when one is that
seals one of them; so links, which are made in that same transaction, and a rebuild go by the same twins.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys
from amaan.linking.models import Kept
from amaan.store.rows import select_in

WALLET, PHONE = "mobile_wallet", "phone"
_OTHER: Final = {WALLET: PHONE, PHONE: WALLET}


def all_twins() -> dict[int, int]:
    """Later row → earlier row, of all identifiers."""
    rows = Kept.objects.exclude(twin_of=None).values_list("identifier_id", "twin_of")
    return {later: earlier for later, earlier in rows if earlier is not None}


def twins_of(identifiers: Collection[int]) -> dict[int, int]:
    """The same of those pairs of which one is among these."""
    sql = "SELECT identifier_id, twin_of FROM linking_kept WHERE twin_of IS NOT NULL AND {} IN {{values}}"
    return {
        later: earlier
        for end in ("identifier_id", "twin_of")
        for later, earlier in select_in(sql.format(end), sorted(identifiers))
    }


def twins_in_clear(told: Sequence[tuple[int, str, str]]) -> dict[int, int]:
    """Later row → earlier row, by these rows' number, type and value, and by what else stands in clear."""
    secret = index_keys().parties
    wanted = {
        blind_index(secret, _OTHER[type_], clear): number for number, type_, clear in told if clear[:1] == "+"
    }
    rows = select_in(
        "SELECT id, key FROM reports_identifier WHERE clear IS NOT NULL AND key IN {values}", list(wanted)
    )
    pairs = [sorted((number, wanted[bytes(key)])) for number, key in rows]
    return {later: earlier for earlier, later in pairs}
