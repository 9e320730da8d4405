"""A world with planted rings, taken in by the real doors. Who acts in which report lies in a file apart."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile

from amaan.authority.actors import Actor
from amaan.demo import neighbours
from amaan.demo.generator.rings.world import Label, few_rings, ring_world
from amaan.demo.generator.rings.writing import mapping, table_of
from amaan.demo.people import HOME_UNIT, UNITS


def plant_rings(
    actor: Actor,
    *,
    seed: int,
    reports: int,
    until: datetime,
    scratch: Path,
    labels: Path,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Write a ring world below `scratch`, import it, tell the rest at the public's door; how many reports there are.

    `labels` is written as JSON lines, one a report, in which `entity` and `number` (or `reference`, of what was told)
    name it. Platforms deliver to two units in turn.
    """
    world = ring_world(seed, reports, until=until)
    known: list[dict[str, object]] = []
    archives = [scratch / f"{code}.zip" for code, *_ in UNITS]
    shelves = [ZipFile(path, "w", ZIP_DEFLATED) for path in archives]
    for place, (package, label) in enumerate(world.packages()):
        for name, document in package.documents:
            shelves[place % len(shelves)].writestr(f"{package.entity}/{package.number}/{name}", document)
        known.append(_line(label))
    for shelf in shelves:
        shelf.close()
    table = scratch / "table.csv"
    rows = list(world.rows())
    dice = Random(seed)  # noqa: S311  a demo world, nothing secret
    table.write_text(table_of(dice, [(number, tale) for number, tale, _ in rows]), encoding="utf-8")
    known += [_line(label) for *_, label in rows]
    for path, (code, *_) in zip(archives, UNITS, strict=True):
        neighbours.import_documents(actor, path, code, progress)
    if rows:
        neighbours.import_table(actor, table, mapping(), HOME_UNIT)
    told = list(world.told())
    references = neighbours.told_references([telling for telling, _ in told], seed=seed)
    known += [
        {**_line(label), "reference": reference}
        for (_, label), reference in zip(told, references, strict=True)
    ]
    labels.write_text(
        "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in known), encoding="utf-8"
    )
    return len(known)


def plant_few(actor: Actor, *, seed: int, reports: int, until: datetime, scratch: Path) -> int:
    """A few rings and a family beside a demo's world of so many reports; how many reports they are.

    Running it again adds nothing.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / "rings.zip"
    sent = [package for package, _ in few_rings(seed, reports, until=until).sent()]
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for package in sent:
            for name, document in package.documents:
                archive.writestr(f"{package.entity}/{package.number}/{name}", document)
    neighbours.import_documents(actor, path, HOME_UNIT, lambda _: None)
    return len(sent)


def _line(label: Label) -> dict[str, object]:
    return asdict(label)
