"""Proof of submission: written at the door, believed by nobody who can't check it, and worth nothing once changed."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime

import pytest
from django.test import Client
from hypothesis import example, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from amaan.ledger.domain.leaf import encode
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.receipts import (
    MalformedProof,
    MalformedReceiptKey,
    OtherKey,
    ProofContradictsItself,
    ProofRejected,
    SignatureWrong,
    as_pasted,
    leaf_for,
    publish_key,
    read_key,
    read_proof,
    verify_proof,
    write_proof,
)
from amaan.portal.services import Sent, send
from amaan.portal.services.proving import proof_of, published_key

both = pytest.mark.django_db(databases=["default", "portal"])
SIGNER = SigningKey(bytes(range(32)))
PUBLIC = bytes(SIGNER.verify_key)
SEALED = b"sealed to the desk"
LEAF = leaf_for("S-7K2M-9QRT-AAAA", datetime(2026, 11, 22, 8, 30, tzinfo=UTC), SEALED).leaf
PROOF = write_proof(LEAF, SEALED, SIGNER)


def test_a_proof_says_what_was_sent_when_and_which_leaf_it_must_have() -> None:
    proof = verify_proof(PROOF, PUBLIC)
    assert PROOF.startswith("Amaan receipt, version 1\nreference: S-7K2M-9QRT-AAAA\n")
    assert (proof.reference, proof.time, proof.leaf) == (
        "S-7K2M-9QRT-AAAA",
        "2026-11-22T08:30:00.000000Z",
        LEAF,
    )


def test_each_part_is_written_in_one_way_only() -> None:
    """The last letter before = has bits that no byte needs; changed, it would decode to the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    place = PROOF.rindex("==") - 1
    other = alphabet[alphabet.index(PROOF[place]) + 1]
    changed = PROOF[:place] + other + PROOF[place + 1 :]
    signature = [text.splitlines()[-1].removeprefix("signature: ") for text in (PROOF, changed)]
    assert b64decode(signature[0]) == b64decode(signature[1])
    with pytest.raises(MalformedProof):
        verify_proof(changed, PUBLIC)


@settings(max_examples=400)
@given(st.integers(0, len(PROOF) - 1), st.characters(codec="utf-8"))
@example(len(PROOF) - 1, "\r")
@example(PROOF.index("signature: ") - 1, " ")
def test_a_changed_character_is_noticed_wherever_it_stands(place: int, other: str) -> None:
    changed = PROOF[:place] + other + PROOF[place + 1 :]
    if changed == PROOF:
        return
    with pytest.raises(ProofRejected):
        verify_proof(changed, PUBLIC)


@given(st.integers(0, len(PROOF) - 1), st.text(min_size=1, max_size=3))
def test_nothing_can_be_put_in_or_taken_out(place: int, more: str) -> None:
    with pytest.raises(ProofRejected):
        verify_proof(PROOF[:place] + more + PROOF[place:], PUBLIC)
    with pytest.raises(ProofRejected):
        verify_proof(PROOF[:place] + PROOF[place + 1 :], PUBLIC)


@given(st.text(max_size=300) | st.text("receipt: AS-0\n=", max_size=300))
def test_any_other_text_is_refused_by_name(text: str) -> None:
    with pytest.raises(MalformedProof):
        read_proof(text)


@pytest.mark.parametrize(
    "pasted", [PROOF.replace("\n", "\r\n"), f"\ufeff\n  {PROOF}\n\n", PROOF.rstrip("\n")]
)
def test_a_form_or_an_editor_may_change_the_ends_of_lines(pasted: str) -> None:
    assert verify_proof(as_pasted(pasted), PUBLIC) == verify_proof(PROOF, PUBLIC)


def test_another_doors_proof_is_said_to_be_another_doors() -> None:
    with pytest.raises(OtherKey):
        verify_proof(write_proof(LEAF, SEALED, SigningKey.generate()), PUBLIC)


def _signed_again(text: str) -> str:
    from base64 import b64encode

    head = text[: text.index("signature: ")]
    return f"{head}signature: {b64encode(SIGNER.sign(head.encode()).signature).decode()}\n"


def test_a_door_that_signs_what_contradicts_itself_is_not_believed() -> None:
    assert _signed_again(PROOF) == PROOF
    for changed in (PROOF.replace("S-7K2M", "S-7K2N"), PROOF.replace("T08:30:00", "T08:30:01")):
        with pytest.raises(SignatureWrong):
            verify_proof(changed, PUBLIC)
        with pytest.raises(ProofContradictsItself):
            verify_proof(_signed_again(changed), PUBLIC)
    opened = encode(
        act="report.read",
        at="2026-11-22T08:30:00.000000Z",
        body="0" * 64,
        on="S-1",
        unit="",
        who="reporter:door",
    )
    with pytest.raises(ProofContradictsItself):
        verify_proof(write_proof(opened, SEALED, SIGNER), PUBLIC)


@given(st.binary(min_size=32, max_size=32))
def test_a_published_key_reads_again(public: bytes) -> None:
    text = publish_key(public)
    assert read_key(text) == read_key(text.splitlines()[1].removeprefix("public: ")) == public


@given(st.text(max_size=90))
@example(publish_key(PUBLIC).replace("key: ", "key: 0", 1)[:-1])
@example("key: 0000000000000000\npublic: " + publish_key(PUBLIC).splitlines()[1].removeprefix("public: "))
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(MalformedReceiptKey):
        read_key(text)


@pytest.fixture
def sent(quick_codes: None) -> Sent:
    return send(Kind.REPORT, language="en", answers={"what_happened": "someone threatens me"})


@both
def test_the_receipt_of_a_report_is_handed_out_as_a_file_and_holds_on_the_page(
    door: Client, sent: Sent
) -> None:
    text = proof_of(sent)
    assert "threatens" not in text
    assert sent.code not in text
    file = door.post("/en/receipt/file/", {"proof": text.replace("\n", "\r\n")})
    assert file.headers["Content-Disposition"] == 'attachment; filename="receipt.txt"'
    assert file.content.decode() == text
    answer = door.post("/en/receipt/", {"proof": f" {text}"})
    assert answer.status_code == 200
    assert "This receipt is valid" in answer.content.decode()
    assert sent.submission in answer.content.decode()


@both
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "This receipt is not valid"),
        ("<b>hello</b>", "This receipt is not valid"),
        (PROOF, "This receipt is not from this site"),
        ("x" * 100_000, "This receipt is not valid"),
    ],
)
def test_the_door_hands_out_and_confirms_no_text_but_its_own(door: Client, text: str, said: str) -> None:
    for path in ("/en/receipt/", "/en/receipt/file/"):
        answer = door.post(path, {"proof": text})
        assert answer.status_code == 400
        assert said in answer.content.decode()
        assert "attachment" not in answer.headers.get("Content-Disposition", "")
        assert "hello" not in answer.content.decode()


@both
def test_the_key_is_published_and_shown(door: Client, sent: Sent) -> None:
    answer = door.get("/.well-known/amaan-receipt-key")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    public = read_key(answer.content.decode())
    assert answer.content.decode() == published_key()
    assert verify_proof(proof_of(sent), public).reference == sent.submission
    assert (
        publish_key(public).splitlines()[1].removeprefix("public: ")
        in door.get("/ur/receipt/").content.decode()
    )


@both
def test_only_a_report_has_a_receipt(quick_codes: None) -> None:
    first = send(Kind.REPORT, language="en")
    assert proof_of(Sent(first.code, first.submission)) == ""
