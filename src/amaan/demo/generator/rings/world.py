"""A world with rings in it: the demo's own reports as the noise, and planted rings and innocents among them.

Every report has a label: the ring that acts in it, or none. A ring here is who acts, whatever may betray it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final

from amaan.demo.generator.drafts import Account, Device
from amaan.demo.generator.plan import Plan
from amaan.demo.generator.rings.acts import ACTS
from amaan.demo.generator.rings.innocents import INNOCENTS
from amaan.demo.generator.rings.plot import a_name, plot, shapes
from amaan.demo.generator.rings.tales import Stage, Tale, a_capture
from amaan.demo.generator.rings.writing import HOTLINE, documents_of, telling_of
from amaan.demo.generator.scene import World, stamp
from amaan.demo.generator.told import Told
from amaan.demo.generator.world import Package, play, write_documents

MOST_TOLD: Final = 100
"""The public's door slows a crowd down on purpose; what would come beyond these comes from a platform."""
_ROOM: Final = 10_000
_STAGES: Final = 12
"""Persons that a stage shares among its tales."""


@dataclass(frozen=True, slots=True)
class Label:
    """`entity` and `number` name the report; one that is told has no number yet. `ring` "" is nobody's ring."""

    entity: str
    number: str
    shape: str
    ring: str = ""
    beside: str = ""
    record: Mapping[str, str] = field(default_factory=dict)
    """What a table with one line a report would hold of it: platform, handle, account, phone, email, name, district,
    wallet, as they were written."""


@dataclass(frozen=True, slots=True)
class RingWorld:
    """`world` is the noise; `planted` the numbered tales, and `packages`, `rows` and `told` how they are delivered."""

    seed: int
    planted: list[tuple[int, Tale]]
    world: World
    until: int

    def packages(self) -> Iterator[tuple[Package, Label]]:
        """Everything that platforms send: the noise first, then what is planted."""
        yield from noise(self.world)
        yield from self.sent()

    def sent(self) -> Iterator[tuple[Package, Label]]:
        """What platforms send of what is planted."""
        for number, tale in self.planted:
            if tale.door in {"xml", "json"}:
                documents = documents_of(Random(number), tale, number)  # noqa: S311  a demo world
                yield Package(tale.platform.name, number, documents, {}), self._label(tale, number)

    def rows(self) -> Iterator[tuple[int, Tale, Label]]:
        """What the hotline's table holds."""
        for number, tale in self.planted:
            if tale.door == "csv":
                yield number, tale, self._label(tale, number)

    def told(self) -> Iterator[tuple[Told, Label]]:
        """What is told at the public's door, each a minute of its own."""
        for number, tale in self.planted:
            if tale.door == "told":
                telling = telling_of(Random(number), tale, until=self.until)  # noqa: S311  a demo world
                yield telling, self._label(tale, number)

    @staticmethod
    def _label(tale: Tale, number: int) -> Label:
        entity = {"csv": HOTLINE, "told": ""}.get(tale.door, tale.platform.name)
        told = tale.door == "told"
        return Label(
            entity, "" if told else str(number), tale.shape, tale.ring, tale.beside, _record_of(tale)
        )


def ring_world(seed: int, reports: int, *, until: datetime) -> RingWorld:
    """About `reports` of them, the planted ones among them. The same arguments give the same world."""
    end = int(until.timestamp())
    planted = _planted(seed, reports, end)
    world = World(seed, max(1, reports - len(planted)), end)
    numbered = [(world.number(world.reports + place), tale) for place, tale in enumerate(planted)]
    _spare_the_door(numbered)
    return RingWorld(seed, numbered, world, end)


FEW: Final = ("star", "number_change", "carrier", "family")
"""What a demo shows at once: a wallet, a number that is dropped, two rings behind one address, a family."""
_BESIDE: Final = 400_000


def few_rings(seed: int, reports: int, *, until: datetime) -> RingWorld:
    """One instance of a few shapes, all sent by platforms, to stand beside the demo's world of so many reports."""
    end = int(until.timestamp())
    world = World(seed, reports, end)
    planted = _planted(seed, reports, end, only=FEW)
    for tale in planted:
        tale.door = "xml"
    return RingWorld(seed, [(world.number(_BESIDE + n), tale) for n, tale in enumerate(planted)], world, end)


def _planted(seed: int, reports: int, until: int, only: Collection[str] = ()) -> list[Tale]:
    found: list[Tale] = []
    # Ranges of person numbers beyond those of the demo's world (`scene.World`).
    first, shared = 4 * reports + _ROOM, 8 * reports + 4 * _ROOM
    for place, shape in enumerate(shapes()):
        if only and shape.name not in only:
            continue
        for number in range(1 if only else shape.instances(reports)):
            rng = Random(f"{seed}/{place}/{number}")  # noqa: S311  a demo world, nothing secret
            stage = Stage(seed, shape, number, rng, until, first, shared)
            made = (ACTS.get(shape.name) or INNOCENTS[shape.name])(stage)
            found.extend(made)
            first, shared = first + 4 * stage.made, shared + _STAGES
    Random(seed).shuffle(found)  # noqa: S311  a demo world, nothing secret
    return found


def _spare_the_door(numbered: list[tuple[int, Tale]]) -> None:
    for place, (_, tale) in enumerate([one for one in numbered if one[1].door == "told"]):
        if place >= MOST_TOLD:
            tale.door = "xml"


def noise(world: World) -> Iterator[tuple[Package, Label]]:
    """The demo's own reports, a little more alike than they are there: as people behind few addresses, with cheap
    phones and ordinary names, are.
    """
    plan = Plan(world.reports)
    for position in range(world.reports):
        part = plan.part(position)
        scene, as_json = play(world, part, position)
        rng = Random((world.seed << 25) + position)  # noqa: S311  a demo world, nothing secret
        if scene.report.reported and not scene.report.batched:
            _as_people_are(rng, scene.account, scene.when)
        if part.kind.name == "lookalike":
            # The two throw the same dice, so that they read alike; they never sat behind one port.
            scene.account.captures = [a_capture(rng, scene.when)]
            for file in scene.files:
                file.capture = None
        labels: dict[str, Any] = scene.labels
        ring = str(labels.get("ring") or labels.get("person") or "")
        number = world.number(position)
        record = _record_in(scene.account) if scene.report.reported and not scene.report.batched else {}
        label = Label(scene.platform.name, str(number), f"demo_{part.kind.name}", ring, record=record)
        yield Package(scene.platform.name, number, write_documents(scene, as_json), labels), label


def _record_of(tale: Tale) -> dict[str, str]:
    return {
        "platform": tale.platform.name,
        "handle": tale.handle,
        "account": tale.account,
        "phone": tale.phones[0] if tale.phones else "",
        "email": tale.emails[0] if tale.emails else "",
        "name": tale.names[0] if tale.names else "",
        "district": tale.town.name,
        "wallet": tale.pay,
    }


def _record_in(account: Account) -> dict[str, str]:
    paid = [one.phones[0].value for one in account.associated if one.phones]
    return {
        "platform": account.service,
        "handle": account.screen_name,
        "account": account.identifier,
        "phone": account.phones[0].value if account.phones else "",
        "email": account.emails[0].value if account.emails else "",
        "name": account.display_names[0] if account.display_names else "",
        "district": account.location.city if account.location else "",
        "wallet": paid[0] if paid else "",
    }


def _as_people_are(rng: Random, account: Account, when: int) -> None:
    words = plot()["words"]
    if rng.random() < 0.4:
        account.captures = [*account.captures, a_capture(rng, when)]
    if account.display_names:
        account.display_names = [a_name(rng).written(rng)]
    if not account.devices and rng.random() < 0.15:
        account.devices = [Device("model", rng.choice(words["models"]["all"]), "Login", stamp(when - 600))]
