"""How learning stands and why it brought a report forward: frozen values for pages, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from amaan.learning.domain.drift import LOOK, Drift
from amaan.learning.domain.model import Model
from amaan.learning.selectors import proposed_turn_of
from amaan.learning.words import ORDERS, said

if TYPE_CHECKING:
    from amaan.reports.models import Report

MOST_REASONS: Final = 8


@dataclass(frozen=True)
class ReasonTold:
    """What a feature adds, in log-odds; `why` is why the model may see it at all."""

    text: str
    log_odds: str
    why: str


@dataclass(frozen=True)
class TurnPanel:
    """`chance` and `usual` in percent, whole."""

    model: int
    synthetic: bool
    chance: int
    usual: int
    rules_turn_at: datetime
    turn_at: datetime
    reasons: tuple[ReasonTold, ...]


def turn_panel(report: Report) -> TurnPanel | None:
    """Of a report that the caller was given by `access_report`; None where the rules' turn stands."""
    found = proposed_turn_of(report)
    if found is None:
        return None
    return TurnPanel(
        model=found.model,
        synthetic=found.synthetic,
        chance=round(100 * found.chance),
        usual=round(100 * found.base_rate),
        rules_turn_at=found.rules_turn_at,
        turn_at=found.turn_at,
        reasons=tuple(
            ReasonTold(said(one.feature.words), f"{one.log_odds:+.2f}", said(one.feature.why))
            for one in found.reasons[:MOST_REASONS]
        ),
    )


@dataclass(frozen=True)
class OrderTold:
    """`ranks` and `fifth` in percent: of two reports the right one first; found in the first fifth."""

    name: str
    ranks: str
    fifth: str


@dataclass(frozen=True)
class StepTold:
    count: int
    said: str
    was: str


@dataclass(frozen=True)
class ModelPanel:
    """A model's figures as texts; percent unless it says otherwise."""

    brier: str
    brier_base: str
    base_rate: str
    acted_on: int
    not_acted_on: int
    better: bool
    orders: tuple[OrderTold, ...]
    steps: tuple[StepTold, ...]
    weights: tuple[ReasonTold, ...]
    left_out: tuple[str, ...]
    libraries: str


def model_panel(model: Model) -> ModelPanel:
    figures = model.figures
    weighed = sorted(zip(model.features, model.weights, strict=True), key=lambda pair: -abs(pair[1]))
    return ModelPanel(
        brier=f"{figures.brier:.4f}",
        brier_base=f"{figures.brier_base:.4f}",
        base_rate=percent(figures.base_rate),
        acted_on=figures.acted_on,
        not_acted_on=figures.not_acted_on,
        better=figures.better_than_nothing and figures.better_than_danger,
        orders=tuple(
            OrderTold(str(words), percent(figures.ranks[name]), percent(figures.fifth[name]))
            for name, words in ORDERS.items()
        ),
        steps=tuple(
            StepTold(step.count, percent(step.said), percent(step.was)) for step in figures.reliability
        ),
        weights=tuple(ReasonTold(said(f.words), f"{w:+.2f}", said(f.why)) for f, w in weighed),
        left_out=tuple(model.left_out),
        libraries=model.libraries,
    )


@dataclass(frozen=True)
class DriftPanel:
    """`scores` and `worst` are stability indices, as text; `changed` the features beyond the lower threshold."""

    count: int
    enough: bool
    look: bool
    rest: bool
    scores: str
    changed: tuple[tuple[str, str], ...]


def drift_panel(model: Model, drift: Drift) -> DriftPanel:
    indices: Sequence[tuple[float, str]] = [
        (index, said(feature.words))
        for feature, index in zip(model.features, drift.features, strict=True)
        if index >= LOOK
    ]
    return DriftPanel(
        drift.count,
        drift.enough,
        drift.look,
        drift.rest,
        f"{drift.scores:.3f}",
        tuple((words, f"{index:.3f}") for index, words in sorted(indices, reverse=True)),
    )


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"
