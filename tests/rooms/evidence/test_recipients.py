"""Version 2 of the vault's format, by docs/reference/vault-format.md: opened by hand, and attacked."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings
from nacl.public import PrivateKey, SealedBox

from amaan.evidence.domain import (
    RECIPIENT_HEAD_BYTES,
    MediaKey,
    NotAMediaKey,
    Recipient,
    RecipientHead,
    RecipientStream,
    WrongMediaKey,
    address_of,
    recipient_address,
    sealed_length,
)
from amaan.keyring.domain import SealBroken
from amaan.keyring.domain.streams import CHUNK, SEALED_CHUNK

KEY = MediaKey.make()
OTHER = MediaKey.make()
SIZES = st.integers(0, 300) | st.sampled_from(
    [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1]
)


def seal(plaintext: bytes, key: MediaKey = KEY, cuts: list[int] | None = None) -> bytes:
    stream = RecipientStream(key.recipient)
    places = sorted({0, len(plaintext), *(cut for cut in cuts or [] if cut < len(plaintext))})
    pieces = [plaintext[a:b] for a, b in pairwise(places)]
    return stream.head + b"".join(map(stream.push, pieces)) + stream.end()


def _blocks(blob: bytes) -> Iterator[bytes]:
    for start in range(RECIPIENT_HEAD_BYTES, len(blob), SEALED_CHUNK):
        yield blob[start : start + SEALED_CHUNK]


def unseal(blob: bytes, key: MediaKey = KEY) -> bytes:
    return b"".join(RecipientHead.read(blob[:RECIPIENT_HEAD_BYTES]).open(key, _blocks(blob)))


@given(size=SIZES, cuts=st.lists(st.integers(0, 2 * CHUNK + 1), max_size=6))
def test_any_file_in_any_pieces_opens_and_has_the_length_that_the_format_says(
    size: int, cuts: list[int]
) -> None:
    plaintext = os.urandom(size)
    blob = seal(plaintext, cuts=cuts)
    assert unseal(blob) == plaintext
    assert len(blob) == sealed_length(size)


def test_by_the_page_alone() -> None:
    """What docs/reference/vault-format.md says, with nothing of Amaan's."""
    plaintext = os.urandom(CHUNK + 100)
    blob = seal(plaintext)
    private = PrivateKey(KEY.private)
    public = bytes(private.public_key)
    assert blob[:8] == b"AMAANVLT"
    assert blob[8:10] == bytes([2, 16])
    assert blob[10:18] == hashlib.sha256(public).digest()[:8]
    file_key = SealedBox(private).decrypt(blob[18:98])
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, blob[98:122], file_key)
    pull = bindings.crypto_secretstream_xchacha20poly1305_pull
    first, tag = pull(state, blob[122 : 122 + 65_553], blob[:18])
    last, end = pull(state, blob[122 + 65_553 :], blob[:18])
    assert (first + last, tag, end) == (plaintext, 0, 3)


@given(data=st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    blob = bytearray(seal(os.urandom(data.draw(st.sampled_from([0, 1, 100, CHUNK + 5])))))
    near = st.integers(0, min(len(blob), 300) - 1)
    at = data.draw(near | st.integers(0, len(blob) - 1))
    blob[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises((SealBroken, WrongMediaKey)):
        unseal(bytes(blob))


@given(data=st.data())
def test_a_cut_or_prolonged_file_is_noticed(data: st.DataObject) -> None:
    blob = seal(os.urandom(data.draw(st.sampled_from([0, 1, CHUNK, 2 * CHUNK + 5]))))
    chunk_ends = range(RECIPIENT_HEAD_BYTES, len(blob), SEALED_CHUNK)
    cut = data.draw(st.integers(0, len(blob) - 1) | st.sampled_from(chunk_ends))
    with pytest.raises(SealBroken):
        unseal(blob[:cut])
    with pytest.raises(SealBroken):
        unseal(blob + data.draw(st.binary(min_size=1, max_size=40)))


@given(order=st.permutations(range(4)))
def test_another_order_of_chunks_is_noticed(order: list[int]) -> None:
    plaintext = os.urandom(3 * CHUNK + 7)
    blob = seal(plaintext)
    chunks = list(_blocks(blob))
    mixed = blob[:RECIPIENT_HEAD_BYTES] + b"".join(chunks[n] for n in order)
    if order == [0, 1, 2, 3]:
        assert unseal(mixed) == plaintext
    else:
        with pytest.raises(SealBroken):
            unseal(mixed)


def test_parts_of_two_files_do_not_mix() -> None:
    one, two = seal(bytes(CHUNK * 2)), seal(bytes(CHUNK * 2))
    for edge in (98, RECIPIENT_HEAD_BYTES, RECIPIENT_HEAD_BYTES + SEALED_CHUNK):
        with pytest.raises(SealBroken):
            unseal(one[:edge] + two[edge:])


def test_another_key_opens_nothing_and_is_named() -> None:
    with pytest.raises(WrongMediaKey, match=KEY.recipient.id.hex()):
        unseal(seal(b"x"), OTHER)
    readdressed = bytearray(seal(b"x"))
    readdressed[10:18] = OTHER.recipient.id
    with pytest.raises(SealBroken):
        unseal(bytes(readdressed), OTHER)


def test_two_seals_of_the_same_file_share_nothing_but_their_head() -> None:
    one, two = seal(bytes(1000)), seal(bytes(1000))
    assert one[:18] == two[:18]
    assert all(one[n : n + 16] != two[n : n + 16] for n in range(18, len(one) - 16))


@given(size=st.integers(0, 200), address_key=st.binary(min_size=32, max_size=32))
def test_an_address_belongs_to_one_file_and_one_recipient(size: int, address_key: bytes) -> None:
    digest = hashlib.sha256(bytes(size)).digest()
    to_one = recipient_address(address_key, digest, KEY.recipient.id)
    assert to_one == recipient_address(address_key, digest, KEY.recipient.id)
    assert (
        len(
            {
                to_one,
                recipient_address(address_key, digest, OTHER.recipient.id),
                address_of(address_key, digest),
            }
        )
        == 3
    )


# --- keys as text


def test_keys_survive_being_text() -> None:
    assert MediaKey.parse(f"  {KEY.text}\n") == KEY
    assert Recipient.parse(f"{KEY.recipient.text}\n") == KEY.recipient
    assert KEY.text not in repr(KEY)
    assert KEY.private.hex() not in repr(KEY)


@given(data=st.data())
def test_a_mistyped_key_is_refused_and_not_repeated(data: st.DataObject) -> None:
    parse, text = data.draw(
        st.sampled_from([(Recipient.parse, KEY.recipient.text), (MediaKey.parse, KEY.text)])
    )
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != text[at]))
    try:
        found = parse(text[:at] + other + text[at + 1 :])
    except NotAMediaKey as refusal:
        assert text.split(":")[1][:12] not in str(refusal)
    else:  # five bits of a private key are read by nobody (RFC 7748, section 5): it is the same key
        assert isinstance(found, MediaKey)
        assert found.recipient == KEY.recipient


@given(st.text(max_size=80))
def test_any_other_text_is_no_key(text: str) -> None:
    for parse in (Recipient.parse, MediaKey.parse):
        with pytest.raises(NotAMediaKey):
            parse(text)


def test_a_private_key_is_not_taken_for_a_public_one() -> None:
    with pytest.raises(NotAMediaKey) as refusal:
        Recipient.parse(KEY.text)
    assert KEY.text.split(":")[1] not in str(refusal.value)


def test_a_point_that_anybody_could_open_is_refused() -> None:
    for weak in (bytes(32), (1).to_bytes(32, "little")):
        with pytest.raises(NotAMediaKey):
            Recipient.parse(Recipient(weak).text)
