"""Who has something in common and did nothing together: families, schools, floods, a number that everybody calls."""

from __future__ import annotations

from amaan.demo.generator.identifiers import person
from amaan.demo.generator.rings.acts import Act, behind
from amaan.demo.generator.rings.plot import plot
from amaan.demo.generator.rings.tales import Child, Stage, Tale


def family(stage: Stage) -> list[Tale]:
    """Brothers and sisters on one phone; what happened to each has nothing to do with the other's."""
    rng, home = stage.rng, stage.common(0)
    found = _alone(stage, stage.size())
    for place, tale in enumerate(found):
        child = person(stage.seed, stage.shared + 1 + place)
        device = home.device if rng.random() < 0.6 else ""
        tale.children = [Child(child, rng.randint(9, 17), rng.random() < 0.5, home.phone, device)]
        tale.reporter = home.phone
    return found


def school(stage: Stage) -> list[Tale]:
    rng = stage.rng
    found = _alone(stage, stage.size())
    town, name = found[0].town, f"Demo Model School {stage.number + 100}"
    for place, tale in enumerate(found):
        tale.town = town
        child = person(stage.seed, stage.first + place * 4 + 2)
        tale.children = [Child(child, rng.randint(11, 16), rng.random() < 0.5, school=f"{name}, {town.name}")]
    return found


def flood(stage: Stage) -> list[Tale]:
    """The platform sends half of them as bundles of accounts, and half one by one."""
    found = _alone(stage, stage.size())
    for tale in found:
        tale.about, tale.text, tale.children, tale.file = "picture", "", [], stage.shared
        tale.passed_on = stage.rng.random() < 0.5
    return found


def hotline(stage: Stage) -> list[Tale]:
    """A helpline's number, or a company's, as a number of the incident and in the words."""
    known = plot()["words"]["helplines"]["known"]
    number = known[stage.number % len(known)] if stage.number % 2 else stage.common(0).phone
    found = _alone(stage, stage.size())
    for tale in found:
        tale.text = f"{tale.text} The family was told to call {number}."
        tale.called = number if stage.rng.random() < 0.6 else ""
    return found


def behind_carrier(stage: Stage) -> list[Tale]:
    """Behind the address of the two rings of the same number."""
    found = _alone(stage, stage.size())
    for tale in found:
        tale.captures = [behind(stage, tale)]
    return found


def _alone(stage: Stage, count: int) -> list[Tale]:
    found = stage.tales(count, own_words=1.0)
    for tale in found:
        tale.beside = stage.label
    return found


INNOCENTS: dict[str, Act] = {act.__name__: act for act in (family, school, flood, hotline, behind_carrier)}
