"""Fields sealed, streams sealed, blind indices: what opens, and everything that must not."""

from __future__ import annotations

import hmac
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.keyring.domain import (
    KeyMissing,
    KeysDoNotFit,
    SealBroken,
    Sealer,
    blind_index,
    fingerprint,
    fresh_nonce,
    open_sealed,
    sealed_under,
    unwrap_data_key,
    wrap_data_key,
)
from amaan.keyring.domain.streams import CHUNK, HEADER, SEALED_CHUNK, StreamSealer, open_stream, seal_whole

pytestmark = pytest.mark.pure

KEY = bytes(range(32))
BOUND = b"bound to this"
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5]


@given(st.one_of(st.text(), st.binary()), st.text(max_size=40), st.integers(0, 2**63 - 1))
def test_what_is_sealed_opens_in_its_place(plaintext: str | bytes, place: str, key_id: int) -> None:
    blob = Sealer(key_id, KEY).seal(place, plaintext)
    clear = plaintext.encode() if isinstance(plaintext, str) else plaintext
    assert sealed_under(blob) == key_id
    assert open_sealed(KEY, place, blob) == clear
    assert len(blob) == len(clear) + 37


def test_a_value_moved_to_another_row_does_not_open() -> None:
    blob = Sealer(7, KEY).seal("reports_party/1/name", "someone")
    with pytest.raises(SealBroken, match="reports_party/2/name"):
        open_sealed(KEY, "reports_party/2/name", blob)


@given(st.integers(0, 44), st.integers(1, 255))
def test_every_changed_byte_is_noticed(position: int, flip: int) -> None:
    blob = bytearray(Sealer(7, KEY).seal("a/1/b", "eight by"))
    blob[position] ^= flip
    if 1 <= position <= 8:  # the key id: another key would be looked up
        assert sealed_under(bytes(blob)) != 7
    else:
        with pytest.raises(SealBroken):
            open_sealed(KEY, "a/1/b", bytes(blob))


@pytest.mark.parametrize("junk", [b"", b"\x01", b"\x01" + bytes(35), b"\x02" + bytes(60)])
def test_what_was_never_sealed_is_named_so(junk: bytes) -> None:
    with pytest.raises(SealBroken):
        open_sealed(KEY, "a/1/b", junk)


def test_equal_values_look_different_when_sealed() -> None:
    sealer = Sealer(7, KEY)
    assert len({sealer.seal("a/1/b", "same") for _ in range(200)}) == 200


def test_a_sealer_travels_without_showing_its_key() -> None:
    sealer = pickle.loads(pickle.dumps(Sealer(9, KEY)))
    assert open_sealed(KEY, "a/1/b", sealer.seal("a/1/b", "x")) == b"x"
    assert repr(sealer) == "Sealer(key_id=9)"


def test_errors_travel_between_processes() -> None:
    assert pickle.loads(pickle.dumps(KeyMissing(5))).key_id == 5


def test_the_domain_needs_no_django() -> None:
    code = (
        "import sys, amaan.keyring.domain.streams, amaan.evidence.domain; sys.exit('django' in sys.modules)"
    )
    source = os.pathsep.join(sys.path)
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, check=False).returncode == 0
    )


def test_a_wrapped_key_is_bound_to_its_id_and_its_root() -> None:
    wrapped = wrap_data_key(KEY, "r1", 5, b"k" * 32)
    assert unwrap_data_key(KEY, "r1", 5, wrapped) == b"k" * 32
    for root, key_id, key, blob in [
        ("r2", 5, KEY, wrapped),
        ("r1", 6, KEY, wrapped),
        ("r1", 5, bytes(32), wrapped),
        ("r1", 5, KEY, b"\x02" + wrapped[1:]),
        ("r1", 5, KEY, b""),
    ]:
        with pytest.raises(KeysDoNotFit, match=r"docs/how-to/keys\.md"):
            unwrap_data_key(key, root, key_id, blob)


@given(st.text(), st.text(), st.text(), st.text())
def test_a_blind_index_tells_kinds_and_values_apart(kind: str, value: str, kind2: str, value2: str) -> None:
    one, other = blind_index(KEY, kind, value), blind_index(KEY, kind2, value2)
    assert len(one) == 16
    assert (one == other) == ((kind, value) == (kind2, value2))


def test_a_blind_index_cannot_be_shifted_between_kind_and_value() -> None:
    assert blind_index(KEY, "phone", "x92300") != blind_index(KEY, "phonex", "92300")
    assert blind_index(KEY, "phone", "1") != blind_index(bytes(32), "phone", "1")


def test_a_fingerprint_gives_nothing_of_the_key() -> None:
    shown = fingerprint("root", KEY)
    assert len(shown.replace(" ", "")) == 32
    assert shown.replace(" ", "") not in KEY.hex()
    assert fingerprint("parties", KEY) != shown


def _blocks(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER:]
    return [body[i : i + SEALED_CHUNK] for i in range(0, len(body), SEALED_CHUNK)]


def _open(header: bytes, blocks: list[bytes], bound: bytes = BOUND, key: bytes = KEY) -> bytes:
    return b"".join(open_stream(key, bound, header, blocks))


@pytest.mark.parametrize("size", SIZES)
def test_streams_open_at_every_edge_of_a_chunk(size: int) -> None:
    plaintext = os.urandom(size)
    sealed = seal_whole(KEY, BOUND, plaintext)
    assert _open(sealed[:HEADER], _blocks(sealed)) == plaintext
    assert len(_blocks(sealed)) == max(1, -(-size // CHUNK))


@given(st.integers(1, 4), st.integers(0, 50), st.data())
def test_a_stream_that_was_tampered_with_does_not_open(full: int, rest: int, data: st.DataObject) -> None:
    sealed = seal_whole(KEY, BOUND, bytes(full * CHUNK + rest))
    header, blocks = sealed[:HEADER], _blocks(sealed)
    way = data.draw(
        st.sampled_from(["cut", "drop", "swap", "twice", "append", "flip", "header", "bound", "short"])
    )
    if way == "cut":
        blocks = blocks[: data.draw(st.integers(0, len(blocks) - 1))]
    elif way == "drop":
        del blocks[data.draw(st.integers(0, len(blocks) - 1))]
    elif way == "swap" and len(blocks) > 1:
        i, j = data.draw(st.lists(st.integers(0, len(blocks) - 1), min_size=2, max_size=2, unique=True))
        blocks[i], blocks[j] = blocks[j], blocks[i]
    elif way == "twice":
        i = data.draw(st.integers(0, len(blocks) - 1))
        blocks.insert(i, blocks[i])
    elif way == "append":
        blocks.append(data.draw(st.binary(max_size=40)))
    elif way == "short":
        blocks[-1] = blocks[-1][: data.draw(st.integers(0, len(blocks[-1]) - 1))]
    elif way == "header":
        header = bytes(HEADER)
    else:
        bad = bytearray(blocks[0])
        bad[data.draw(st.integers(0, len(bad) - 1))] ^= 1
        blocks[0] = bytes(bad)
    with pytest.raises(SealBroken):
        _open(header, blocks, bound=b"other" if way == "bound" else BOUND)


def test_chunks_of_two_streams_do_not_mix() -> None:
    one, other = (seal_whole(KEY, BOUND, bytes(2 * CHUNK)) for _ in range(2))
    with pytest.raises(SealBroken):
        _open(one[:HEADER], [_blocks(one)[0], _blocks(other)[1]])


def test_only_full_chunks_stand_before_the_last() -> None:
    sealer = StreamSealer(KEY, BOUND)
    blocks = [sealer.push(b"short", last=False), sealer.push(b"end", last=True)]
    with pytest.raises(SealBroken, match="doesn't have"):
        _open(sealer.header, blocks)


@given(st.binary(min_size=1, max_size=100), st.text(max_size=80))
def test_a_blind_index_is_hmac_sha256(key: bytes, value: str) -> None:
    told = b"\x00\x05phone" + value.encode()
    assert blind_index(key, "phone", value) == hmac.digest(key, told, "sha256")[:16]


def test_no_nonce_is_given_twice_not_even_after_a_fork() -> None:
    fresh_nonce()  # now some are drawn and not given
    there, here = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - another process
        os.write(here, b"".join([fresh_nonce() for _ in range(200)]))
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(there, 200 * 12)
    os.close(there)
    os.close(here)
    given = [fresh_nonce() for _ in range(1_000)] + [theirs[n : n + 12] for n in range(0, len(theirs), 12)]
    assert {len(nonce) for nonce in given} == {12}
    assert len(set(given)) == 1_200


def test_threads_share_no_nonce() -> None:
    with ThreadPoolExecutor(8) as pool:
        given = [
            n for found in pool.map(lambda _: [fresh_nonce() for _ in range(500)], range(16)) for n in found
        ]
    assert len(set(given)) == 8_000
