"""A fitted model as a value: weights, how scores become chances, and how well it did. No pickle, no library.

A chance is read off in two steps: the log-odds are the intercept and the weights of the features that are there; the
calibration, which never falls, makes a chance of them. Both are computed here, in plain Python.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final

from amaan.learning.domain.allowed import Allowed, BadAllowedList, Feature

FORMAT: Final = 1


class BadModel(ValueError):
    """A stored model that can't be used. The message says why."""


@dataclass(frozen=True)
class Calibration:
    """`points` are (log-odds, chance), rising; between them it is linear, beyond them flat. Without points it is a
    logistic curve: 1 / (1 + exp(-(slope · log-odds + offset)))."""

    slope: float
    offset: float
    points: tuple[tuple[float, float], ...] = ()

    def chance(self, log_odds: float) -> float:
        if not self.points:
            return logistic(self.slope * log_odds + self.offset)
        xs = [x for x, _ in self.points]
        after = bisect_right(xs, log_odds)
        if after == 0:
            return self.points[0][1]
        if after == len(xs):
            return self.points[-1][1]
        (x0, y0), (x1, y1) = self.points[after - 1], self.points[after]
        return y0 if x1 == x0 else y0 + (y1 - y0) * (log_odds - x0) / (x1 - x0)


@dataclass(frozen=True)
class Step:
    """One row of the table of reliability: of `count` reports the model gave `said` on average, `was` came true."""

    count: int
    said: float
    was: float


@dataclass(frozen=True)
class Later:
    """How a model that was fitted on what was decided first does on the last fifth, `count` reports of bundles that it
    had not met: the nearest to what it is used for. `ranks` as in `Figures`."""

    count: int
    brier: float
    brier_base: float
    ranks: Mapping[str, float]


@dataclass(frozen=True)
class Figures:
    """How well a model did on reports that it had not seen (five parts, each predicted by the other four; all reports
    of a bundle are in one part).

    `brier` is the mean squared error of chances, smaller is better; `brier_base` that of saying the base rate of every
    report. `ranks` says how often, of two reports, the one that was acted on stands first (0.5 is chance), `fifth` how
    many of all that were acted on stand in the first fifth: by the model, by danger alone, by both (`domain.turns`).
    `gain` is the least by which `both` ranks better than danger, with 95 % certainty; below 0 it may be no better.
    """

    acted_on: int
    not_acted_on: int
    base_rate: float
    brier: float
    brier_base: float
    ranks: Mapping[str, float]
    fifth: Mapping[str, float]
    reliability: tuple[Step, ...]
    gain: float = 0.0
    later: Later | None = None  # None where too few were decided later

    @property
    def better_than_nothing(self) -> bool:
        """Whether its chances say more than the base rate does."""
        return self.brier < self.brier_base

    @property
    def better_than_danger(self) -> bool:
        """Whether it orders better than the rules' danger alone, which is what stands without it, and not by chance."""
        return self.gain > 0


@dataclass(frozen=True)
class Profile:
    """What reports looked like when it was fitted: the share that has each feature, and of scores in ten bins.

    `edges` are the nine chances between the bins.
    """

    count: int
    shares: tuple[float, ...]
    edges: tuple[float, ...]
    bins: tuple[float, ...]

    def bin_of(self, chance: float) -> int:
        return bisect_right(self.edges, chance)


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to the log-odds of a report that has it."""

    feature: Feature
    log_odds: float


@dataclass(frozen=True)
class Model:
    """`weights` are log-odds, in the order of `features`."""

    features: tuple[Feature, ...]
    weights: tuple[float, ...]
    intercept: float
    calibration: Calibration
    figures: Figures
    profile: Profile
    left_out: tuple[str, ...] = ()  # dangers that would have counted against a report
    libraries: str = ""

    def log_odds(self, seen: Sequence[int]) -> float:
        return self.intercept + math.fsum(w for w, there in zip(self.weights, seen, strict=True) if there)

    def chance(self, seen: Sequence[int]) -> float:
        """That a report which looks so is acted on, as past reports were; 0 to 1."""
        return min(1.0, max(0.0, self.calibration.chance(self.log_odds(seen))))

    def reasons(self, seen: Sequence[int]) -> list[Contribution]:
        """What is there and counts, the strongest first."""
        found = [
            Contribution(feature, weight)
            for feature, weight, there in zip(self.features, self.weights, seen, strict=True)
            if there and weight
        ]
        return sorted(found, key=lambda one: (-abs(one.log_odds), one.feature.id))


def logistic(x: float) -> float:
    if x >= 0:
        return 1 / (1 + math.exp(-x))
    grown = math.exp(x)
    return grown / (1 + grown)


def write_model(model: Model) -> str:
    """Canonical JSON: the same model is the same text."""
    held = asdict(model)
    held["features"] = [feature.id for feature in model.features]
    return json.dumps({"format": FORMAT, **held}, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest_of(text: str) -> str:
    """SHA-256 of a model's text, hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_model(text: str, allowed: Allowed) -> Model:
    """Raises BadModel: for a text that is no model, and for one that would see what it may not (any more)."""
    try:
        held: dict[str, Any] = json.loads(text)
        if held.pop("format", None) != FORMAT:
            raise BadModel("The model is of a format that this Amaan does not read; fit it again.")
        figures, profile = held["figures"], held["profile"]
        model = Model(
            features=allowed.named(held["features"]),
            weights=_finite(held["weights"]),
            intercept=_finite([held["intercept"]])[0],
            calibration=_calibration(held["calibration"]),
            figures=_figures(figures),
            profile=Profile(
                profile["count"], *(_finite(profile[name]) for name in ("shares", "edges", "bins"))
            ),
            left_out=tuple(held["left_out"]),
            libraries=held["libraries"],
        )
    except BadAllowedList as fault:
        raise BadModel(f"The model sees what it may not: {fault}") from fault
    except (KeyError, TypeError, ValueError) as fault:
        raise BadModel(f"The model can't be read ({type(fault).__name__}); fit it again.") from fault
    _check(model)
    return model


def _figures(held: Mapping[str, Any]) -> Figures:
    steps, later = tuple(Step(**step) for step in held["reliability"]), held.get("later")
    return Figures(**{**held, "reliability": steps, "later": Later(**later) if later else None})


def _calibration(held: Mapping[str, Any]) -> Calibration:
    slope, offset = _finite([held["slope"], held["offset"]])
    return Calibration(slope, offset, tuple((x, y) for x, y in map(_finite, held["points"])))


def _finite(values: Sequence[float]) -> tuple[float, ...]:
    found = tuple(float(value) for value in values)
    if not all(map(math.isfinite, found)):
        raise BadModel("The model holds a number that is none.")
    return found


def _check(model: Model) -> None:
    if not len(model.features) == len(model.weights) == len(model.profile.shares):
        raise BadModel("The model has not as many weights as features.")
    against = [f.id for f, w in zip(model.features, model.weights, strict=True) if f.danger and w < 0]
    if against:
        raise BadModel(f"Told dangers would count against a report: {', '.join(against)}.")
    steps = model.calibration.points
    falling = any(b[0] < a[0] or b[1] < a[1] for a, b in pairwise(steps))
    if falling or (not steps and model.calibration.slope < 0):
        raise BadModel("The calibration falls: more would be less.")
