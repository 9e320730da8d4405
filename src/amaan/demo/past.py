"""A past for a demo world: reports that came before, and what invented people decided upon them.

What became of them is thrown with dice that know what was planted, as an office would know after its work. No label
reaches the store: an outcome does, as it does in earnest. The dice are no forecast and no figure of any real office.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from amaan.demo.generator.plan import NONE, NOW, SERIOUS
from amaan.demo.generator.world import FIRST, Package

SEEDS_APART: Final = 4_001
"""The past is a world of its own; its seed is so far from the world's that the two share no number."""
DAYS_BEFORE: Final = 120
REASON: Final = "Synthetic outcome of the demo world: nobody decided anything."

CASE, REFERRED, CLOSED = "case", "referred", "closed"
_FATES: Final = (CASE, REFERRED, CLOSED)
_WEIGHTS: Final = {NOW: (60, 22, 18), SERIOUS: (30, 30, 40), NONE: (1, 4, 95)}
"""How often a story of this danger ends so."""
_CLOSED_AS: Final = {
    "meme": "shared_widely",
    "model": "shared_widely",
    "hoard": "shared_widely",
    "thin": "too_little",
    "told": "told_already",
    "settled": "no_offence",
    "advice": "no_offence",
    "false_alarm": "no_offence",
    "mass_mail": "no_offence",
    "adult": "no_offence",
}
_OTHERWISE: Final = ("too_little", "out_of_reach", "shared_widely", "other")


@dataclass(frozen=True)
class Fate:
    """What became of a past report. `code` is why it was closed."""

    entity: str
    number: str
    what: str
    code: str = ""


def fates(seed: int, packages: Iterable[Package]) -> Iterator[Fate]:
    """One a report, the same whenever the same is asked."""
    for package in packages:
        if package.folder != FIRST:
            continue
        rng = Random((seed << 24) + package.number)  # noqa: S311  a demo world, nothing secret
        labels = package.labels
        (what,) = rng.choices(_FATES, _WEIGHTS[str(labels["danger"])])
        code = _CLOSED_AS.get(str(labels["kind"]), rng.choice(_OTHERWISE)) if what == CLOSED else ""
        yield Fate(package.entity, str(package.number), what, code)
