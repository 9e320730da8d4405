"""Keep what identifiers are while they stand in clear: twins, and addresses that name a site alone (`models.Kept`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from amaan.linking.models import Kept
from amaan.linking.selectors.roles import SITE_SQL
from amaan.linking.selectors.wallets import PHONE, WALLET, twins_in_clear, twins_of
from amaan.store.rows import insert_rows, select_in

_SITE: Final = SITE_SQL.replace("%", "%%")
_TOLD: Final = (
    f"SELECT DISTINCT t.id, t.type, t.clear, CASE WHEN {_SITE} THEN 1 ELSE 0 END"  # noqa: S608
    " FROM reports_mention m JOIN reports_identifier t ON t.id = m.identifier_id"
    f" WHERE t.type IN ('url', '{PHONE}', '{WALLET}') AND m.version_id IN {{values}}"
)


def keep_what_is_clear(version_ids: Sequence[int]) -> set[int]:
    """Of what these tellings name; the identifiers that were twins until a protected party was told to use one of them.

    A fixed number of queries.
    """
    told = select_in(_TOLD, version_ids)
    wanted: dict[int, int | None] = {number: None for number, _, _, site in told if site}
    numbers = [(number, type_, clear) for number, type_, clear, _ in told if type_ in {PHONE, WALLET}]
    wanted |= twins_in_clear([one for one in numbers if one[2] is not None])
    held = {
        row[0]
        for row in select_in(
            "SELECT identifier_id FROM linking_kept WHERE identifier_id IN {values}", sorted(wanted)
        )
    }
    insert_rows(
        Kept,
        ("identifier_id", "twin_of"),
        [(number, twin) for number, twin in wanted.items() if number not in held],
    )
    parted = twins_of([number for number, _, clear in numbers if clear is None])
    if parted:
        Kept.objects.filter(pk__in=parted).delete()
    return {*parted, *parted.values()}
