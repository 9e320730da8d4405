"""Fit a model on what became of past reports."""

from __future__ import annotations

from typing import Final

from django.db import transaction
from django.utils import timezone

from amaan.accounts.selectors import is_demo_world
from amaan.authority.actors import Actor
from amaan.bundles.selectors import bundles_of
from amaan.learning.domain.allowed import allowed, vector
from amaan.learning.domain.labels import NEEDED
from amaan.learning.domain.model import digest_of, write_model
from amaan.learning.fitting import Example, fit
from amaan.learning.models import LearnedModel
from amaan.learning.permissions import require_system
from amaan.learning.selectors import SLICE, labels_of
from amaan.ledger.services import Act, append
from amaan.reports.selectors import decided_before, newest_reports
from amaan.triage.selectors import NoRulesAdopted
from amaan.triage.selectors.inputs import facts_at, inputs
from amaan.triage.selectors.turns import danger_at, rules_version

MOST: Final = 50_000
"""Decided reports that are learned from, the newest ones."""
FARTHEST: Final = 500_000
"""Decided reports that are looked at for them: most outcomes of a flood teach nothing."""
RECENT: Final = 10_000
"""Newest reports, decided or not, that drift is held to."""


def fit_model(actor: Actor, *, seed: int = 1, needed: int = NEEDED) -> int:
    """Fit on the outcomes there are; the new model's number. It proposes nothing until a supervisor turns it on.

    Reads for a while, writes once. Raises OnlyTheSystemLearns, TooFewOutcomes, LearnsNothing, PredictorsDisagree,
    NoRulesAdopted.
    """
    require_system(actor)
    rules = rules_version()
    if rules is None:
        raise NoRulesAdopted
    features = allowed().features
    model = fit(_examples(), _recent(), features, seed=seed, needed=needed)
    text = write_model(model)
    figures = model.figures
    with transaction.atomic():
        row = LearnedModel.objects.create(
            digest=digest_of(text),
            body=text,
            fitted_at=timezone.now(),
            seed=seed,
            rules=rules,
            synthetic=is_demo_world(),
        )
        body: dict[str, object] = {
            "digest": row.digest,
            "acted_on": figures.acted_on,
            "not_acted_on": figures.not_acted_on,
            "rules": rules,
            "seed": seed,
            "libraries": model.libraries,
        }
        append(actor, [Act("learning.fitted", f"model/{row.pk}", "", body)])
    return row.pk


def _examples() -> list[Example]:
    """Decided reports, the newest first, by what was known of them when they were decided: what the decision itself
    brought about (a list of ours, another band) would teach the answer."""
    features = allowed().features
    found: list[Example] = []
    before: int | None = None
    looked_at = 0
    while len(found) < MOST and looked_at < FARTHEST and (ids := decided_before(before, limit=SLICE)):
        labels = labels_of(ids)
        moments = {report: label.at for report, label in labels.items()}
        danger, bundles = danger_at(moments), bundles_of(list(labels))
        found += [
            Example(
                seen=vector(facts, features),
                danger=danger[report],
                acted_on=labels[report].acted_on,
                bundle=bundles.get(report, ""),
                at=labels[report].at.timestamp(),
            )
            for report, facts in facts_at(moments).items()
            if report in danger
        ]
        before, looked_at = ids[-1], looked_at + len(ids)
    return found[:MOST]


def _recent() -> list[tuple[int, ...]]:
    features = allowed().features
    ids = newest_reports(RECENT)
    return [
        vector(one.facts, features)
        for start in range(0, len(ids), SLICE)
        for one in inputs(ids[start : start + SLICE])
    ]
