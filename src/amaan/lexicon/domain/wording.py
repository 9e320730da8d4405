"""How alike the wording of texts is, as a few numbers that tell nothing of the text. Pure.

MinHash (Broder, 1997) over runs of five words, cut into bands (Indyk and Motwani, 1998): texts of which seven tenths of
the runs are the same share a band in nineteen cases of twenty, texts of which a third are the same in one of eight.
Numbers, addresses and user names are masked, since the same demand names another amount and account each time. Every
hash is keyed, so that nobody who holds the bands without the key can try a text on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray

from amaan.lexicon.domain.letters import as_compared, key

BANDS: Final = 10
HASHES_A_BAND: Final = 4
BYTES_A_BAND: Final = 6
WORDS_A_RUN: Final = 5
FEWEST_WORDS: Final = 12
"""A shorter text says too little: hundreds of people write the same eight words."""
_MOST_WORDS: Final = 4_000
_TOLD: Final = ("report", "incident", "reported", "escalation")
"""Parts of a telling whose wording is compared: what was sent, asked and told of it. Not a victim's own words."""
_MASKED: Final = re.compile(r"[\d@/_]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_MOST_REMEMBERED: Final = 50_000


class Wording:
    """Makes the bands of texts under one key."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        made = b"".join(
            blake2b(bytes([n]), digest_size=64, key=secret, person=b"hashes").digest() for n in range(16)
        )
        numbers = np.frombuffer(made, dtype="<u8").astype(np.uint64)
        count = BANDS * HASHES_A_BAND
        self._times: NDArray[np.uint64] = (numbers[:count] | np.uint64(1))[:, None]
        self._plus: NDArray[np.uint64] = numbers[count : 2 * count][:, None]
        self._in_run: NDArray[np.uint64] = numbers[2 * count : 2 * count + WORDS_A_RUN] | np.uint64(1)
        self._in_band: NDArray[np.uint64] = numbers[-HASHES_A_BAND:] | np.uint64(1)
        self._last: np.uint64 = numbers[-HASHES_A_BAND - 1] | np.uint64(1)
        self._mask = (self._number_of("#"),)
        self._pieces: dict[str, tuple[int, ...]] = {}

    def bands(self, parts: Iterable[tuple[str, str]]) -> bytes | None:
        """Of (name of the part, text), `BANDS` times `BYTES_A_BAND` bytes; None where too little was told."""
        texts = [text for part, text in parts if part.partition(".")[0] in _TOLD]
        words = [number for text in texts for number in self._numbers(text)][:_MOST_WORDS]
        if len(words) < FEWEST_WORDS:
            return None
        row = np.array(words, dtype=np.uint64)
        last = len(row) - WORDS_A_RUN + 1
        runs = row[:last] * self._in_run[0]
        for n in range(1, WORDS_A_RUN):
            runs += row[n : last + n] * self._in_run[n]
        runs ^= runs >> np.uint64(29)
        least = (runs * self._times + self._plus).min(axis=1)
        least ^= least >> np.uint64(32)
        made = (least.reshape(BANDS, HASHES_A_BAND) * self._in_band).sum(axis=1, dtype=np.uint64)
        made ^= made >> np.uint64(31)
        made *= self._last
        whole: bytes = made.astype(">u8").tobytes()
        return b"".join(whole[n : n + BYTES_A_BAND] for n in range(0, len(whole), 8))

    def _numbers(self, text: str) -> Iterator[int]:
        """Of each word one; of a masked piece always the same."""
        known = self._pieces
        for piece in text.split():
            found = known.get(piece)
            yield from self._learnt(piece) if found is None else found

    def _learnt(self, piece: str) -> tuple[int, ...]:
        """What names somebody is not remembered."""
        plain = as_compared(piece)
        if _MASKED.search(plain):
            return self._mask
        if len(self._pieces) >= _MOST_REMEMBERED:
            self._pieces.clear()
        found = tuple(self._number_of(key(word)) for word in _WORD.findall(plain))
        self._pieces[piece] = found
        return found

    def _number_of(self, form: str) -> int:
        made = blake2b(form.encode("utf-8", "surrogatepass"), digest_size=8, key=self._secret)
        return int.from_bytes(made.digest(), "little")


@lru_cache(maxsize=2)
def wording_of(secret: bytes) -> Wording:
    """The same one for the same key: it remembers the numbers of words."""
    return Wording(secret)
