"""What this machine allows, measured: reading in order, random lines, comparing in the cache."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from signalmatch.index.rows import Rows, aligned, as_words
from signalmatch.kernels.hamming_limits import read_all, read_lines


def describe() -> dict[str, Any]:
    """Processor, cores, memory, whether it counts bits in AVX-512 registers (it works without, slower)."""
    try:
        information = Path("/proc/cpuinfo").read_text("utf-8")
        memory = int(Path("/proc/meminfo").read_text("ascii").split()[1]) / 1024**2
    except OSError:
        information, memory = "", 0.0
    model = next(
        (line.split(":")[1].strip() for line in information.splitlines() if line.startswith("model name")),
        platform.processor() or "unknown",
    )
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory, 1),
        "avx512_vpopcntdq": "avx512_vpopcntdq" in information,
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def limits(threads: int = 1, *, megabytes: int = 512, rounds: int = 3) -> dict[str, float]:
    """Of so many threads together: gigabytes a second in order, millions of random 64-byte lines a second, and
    millions of 256-bit hashes a second compared with a query where they lie in the first cache. By processor time: what
    other programs take of the processor doesn't count, what they take of the memory does."""
    memory = aligned(megabytes << 17, np.uint64)
    memory += np.uint64(1)
    random = np.random.default_rng(1)
    places = [random.integers(0, len(memory), 1 << 21) for _ in range(threads)]
    rows = Rows.of(random.integers(0, 2**64, (1024, 4), dtype=np.uint64), np.arange(1024))
    words = as_words(random.integers(0, 2**64, (4096, 4), dtype=np.uint64))
    read_all(memory[:8])
    read_lines(memory, places[0][:64])
    rows.compare_all(words[:1], 31)
    parts = np.array_split(memory, threads)

    def rate(work: Callable[[int], object], amount: float) -> float:
        taken = []
        for _ in range(rounds):
            began = time.process_time()
            if threads == 1:
                work(0)
            else:
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(work, range(threads)))
            taken.append((time.process_time() - began) / threads)
        return amount / median(taken)

    return {
        "read_gb_s": round(rate(lambda part: read_all(parts[part]), memory.nbytes / 1e9), 1),
        "random_lines_m_s": round(
            rate(lambda part: read_lines(memory, places[part]), threads * len(places[0]) / 1e6), 1
        ),
        "compares_m_s": round(
            rate(lambda _: rows.compare_all(words, 31), threads * rows.count * len(words) / 1e6)
        ),
    }
