"""Fitting by scikit-learn: logistic regression on what is there or not, cross-validated, calibrated.

The library is imported when something is fitted and not before: nothing else here needs it, and it is slow to load.
The same rows and seed give the same model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from amaan.learning.domain.allowed import Feature
from amaan.learning.domain.labels import NEEDED, check_enough
from amaan.learning.domain.model import Calibration, Figures, Model, Profile, Step
from amaan.learning.domain.turns import strength

FOLDS: Final = 5
ISOTONIC_FROM: Final = 1000
"""Of the rarer class. With fewer, isotonic regression follows chance (scikit-learn's guide, 1.16), and a logistic curve
is fitted instead."""
RARE: Final = 20
"""A feature in fewer reports than this teaches nothing."""
PER_FEATURE: Final = 4
"""Reports of the rarer class for every feature, at the least; the commonest features are taken. So few are enough since
large weights cost (an L2 penalty)."""
PENALTY: Final = 1.0
BINS: Final = 10


class LearnsNothing(Exception):
    """The facts do not tell which reports were acted on; no model is made of them."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing was learned: {why} The rules' order stays.")


class PredictorsDisagree(Exception):
    """Our predictor and scikit-learn's give different chances; nothing is stored."""


@dataclass(frozen=True)
class Example:
    """A decided report: what the model may see of it, the rules' danger (0 to 100), and whether it was acted on."""

    seen: tuple[int, ...]
    danger: int
    acted_on: bool


def fit(
    examples: Sequence[Example],
    recent: Sequence[Sequence[int]],
    features: Sequence[Feature],
    *,
    seed: int = 1,
    needed: int = NEEDED,
) -> Model:
    """A model of decided reports. `recent` are the newest reports, decided or not, that drift is held to.

    Raises TooFewOutcomes, LearnsNothing, PredictorsDisagree.
    """
    import numpy as np
    import sklearn

    labels = [one.acted_on for one in examples]
    check_enough(labels, needed)
    x = np.array([one.seen for one in examples], dtype=np.float64)
    y = np.array(labels, dtype=np.int64)
    chosen = _common(x, int(min(y.sum(), len(y) - y.sum())))
    if not chosen:
        raise LearnsNothing("no feature stands in enough of the reports.")
    dangers = np.array([feature.danger for feature in features])
    whole = _train(x, y, chosen, dangers, seed)
    figures = _figures(x, y, [one.danger for one in examples], chosen, dangers, seed)
    kept = whole.columns
    model = Model(
        features=tuple(features[n] for n in kept),
        weights=tuple(float(w) for w in whole.estimator.coef_[0]),
        intercept=float(whole.estimator.intercept_[0]),
        calibration=whole.calibration,
        figures=figures,
        profile=Profile(0, (), (), ()),
        left_out=tuple(features[n].id for n in chosen if n not in kept),
        libraries=f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    )
    _hold_to_the_library(model, whole, x[:, list(kept)])
    profile = _profile(model, [[row[n] for n in kept] for row in recent] or x[:, list(kept)].tolist())
    return Model(**{**vars(model), "profile": profile})


@dataclass(frozen=True)
class _Trained:
    columns: tuple[int, ...]
    estimator: Any
    calibrator: Any  # scikit-learn's own, for comparing
    calibration: Calibration

    def library_says(self, x: Any) -> Any:
        """Chances by scikit-learn, for rows of the columns that were kept."""
        scores = self.estimator.decision_function(x)
        if self.calibration.points:
            return self.calibrator.predict(scores)
        return self.calibrator.predict_proba(scores.reshape(-1, 1))[:, 1]


def _common(x: Any, rarer: int) -> list[int]:
    """Features that enough reports have and enough have not, the commonest first, as many as the outcomes can bear."""
    counts = Counter({n: int(x[:, n].sum()) for n in range(x.shape[1])})
    held = [n for n, count in counts.most_common() if RARE <= count <= len(x) - RARE]
    return sorted(held[: max(1, rarer // PER_FEATURE)])


def _estimator(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=PENALTY, solver="newton-cholesky", max_iter=200, random_state=seed)


def _train(x: Any, y: Any, chosen: Sequence[int], dangers: Any, seed: int) -> _Trained:
    """A told danger never counts against a report: one that would is left out, and the rest is fitted again."""
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    columns = list(chosen)
    while True:
        estimator = _estimator(seed).fit(x[:, columns], y)
        against = {n for n, w in zip(columns, estimator.coef_[0], strict=True) if w < 0 and bool(dangers[n])}
        if not against:
            break
        columns = [n for n in columns if n not in against]
        if not columns:
            raise LearnsNothing("every danger that was told would count against a report.")
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_predict(_estimator(seed), x[:, columns], y, cv=folds, method="decision_function")
    if min(y.sum(), len(y) - y.sum()) >= ISOTONIC_FROM:
        isotonic = IsotonicRegression(out_of_bounds="clip", y_min=0.0, y_max=1.0).fit(scores, y)
        points = tuple(
            (float(a), float(b)) for a, b in zip(isotonic.X_thresholds_, isotonic.y_thresholds_, strict=True)
        )
        return _Trained(tuple(columns), estimator, isotonic, Calibration(1.0, 0.0, points))
    curve = LogisticRegression(C=1e6, max_iter=1000, random_state=seed).fit(scores.reshape(-1, 1), y)
    slope, offset = float(curve.coef_[0][0]), float(curve.intercept_[0])
    if slope <= 0:
        raise LearnsNothing("what was learned of some reports does not hold for the others.")
    return _Trained(tuple(columns), estimator, curve, Calibration(slope, offset))


def _figures(  # noqa: PLR0917 - the same rows in three columns
    x: Any, y: Any, danger: Sequence[int], chosen: Sequence[int], dangers: Any, seed: int
) -> Figures:
    """Every report is predicted by a model that has not seen it, calibration included."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    chances = np.zeros(len(y))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=seed + 1).split(x, y):
        part = _train(x[train], y[train], chosen, dangers, seed)
        chances[test] = part.library_says(x[test][:, list(part.columns)])
    by = {
        "model": chances.tolist(),
        "danger": [float(value) for value in danger],
        "both": [float(strength(d, p)) for d, p in zip(danger, chances.tolist(), strict=True)],
    }
    base = float(y.mean())
    return Figures(
        acted_on=int(y.sum()),
        not_acted_on=int(len(y) - y.sum()),
        base_rate=base,
        brier=float(brier_score_loss(y, chances)),
        brier_base=base * (1 - base),
        ranks={name: float(roc_auc_score(y, order)) for name, order in by.items()},
        fifth={name: _first_fifth(order, y.tolist()) for name, order in by.items()},
        reliability=_reliability(chances.tolist(), y.tolist()),
    )


def _first_fifth(order: Sequence[float], labels: Sequence[int]) -> float:
    """The share of all that were acted on among the first fifth. Equals share the places that they fill together."""
    size = max(1, len(order) // 5)
    edge = sorted(order, reverse=True)[size - 1]
    above = [label for score, label in zip(order, labels, strict=True) if score > edge]
    level = [label for score, label in zip(order, labels, strict=True) if score == edge]
    found = sum(above) + sum(level) * (size - len(above)) / len(level)
    return float(found / sum(labels))


def _reliability(chances: Sequence[float], labels: Sequence[int]) -> tuple[Step, ...]:
    """Ten steps of about equally many reports."""
    rows = sorted(zip(chances, labels, strict=True))
    steps = []
    for n in range(BINS):
        part = rows[n * len(rows) // BINS : (n + 1) * len(rows) // BINS]
        if part:
            said = math.fsum(p for p, _ in part) / len(part)
            steps.append(Step(len(part), said, sum(label for _, label in part) / len(part)))
    return tuple(steps)


def _profile(model: Model, rows: Sequence[Sequence[int]]) -> Profile:
    chances = sorted(model.chance([int(v) for v in row]) for row in rows)
    edges = tuple(sorted({chances[n * len(chances) // BINS] for n in range(1, BINS)}))
    shares = tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))
    empty = Profile(len(rows), shares, edges, ())
    counted = Counter(empty.bin_of(chance) for chance in chances)
    bins = tuple(counted[n] / len(chances) for n in range(len(edges) + 1))
    return Profile(len(rows), shares, edges, bins)


def _hold_to_the_library(model: Model, trained: _Trained, x: Any) -> None:
    """What is stored is ours, what was measured the library's: both are compared on every row before it is stored."""
    for seen, theirs in zip(x.tolist(), trained.library_says(x).tolist(), strict=True):
        ours = model.chance([int(v) for v in seen])
        if abs(ours - theirs) > 1e-9:
            raise PredictorsDisagree(f"{ours} is not {theirs}: nothing is stored.")
