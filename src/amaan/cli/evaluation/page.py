"""The figures of one run: as the JSON that `--json` promises, as lines for a terminal, as a page of the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from amaan.cli.evaluation.baselines import WEIGHTS
from amaan.cli.evaluation.measures import GAINS

AMAAN: Final = "amaan"
_NAMES: Final = {
    AMAAN: "Amaan's queue",
    "oldest_first": "oldest first",
    "completeness": "completeness",
    "file_count": "file count",
    "weighted_score": "one weighted score",
}


@dataclass(frozen=True)
class Run:
    """`found` is what `inside` printed: `measured` and `kinds` by order, `reports`, `rules`."""

    seed: int
    version: str
    found: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The line that `--json` promises."""
        measured = dict(self.found["measured"])
        return {AMAAN: measured.pop(AMAAN), "baselines": measured}

    def kinds(self, danger: str) -> list[dict[str, Any]]:
        return [one for one in self.found["kinds"][AMAAN] if one["danger"] == danger]

    @property
    def planted(self) -> int:
        return sum(one["planted"] for one in self.kinds("now"))


def table_lines(run: Run) -> Iterator[str]:
    """For a terminal."""
    yield f"{run.found['reports']:,} reports of seed {run.seed}, {run.planted} with a child in danger now"
    yield f"{'order':<20} {'first 1 %':>9} {'first 5 %':>9} {'first 10 %':>10} {'nDCG':>6}"
    for name, one in run.found["measured"].items():
        at = one["recall"]
        shares = f"{at['0.01']:>9.2f} {at['0.05']:>9.2f} {at['0.10']:>10.2f}"
        yield f"{_NAMES[name]:<20} {shares} {one['ndcg']:>6.3f}"
    yield ""
    yield "Planted, and found in the first 5 % of the queue:"
    for danger in GAINS:
        for one in run.kinds(danger):
            yield f"  {danger:<8} {one['kind']:<22} {one['found']:>5} of {one['planted']}"


def evaluation_page(run: Run) -> str:
    """docs/reference/triage-evaluation.md."""
    return "\n".join([*_head(run), *_orders(run), *_kinds(run), *_how(), ""])


def _head(run: Run) -> Iterator[str]:
    reports = run.found["reports"]
    yield f"""\
# How well the order serves

<!-- Written by `amaan triage evaluate --page`. -->

`amaan triage evaluate --seed {run.seed} --reports {reports} --page`, Amaan {run.version}, rules `{run.found["rules"]}`.
{reports:,} reports, {run.planted} of them with a child in danger now.

**Every report in it is invented.** The figures say how the order treats what practitioners describe; they say nothing
of outcomes, and nothing of the share of danger among real reports. They were not made with real ones.
"""


def _orders(run: Run) -> Iterator[str]:
    yield "## Planted danger in the first reports\n"
    yield "| order | first 1 % | first 5 % | first 10 % | nDCG |"
    yield "|---|---:|---:|---:|---:|"
    for name, one in run.found["measured"].items():
        at = one["recall"]
        yield f"| {_NAMES[name]} | {at['0.01']:.2f} | {at['0.05']:.2f} | {at['0.10']:.2f} | {one['ndcg']:.3f} |"
    yield ""


def _kinds(run: Run) -> Iterator[str]:
    yield """\
## By kind of story

What was planted, and how many of it stand in the first 5 % of the queue. [The kinds](demo-world.md); those that begin
with `told_` came in by the public's door.

| danger | kind | planted | in the first 5 % |
|---|---|---:|---:|"""
    for danger in GAINS:
        for one in run.kinds(danger):
            yield f"| {danger} | `{one['kind']}` | {one['planted']} | {one['found']} |"
    yield ""


def _how() -> Iterator[str]:
    gains = ", ".join(f"`{danger}` {gain}" for danger, gain in GAINS.items())
    parts = "; ".join(f"{what} {weight:+g}" for what, weight, _ in WEIGHTS)
    yield f"""\
## How it is measured

- **The world** is [the demo's](demo-world.md), written as documents and taken in by the real importer and the real
  public's door, into an installation that is thrown away. Bands come from the worker's own path. One report in a
  hundred (a hundred at most) is told at the door.
- **The labels** lie in a folder beside documents and database; nothing that bands a report can read them.
- **Recall** is the share of all `now` that stands in the first 1, 5 and 10 % of *all* reports (rounded down).
- **nDCG** is taken over the whole order; what a report is worth: {gains}; discounted by log2(place + 1).
- **Folded** reports wait behind another one and are read by nobody, so they come last: danger that a bundle swallowed
  counts as missed.
- **All orders** are made of the same reports in the same run. The baselines read the facts of intake; what is equal
  comes in the order of arrival.
- All reports come in one import, within minutes. So nobody's deadline has passed, and "oldest first" is the order of
  arrival.
- **Who wrote what**: generator and sentences were written from the public practice, without sight of rules, word lists
  or test sentences; those were written without sight of the generator.

| baseline | its order |
|---|---|
| oldest first | what came first |
| completeness | the share of fields that are filled |
| file count | the number of files |
| one weighted score | {parts} |"""
