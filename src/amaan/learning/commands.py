"""`amaan learning …`: fit a model, show how it stands, and, by a person who says who they are, turn it on."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amaan.authority.actors import Actor

if TYPE_CHECKING:  # models are imported late: this module loads before Django is set up
    from amaan.learning.selectors import Fitted, Standing

app = typer.Typer(
    no_args_is_help=True,
    help="The model that may order work inside a band: fit it, look at it, turn it on or off.",
)

OPERATOR = Actor.system("command-line")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option(help="Why; it lies sealed in the ledger.")]


@contextmanager
def _in_words() -> Iterator[None]:
    """A named error becomes one line and exit code 2; anything else is a fault and keeps its traceback."""
    from amaan.accounts.services import NotRecognised
    from amaan.authority.matrix import NotAllowed
    from amaan.learning.domain.labels import TooFewOutcomes
    from amaan.learning.domain.model import BadModel
    from amaan.learning.domain.states import LearningError
    from amaan.learning.fitting import LearnsNothing
    from amaan.triage.selectors import NoRulesAdopted

    try:
        yield
    except (
        *(LearningError, TooFewOutcomes, LearnsNothing, BadModel),
        *(NoRulesAdopted, NotRecognised, NotAllowed),
    ) as refusal:
        typer.echo(str(refusal), err=True)
        raise typer.Exit(2) from None


@app.command("fit")
def fit(
    seed: Annotated[int, typer.Option(help="The same outcomes and seed give the same model.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Fit a model on what became of past reports. It moves nothing until a supervisor turns it on."""
    from amaan.learning.services import fit_model

    with _in_words():
        number = fit_model(OPERATOR, seed=seed)
    _settle()
    typer.echo(f"Model {number} is fitted. It is off: a supervisor turns it on.", err=True)
    show(as_json=as_json)


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """How the newest model does, what it weighs, whether it is on, and whether reports have changed since."""
    from amaan.learning.selectors import outcomes_counted, standing_for

    standing, outcomes = standing_for(OPERATOR), outcomes_counted(OPERATOR)
    if as_json:
        held = {"state": str(standing.state), "outcomes": asdict(outcomes), **_as_data(standing)}
        typer.echo(json.dumps(held, default=datetime.isoformat, ensure_ascii=False))
        return
    typer.echo(
        f"State: {standing.state}. Outcomes: {outcomes.acted_on:,} acted on, {outcomes.not_acted_on:,} not; "
        f"{outcomes.needed:,} of each are needed."
    )
    if standing.newest is None:
        typer.echo("No model is fitted yet: amaan learning fit")
        return
    _tell(standing.newest, standing)


def _tell(fitted: Fitted, standing: Standing) -> None:
    typer.echo(f"Model {fitted.number}, {fitted.fitted_at:%Y-%m-%d %H:%M} UTC, digest {fitted.digest[:12]}")
    if fitted.synthetic:
        typer.echo("FITTED IN A DEMO WORLD: its outcomes are invented. It says nothing about real reports.")
    model = fitted.model
    if model is None:
        typer.echo(fitted.fault)
        return
    figures = model.figures
    typer.echo(
        f"  Brier {figures.brier:.4f} (base rate alone {figures.brier_base:.4f}; smaller is better)\n"
        "  of two reports, the one that was acted on stands first: "
        + ", ".join(f"{name} {value:.3f}" for name, value in sorted(figures.ranks.items()))
        + "\n  found in the first fifth: "
        + ", ".join(f"{name} {value:.0%}" for name, value in sorted(figures.fifth.items()))
    )
    typer.echo(f"  gain over danger alone, at the least (95 %): {figures.gain:+.3f}")
    if figures.later:
        typer.echo(
            f"  fitted on what was decided first, of the last {figures.later.count:,}: Brier {figures.later.brier:.4f}"
            f" (base rate {figures.later.brier_base:.4f}); first stands right: "
            + ", ".join(f"{name} {value:.3f}" for name, value in sorted(figures.later.ranks.items()))
        )
    for step in figures.reliability:
        typer.echo(f"  said {step.said:6.1%}  was {step.was:6.1%}  of {step.count:,}")
    for feature, weight in sorted(zip(model.features, model.weights, strict=True), key=lambda p: -abs(p[1])):
        typer.echo(f"  {weight:+7.3f}  {feature.id:<28} {feature.words.en}")
    if model.left_out:
        typer.echo(f"  left out, since a danger never counts against a report: {', '.join(model.left_out)}")
    if standing.drift and standing.drift.enough:
        typer.echo(f"  drift: {standing.drift.scores:.3f} (scores), {standing.drift.worst:.3f} (worst)")


def _as_data(standing: Standing) -> dict[str, Any]:
    fitted = standing.newest
    if fitted is None:
        return {"model": None}
    model = fitted.model
    return {
        "model": fitted.number,
        "digest": fitted.digest,
        "fitted_at": fitted.fitted_at,
        "rules": fitted.rules,
        "synthetic": fitted.synthetic,
        "fault": fitted.fault,
        "figures": asdict(model.figures) if model else None,
        "weights": {f.id: w for f, w in zip(model.features, model.weights, strict=True)} if model else None,
        "left_out": model.left_out if model else None,
        "drift": asdict(standing.drift) if standing.drift else None,
        "moved": standing.moved,
    }


@app.command("on")
def on(
    person: Annotated[str, typer.Option(help="The supervisor's address; their passphrase is asked for.")],
    reason: Reason,
    passphrase_stdin: Annotated[
        bool, typer.Option("--passphrase-stdin", help="Read the passphrase, and a code below it, from stdin.")
    ] = False,
) -> None:
    """Turn the newest model on, as a supervisor who is known here by name."""
    from amaan.accounts.selectors import actor_of
    from amaan.accounts.services import recognise
    from amaan.learning.selectors import standing_for
    from amaan.learning.services import turn_on

    read = standing_for(OPERATOR).number
    show()
    if passphrase_stdin:
        passphrase, code = sys.stdin.readline().rstrip("\n"), sys.stdin.readline().strip()
    else:
        passphrase = typer.prompt("Passphrase", hide_input=True, err=True)
        code = typer.prompt("Code of your app (empty in a demo)", default="", show_default=False, err=True)
    with _in_words():
        actor = actor_of(recognise(email=person, password=passphrase, code=code))
        assert actor is not None
        number = turn_on(actor, reason=reason, read=read)
    _settle()
    typer.echo(f"Model {number} is on. The worker goes over what waits.")


@app.command("off")
def off(reason: Reason) -> None:
    """Turn it off; the worker gives every turn back to the rules."""
    from amaan.learning.selectors import standing_for
    from amaan.learning.services import turn_off

    with _in_words():
        turn_off(OPERATOR, reason=reason, read=standing_for(OPERATOR).number)
    _settle()
    typer.echo("It is off. The worker gives the turns back to the rules.")


def _settle() -> None:
    from amaan.ledger.services import sequence_all

    sequence_all()
