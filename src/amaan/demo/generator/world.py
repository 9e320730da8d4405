"""A whole world, streamed: package after package, each computed from (seed, reports, until) and its position
alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from amaan.demo.generator.drafts import Capture
from amaan.demo.generator.identifiers import carrier_address, person
from amaan.demo.generator.plan import NOW, Part, Plan
from amaan.demo.generator.scene import Scene, World, open_scene, stamp
from amaan.demo.generator.stories import AS_JSON, STORIES
from amaan.demo.generator.write_json import report_json
from amaan.demo.generator.write_xml import file_document, report_document

# The last moment of a world for which nobody named another.
DEFAULT_UNTIL = datetime(2025, 7, 1, tzinfo=UTC)

FIRST, AGAIN = "first", "again"
_AGAIN_EVERY = 50
_UNCHANGED_AT, _CHANGED_AT = 7, 31
_REPEATS = 0.08


@dataclass(frozen=True, slots=True)
class Package:
    """What one sender delivers at once: `folder/entity/number/filename`. `labels` are for people who check,
    not for the system; `folder` is "first", or "again" for what is sent a second time.
    """

    entity: str
    number: int
    documents: list[tuple[str, bytes]]
    labels: dict[str, object]
    folder: str = FIRST

    def path(self, filename: str) -> str:
        return f"{self.folder}/{self.entity}/{self.number}/{filename}"


def generate(seed: int, reports: int, *, until: datetime = DEFAULT_UNTIL) -> Iterator[Package]:
    """`reports` packages, each with a number of its own, and after them those that are sent again (4 in 100).

    The same arguments give the same bytes; memory stays flat. ValueError for less than one report.
    """
    world = World(seed, reports, int(until.timestamp()))
    plan = Plan(reports)
    for position in range(reports):
        yield _first(world, plan.part(position), position)
    for position in range(reports):
        again = sent_again(plan.part(position), position)
        if again:
            yield _again(world, plan.part(position), position, again)


def sent_again(part: Part, position: int) -> str:
    """ "unchanged", "changed", or "" for a report that comes once."""
    if position % _AGAIN_EVERY == _UNCHANGED_AT:
        return "unchanged"
    if position % _AGAIN_EVERY == _CHANGED_AT:
        return "unchanged" if part.kind.name in {"meme", "text_only"} else "changed"
    return ""


def _first(world: World, part: Part, position: int) -> Package:
    scene, as_json = play(world, part, position)
    labels: dict[str, object] = {
        "number": world.number(position),
        "entity": scene.platform.name,
        "kind": part.kind.name,
        "danger": part.kind.danger,
        "format": "json" if as_json else "xml",
        "newer": False,
        **scene.labels,
    }
    again = sent_again(part, position)
    if again:
        labels["sent_again"] = again
    return Package(scene.platform.name, world.number(position), write_documents(scene, as_json), labels)


def _again(world: World, part: Part, position: int, again: str) -> Package:
    scene, as_json = play(world, part, position)
    if again == "changed":
        _revise(scene)
    labels: dict[str, object] = {
        "number": world.number(position),
        "entity": scene.platform.name,
        "kind": part.kind.name,
        "again": again,
    }
    return Package(
        scene.platform.name, world.number(position), write_documents(scene, as_json), labels, AGAIN
    )


def play(world: World, part: Part, position: int) -> tuple[Scene, bool]:
    """The scene of this position, and whether it comes as JSON."""
    name = part.kind.name
    # Both sides of a look-alike pair throw the same dice; everybody else throws their own.
    source = world.reports + part.group if name == "lookalike" else position
    rng = Random((world.seed << 24) + source)  # noqa: S311  a demo world, nothing secret
    labels: dict[str, object] = {}
    who = person(world.seed, position)
    if name == "ordinary" and rng.random() < _REPEATS:
        who = world.repeater(rng.getrandbits(30))
        labels["person"] = f"person-{who.number}"
    scene = open_scene(world, position, rng, who=who, recent=part.kind.danger == NOW)
    scene.labels.update(labels)
    STORIES[name](scene, part)
    return scene, rng.random() < AS_JSON.get(name, 0.0)


def write_documents(scene: Scene, as_json: bool) -> list[tuple[str, bytes]]:
    if as_json:
        return [("report.json", report_json(scene.report, scene.files))]
    documents = [("report.xml", report_document(scene.report))]
    documents.extend(
        (f"file-{file.number}.xml", file_document(file, scene.report.number)) for file in scene.files
    )
    return documents


def _revise(scene: Scene) -> None:
    """The sender learned more: a later sign-in, and a sentence that says so."""
    host, port = carrier_address(scene.rng)
    account = dataclasses.replace(scene.account)
    account.captures = [*account.captures, Capture(host, "Login", stamp(scene.when + 400), port)]
    scene.report.reported[0] = account
    scene.report.notes = f"{scene.report.notes} Added later: one more sign-in of the account.".strip()
