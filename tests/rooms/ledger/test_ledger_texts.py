"""Leaves and notes, as texts."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from amaan.ledger.domain import leaf as leaves
from amaan.ledger.domain import note as notes

pytestmark = pytest.mark.pure

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = notes.VerifierKey("amaan/test", PRIVATE.public_key().public_bytes_raw())
WORDS = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9:._/#-]{0,20}\Z")


def _leaf(**changed: str) -> bytes:
    fields = {
        "act": "report.received",
        "at": leaves.time_text(datetime(2026, 1, 2, 3, 4, 5, 6, UTC)),
        "body": "ab" * 32,
        "on": "report:R-1",
        "unit": "lahore",
        "who": "staff:12",
    }
    return leaves.encode(**(fields | changed))


@given(WORDS, WORDS, WORDS | st.just(""), WORDS)
def test_a_leaf_is_canonical_json_and_reads_back(act: str, on: str, unit: str, who: str) -> None:
    raw = _leaf(act=act, on=on, unit=unit, who=who)
    document = json.loads(raw)
    assert raw == json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    assert document["v"] == 1
    read = leaves.decode(raw)
    assert (read.act, read.on, read.unit, read.who) == (act, on, unit, who)


def test_times_are_utc() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=5)))
    assert leaves.time_text(at) == "2026-01-01T22:04:05.000000Z"


@pytest.mark.parametrize("field", ["act", "on", "unit", "who"])
@pytest.mark.parametrize("word", ["A Name", "a@b.example", 'x"y', "نام", "x" * 121, "a\n", "-x"])
def test_nothing_that_could_name_somebody_gets_into_a_leaf(field: str, word: str) -> None:
    with pytest.raises(leaves.NotALedgerWord) as caught:
        _leaf(**{field: word})
    assert word not in str(caught.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw + b"\n",
        lambda raw: raw.replace(b":", b": ", 1),
        lambda raw: raw.replace(b'"v":1', b'"v":1.0'),
        lambda raw: raw.replace(b'"v":1', b'"v":2'),
        lambda raw: raw.replace(b"abab", b"ABAB", 1),
        lambda raw: raw.replace(b"lahore", b"l\\u0061hore"),
        lambda raw: raw[:-1] + b',"x":"1"}',
        lambda raw: json.dumps(dict(reversed(json.loads(raw).items())), separators=(",", ":")).encode(),
    ],
)
def test_what_is_not_canonical_is_refused(spoil: object) -> None:
    assert leaves.decode(_leaf())
    with pytest.raises(leaves.LeafNotCanonical):
        leaves.decode(spoil(_leaf()))  # type: ignore[operator]


def _signed(size: int = 7, previous: int = 3) -> str:
    return notes.sign_note(str(notes.CheckpointText(KEY.name, size, b"r" * 32, previous)), KEY, PRIVATE.sign)


def test_a_checkpoint_reads_back() -> None:
    note = _signed()
    assert note.startswith(
        "amaan/test\n7\ncnJycnJycnJycnJycnJycnJycnJycnJycnJycnJycnI=\nprevious 3\n\n— amaan/test "
    )
    assert notes.open_checkpoint(note, KEY) == notes.CheckpointText("amaan/test", 7, b"r" * 32, 3)
    assert notes.VerifierKey.parse(str(KEY)) == KEY


def test_a_note_that_another_implementation_signed() -> None:
    # The worked example of Go's golang.org/x/mod/sumdb/note, which C2SP signed-note was written from.
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = notes.VerifierKey("PeterNeumann", private.public_key().public_bytes_raw())
    text = "If you think cryptography is the answer to your problem,\n"
    text += "then you don't know what your problem is.\n"
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    note = f"{text}\n— PeterNeumann {signature}\n"
    assert key.key_id.hex() == "c74f20a3"
    assert notes.sign_note(text, key, private.sign) == note
    assert notes.open_note(note, key) == text


def test_signatures_of_others_are_passed_over_and_ours_must_be_there() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    witness = notes.VerifierKey("witness", other.public_key().public_bytes_raw())
    text, _, line = _signed().rpartition("\n\n")
    cosigned = notes.sign_note(text + "\n", witness, other.sign)
    assert notes.open_checkpoint(cosigned + line, KEY).size == 7
    with pytest.raises(notes.SignatureMissing):
        notes.open_checkpoint(cosigned, KEY)


@given(st.integers(0, len(_signed().encode()) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_refused(spot: int, bit: int) -> None:
    raw = bytearray(_signed().encode())
    raw[spot] ^= 1 << bit
    try:
        note = raw.decode()
    except UnicodeDecodeError:
        return
    with pytest.raises(notes.NoteRejected):
        notes.open_checkpoint(note, KEY)


@pytest.mark.parametrize(
    "text",
    ["a\n1\n", "a\n01\ncnI=\n", "a\n-1\ncnJy\n", "a\n1\n!!\n", "a\n1\ncnJy\n\nx\n", "", "a\t\n1\ncnJy\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(notes.NoteRejected):
        notes.CheckpointText.parse(text)


@pytest.mark.parametrize("text", ["", "a+b", "a+00000000+AAAA", str(KEY).replace("test", "best")])
def test_what_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(notes.MalformedVerifierKey):
        notes.VerifierKey.parse(text)
