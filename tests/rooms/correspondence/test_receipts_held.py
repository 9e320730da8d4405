"""`amaan verify-receipt` beside a ledger: held, on its way, or dropped; and what is said where nobody can know."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from nacl.signing import SigningKey
from tests.rooms.correspondence import door
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.ledger.tampering import drop_triggers, settle
from typer import Typer
from typer.testing import CliRunner, Result

from amaan.correspondence.commands import verify_receipt
from amaan.correspondence.proofs import Standing, stands
from amaan.ledger import triggers
from amaan.ledger.models import Leaf
from amaan.ledger.services import sequence_all
from amaan.portal.domain.receipts import publish_key, write_proof
from amaan.portal.models import Envelope
from amaan.portal.services import Sent, proof_of
from amaan.portal.services.proving import published_key

pytestmark = pytest.mark.django_db(databases=["default", "portal"])

_app = Typer()
_app.command()(verify_receipt)


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Any:
    yield from fresh_ledger()


@pytest.fixture
def sent() -> Sent:
    return door.tell(carry=False)


@pytest.fixture
def receipt(sent: Sent, tmp_path: Path) -> Path:
    path = tmp_path / "receipt.txt"
    path.write_text(proof_of(sent))
    return path


def _said(*arguments: object) -> Result:
    return CliRunner().invoke(_app, [str(one) for one in arguments])


def _carry(*, numbered: bool = True) -> None:
    door.prepare()
    door.carry_all()
    assert not Envelope.objects.exists()
    if numbered:
        sequence_all()


def test_a_report_is_held_from_the_door_to_the_ledger(sent: Sent, receipt: Path) -> None:
    found = _said(receipt)
    assert found.exit_code == 0
    assert "waits at the door" in found.output
    assert stands(sent.leaf).standing is Standing.AT_THE_DOOR
    _carry()
    found = _said(receipt, "--json")
    assert found.exit_code == 0
    told = json.loads(found.output)
    assert (told["ok"], told["reference"], told["ledger"]) == (True, sent.submission, "held")
    assert bytes(Leaf.objects.get(index=told["leaf"]).entry.leaf_bytes) == sent.leaf


def test_what_is_recorded_and_not_numbered_yet_is_not_dropped(sent: Sent, receipt: Path) -> None:
    _carry(numbered=False)
    assert stands(sent.leaf).standing is Standing.NUMBERED_SOON
    assert _said(receipt).exit_code == 0


def test_a_report_that_neither_door_nor_a_whole_ledger_holds_was_dropped(sent: Sent, receipt: Path) -> None:
    Envelope.objects.all().delete()
    found = _said(receipt)
    assert found.exit_code == 1
    assert "This report was dropped" in found.output
    assert "This receipt is valid" in found.output


def test_a_ledger_that_lost_something_accuses_nobody(sent: Sent, receipt: Path) -> None:
    _carry()
    drop_triggers()
    settle()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_leaf")
        cursor.execute("DELETE FROM ledger_about")
        cursor.execute("DELETE FROM ledger_body")
        cursor.execute("DELETE FROM ledger_entry")
    triggers.create(connection)
    found = _said(receipt, "--json")
    assert found.exit_code == 1
    assert json.loads(found.output)["ledger"] == "not_known"


def test_where_no_installation_is_the_named_key_is_enough(
    receipt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "key.txt"
    key.write_text(published_key())
    bare = published_key().splitlines()[1].removeprefix("public: ")
    monkeypatch.setattr(configured, "AMAAN_PORTAL_KEYS", tmp_path / "nothing")
    assert _said(receipt).exit_code == 2
    for named in (key, bare):
        found = _said(receipt, "--key", named)
        assert found.exit_code == 0
        assert "There is no ledger here" in found.output
    assert not (tmp_path / "nothing").exists()


def test_the_receipt_of_another_door_is_not_looked_for_in_this_ledger(sent: Sent, tmp_path: Path) -> None:
    other = SigningKey.generate()
    path = tmp_path / "receipt.txt"
    path.write_text(write_proof(sent.leaf, sent.sealed, other))
    assert _said(path).exit_code == 1
    Envelope.objects.all().delete()
    found = _said(path, "--key", b64encode(bytes(other.verify_key)).decode())
    assert found.exit_code == 0
    assert "dropped" not in found.output


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, 2), (b"\xff\xfe", 2), (b"", 1), (b"Amaan receipt, version 1\n", 1), (b"A" * 200_000, 1)],
)
def test_what_is_no_receipt_is_said_to_be_none(tmp_path: Path, content: bytes | None, code: int) -> None:
    path = tmp_path / "receipt.txt"
    if content is not None:
        path.write_bytes(content)
    assert _said(path).exit_code == code


@pytest.mark.parametrize("key", ["x", "key: 0\npublic: x", "A" * 3000, "/nowhere/key.txt"])
def test_what_is_no_key_is_said_to_be_none(receipt: Path, key: str) -> None:
    found = _said(receipt, "--key", key)
    assert found.exit_code == 2
    assert "--key" in found.output


def test_a_changed_receipt_fails_and_the_door_keeps_its_word_about_the_key(
    receipt: Path, tmp_path: Path
) -> None:
    receipt.write_text(receipt.read_text().replace("S-", "S-1", 1))
    found = _said(receipt)
    assert found.exit_code == 1
    assert "not valid" in found.output
    wrong = tmp_path / "key.txt"
    wrong.write_text(publish_key(bytes(SigningKey.generate().verify_key)).replace("key: ", "key: 0", 1))
    assert _said(receipt, "--key", wrong).exit_code == 2


def test_a_database_that_is_not_there_is_not_made(
    sent: Sent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a PostgreSQL database is never made by looking")
    shutil.rmtree(tmp_path, ignore_errors=True)
    monkeypatch.setitem(connection.settings_dict, "NAME", str(tmp_path / "amaan.sqlite3"))
    assert stands(sent.leaf).standing is Standing.NO_LEDGER
    assert not tmp_path.exists()
