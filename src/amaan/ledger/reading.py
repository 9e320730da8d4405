"""How checkpoints and hashes are read; below services and selectors, which both need it."""

from __future__ import annotations

from django.db import connection

from amaan.ledger.domain.faults import LeafMissing, TileChanged
from amaan.ledger.domain.merkle import HASH_BYTES, root_of
from amaan.ledger.domain.tiles import BITS, TILE_BYTES, WIDTH
from amaan.ledger.models import Checkpoint, Tile


def newest_checkpoint() -> Checkpoint | None:
    return Checkpoint.objects.order_by("-size").first()


def tile(level: int, n: int) -> bytes | None:
    """8,192 bytes, or None where the tile is not full."""
    found = Tile.objects.filter(level=level, n=n).values_list("hashes", flat=True).first()
    return None if found is None else bytes(found)


def hashes_at(level: int, start: int, end: int) -> list[bytes]:
    """A level's hashes from start up to, not including, end; all from within one tile. Raises
    LedgerBroken."""
    if start == end:
        return []
    n, offset = divmod(start, WIDTH)
    stored = tile(level, n)
    if stored is not None:
        if len(stored) != TILE_BYTES:
            raise TileChanged(f"tile {level}/{n} has {len(stored)} bytes.", index=n << BITS * (level + 1))
        return [stored[i * HASH_BYTES : (i + 1) * HASH_BYTES] for i in range(offset, offset + end - start)]
    if level:
        return [root_of(hashes_at(level - 1, i * WIDTH, (i + 1) * WIDTH)) for i in range(start, end)]
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT hash FROM ledger_leaf WHERE "index" >= %s AND "index" < %s ORDER BY "index"', [start, end]
        )
        hashes = [bytes(row[0]) for row in cursor.fetchall()]
    if len(hashes) != end - start:
        raise LeafMissing("a leaf is missing between here and the next tile.", index=start)
    return hashes
