"""The model's page, a sender's feedback and the table of senders, as people at the desk use them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.learning.test_fitting import FEATURES, drawn
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.triage.conftest import ARRIVED, Lay, lay  # noqa: F401 - a fixture
from typer.testing import CliRunner

from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.cli.assembly import app
from amaan.feedback.models import Feedback
from amaan.feedback.services import count_month, derive, tell_some
from amaan.learning.domain.model import digest_of, write_model
from amaan.learning.fitting import fit
from amaan.learning.models import LearnedModel
from amaan.learning.services import propose_some
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome
from amaan.triage.services import triage_reports

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = Actor.system("test")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield from fresh_ledger()


def test_a_supervisor_turns_the_model_on_reads_why_and_turns_it_off(lay: Lay) -> None:  # noqa: F811
    client = signed_in(a_person(Role.SUPERVISOR, unit="lahore"))
    assert b"No model is fitted yet" in client.get("/desk/learning/").content
    examples = drawn(900)
    text = write_model(fit(examples, [one.seen for one in examples], FEATURES))
    LearnedModel.objects.create(
        digest=digest_of(text), body=text, fitted_at=ARRIVED, seed=1, rules="pk", synthetic=True
    )
    report = lay({"incident.type": "enticement"})
    triage_reports(WORKER, report_ids=[report.pk])
    page = client.get("/desk/learning/").content.decode()
    assert "These outcomes are invented." in page
    assert "a child is approached or lured" in page
    refused = client.post("/desk/learning/switch/", {"read": 0, "reason": ""})
    assert refused.status_code == 422
    assert client.post("/desk/learning/switch/", {"read": 0, "reason": "a trial"}).status_code == 302
    while propose_some(WORKER):
        continue
    shown = client.get(f"/desk/reports/{report.reference}/").content.decode()
    assert "Brought forward inside its band" in shown
    stale = client.post("/desk/learning/switch/", {"read": 0, "reason": "too late"})
    assert "Somebody turned it on or off while you read" in stale.content.decode()
    assert client.post("/desk/learning/switch/", {"read": 1, "reason": "enough"}).status_code == 302
    assert signed_in(a_person(Role.ANALYST)).get("/desk/learning/switch/").status_code == 404


def test_an_analyst_holds_back_what_a_sender_hears_and_a_supervisor_takes_the_files(lay: Lay) -> None:  # noqa: F811
    analyst = a_person(Role.ANALYST, unit="lahore")
    who, client = actor_of(analyst), signed_in(analyst)
    assert who is not None
    report = lay({"content.count": 1})
    address = f"/desk/reports/{report.reference}/feedback/"
    assert "Nothing is decided on this report yet" in client.get(address).content.decode()
    record_outcome(
        who, reference=report.reference, decision=Decision.CLOSED, stage="too_little", reason="as read"
    )
    derive(WORKER, report_ids=[report.pk])
    held = {"read": 1, "code": "too_little", "missing": ["file_hash"], "hold": "operation"}
    refused = client.post(address, held)
    assert refused.status_code == 422
    assert "Write why it is held back." in refused.content.decode()
    assert client.post(address, {**held, "reason": "a search is near"}).status_code == 302
    assert tell_some(WORKER) == 0
    shown = client.get(f"/desk/reports/{report.reference}/").content.decode()
    assert "held back:" in shown
    assert "a search is near" not in shown
    assert (
        client.post(address, {"read": 2, "code": "too_little", "missing": ["file_hash"]}).status_code == 302
    )
    assert tell_some(WORKER) == 1
    count_month(WORKER, month=date(2026, 3, 1))

    supervisor = signed_in(a_person(Role.SUPERVISOR, unit="lahore"))
    table = supervisor.get("/desk/senders/").content.decode()
    assert "Example Platform" in table
    assert "too few to show" in table
    assert b"suppressed" in supervisor.get("/desk/senders/table.csv").content
    asked = {"entity": "Example Platform", "form": "jsonl", "purpose": "for their yearly report"}
    assert supervisor.post("/desk/senders/feedback/", {**asked, "purpose": ""}).status_code == 422
    file = supervisor.post("/desk/senders/feedback/", asked)
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert b'"field": "file_hash"' in file.content
    assert report.reference.encode() not in file.content
    assert client.get("/desk/senders/").status_code == 404


def test_the_commands_say_what_stands_and_what_is_missing(lay: Lay) -> None:  # noqa: F811
    run = CliRunner().invoke
    assert "200 of each are needed" in run(app, ["learning", "show"]).output
    fitted = run(app, ["learning", "fit"])
    assert fitted.exit_code == 2
    assert "No triage rules" in fitted.output or "Too few outcomes" in fitted.output
    assert run(app, ["learning", "off", "--reason", "x"]).exit_code == 2
    exported = run(app, ["feedback", "export", "--entity", "Nobody", "--purpose", "x"])
    assert exported.exit_code == 2
    assert "No reports of 'Nobody'" in exported.output
    assert (
        run(app, ["feedback", "export", "--entity", "x", "--purpose", "x", "--since", "soon"]).exit_code == 2
    )
    assert "0 reports counted" in run(app, ["feedback", "count", "2026-03"]).output
    assert not Feedback.objects.exists()
