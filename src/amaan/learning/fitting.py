"""Fitting by scikit-learn: logistic regression on what is there or not, cross-validated, calibrated.

The library is imported when something is fitted and not before: nothing else here needs it, and it is slow to load.
The same rows and seed give the same model.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from amaan.learning.domain.allowed import Feature
from amaan.learning.domain.labels import NEEDED, check_enough
from amaan.learning.domain.model import Calibration, Figures, Later, Model, Profile, Step
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
CERTAIN: Final = 1.645
"""Standard deviations for 95 % on one side."""


class LearnsNothing(Exception):
    """The facts do not tell which reports were acted on; no model is made of them."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nothing was learned: {why} The rules' order stays.")


class PredictorsDisagree(Exception):
    """Our predictor and scikit-learn's give different chances; nothing is stored."""


@dataclass(frozen=True)
class Example:
    """A decided report: what the model may see of it, the rules' danger (0 to 100), and whether it was acted on.

    `bundle` is that of its material, "" where it stands alone; `at` when it was decided, in seconds of any clock.
    """

    seen: tuple[int, ...]
    danger: int
    acted_on: bool
    bundle: str = ""
    at: float = 0.0


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
    bundles = _numbered(examples)
    check_enough([label for _, label in {*zip(bundles.tolist(), labels, strict=True)}], needed)
    x = np.array([one.seen for one in examples], dtype=np.float64)
    y = np.array(labels, dtype=np.int64)
    chosen = _common(x, int(min(y.sum(), len(y) - y.sum())))
    if not chosen:
        raise LearnsNothing("no feature stands in enough of the reports.")
    dangers = np.array([feature.danger for feature in features])
    whole = _train(x, y, bundles, chosen, dangers, seed)
    rows = _Rows(x, y, bundles, np.array([one.danger for one in examples], dtype=np.float64))
    figures = _figures(rows, chosen, dangers, seed)
    later = _later(rows, np.array([one.at for one in examples]), chosen, dangers, seed)
    kept = whole.columns
    model = Model(
        features=tuple(features[n] for n in kept),
        weights=tuple(float(w) for w in whole.estimator.coef_[0]),
        intercept=float(whole.estimator.intercept_[0]),
        calibration=whole.calibration,
        figures=replace(figures, later=later),
        profile=Profile(0, (), (), ()),
        left_out=tuple(features[n].id for n in chosen if n not in kept),
        libraries=f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    )
    _hold_to_the_library(model, whole, x[:, list(kept)])
    profile = _profile(model, [[row[n] for n in kept] for row in recent] or x[:, list(kept)].tolist())
    return replace(model, profile=profile)


def _numbered(examples: Sequence[Example]) -> Any:
    """A number for each bundle, and one for each report that stands alone."""
    import numpy as np

    numbers: dict[str, int] = {}
    return np.array(
        [numbers.setdefault(one.bundle or f"={n}", len(numbers)) for n, one in enumerate(examples)]
    )


@dataclass(frozen=True)
class _Rows:
    """Reports as columns: what is seen, whether acted on, of which bundle, the rules' danger."""

    x: Any
    y: Any
    bundles: Any
    danger: Any

    def where(self, rows: Any) -> _Rows:
        return _Rows(self.x[rows], self.y[rows], self.bundles[rows], self.danger[rows])


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


def _train(  # noqa: PLR0917 - the same rows in three columns
    x: Any, y: Any, bundles: Any, chosen: Sequence[int], dangers: Any, seed: int
) -> _Trained:
    """A told danger never counts against a report: one that would is left out, and the rest is fitted again."""
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold, cross_val_predict

    columns = list(chosen)
    while True:
        estimator = _estimator(seed).fit(x[:, columns], y)
        against = {n for n, w in zip(columns, estimator.coef_[0], strict=True) if w < 0 and bool(dangers[n])}
        if not against:
            break
        columns = [n for n in columns if n not in against]
        if not columns:
            raise LearnsNothing("every danger that was told would count against a report.")
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    scores = cross_val_predict(
        _estimator(seed), x[:, columns], y, groups=bundles, cv=folds, method="decision_function"
    )
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


def _figures(rows: _Rows, chosen: Sequence[int], dangers: Any, seed: int) -> Figures:
    """Every report is predicted by a model that has seen neither it nor its bundle, calibration included."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, roc_auc_score
    from sklearn.model_selection import GroupKFold

    y, chances = rows.y, np.zeros(len(rows.y))
    folds = GroupKFold(FOLDS, shuffle=True, random_state=seed + 1)
    for train, test in folds.split(rows.x, y, groups=rows.bundles):
        chances[test] = _said(rows.where(train), rows.x[test], chosen, dangers, seed)
    by = _orders(rows.danger, chances)
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
        gain=_least_gain(by["both"], by["danger"], y, rows.bundles),
    )


def _said(rows: _Rows, x: Any, chosen: Sequence[int], dangers: Any, seed: int) -> Any:
    """What a model of these rows says of others."""
    part = _train(rows.x, rows.y, rows.bundles, chosen, dangers, seed)
    return part.library_says(x[:, list(part.columns)])


def _orders(danger: Any, chances: Any) -> dict[str, list[float]]:
    return {
        "model": chances.tolist(),
        "danger": danger.tolist(),
        "both": [float(strength(int(d), p)) for d, p in zip(danger.tolist(), chances.tolist(), strict=True)],
    }


def _later(rows: _Rows, at: Any, chosen: Sequence[int], dangers: Any, seed: int) -> Later | None:
    """Fitted on what was decided first, asked of the last fifth; None where that has too few of either class."""
    import numpy as np
    from sklearn.metrics import brier_score_loss, roc_auc_score

    edge = np.quantile(at, 1 - 1 / FOLDS)
    first = rows.where(at < edge)
    last = rows.where((at >= edge) & ~np.isin(rows.bundles, first.bundles))
    if min(_rarer(first.y), _rarer(last.y)) < RARE:
        return None
    try:
        chances = _said(first, last.x, chosen, dangers, seed)
    except LearnsNothing:
        return None
    base = float(first.y.mean())
    by = _orders(last.danger, chances)
    return Later(
        count=len(last.y),
        brier=float(brier_score_loss(last.y, chances)),
        brier_base=float(((last.y - base) ** 2).mean()),
        ranks={name: float(roc_auc_score(last.y, order)) for name, order in by.items()},
    )


def _rarer(y: Any) -> int:
    return int(min(y.sum(), len(y) - y.sum()))


def _least_gain(one: Sequence[float], other: Sequence[float], y: Any, bundles: Any) -> float:
    """The lower end, one-sided at 95 %, of by how much the first order ranks better than the second.

    The variance is that of two areas under correlated curves (DeLong et al., Biometrics 1988;44:837), summed by bundle,
    since reports of one bundle are not independent (Obuchowski, Biometrics 1997;53:567).
    """
    import numpy as np

    worth = _placed(np.array(one), y) - _placed(np.array(other), y)
    acted = y == 1
    gain = float(worth[acted].mean())
    influence = (worth - gain) / np.where(acted, acted.sum(), (~acted).sum())
    by_bundle = np.bincount(bundles, weights=influence)
    count = len(np.unique(bundles))
    spread = math.sqrt(count / (count - 1) * float((by_bundle**2).sum()))
    return gain - CERTAIN * spread


def _placed(scores: Any, y: Any) -> Any:
    """Of each report, the share of the other class that it stands right to; the mean over either class is the area."""
    import numpy as np

    placed = np.zeros(len(y))
    for label in (0, 1):
        others = np.sort(scores[y != label])
        mine = scores[y == label]
        below = np.searchsorted(others, mine, "left")
        level = np.searchsorted(others, mine, "right") - below
        share = (below + level / 2) / len(others)
        placed[y == label] = share if label else 1 - share
    return placed


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
