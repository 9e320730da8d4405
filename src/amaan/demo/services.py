"""Loading a demo world into an installation that holds nothing else."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings

from amaan.accounts.second_factor import DEMO_MARKER
from amaan.authority.actors import Actor
from amaan.demo import neighbours
from amaan.demo.documents import Expected, write_world
from amaan.demo.generator.known import survivors_hash
from amaan.demo.generator.told import tellings
from amaan.demo.generator.world import generate
from amaan.demo.past import DAYS_BEFORE, SEEDS_APART, fates
from amaan.demo.people import (
    ADMINISTRATOR,
    ANALYST,
    EXAMINER,
    HOME_UNIT,
    INVESTIGATOR,
    SUPERVISOR,
    add_staff,
)
from amaan.demo.planting import plant_few, plant_rings

ACTOR = Actor.system("demo")
Progress = Callable[[str, int | None], None]
"""Called with "written" and None a package, then with the name of what is imported and how many are done."""


def _silent(what: str, done: int | None) -> None:
    return


class RealInstallation(Exception):
    """This installation holds people or reports that no demo brought; invented ones must never lie among
    them.
    """


class DemoIncomplete(Exception):
    """Documents of the demo world could not be read: something in this Amaan is broken, and it must not look whole."""


class AnotherDemoWorld(Exception):
    """This installation holds another demo world, whose report numbers would mean something else in this
    one.
    """


@dataclass(frozen=True)
class Marker:
    """AMAAN_HOME/demo.json. While it stands, everything here is invented. `loaded_at` is empty until all is
    in.
    """

    seed: int
    reports: int
    until: str
    at: str
    loaded_at: str = ""


@dataclass(frozen=True)
class Loaded:
    """`counted` is what the importer says, `expected` what the generator knows of a first load."""

    marker: Marker
    counted: Counter[str]
    expected: Expected


def marker_path() -> Path:
    return Path(settings.AMAAN_HOME) / DEMO_MARKER


def standing_marker() -> Marker | None:
    """The marker, or None in an installation that is not a demo."""
    try:
        found = json.loads(marker_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Marker(**{name: found[name] for name in Marker.__dataclass_fields__ if name in found})


def demo_world_loaded() -> bool:
    """Whether a demo world stands here in full."""
    marker = standing_marker()
    return marker is not None and bool(marker.loaded_at)


def today() -> datetime:
    """Midnight (UTC) that began this day: a world made twice on one day is the same world."""
    return datetime.combine(datetime.now(UTC).date(), time(), UTC)


def load_world(
    actor: Actor = ACTOR,
    *,
    seed: int,
    reports: int,
    until: datetime | None = None,
    documents: Path | None = None,
    labels: Path | None = None,
    with_broken: bool = False,
    told: int = 0,
    decided: int = 0,
    rings: bool = False,
    progress: Progress = _silent,
) -> Loaded:
    """Mark the installation, open the demo's accounts, write the documents and import them.

    `told` more come in by the public's door, with today's date and in no label; `decided` more came long before, in no
    label either, and invented people decided upon them. `rings`: a few rings and a family stand beside them too.

    Safe to repeat: an interrupted load is taken up again and ends in the same store. Documents stay in
    `documents`, or lie in a temporary folder. Raises RealInstallation, AnotherDemoWorld,
    LabelsAmongDocuments, DemoIncomplete.
    """
    marker = _claim(actor, seed, reports, until)
    add_staff(actor)
    moment = datetime.fromisoformat(marker.until)
    with tempfile.TemporaryDirectory(prefix="demo-", dir=settings.AMAAN_HOME) as scratch:
        written = write_world(
            seed=seed,
            reports=reports,
            until=moment,
            folder=documents or Path(scratch),
            labels=labels,
            with_broken=with_broken,
            archives=documents is None,
            progress=lambda: progress("written", None),
        )
        neighbours.take_list(actor, written.known, proposer=ADMINISTRATOR, approver=SUPERVISOR)
        neighbours.take_survivors(
            actor,
            [survivors_hash(seed, which) for which in range(3)],
            approver=SUPERVISOR,
            examiner=EXAMINER,
        )
        if decided:
            past = Path(scratch) / "past"
            _take_past(actor, seed=seed, reports=decided, moment=moment, folder=past, progress=progress)
        if rings:
            plant_few(actor, seed=seed, reports=reports, until=moment, scratch=Path(scratch) / "rings")
        # One after another: what is sent again must find what it repeats.
        counted: Counter[str] = Counter()
        for path in written.paths:
            counted.update(neighbours.import_documents(actor, path, HOME_UNIT, partial(progress, path.stem)))
    unread = counted["quarantined"] - written.expected.quarantined
    if unread > 0:
        raise DemoIncomplete(
            f"{unread} of the demo's documents could not be read. `amaan quarantine list` says why; "
            "please report it as a fault."
        )
    if told:
        neighbours.take_told(tellings(seed, told), seed=seed, analyst=ANALYST)
    marker = replace(marker, loaded_at=_now())
    _write(marker)
    return Loaded(marker, counted, written.expected)


def load_rings(
    actor: Actor = ACTOR, *, seed: int, reports: int, until: datetime, scratch: Path, labels: Path
) -> int:
    """Take a world of planted rings in, by every door, into an installation that is thrown away; how many reports.

    Documents are written below `scratch`, which need not be there; `labels` as `planting.plant_rings` says.
    """
    add_staff(actor)
    scratch.mkdir(parents=True, exist_ok=True)
    return plant_rings(actor, seed=seed, reports=reports, until=until, scratch=scratch, labels=labels)


@dataclass(frozen=True)
class ToldReport:
    """A report that came in by the public's door, and what was planted in it."""

    reference: str
    kind: str
    danger: str


def tell_at_door(*, seed: int, count: int) -> list[ToldReport]:
    """Tell `count` stories at the public's door, the hard ones among them, and carry them across."""
    stories = list(tellings(seed, count, hard=True))
    references = neighbours.told_references(stories, seed=seed)
    return [
        ToldReport(reference, story.kind, story.danger)
        for reference, story in zip(references, stories, strict=True)
    ]


def _take_past(
    actor: Actor, *, seed: int, reports: int, moment: datetime, folder: Path, progress: Progress
) -> None:
    """A world before this one, every report of it decided upon."""
    until, other = moment - timedelta(days=DAYS_BEFORE), seed + SEEDS_APART
    written = write_world(seed=other, reports=reports, until=until, folder=folder, archives=True)
    for path in written.paths:
        neighbours.import_documents(actor, path, HOME_UNIT, partial(progress, "what came before"))
    planted = fates(seed, generate(other, reports, until=until))
    neighbours.decide_past(planted, analyst=ANALYST, investigator=INVESTIGATOR)


def _claim(actor: Actor, seed: int, reports: int, until: datetime | None) -> Marker:
    """The marker comes first: whatever interrupts the rest, nobody takes what follows for real."""
    standing = standing_marker()
    if standing is None:
        if neighbours.holds_anything(actor):
            raise RealInstallation(
                f"{settings.AMAAN_HOME} holds people or reports already, and they are no demo's. A demo "
                "world goes into an empty installation: set AMAAN_HOME and AMAAN_KEYS to new folders."
            )
        standing = Marker(seed, reports, (until or today()).isoformat(), _now())
        _write(standing)
        return standing
    asked = (seed, reports, until.isoformat() if until else standing.until)
    if asked != (standing.seed, standing.reports, standing.until):
        raise AnotherDemoWorld(
            f"{settings.AMAAN_HOME} holds the demo world of seed {standing.seed} with {standing.reports} "
            f"reports until {standing.until}. Ask for that one again, or set AMAAN_HOME and AMAAN_KEYS to "
            "new folders."
        )
    return standing


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write(marker: Marker) -> None:
    path = marker_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"demo": True, **asdict(marker)}) + "\n", encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105  says that it replaces
