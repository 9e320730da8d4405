"""Turning a model on and off. On is a supervisor's alone; off is also the operator's, and drift's."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.learning.domain.model import Model
from amaan.learning.domain.states import (
    MOST_REASON,
    ModelDrifted,
    ModelNoBetter,
    NoModel,
    ReasonNeeded,
    State,
    SwitchedMeanwhile,
)
from amaan.learning.models import LearnedModel, Sweep, Switching
from amaan.learning.permissions import require_person, require_system
from amaan.learning.selectors import drift_now, held_switching, model_of, newest_switching
from amaan.ledger.services import Act, append


@transaction.atomic
def turn_on(actor: Actor, *, reason: str, read: int) -> int:
    """Let the newest model propose turns; its number. `read` is the number of the switching that the actor saw.

    What waits is swept by the worker. Raises NotAllowed, OnlyAPersonTurnsItOn, ReasonNeeded, NoModel, BadModel,
    ModelNoBetter, ModelDrifted, SwitchedMeanwhile.
    """
    require(actor, Action.SWITCH_LEARNING)
    require_person(actor)
    row = LearnedModel.objects.defer("body").order_by("-pk").first()
    if row is None:
        raise NoModel
    model = model_of(row)
    if not (model.figures.better_than_nothing and model.figures.better_than_danger):
        raise ModelNoBetter
    if drift_now(row, model).rest:
        raise ModelDrifted
    body = {"reason": _written(reason), **_figures(row, model)}
    _switch(actor, State.ON, row, read, body)
    return row.pk


@transaction.atomic
def turn_off(actor: Actor, *, reason: str, read: int) -> None:
    """Give all turns back to the rules; the worker does it, and nothing is proposed from now on.

    Raises NotAllowed, ReasonNeeded, NoModel, SwitchedMeanwhile.
    """
    require(actor, Action.SWITCH_LEARNING)
    last = newest_switching()
    if last is None:
        raise NoModel
    row = LearnedModel.objects.defer("body").get(pk=last.model_id)
    _switch(actor, State.OFF, row, read, {"reason": _written(reason), "digest": row.digest})


@transaction.atomic
def rest(actor: Actor, *, worst: float) -> None:
    """Stop because of drift, until somebody fits again. `worst` is the index that was passed.

    Raises SwitchedMeanwhile.
    """
    require_system(actor)
    last = newest_switching()
    if last is None or last.state != State.ON:
        return
    row = LearnedModel.objects.defer("body").get(pk=last.model_id)
    _switch(actor, State.RESTING, row, last.number, {"psi": f"{worst:.3f}", "digest": row.digest})


def _written(reason: str) -> str:
    reason = reason.strip()[:MOST_REASON]
    if not reason:
        raise ReasonNeeded
    return reason


def _figures(row: LearnedModel, model: Model) -> dict[str, object]:
    """As the ledger keeps it: what was known of the model when it was turned on."""
    return {
        "digest": row.digest,
        "brier": f"{model.figures.brier:.4f}",
        "brier_base": f"{model.figures.brier_base:.4f}",
        "synthetic": row.synthetic,
    }


def _switch(actor: Actor, state: State, row: LearnedModel, read: int, body: dict[str, object]) -> None:
    last = held_switching()
    number = last.number if last else 0
    if number != read:
        raise SwitchedMeanwhile
    try:
        with transaction.atomic():
            made = Switching.objects.create(
                number=number + 1, state=str(state), model=row, by=actor.key, at=timezone.now()
            )
    except IntegrityError as quicker:
        raise SwitchedMeanwhile from quicker
    Sweep.objects.filter(ended_at__isnull=True).update(ended_at=timezone.now())
    Sweep.objects.create(switching=made)
    on = f"model/{row.pk}"
    if state is State.ON:
        act = Act("learning.turned_on", on, "", body)
    elif state is State.OFF:
        act = Act("learning.turned_off", on, "", body)
    else:
        act = Act("learning.rested", on, "", body)
    append(actor, [act])
