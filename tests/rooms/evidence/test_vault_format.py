"""The vault's format is final: bytes that were sealed once must open for ever, and nothing else may."""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.evidence.domain import HEAD_BYTES, ExhibitSealer, Head, SealedExhibit, wrapping_key
from amaan.keyring.domain import SealBroken
from amaan.keyring.domain.streams import CHUNK, SEALED_CHUNK

pytestmark = pytest.mark.pure

DATA_KEY = bytes(range(32))
WRAPPING = wrapping_key(DATA_KEY)
ADDRESS_KEY = bytes(range(32, 64))
SEALER = ExhibitSealer(0x0102030405060708, WRAPPING, ADDRESS_KEY)


def _blocks(blob: bytes) -> Iterator[bytes]:
    return (blob[i : i + SEALED_CHUNK] for i in range(HEAD_BYTES, len(blob), SEALED_CHUNK))


def _open(blob: bytes, address: bytes, wrapping: bytes = WRAPPING) -> bytes:
    return b"".join(Head.read(blob[:HEAD_BYTES]).open(wrapping, ADDRESS_KEY, address, _blocks(blob)))


@pytest.mark.parametrize("size", [0, 1, 6_000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_exhibits_round_trip(size: int) -> None:
    plaintext = os.urandom(size)
    sealed = SEALER.seal(plaintext)
    assert _open(sealed.blob, sealed.address) == plaintext
    assert sealed.size == size
    assert len(sealed.blob) == 102 + size + 17 * max(1, -(-size // CHUNK))


def test_a_blob_can_be_opened_from_its_description_alone() -> None:
    """docs/reference/vault-format.md, followed by hand with other calls than the code's."""
    from nacl import bindings as sodium

    plaintext = os.urandom(CHUNK + 10)
    blob = SEALER.seal(plaintext).blob
    assert blob[:8] == b"AMAANVLT"
    assert blob[8:10] == bytes([1, 16])
    assert blob[10:18] == bytes([1, 2, 3, 4, 5, 6, 7, 8])
    prk = hmac.digest(bytes(32), DATA_KEY, "sha256")  # HKDF by hand (RFC 5869)
    wrapping = hmac.digest(prk, b"amaan/vault/wrap-file-key/1\x01", "sha256")
    key = AESGCM(wrapping).decrypt(blob[18:30], blob[30:78], blob[:18])
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, blob[78:102], key)
    pull = sodium.crypto_secretstream_xchacha20poly1305_pull
    first, tag = pull(state, blob[102 : 102 + 65_553], blob[:18])
    assert tag == 0
    last, tag = pull(state, blob[102 + 65_553 :], blob[:18])
    assert tag == 3
    assert first + last == plaintext


def test_an_exhibit_sealed_by_the_first_release_opens() -> None:
    """Made once by this code; it must open in every later version."""
    blob = bytes.fromhex(FROZEN_BLOB)
    assert _open(blob, bytes.fromhex(FROZEN_ADDRESS)) == b"generated text, version 1"


def test_the_address_is_the_keyed_digest_of_the_plaintext() -> None:
    sealed = SEALER.seal(b"x")
    assert sealed.address == hmac.digest(ADDRESS_KEY, hashlib.sha256(b"x").digest(), "sha256")
    assert SEALER.seal(b"x").address == sealed.address
    assert SEALER.seal(b"x").blob != sealed.blob, "a fresh key an exhibit"
    assert ExhibitSealer(1, WRAPPING, bytes(32)).seal(b"x").address != sealed.address


def test_a_sealer_travels_without_showing_its_keys() -> None:
    sealer = pickle.loads(pickle.dumps(SEALER))
    sealed = pickle.loads(pickle.dumps(sealer.seal(b"abc")))
    assert isinstance(sealed, SealedExhibit)
    assert _open(sealed.blob, sealed.address) == b"abc"
    assert repr(sealer) == f"ExhibitSealer(key_id={0x0102030405060708})"


def test_a_stream_makes_the_same_format() -> None:
    plaintext = os.urandom(2 * CHUNK + 7)
    stream = SEALER.stream()
    pieces = [plaintext[i : i + CHUNK] for i in range(0, len(plaintext), CHUNK)]
    blob = stream.head + b"".join(stream.push(p, last=p is pieces[-1]) for p in pieces)
    assert stream.size == len(plaintext)
    assert stream.address() == SEALER.seal(plaintext).address
    assert _open(blob, stream.address()) == plaintext


@settings(max_examples=300)
@given(st.binary(max_size=200), st.data())
def test_any_changed_byte_breaks_the_seal(plaintext: bytes, data: st.DataObject) -> None:
    sealed = SEALER.seal(plaintext)
    bad = bytearray(sealed.blob)
    bad[data.draw(st.integers(0, len(bad) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealBroken):
        _open(bytes(bad), sealed.address)


@given(st.binary(max_size=200), st.data())
def test_any_cut_or_addition_breaks_the_seal(plaintext: bytes, data: st.DataObject) -> None:
    sealed = SEALER.seal(plaintext)
    cut = data.draw(st.integers(0, len(sealed.blob) - 1))
    with pytest.raises(SealBroken):
        _open(sealed.blob[:cut], sealed.address)
    with pytest.raises(SealBroken):
        _open(sealed.blob + data.draw(st.binary(min_size=1, max_size=40)), sealed.address)


@given(st.integers(2, 4), st.integers(0, 1), st.data())
def test_chunks_cannot_be_swapped_dropped_or_taken_from_another(
    full: int, rest: int, data: st.DataObject
) -> None:
    one, other = SEALER.seal(bytes(full * CHUNK + rest)), SEALER.seal(bytes(full * CHUNK + rest))
    chunks = list(_blocks(one.blob))
    i, j = data.draw(st.lists(st.integers(0, len(chunks) - 1), min_size=2, max_size=2, unique=True))
    swapped, dropped, mixed = list(chunks), list(chunks), list(chunks)
    swapped[i], swapped[j] = swapped[j], swapped[i]
    del dropped[i]
    mixed[i] = list(_blocks(other.blob))[i]
    for tampered in (swapped, dropped, mixed, [*chunks, chunks[-1]]):
        with pytest.raises(SealBroken):
            _open(one.blob[:HEAD_BYTES] + b"".join(tampered), one.address)


def test_another_exhibits_bytes_do_not_pass_for_this_one() -> None:
    one, other = SEALER.seal(b"one"), SEALER.seal(b"two")
    with pytest.raises(SealBroken, match="isn't the one"):
        _open(other.blob, one.address)


def test_a_header_does_not_move_to_another_data_key() -> None:
    sealed = ExhibitSealer(1, WRAPPING, ADDRESS_KEY).seal(b"x")
    moved = sealed.blob[:17] + b"\x02" + sealed.blob[18:]
    with pytest.raises(SealBroken, match="file key"):
        _open(moved, sealed.address)


def test_a_newer_format_is_named() -> None:
    blob = bytearray(SEALER.seal(b"x").blob)
    blob[8] = 2
    with pytest.raises(SealBroken, match="newer"):
        Head.read(bytes(blob[:HEAD_BYTES]))


FROZEN_ADDRESS = "7c1f6e93477e55df201337df2a29f1c3dffefa31a3b7eaae136290bf2703b359"
FROZEN_BLOB = (
    "414d41414e564c540110010203040506070857aa9e38e584e2c7fcd480ba852eab043db04e99b167f3db64221577272a"
    "55f0876074f66810b25053c54b3b569114cfbb2898e42f1d98c2aebb24cd1c515a93a1b319d43026adf9ef13414883f3"
    "5a8a17e997cd3e5d1e1925cd7857a540fe359f08c3c907ed7f857df87edccb4d4e3804bdcc9166242e05c7b70715c96d"
)
