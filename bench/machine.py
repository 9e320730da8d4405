"""The machine that figures belong to."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def describe_machine() -> str:
    information = Path("/proc/cpuinfo").read_text()
    model = next(
        (line.split(":")[1].strip() for line in information.splitlines() if "model name" in line), "unknown"
    )
    widest = next((name for name in ("avx512f", "avx2") if f" {name} " in information), "no AVX2")
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024**2
    load = os.getloadavg()[0]
    python = platform.python_version()
    return f"{os.cpu_count()} × {model} ({widest}), {memory} GB, Python {python}, load before {load:.1f}"


def children_of(pid: int) -> list[int]:
    """A process and everything below it."""
    found, parents = [pid], {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
            except OSError:
                continue
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return found


def memory_of(pids: list[int]) -> int:
    """Private memory in bytes, all processes together. Mapped pages of the database file do not count."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        fields = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:] if len(line.split()) > 1}
        total += fields.get("Pss_Anon", fields.get("Pss", 0))
    return total * 1024
