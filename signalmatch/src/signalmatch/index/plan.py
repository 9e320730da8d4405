"""Which layout an index takes, and why."""

from __future__ import annotations

from dataclasses import dataclass

MODES = ("auto", "fast", "lean", "plain")


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
