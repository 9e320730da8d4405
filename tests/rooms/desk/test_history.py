"""What was done: the history of a report, the auditor's view, and a proof that an outsider can check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.referrals.reading import report
from typer.testing import CliRunner

from amaan.authority.actors import Actor, Role
from amaan.ledger.commands import app
from amaan.ledger.models import About
from amaan.ledger.selectors import history_of, published_key
from amaan.ledger.services import Act, append, sequence_all
from amaan.reports.models import Version

pytestmark = pytest.mark.django_db

REFERENCE = "R-0000-0000-0000"


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def _act(actor: Actor, act: str, on: str, **body: object) -> int:
    with transaction.atomic():
        return append(actor, [Act(act, on, "north", body)])[0]


def _page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return unescape(response.content.decode())


def test_the_auditor_finds_an_entry_and_opens_its_text() -> None:
    entry = _act(Actor.system("test"), "report.outcome", REFERENCE, reason="a sealed reason")
    client = signed_in(a_person(Role.AUDITOR))
    listed = _page(client, f"/desk/ledger/?on={REFERENCE}")
    assert "decided what becomes of it" in listed
    assert "the system (test)" in listed
    assert "a sealed reason" not in listed
    assert "a sealed reason" in _page(client, f"/desk/ledger/{entry}/")
    assert [line.act for line in history_of(f"entry:{entry}")] == ["ledger.entry_read"]


def test_reading_the_ledger_is_itself_in_the_ledger() -> None:
    person = a_person(Role.AUDITOR)
    _page(signed_in(person), "/desk/ledger/?who=staff:7")
    assert About.objects.filter(who=f"staff:{person.pk}", act="ledger.read").count() == 1


def test_older_entries_are_a_link_away() -> None:
    ids = [_act(Actor.system("test"), "report.read", "R-X") for _ in range(103)]
    client = signed_in(a_person(Role.AUDITOR))
    first = _page(client, "/desk/ledger/?on=R-X")
    assert f"before={ids[3]}" in first
    second = _page(client, f"/desk/ledger/?on=R-X&before={ids[3]}")
    assert second.count("<tr><td>") == 3
    assert 'rel="next"' in first
    assert 'rel="next"' not in second


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_nobody_else_reads_the_ledger(role: Role) -> None:
    entry = _act(Actor.system("test"), "report.read", REFERENCE)
    client = signed_in(a_person(role))
    for address in ("/desk/ledger/", f"/desk/ledger/{entry}/", f"/desk/ledger/{entry}/proof.json"):
        assert client.get(address).status_code == 404


def test_a_proof_is_taken_away_and_checked_without_a_database(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    entry = _act(Actor.system("test"), "report.outcome", REFERENCE)
    client = signed_in(a_person(Role.AUDITOR))
    assert client.get(f"/desk/ledger/{entry}/proof.json").status_code == 409, "it has no place yet"
    with django_capture_on_commit_callbacks(execute=True):
        sequence_all()
    response = client.get(f"/desk/ledger/{entry}/proof.json")
    assert response.headers["Content-Disposition"] == f'attachment; filename="amaan-proof-{entry}.json"'
    file = tmp_path / "proof.json"
    file.write_bytes(response.content)
    checked = CliRunner().invoke(
        app, ["verify", "--proof", str(file), "--key", str(published_key()), "--json"]
    )
    assert checked.exit_code == 0
    assert json.loads(checked.stdout)["leaf"]["on"] == REFERENCE
    file.write_text(file.read_text().replace(REFERENCE, "R-1111-1111-1111"))
    assert (
        CliRunner().invoke(app, ["verify", "--proof", str(file), "--key", str(published_key())]).exit_code
        == 1
    )
    assert About.objects.filter(act="ledger.proof_taken", on=f"entry:{entry}").count() == 1


def test_the_history_of_a_report_begins_with_its_coming_and_ends_with_this_reading(
    django_capture_on_commit_callbacks: Any,
) -> None:
    reference = arrived(report(), number="70009")
    again = arrived(report("<additionalInfo>told again</additionalInfo>"), number="70009")
    assert again == reference
    client = signed_in(a_person(Role.ANALYST))
    _page(client, f"/desk/reports/{reference}/")
    listed = _page(client, f"/desk/history/{reference}/")
    assert listed.count("received it") == 2
    assert listed.index("looked at what was done here") < listed.index("opened the report")
    assert listed.index("opened the report") < listed.index("received it")
    with django_capture_on_commit_callbacks(execute=True):
        sequence_all()
    coming = Version.objects.get(report__reference=reference, number=1).entry
    taken = client.get(f"/desk/history/{reference}/{coming}/proof.json")
    assert json.loads(json.loads(taken.content)["leaf"])["act"] == "report.received"
    other = _act(Actor.system("test"), "report.read", REFERENCE)
    assert client.get(f"/desk/history/{reference}/{other}/proof.json").status_code == 404
    elsewhere = signed_in(a_person(Role.ANALYST, unit="south"))
    assert elsewhere.get(f"/desk/history/{reference}/").status_code == 404
    assert elsewhere.get(f"/desk/history/{reference}/{coming}/proof.json").status_code == 404
