"""Referring and closing a report: who may, what it writes, and that nobody decides on what they have not read."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.desk.dossier import holding
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.outbox.services import deliver
from amaan.reports.domain.outcomes import CloseReason, Decision, PublicStatus
from amaan.reports.models import Outcome, Report
from amaan.reports.services import ToldAgain, close_out, set_public_status

pytestmark = pytest.mark.django_db

DECIDERS = sorted(role for role in Role if MATRIX[Action.DECIDE_REPORT][role] is not Scope.NONE)
SYSTEM = Actor.system("test")
REFERRAL = {"to": "Multan circle", "reason": "The account belongs there.", "version": "1"}
CLOSING = {"code": "too_little", "reason": "No account, no time, no file.", "version": "1"}


@pytest.fixture
def reference() -> str:
    return arrived(report())


@pytest.fixture
def officer() -> Client:
    return signed_in(a_person(Role.ANALYST))


def reason_of(outcome: Outcome) -> str:
    place = f"reports_outcome/{outcome.report.reference}/reason"
    return opener().open(place, bytes(outcome.reason)).decode()


def test_a_referral_is_written_down_and_named_on_the_queue(officer: Client, reference: str) -> None:
    answer = officer.post(f"/desk/reports/{reference}/refer/", REFERRAL, follow=True)
    assert answer.redirect_chain == [("/desk/", 302)]
    assert f"{reference} is referred." in answer.content.decode()
    outcome = Outcome.objects.get()
    assert (outcome.decision, outcome.version) == (Decision.REFERRED, 1)
    assert reason_of(outcome) == "Multan circle\n\nThe account belongs there."
    assert Report.objects.get().public_status == PublicStatus.PASSED_ON


def test_a_closing_keeps_its_code_and_its_words(officer: Client, reference: str) -> None:
    answer = officer.post(f"/desk/reports/{reference}/close/", CLOSING, follow=True)
    assert f"{reference} is closed." in answer.content.decode()
    outcome = Outcome.objects.get()
    assert (outcome.decision, outcome.stage) == (Decision.CLOSED, CloseReason.TOO_LITTLE)
    assert reason_of(outcome) == CLOSING["reason"]
    assert Report.objects.get().public_status == PublicStatus.CLOSED
    shown = officer.get(f"/desk/reports/{reference}/").content.decode()
    assert "It holds too little to act on" in shown
    assert CLOSING["reason"] in shown


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("refer", {**REFERRAL, "to": " "}),
        ("refer", {**REFERRAL, "reason": ""}),
        ("refer", {**REFERRAL, "version": "x"}),
        ("refer", {**REFERRAL, "reason": "y" * 4001}),
        ("close", {**CLOSING, "code": ""}),
        ("close", {**CLOSING, "code": "because"}),
        ("close", {**CLOSING, "reason": "  "}),
        ("close", {}),
    ],
)
def test_without_its_reason_nothing_is_decided(
    officer: Client, reference: str, page: str, said: dict[str, str]
) -> None:
    answer = officer.post(f"/desk/reports/{reference}/{page}/", said)
    assert answer.status_code == 422
    assert "Please look at this again" in answer.content.decode()
    assert not Outcome.objects.exists()


@pytest.mark.parametrize(("page", "said"), [("refer", REFERRAL), ("close", CLOSING)])
def test_told_again_meanwhile_it_is_not_decided_blindly(
    officer: Client, reference: str, page: str, said: dict[str, str]
) -> None:
    arrived(report("<additionalInfo>More.</additionalInfo>"))
    answer = officer.post(f"/desk/reports/{reference}/{page}/", said)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "told again while you were writing" in shown
    assert f">\n{said['reason']}</textarea>" in shown, "what was written stays as it was"
    assert not Outcome.objects.exists()
    assert Report.objects.get().public_status == PublicStatus.RECEIVED
    assert 'name="version" value="2"' in shown
    officer.post(f"/desk/reports/{reference}/{page}/", {**said, "version": "2"})
    assert Outcome.objects.get().version == 2


def test_the_service_refuses_a_telling_that_was_not_read(reference: str) -> None:
    with pytest.raises(ToldAgain):
        close_out(SYSTEM, reference=reference, decision=Decision.CLOSED, reason="…", version=2)
    assert not Outcome.objects.exists()


def test_a_status_that_can_not_follow_stays(officer: Client, reference: str) -> None:
    officer.post(f"/desk/reports/{reference}/refer/", REFERRAL)
    officer.post(f"/desk/reports/{reference}/refer/", {**REFERRAL, "to": "Quetta circle"})
    assert Outcome.objects.count() == 2
    assert Report.objects.get().public_status == PublicStatus.PASSED_ON
    set_public_status(SYSTEM, reference=reference, status=PublicStatus.CLOSED)
    officer.post(f"/desk/reports/{reference}/close/", CLOSING)
    assert Report.objects.get().public_status == PublicStatus.CLOSED


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("page", "said"), [("refer", REFERRAL), ("close", CLOSING)])
def test_who_may_decide_may_and_nobody_else(
    role: Role, page: str, said: dict[str, str], reference: str
) -> None:
    client = signed_in(a_person(role))
    assert client.get(f"/desk/reports/{reference}/{page}/").status_code == (200 if role in DECIDERS else 404)
    client.post(f"/desk/reports/{reference}/{page}/", said)
    assert Outcome.objects.exists() is (role in DECIDERS)


@pytest.mark.parametrize(("page", "said"), [("refer", REFERRAL), ("close", CLOSING)])
def test_nobody_decides_for_another_unit(page: str, said: dict[str, str], reference: str) -> None:
    stranger = signed_in(a_person(Role.SUPERVISOR, unit="south"))
    assert stranger.post(f"/desk/reports/{reference}/{page}/", said).status_code == 404
    assert not Outcome.objects.exists()


def test_the_leaf_of_a_decision_names_no_reason(officer: Client, reference: str) -> None:
    officer.post(f"/desk/reports/{reference}/refer/", REFERRAL)
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.all()]
    (leaf,) = [leaf for leaf in leaves if leaf["act"] == "report.outcome"]
    assert leaf["on"] == reference
    assert "Multan" not in json.dumps(leaves)


def test_whoever_closes_what_a_day_holds_has_read_why(officer: Client) -> None:
    """A floor is no decision, and nobody passes over it without a word: the box, and the rules in the ledger."""
    told = "<additionalInfo>He says he will leak her photos tonight unless she pays 7000.</additionalInfo>"
    reference = arrived(report(told), number="7")
    while deliver(5_000):
        continue
    address = f"/desk/reports/{reference}/close/"
    shown = officer.get(address).content.decode()
    assert "to be seen to within a day" in shown
    (rules,) = {tuple(holding(reference))}
    assert rules
    refused = officer.post(address, CLOSING)
    assert refused.status_code == 422
    assert "tick this box" in refused.content.decode()
    assert not Outcome.objects.exists()
    officer.post(address, {**CLOSING, "despite": "on"})
    assert Outcome.objects.get().decision == Decision.CLOSED
    (entry,) = [e for e in Entry.objects.all() if json.loads(bytes(e.leaf_bytes))["act"] == "report.outcome"]
    sealed = bytes(Body.objects.get(entry_id=entry.pk).ciphertext)
    body = json.loads(opener().open(place(entry.pk, leaf_hash(bytes(entry.leaf_bytes))), sealed))
    assert body["despite"] == list(rules)


def test_what_no_day_holds_is_closed_without_a_box(officer: Client, reference: str) -> None:
    while deliver(5_000):
        continue
    assert holding(reference) == {}
    shown = officer.get(f"/desk/reports/{reference}/close/").content.decode()
    assert 'name="despite"' not in shown
