"""On and off, in the database: who may, what moves, what comes back, and that nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.rooms.cases.conftest import Officer, officer  # noqa: F401 - a fixture
from tests.rooms.learning.test_fitting import FEATURES, drawn
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.triage.conftest import ARRIVED, Lay, lay  # noqa: F401 - a fixture

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.learning import fitting
from amaan.learning.domain.labels import TooFewOutcomes
from amaan.learning.domain.model import digest_of, write_model
from amaan.learning.domain.states import (
    ModelDrifted,
    ModelNoBetter,
    NoModel,
    ReasonNeeded,
    State,
    SwitchedMeanwhile,
)
from amaan.learning.fitting import fit
from amaan.learning.models import LearnedModel, Proposal, ScoredDay, Switching
from amaan.learning.permissions import OnlyAPersonTurnsItOn
from amaan.learning.selectors import labels_of, proposed_turn_of, standing_for
from amaan.learning.services import fit_model, propose, propose_some, proposing, turn_off, turn_on
from amaan.learning.services.switching import rest
from amaan.learning.tasks import propose_turns, think_propose_turns
from amaan.ledger.models import Entry
from amaan.outbox.models import Delivery
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Report
from amaan.reports.services import record_outcome, settle_with
from amaan.triage.models import Assessment
from amaan.triage.selectors.turns import danger_at
from amaan.triage.services import TurnOutOfBand, TurnProposal, prepare_rules, triage_reports
from amaan.triage.services import propose_turns as propose_to_triage

pytestmark = pytest.mark.django_db

WORKER = Actor.system("learning")
LURED = {"incident.type": "enticement"}
SPREAD = {"incident.type": "csam", "content.annotations": ["viral"], "incident.districts": ["PK-LHR"]}


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.fixture(scope="module")
def text() -> str:
    examples = drawn(900)
    return write_model(fit(examples, [one.seen for one in examples], FEATURES))


@pytest.fixture
def model(text: str) -> LearnedModel:
    return LearnedModel.objects.create(
        digest=digest_of(text), body=text, fitted_at=ARRIVED, seed=1, rules="pk", synthetic=True
    )


@pytest.fixture
def supervisor(officer: Officer) -> Actor:  # noqa: F811
    return officer(Role.SUPERVISOR)


def banded(*reports: Report) -> list[int]:
    ids = [report.pk for report in reports]
    triage_reports(Actor.system("triage"), report_ids=ids)
    return ids


def swept() -> None:
    while propose_some(WORKER):
        continue


def acts(name: str) -> list[dict[str, str]]:
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id")]
    return [leaf for leaf in leaves if leaf["act"] == name]


def stood(report: Report) -> tuple[object, ...]:
    row = Assessment.objects.get(report=report, current=True)
    return row.band, row.floor, row.due_at, row.danger, row.waiting, row.turn_at


def test_off_it_moves_nothing_and_on_it_brings_forward_inside_the_band(
    lay: Lay,  # noqa: F811
    model: LearnedModel,
    supervisor: Actor,
) -> None:
    prepare_rules()
    lured, spread = lay(LURED), lay(SPREAD)
    ids = banded(lured, spread)
    before = {one.pk: stood(one) for one in (lured, spread)}
    assert propose(WORKER, report_ids=ids) == 0
    assert Delivery.objects.filter(subscriber="learning.propose").count() == 1
    turn_on(supervisor, reason="to try it for a week", read=0)
    swept()
    for report in (lured, spread):
        *same, turn = stood(report)
        *was, rules = before[report.pk]
        assert same == was
        assert turn <= rules  # type: ignore[operator]
    assert stood(lured)[-1] < before[lured.pk][-1]  # type: ignore[operator]
    shown = proposed_turn_of(lured)
    assert shown is not None
    assert shown.reasons[0].feature.id == "enticement"
    assert shown.chance > shown.base_rate
    assert [act["on"] for act in acts("learning.proposed")] == [f"model/{model.pk}"]
    assert ScoredDay.objects.get().count == 2

    turn_off(supervisor, reason="enough", read=1)
    swept()
    assert {one.pk: stood(one) for one in (lured, spread)} == before
    assert proposed_turn_of(lured) is None
    assert [len(acts(f"learning.turned_{way}")) for way in ("on", "off")] == [1, 1]


def test_what_comes_while_it_is_on_is_proposed_once_and_counted_once(
    lay: Lay,  # noqa: F811
    model: LearnedModel,
    supervisor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turn_on(supervisor, reason="to try it", read=0)
    swept()
    ids = banded(lay(LURED))
    with monkeypatch.context() as patch:
        think_propose_turns(ids)
        patch.setattr(
            proposing, "inputs", lambda _ids: [], raising=True
        )  # what was read before is not read again
        propose_turns(ids)
    thought = Proposal.objects.get()
    propose_turns(ids)
    assert Proposal.objects.get() == thought
    assert (thought.standing, thought.seen) == (True, "enticement")
    assert ScoredDay.objects.get().count == 1
    assert propose(WORKER, report_ids=[987_654]) == 0


def test_only_a_supervisor_turns_it_on_with_a_reason_and_knowing_how_it_stands(
    officer: Officer,  # noqa: F811
    model: LearnedModel,
    supervisor: Actor,
) -> None:
    with pytest.raises(NotAllowed):
        turn_on(officer(Role.ANALYST), reason="x", read=0)
    with pytest.raises(OnlyAPersonTurnsItOn):
        turn_on(Actor.system("command-line"), reason="x", read=0)
    with pytest.raises(ReasonNeeded):
        turn_on(supervisor, reason="  ", read=0)
    turn_on(supervisor, reason="x", read=0)
    with pytest.raises(SwitchedMeanwhile):
        turn_off(supervisor, reason="x", read=0)
    turn_off(Actor.system("command-line"), reason="it looked odd", read=1)
    assert standing_for(supervisor).state is State.OFF
    with pytest.raises(IntegrityError), transaction.atomic():
        Switching.objects.filter(number=1).update(state="on")


def test_without_a_model_or_with_one_that_is_no_better_it_stays_off(supervisor: Actor, text: str) -> None:
    with pytest.raises(NoModel):
        turn_on(supervisor, reason="x", read=0)
    held = json.loads(text)
    held["figures"]["brier"] = held["figures"]["brier_base"]
    LearnedModel.objects.create(
        digest="0" * 64, body=json.dumps(held), fitted_at=ARRIVED, seed=1, rules="pk", synthetic=False
    )
    with pytest.raises(ModelNoBetter):
        turn_on(supervisor, reason="x", read=0)


def test_drift_makes_it_rest_and_it_cannot_be_turned_on_again(
    lay: Lay,  # noqa: F811
    model: LearnedModel,
    supervisor: Actor,
) -> None:
    lured = lay(LURED)
    banded(lured)
    rules = stood(lured)[-1]
    turn_on(supervisor, reason="x", read=0)
    swept()
    held = ScoredDay.objects.get()
    held.count = 500
    held.features = json.dumps([500] * len(json.loads(held.features)))
    held.save()
    assert standing_for(supervisor).drift.rest  # type: ignore[union-attr]
    swept()
    swept()
    assert standing_for(supervisor).state is State.RESTING
    assert stood(lured)[-1] == rules
    assert len(acts("learning.rested")) == 1
    rest(WORKER, worst=1.0)
    assert Switching.objects.count() == 2
    with pytest.raises(ModelDrifted):
        turn_on(supervisor, reason="x", read=2)


def test_a_turn_outside_the_band_is_refused_whole(lay: Lay) -> None:  # noqa: F811
    banded(lay(LURED))
    row = Assessment.objects.get()
    for turn in (row.received_at - timedelta(seconds=1), row.turn_at + timedelta(seconds=1)):
        with pytest.raises(TurnOutOfBand), transaction.atomic():
            propose_to_triage(WORKER, proposals=[TurnProposal(row.pk, turn)])
    assert Assessment.objects.get().turn_at == row.turn_at


def test_it_learns_from_what_reports_became_and_refuses_with_numbers(
    lay: Lay,  # noqa: F811
    supervisor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for n in range(24):
        report = lay(LURED if n % 2 else SPREAD)
        acted = n % 2 == (1 if n < 20 else 0)
        banded(report)
        record_outcome(
            supervisor,
            reference=report.reference,
            decision=Decision.REFERRED if acted else Decision.CLOSED,
            stage="" if acted else "shared_widely",
            reason="as decided",
        )
    with pytest.raises(TooFewOutcomes, match="12 reports that were acted on and 12"):
        fit_model(WORKER)
    monkeypatch.setattr(fitting, "RARE", 3)
    fit_model(WORKER, needed=10)
    fit_model(WORKER, needed=10)
    first, again = LearnedModel.objects.order_by("pk")
    assert first.digest == again.digest
    newest = standing_for(supervisor).newest
    assert newest is not None
    assert newest.model is not None
    assert "enticement" in [feature.id for feature in newest.model.features]
    assert newest.model.left_out == ("material",), "a danger, and closed mostly"
    assert (newest.model.figures.acted_on, newest.model.profile.count) == (12, 24)
    assert len(acts("learning.fitted")) == 2


def test_a_report_teaches_by_what_was_known_when_a_person_decided(lay: Lay, supervisor: Actor) -> None:  # noqa: F811
    report, copy = lay(LURED), lay(LURED)
    banded(report, copy)
    record_outcome(
        supervisor,
        reference=report.reference,
        decision=Decision.CLOSED,
        stage="no_offence",
        reason="as decided",
    )
    settle_with(Actor.system("bundles"), behind={copy.pk: report.pk})
    label = labels_of([report.pk, copy.pk])[report.pk]
    assert labels_of([copy.pk]) == {}
    (then,) = Assessment.objects.filter(report=report).values_list("danger", flat=True)
    Assessment.objects.filter(report=report).update(current=False, waiting=False)
    row = Assessment.objects.get(report=report)
    row.pk, row.current, row.danger, row.at = None, True, 99, label.at + timedelta(days=1)
    row.save()
    assert danger_at({report.pk: label.at}) == {report.pk: then}
    assert danger_at({report.pk: ARRIVED - timedelta(days=9)}) == {}
