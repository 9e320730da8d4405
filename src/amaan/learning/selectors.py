"""Reading: the models, which one is on, how it does, and why it brought a report forward."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db.models import F
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.learning.domain.allowed import allowed
from amaan.learning.domain.drift import Drift, drift_of
from amaan.learning.domain.labels import NEEDED, label_of
from amaan.learning.domain.model import BadModel, Contribution, Model, read_model
from amaan.learning.domain.states import State
from amaan.learning.models import LearnedModel, Proposal, ScoredDay, Switching
from amaan.reports.selectors import decided_before, decided_reports, standing_outcomes
from amaan.store.rows import on_postgres

if TYPE_CHECKING:
    from amaan.reports.models import Report

DRIFT_DAYS: Final = 30
"""Days of newest reports that are held against the model's profile."""
SLICE: Final = 2000


@dataclass(frozen=True)
class Fitted:
    """A stored model and where it comes from. `fault` says why it can't be read; `model` is None then."""

    number: int
    digest: str
    fitted_at: datetime
    rules: str
    synthetic: bool
    model: Model | None
    fault: str


@dataclass(frozen=True)
class Switched:
    number: int
    state: State
    model: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How learning stands: the newest model, the one that is on (or was last), and whether it proposes now.

    `drift` is that of the model in `switched`, or of the newest. `moved` counts what waits and was brought forward.
    """

    newest: Fitted | None
    in_use: Fitted | None
    switched: Switched | None
    drift: Drift | None
    moved: int
    history: tuple[Switched, ...]

    @property
    def state(self) -> State:
        return self.switched.state if self.switched else State.OFF

    @property
    def number(self) -> int:
        """Of the newest switching; 0 before the first. Who switches names it."""
        return self.switched.number if self.switched else 0


@lru_cache(maxsize=8)
def _read(digest: str, number: int, _allowed: str) -> Model:
    return read_model(LearnedModel.objects.values_list("body", flat=True).get(pk=number), allowed())


def model_of(row: LearnedModel) -> Model:
    """Raises BadModel."""
    return _read(row.digest, row.pk, allowed().digest)


def newest_switching() -> Switching | None:
    return Switching.objects.order_by("-number").first()


def held_switching() -> Switching | None:
    """The newest switching, its row locked until the transaction ends: nobody turns it on or off meanwhile."""
    last = newest_switching()
    while last is not None and on_postgres():
        Switching.objects.select_for_update().get(pk=last.pk)
        newer = newest_switching()
        if newer == last:
            break
        last = newer
    return last


def model_in_use(*, held: bool = False) -> tuple[LearnedModel, Model] | None:
    """The model that proposes now; None where none is on. `held` locks that state. Raises BadModel."""
    last = held_switching() if held else newest_switching()
    if last is None or last.state != State.ON:
        return None
    row = LearnedModel.objects.defer("body").get(pk=last.model_id)
    return row, model_of(row)


def drift_now(row: LearnedModel, model: Model) -> Drift:
    """Of what was scored in the last days, against what the model was fitted on."""
    since = timezone.now().date() - timedelta(days=DRIFT_DAYS)
    days = ScoredDay.objects.filter(model_id=row.pk, day__gte=since).values_list("count", "features", "bins")
    features, bins, count = [0] * len(model.features), [0] * len(model.profile.bins), 0
    for one, seen, scores in days:
        count += one
        features = [a + b for a, b in zip(features, json.loads(seen), strict=True)]
        bins = [a + b for a, b in zip(bins, json.loads(scores), strict=True)]
    return drift_of(model.profile, count=count, features=features, bins=bins)


def standing_for(actor: Actor) -> Standing:
    """Raises NotAllowed."""
    require(actor, Action.VIEW_LEARNING)
    newest = LearnedModel.objects.defer("body").order_by("-pk").first()
    history = tuple(_switched(row) for row in Switching.objects.order_by("-number")[:50])
    switched = history[0] if history else None
    used = LearnedModel.objects.defer("body").get(pk=switched.model) if switched else None
    watched = used or newest
    fitted = _fitted(watched) if watched else None
    drift = drift_now(watched, fitted.model) if watched and fitted and fitted.model else None
    return Standing(
        newest=_fitted(newest) if newest else None,
        in_use=_fitted(used) if used else None,
        switched=switched,
        drift=drift,
        moved=Proposal.objects.filter(
            standing=True, assessment__waiting=True, turn_at__lt=F("rules_turn_at")
        ).count(),
        history=history,
    )


def _fitted(row: LearnedModel) -> Fitted:
    model, fault = None, ""
    try:
        model = model_of(row)
    except ValueError as unfit:
        fault = str(unfit)
    return Fitted(row.pk, row.digest, row.fitted_at, row.rules, row.synthetic, model, fault)


def _switched(row: Switching) -> Switched:
    return Switched(row.number, State(row.state), row.model_id, row.by, row.at)


@dataclass(frozen=True)
class Outcomes:
    """How many decided reports teach what, and how many of each are needed before anything is learned."""

    acted_on: int
    not_acted_on: int
    needed: int


def outcomes_counted(actor: Actor, *, most: int = 20_000) -> Outcomes:
    """Of the newest `most` decided reports, whether they teach anything or not. Raises NotAllowed."""
    require(actor, Action.VIEW_LEARNING)
    labels: list[bool] = []
    before: int | None = None
    looked_at = 0
    while looked_at < most and (ids := decided_before(before, limit=SLICE)):
        labels += (label.acted_on for label in labels_of(ids).values())
        before, looked_at = ids[-1], looked_at + len(ids)
    return Outcomes(sum(labels), len(labels) - sum(labels), NEEDED)


class Label(NamedTuple):
    """What an outcome teaches, and when it was decided."""

    acted_on: bool
    at: datetime


def labels_of(report_ids: list[int]) -> dict[int, Label]:
    """What the outcomes of these reports teach. What was told again since is left out: it was not decided upon; and
    what was settled with another report: nobody decided."""
    whole = decided_reports(report_ids)
    found = {}
    for report, outcome in standing_outcomes([i for i in report_ids if whole.get(i)]).items():
        label = label_of(outcome.decision, outcome.stage)
        if label is not None and not outcome.followed:
            found[report] = Label(label, outcome.at)
    return found


@dataclass(frozen=True)
class ProposedTurn:
    """Why a report's turn comes sooner than by the rules. `chance` is 0 to 1."""

    model: int
    fitted_at: datetime
    synthetic: bool
    chance: float
    base_rate: float
    rules_turn_at: datetime
    turn_at: datetime
    reasons: tuple[Contribution, ...]


def proposed_turn_of(report: Report) -> ProposedTurn | None:
    """Of a report that the caller was given by `access_report`; None where the rules' turn stands."""
    row = (
        Proposal.objects.filter(report_id=report.pk, standing=True, assessment__waiting=True)
        .select_related("model")
        .order_by("-id")
        .first()
    )
    if row is None:
        return None
    try:
        model = model_of(row.model)
    except BadModel:
        return None  # the model's own page says what is wrong with it
    there = set(row.seen.split())
    seen = [int(feature.id in there) for feature in model.features]
    return ProposedTurn(
        model=row.model_id,
        fitted_at=row.model.fitted_at,
        synthetic=row.model.synthetic,
        chance=row.chance,
        base_rate=model.figures.base_rate,
        rules_turn_at=row.rules_turn_at,
        turn_at=row.turn_at,
        reasons=tuple(model.reasons(seen)),
    )
