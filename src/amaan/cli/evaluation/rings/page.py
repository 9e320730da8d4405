"""The figures of one run: as the JSON that `--json` promises, as lines for a terminal, as a page of the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from amaan.cli.evaluation.rings.baselines import RARE

AMAAN: Final = "amaan"
_NAMES: Final = {
    AMAAN: "Amaan's rings",
    "shared_identifier": "any shared identifier",
    "shared_without_hubs": f"shared by {RARE} at most",
    "components_of_links": "components of links",
    "splink": "Splink",
}


@dataclass(frozen=True)
class Run:
    """`found` is what `inside` printed."""

    seed: int
    version: str
    found: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """The line that `--json` promises, and what else was found."""
        measured = dict(self.found["measured"])
        rest = {name: value for name, value in self.found.items() if name != "measured"}
        return {AMAAN: measured.pop(AMAAN), "baselines": measured, **rest}

    @property
    def shapes(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.found["shapes"][AMAAN]
        return found


def table_lines(run: Run) -> Iterator[str]:
    """For a terminal."""
    found = run.found
    yield f"{found['reports']:,} reports of seed {run.seed}, {sum(s['rings'] for s in run.shapes)} planted rings"
    yield f"{'grouping':<22} {'precision':>9} {'recall':>7} {'B-cubed':>8} {'ARI':>6} {'rings joined':>13}"
    for name, one in found["measured"].items():
        yield (
            f"{_NAMES[name]:<22} {one['precision']:>9.3f} {one['recall']:>7.3f} {one['bcubed_f1']:>8.3f}"
            f" {one['ari']:>6.3f} {found['rings_joined'][name]:>13}"
        )
    for name, why in found["left_out"].items():
        yield f"{_NAMES[name]:<22} {why}"
    strong = found["strong"]
    yield (
        f"Strong links: {strong['links']:,.0f}, precision {strong['precision']:.3f}, recall {strong['recall']:.3f}"
        f" ({strong['recall_direct']:.3f} without a step between)"
    )
    yield ""
    yield "Innocents who stand in a ring with anybody else:"
    for name in found["measured"]:
        counts = ", ".join(f"{kind} {count}" for kind, count in found["innocents"][name].items())
        yield f"  {_NAMES[name]:<22} {counts}"
    yield ""
    yield "Planted rings, and those that Amaan found:"
    for one in run.shapes:
        share = one["together"] / one["pairs"]
        yield f"  {one['shape']:<20} {one['found']:>4} of {one['rings']:<4} pairs {share:.2f}"


def evaluation_page(run: Run) -> str:
    """docs/reference/linking-evaluation.md."""
    return "\n".join(
        [*_head(run), *_groupings(run), *_innocents(run), *_shapes(run), *_names(run), *_how(), ""]
    )


def _head(run: Run) -> Iterator[str]:
    reports, strong = run.found["reports"], run.found["strong"]
    yield f"""\
# How well rings are found

<!-- Written by `amaan rings evaluate --page`. -->

`amaan rings evaluate --seed {run.seed} --reports {reports} --page`, Amaan {run.version}.
{reports:,} reports, {sum(one["rings"] for one in run.shapes)} planted rings of three reports or more.

**Every report in it is invented.** The figures say how linking treats the shapes that practitioners describe; they say
nothing of how many rings there are among real reports, and nothing of anybody's guilt.

**Strong links**: {strong["links"]:,.0f}; precision **{strong["precision"]:.3f}** (the share that joins two reports of
one ring or person), recall **{strong["recall"]:.3f}** (the share of planted pairs that a path of strong links joins;
{strong["recall_direct"]:.3f} by a link of their own).
"""


def _groupings(run: Run) -> Iterator[str]:
    found = run.found
    yield "## Rings\n"
    yield "| grouping | pairs: precision | pairs: recall | B-cubed F1 | adjusted Rand | rings joined with others |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, one in found["measured"].items():
        yield (
            f"| {_NAMES[name]} | {one['precision']:.3f} | {one['recall']:.3f} | {one['bcubed_f1']:.3f} |"
            f" {one['ari']:.3f} | {found['rings_joined'][name]} |"
        )
    for name, why in found["left_out"].items():
        yield f"\n{_NAMES[name]}: {why}"
    yield ""


def _innocents(run: Run) -> Iterator[str]:
    found = run.found
    kinds = sorted(found["innocents"][AMAAN])
    yield "## Innocents joined with anybody else\n"
    yield "Reports that have something in common with others, and none of them acted together.\n"
    yield f"| grouping | {' | '.join(f'`{kind}`' for kind in kinds)} |"
    yield f"|---|{'---:|' * len(kinds)}"
    for name in found["measured"]:
        counts = found["innocents"][name]
        yield f"| {_NAMES[name]} | {' | '.join(str(counts[kind]) for kind in kinds)} |"
    yield ""


def _shapes(run: Run) -> Iterator[str]:
    yield """\
## By shape

`demo_` are recurring accounts and rings of [the demo's own world](demo-world.md), which is the noise around the others.
A ring is found where one of Amaan's holds more than half of what the two hold together.

| shape | planted | found | pairs found |
|---|---:|---:|---:|"""
    for one in run.shapes:
        share = one["together"] / one["pairs"]
        yield f"| `{one['shape']}` | {one['rings']} | {one['found']} | {share:.2f} |"
    yield ""


_OF: Final = {
    "spellings": "40 names of this country, each in Urdu, Roman Urdu and English (`spellings.toml`)",
    "febrl": "FEBRL's 1,000 invented persons with typing faults (Christen, 2008)",
}


def _names(run: Run) -> Iterator[str]:
    yield "## Names of people\n"
    yield "Pairs of names that are taken for one. A name only supports a link, and a victim's is never read.\n"
    yield "| names | way | precision | recall |"
    yield "|---|---|---:|---:|"
    for of, ways in run.found["names"].items():
        for way, one in ways.items():
            yield f"| {_OF[of]} | {way} | {one['precision']:.3f} | {one['recall']:.3f} |"
    yield ""


def _how() -> Iterator[str]:
    yield f"""\
## How it is measured

- **The world** is written as documents (platforms' XML and the JSON of law enforcement, a hotline's table) and tellings
  at the public's door, and taken in by the real doors into an installation that is thrown away. Then everything is
  linked anew, as `amaan links rebuild` does it. [The shapes](demo-world.md#rings-to-measure-by).
- **The labels** lie in a file beside documents and database; nothing that links can read them.
- A **ring** is three reports at least, planted or found; the reports of smaller groups stand alone.
- **Pairs**: of all pairs of reports in one found ring, those in one planted ring (precision), and the other way round
  (recall). **B-cubed** (Amigó et al. 2009) and **adjusted Rand** are taken over all reports, noise too.
- **Innocents**: `family` one phone a family; `school` one school; `flood` one viral file; `hotline` a number that
  everybody is told to call; `behind_carrier` people behind the carrier's address of two rings; `impersonated` the
  imitated person's own reports; `taken_over` those of the owner of an account that a ring took over.
- **Who wrote what**: shapes and sentences come from the public practice; whoever wrote them knew the planned weights,
  and changed some of those after measuring seeds 1 to 3.
  [What was changed, and why](../explanation/measuring-linking.md).

| baseline | its groups |
|---|---|
| any shared identifier | components of reports that name an equal identifier (reporters' left out) |
| shared by {RARE} at most | the same, without values that more than {RARE} reports name |
| components of links | components of Amaan's own plain and strong links, without communities |
| Splink | probabilistic linkage of one record a report, with term frequencies |

Splink reads account, handle, phone, email, name, district and wallet, the first of each; of four thresholds the best
one is taken, by the labels, in its favour. It is no part of Amaan: `pip install splink` brings it."""
