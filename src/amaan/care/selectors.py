"""Reading: what somebody read and wishes, for themselves; and what an office may know, which names nobody."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from importlib.resources import files

from django.db.models import Q

from amaan.accounts.selectors import actors_of, names_of
from amaan.authority.actors import Actor, ActorKind
from amaan.authority.matrix import Action, require
from amaan.care import models
from amaan.care.domain.categories import CHOOSABLE, Category
from amaan.care.domain.enough import (
    FEWEST,
    WEEK,
    Caps,
    Read,
    Reading,
    Standing,
    State,
    is_near,
    read_of,
    standing_of,
)
from amaan.care.domain.wishes import Wishes
from amaan.care.permissions import require_counting
from amaan.keyring.services import opener


@dataclass(frozen=True)
class Own:
    """What somebody's own page shows. `by_category` counts reports of the last week."""

    read: Read
    caps: Caps
    office: Caps
    standing: Standing
    wishes: Wishes
    shares_name: bool
    by_category: Mapping[Category, int]
    reports_week: int


@dataclass(frozen=True)
class Asked:
    """A check-in that somebody asked for and that waits, or was put off. `name` is the other one's."""

    number: int
    name: str
    asked_at: datetime
    later: bool
    mine: bool


@dataclass(frozen=True)
class Office:
    """An office's last seven days. None in place of a number: too few people for it to name nobody.

    `spread` counts people by minutes in the last 24 hours as parts of the cap: to a quarter, a half, three quarters,
    the cap, beyond. `named` are those who wished that their name may stand here.
    """

    people: int | None
    reports: int | None
    minutes: int | None
    near: int | None
    spread: tuple[int, ...] | None
    named: tuple[str, ...]
    caps: Caps
    help: str


@dataclass(frozen=True)
class HelpLine:
    """Somebody to call. `confirmed`: the number was tried, and when; else whoever calls checks first."""

    name: str
    name_ur: str
    number: str
    note: str
    note_ur: str
    source: str


def place_of(person: int) -> str:
    """Where somebody's wishes are sealed to."""
    return f"care_wishes/{person}/sealed"


def person_of(actor: Actor) -> int | None:
    """The actor's row as a person; None for a process."""
    return int(actor.key.removeprefix("staff:")) if actor.kind is ActorKind.STAFF else None


def wishes_of(actor: Actor) -> tuple[Wishes, bool]:
    """The actor's own wishes, and whether they share their name. There is no way to ask for anybody else's."""
    row = models.Wishes.objects.filter(person_id=person_of(actor)).first()
    if row is None:
        return Wishes(), False
    return Wishes.read(opener().open(place_of(row.person_id), bytes(row.sealed))), row.shares_name


def caps_of(units: Sequence[str]) -> Caps:
    """What these offices allow; of somebody who works in several, the lowest counts."""
    set_ = {row.unit: _caps(row) for row in models.OfficeCaps.objects.filter(unit__in=list(units))}
    return reduce(Caps.lowered, [set_.get(unit, Caps()) for unit in units] or [Caps()])


def standing_for(actor: Actor, *, now: datetime) -> Standing:
    """What comes next for the actor, who asks for themselves. A process has no cap."""
    person = person_of(actor)
    if person is None:
        return Standing()
    wishes, _ = wishes_of(actor)
    caps = caps_of(_units(actor)).lowered(wishes.caps)
    return standing_of(read_of(_readings(person, now), now), caps, wishes.opted_out, now)


def able_for(
    actor: Actor, kinds: Collection[int], *, people: Collection[int], now: datetime
) -> dict[int, int]:
    """By kind (bits of `Category`), how many of these people (row ids) a pull would give such a report to now.

    The machine asks, so that no wish and no cap leaves an emergency to nobody. Numbers alone: nobody is named, and
    whether somebody rests, has read enough or chose it is not told apart. Raises OnlyTheSystemCounts.
    """
    require_counting(actor)
    standings = [standing_for(one, now=now) for one in actors_of(people)]
    ready = [one.avoid for one in standings if one.state is not State.ENOUGH]
    return {kind: sum(1 for avoid in ready if not avoid & kind) for kind in kinds}


def own_care(actor: Actor, *, now: datetime) -> Own:
    """Everything of the actor's own, and of nobody else."""
    person = person_of(actor) or 0
    wishes, shares = wishes_of(actor)
    office = caps_of(_units(actor))
    readings = _readings(person, now)
    read, caps = read_of(readings, now), office.lowered(wishes.caps)
    by_report: dict[int, Category] = {}
    for one in readings:
        by_report[one.report_id] = by_report.get(one.report_id, Category.NONE) | one.categories
    counted = Counter(part for held in by_report.values() for part in CHOOSABLE if part in held)
    return Own(
        read,
        caps,
        office,
        standing_of(read, caps, wishes.opted_out, now),
        wishes,
        shares,
        {part: counted[part] for part in CHOOSABLE},
        len(by_report),
    )


def check_ins_of(actor: Actor) -> list[Asked]:
    """What waits: asked of the actor, and by the actor; the oldest first."""
    person = person_of(actor)
    found = models.CheckIn.objects.filter(
        Q(person_id=person) | Q(buddy_id=person), answer__in=["", "later"]
    ).select_related("person", "buddy")
    return [
        Asked(
            row.pk,
            row.buddy.name if row.person_id == person else row.person.name,
            row.asked_at,
            row.answer == "later",
            row.person_id == person,
        )
        for row in found.order_by("asked_at", "id")
    ]


def asked_of(actor: Actor) -> tuple[str, ...]:
    """The names of those who asked the actor for a few minutes and got no answer yet; who asked first, first."""
    rows = models.CheckIn.objects.filter(buddy_id=person_of(actor), answer="").order_by("asked_at", "id")
    return tuple(rows.values_list("person__name", flat=True))


def office_care(actor: Actor, unit: str, *, now: datetime) -> Office:
    """What a supervisor may know. Raises NotAllowed."""
    require(actor, Action.VIEW_CARE, unit)
    row = models.OfficeCaps.objects.filter(unit=unit).first()
    caps, help_ = (_caps(row), row.help) if row else (Caps(), "")
    rows = models.Exposure.objects.filter(unit=unit, opened_at__gt=now - WEEK)
    # The week's rows alone: DISTINCT would send SQLite along the index of all people's years.
    people = sorted(set(rows.values_list("person_id", flat=True)))
    if len(people) < FEWEST:
        return Office(None, None, None, None, None, (), caps, help_)
    reads = {person: read_of(_readings(person, now), now) for person in people}
    near = [person for person, read in reads.items() if is_near(read, caps)]
    sharing = set(
        models.Wishes.objects.filter(person_id__in=near, shares_name=True).values_list("person_id", flat=True)
    )
    names = names_of([f"staff:{person}" for person in sharing])
    parts = Counter(min(4, 4 * read.minutes_day // max(caps.minutes_day, 1)) for read in reads.values())
    return Office(
        people=len(people),
        reports=rows.values("report_id").distinct().count(),
        minutes=sum(read.minutes_week for read in reads.values()),
        near=len(near),
        spread=tuple(parts[part] for part in range(5)),
        named=tuple(sorted(names.values())),
        caps=caps,
        help=help_,
    )


def office_help(actor: Actor) -> list[str]:
    """What the actor's offices say of whom one can turn to."""
    rows = models.OfficeCaps.objects.filter(unit__in=_units(actor)).exclude(help="")
    return list(rows.order_by("unit").values_list("help", flat=True))


@cache
def help_lines() -> tuple[HelpLine, ...]:
    """Whom one can call, as the program knows it (`help.toml`)."""
    read = tomllib.loads((files("amaan.care") / "help.toml").read_text("utf-8"))
    return tuple(HelpLine(**one) for one in read["line"])


def _caps(row: models.OfficeCaps) -> Caps:
    return Caps(row.minutes_day, row.minutes_week, row.heavy_day, row.cooling_minutes)


def _units(actor: Actor) -> list[str]:
    return sorted({grant.unit for grant in actor.grants})


def _readings(person: int, now: datetime) -> list[Reading]:
    rows = models.Exposure.objects.filter(person_id=person, opened_at__gt=now - WEEK)
    return [
        Reading(report, opened, seconds, Category(categories))
        for report, opened, seconds, categories in rows.values_list(
            "report_id", "opened_at", "seconds", "categories"
        )
    ]
