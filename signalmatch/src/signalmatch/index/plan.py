"""Which layout an index takes, and why."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signalmatch.errors import BadHashes
from signalmatch.index.cost import LAYOUTS, Layout, plain_nanoseconds, tables_nanoseconds

MODES = ("auto", "fast", "lean", "plain")
_SHARE_OF_MEMORY = 0.5
_ROWS_MOST = (1 << 32) - 1


@dataclass(frozen=True)
class Plan:
    """The layout chosen. mode: plain, fast or lean; why: a sentence for an operator."""

    mode: str
    count: int
    bytes: int
    why: str

    def __str__(self) -> str:
        a_hash = f", {self.bytes / self.count:.0f} bytes a hash" if self.count else ""
        return f"{self.mode}: {self.count:,} hashes{a_hash}; {self.why}"


def choose(mode: str, count: int, radius: int, free: int | None = None) -> tuple[Layout | None, str]:
    """(the tables, or none for plain; why). free: bytes of memory that may be used; without, what the machine has."""
    if mode not in MODES:
        raise BadHashes(f"mode is one of {', '.join(MODES)}; got {mode!r}")
    if count > _ROWS_MOST:
        raise BadHashes(f"an index holds at most {_ROWS_MOST:,} hashes; got {count:,}")
    if mode != "auto":
        layout = LAYOUTS[mode](count) if mode in LAYOUTS and count else None
        return layout, "asked for" if layout or mode == "plain" else "there is nothing to put into tables"
    plain = plain_nanoseconds(count) / 1000
    free = free_memory() if free is None else free
    best, too_large = None, ""
    for name in ("fast", "lean"):
        layout = LAYOUTS[name](count)
        takes = tables_nanoseconds(layout, count, radius) / 1000
        if takes >= plain:
            continue
        if layout.bytes_for(count) > _SHARE_OF_MEMORY * free:
            too_large += (
                f"; {name} would take {layout.bytes_for(count) / 1e9:.1f} GB of {free / 1e9:.1f} free"
            )
            continue
        best = (
            layout,
            f"about {takes:,.0f} µs a query where comparing every hash takes {plain:,.0f}{too_large}",
        )
        break
    if best:
        return best
    return None, f"comparing every hash takes {plain:,.1f} µs a query" + (
        too_large or ", and tables would take more"
    )


def free_memory() -> int:
    """Bytes that could be used without pushing anybody out; without /proc, as if there were 8 GB."""
    try:
        for line in Path("/proc/meminfo").read_text("ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 8 << 30
    return 8 << 30
