"""Chunked authenticated streams: libsodium's secretstream (XChaCha20-Poly1305) with a fixed chunk size.

    stream   header, 24 | chunk | chunk | ... | last chunk
    chunk    65,536 bytes of plaintext, sealed: 65,553 bytes (an encrypted tag and a 16-byte MAC come on top)

Every chunk but the last is full and tagged MESSAGE; the last is tagged FINAL and holds what is left (an
empty stream is one empty FINAL chunk; a whole number of chunks ends in a full FINAL chunk). The chunks are
chained, so a stream that was cut, prolonged, reordered or mixed with another doesn't open. `bound` is every
chunk's associated data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from nacl import bindings
from nacl.exceptions import CryptoError

from amaan.keyring.domain.errors import SealBroken

CHUNK: Final = 65_536
OVERHEAD: Final[int] = bindings.crypto_secretstream_xchacha20poly1305_ABYTES  # 17
SEALED_CHUNK: Final = CHUNK + OVERHEAD
HEADER: Final[int] = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES  # 24

_State = bindings.crypto_secretstream_xchacha20poly1305_state
_init_push = bindings.crypto_secretstream_xchacha20poly1305_init_push
_push = bindings.crypto_secretstream_xchacha20poly1305_push
_init_pull = bindings.crypto_secretstream_xchacha20poly1305_init_pull
_pull = bindings.crypto_secretstream_xchacha20poly1305_pull
_MESSAGE: Final[int] = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final[int] = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class StreamSealer:
    """Seals one stream; `header` stands before its chunks. A key seals one stream only."""

    __slots__ = ("_bound", "_state", "header")

    def __init__(self, key: bytes, bound: bytes) -> None:
        self._bound = bound
        self._state = _State()
        self.header: bytes = _init_push(self._state, key)

    def push(self, chunk: bytes, *, last: bool) -> bytes:
        """A full chunk, or the last one, sealed."""
        sealed: bytes = _push(self._state, chunk, self._bound, _FINAL if last else _MESSAGE)
        return sealed


def seal_whole(key: bytes, bound: bytes, plaintext: bytes) -> bytes:
    """Header and chunks of a plaintext that is in memory already."""
    sealer = StreamSealer(key, bound)
    size = len(plaintext)
    if size <= CHUNK:
        return sealer.header + sealer.push(plaintext, last=True)
    starts = range(0, size, CHUNK)
    chunks = (sealer.push(plaintext[s : s + CHUNK], last=s + CHUNK >= size) for s in starts)
    return sealer.header + b"".join(chunks)


def open_stream(key: bytes, bound: bytes, header: bytes, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The plaintext of a stream, a chunk at a time.

    `blocks` are pieces of SEALED_CHUNK bytes, the last one as short as it is. Each chunk is authentic when
    it is yielded, but only the end shows that none is missing: act on nothing before the iterator is
    exhausted. Raises SealBroken.
    """
    state = _State()
    ended = False
    try:
        _init_pull(state, header, key)
        for block in blocks:
            if ended:
                raise SealBroken("Bytes were added after the end of a sealed stream.")
            chunk, tag = _pull(state, block, bound)
            ended = tag == _FINAL
            if not ended and (tag != _MESSAGE or len(chunk) != CHUNK):
                raise SealBroken("A sealed stream holds a chunk that this format doesn't have.")
            yield chunk
    except (CryptoError, ValueError):
        raise SealBroken("A sealed stream was changed, cut or mixed with another.") from None
    if not ended:
        raise SealBroken("A sealed stream ends before its last chunk: it was cut.")
