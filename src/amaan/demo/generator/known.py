"""A list of known files, as a partner might hand one over: made from what lies in the documents, and from nothing else.

Whether a file is on it is decided by the digits of its hash. So the list knows no story, no kind and no danger, and
can't point at what was planted; the rest of it is hashes of nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from random import Random
from typing import Final

HEADER: Final = "id,md5,sha1,category"
ONE_IN: Final = 24
STRANGERS: Final = 400
"""Members that no document of the world has."""
CLASSES: Final = ("A1", "A2", "B1", "B2")
_HASH: Final = re.compile(rb'<originalFileHash hashType="(MD5|SHA1)">([0-9a-f]+)</originalFileHash>')


def known_files(documents: Iterable[bytes]) -> Iterator[str]:
    """A line of the list for about one file in 24."""
    for document in documents:
        found = {kind: value.decode() for kind, value in _HASH.findall(document)}
        md5 = found.get(b"MD5", "")
        if md5 and int(md5, 16) % ONE_IN == 0:
            yield _line(md5, found.get(b"SHA1", ""))


def strangers(seed: int) -> Iterator[str]:
    """Lines for files that nobody in this world has."""
    rng = Random(seed * 104_729 + 1)  # noqa: S311  a demo world, nothing secret
    for _ in range(STRANGERS):
        yield _line(f"{rng.getrandbits(128):032x}", f"{rng.getrandbits(160):040x}")


def survivors_hash(seed: int, which: int) -> bytes:
    """A PDQ hash of no picture: 128 of 256 bits, as a real one has, so that nothing is near it by chance."""
    rng = Random(seed * 15_485_863 + which)  # noqa: S311  a demo world, nothing secret
    bits = sum(1 << place for place in rng.sample(range(256), 128))
    return bits.to_bytes(32)


def _line(md5: str, sha1: str) -> str:
    return f"demo-{md5[:12]},{md5},{sha1},{CLASSES[int(md5[-1], 16) % len(CLASSES)]}"
