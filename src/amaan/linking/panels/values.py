"""What the pages of rings and links hold: frozen values, said in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from amaan.linking.domain.decisions import PairState
from amaan.linking.domain.strength import Strength
from amaan.reports.panels import IdentifierShown

if TYPE_CHECKING:  # it reads numpy, and this is read at every start
    from amaan.linking.domain.drawing import Spot


@dataclass(frozen=True, slots=True)
class Office:
    """How many reports lie with an office; of other offices a page tells no more."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class ReportShown:
    """A report of the ring that the reader may open. `number` names it in the picture and the table.

    `marks`: of the shared things that it tells of, `victims`: of whom it tells as harmed.
    """

    number: int
    report_id: int
    reference: str
    entity: str
    office: str
    day: date
    received_at: datetime
    kind: str
    districts: tuple[str, ...]
    marks: tuple[str, ...]
    victims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ThingShown:
    """Something that several reports tell of, under a pseudonym. `links`: it joins; else it only supports.

    `reports`: numbers of the reports that the reader may open; `elsewhere`: others of the ring tell of it too, and how
    many is told nowhere. `held`: somebody protected uses it. `value`: as a report's page shows it, where it does.
    """

    mark: str
    keys: tuple[int, ...]
    kind: str
    why: str
    links: bool
    bits: int
    reports: tuple[int, ...]
    elsewhere: bool
    held: bool
    coerced: bool
    valued: bool
    value: IdentifierShown | None


@dataclass(frozen=True, slots=True)
class Dot:
    """A report in the picture. `number` 0: those of other offices, of which nothing else is told, not even how many."""

    number: int
    x: float
    y: float
    name: str


@dataclass(frozen=True, slots=True)
class Box:
    """One or more shared things in the picture; `more` that the very same reports tell of are meant by it too."""

    mark: str
    x: float
    y: float
    left: float
    top: float
    name: str
    links: bool
    more: int


@dataclass(frozen=True, slots=True)
class Line:
    """`heft`: 1 to 3, by its bits; `supports`: it only adds to what links; `confirmed`: a person did."""

    x1: float
    y1: float
    x2: float
    y2: float
    heft: int
    supports: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Card:
    """What a choice in the picture shows of a thing. `others`: marks and kinds of what stands in its box too; `within`:
    the mark of the box in which it stands with another one, "" else."""

    thing: ThingShown
    others: tuple[tuple[str, str], ...]
    within: str


@dataclass(frozen=True, slots=True)
class Picture:
    """`left_out`: reports that found no room in it. `cards`: of all things of the page, in a box or not."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    boxes: tuple[Box, ...]
    cards: tuple[Card, ...]
    lines: tuple[Line, ...]
    letters: tuple[tuple[str, str], ...]
    left_out: int

    @property
    def folds(self) -> bool:
        return any(box.more for box in self.boxes)


@dataclass(frozen=True, slots=True)
class Victim:
    """Somebody harmed, as one report tells of them: a mention, so that one child told twice stands here twice."""

    mark: str
    report: int
    facts: tuple[str, ...]
    coerced: bool


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link in a list, by the references of its reports. `strength_word` is "" where the machine proposes nothing.

    `more_since`: it was rejected, and weighs more since.
    """

    one: str
    other: str
    entity: str
    received_at: datetime | None
    weight: int
    strength: Strength
    strength_word: str
    kinds: tuple[str, ...]
    state: PairState
    state_word: str
    more_since: bool


@dataclass(frozen=True, slots=True)
class Holds:
    """What the ring rests on: a thing by its `mark`, or a link by the references of its ends, "" of the one that the
    reader may not open. `parts`: how many reports each part has without it, the largest first; `alone`: reports by
    themselves.
    """

    name: str
    mark: str
    one: str
    other: str
    parts: tuple[int, ...]
    alone: int


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a ring. `other`: a ring that the reader may open, "" else. `decision`: the number of what
    somebody decided, None where evidence did it (`by_evidence`) and where the reader isn't told of it."""

    at: datetime
    what: str
    came: int
    left: int
    other: str
    decision: int | None
    by_evidence: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """What somebody decided about reports that the reader may all open. `counts`: nothing undid it. `undoable`: the
    reader may undo it. `undo`: it undoes the decision `undoes` itself.

    `together`: the number of an act that took several; it stands for all of them then, which are so many `links`, and
    has no pair."""

    number: int
    at: datetime
    what: str
    by: str
    reason: str
    counts: bool
    low: str
    high: str
    apart: int
    undoes: int
    undoable: bool
    undo: bool
    together: int = 0
    links: int = 0


@dataclass(frozen=True, slots=True)
class Bar:
    """A period of the time line. Along it in percent of its width, whatever that is: `x` where the bar begins,
    `middle`, `at` where its label stands; `y`, `height` in pixels.

    `label` is "" where it would meet another. `place`: "first", "last", "between", or "" of one that stays where there
    is less room.
    """

    begin: date
    count: int
    x: float
    middle: float
    y: float
    height: float
    label: str
    place: str
    at: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """`thick`: a bar's width, in percent. `many`: too many bars for a number on each where there is less room."""

    step: str
    bars: tuple[Bar, ...]
    thick: float
    many: bool


@dataclass(frozen=True, slots=True)
class District:
    """`radius` 0: no report tells of it; it only gives the map its shape. `label`: the middle of its name, None where
    that would lie upon a circle or another name."""

    name: str
    count: int
    x: float
    y: float
    radius: float
    label: Spot | None


@dataclass(frozen=True, slots=True)
class Map:
    width: int
    height: int
    shape: tuple[District, ...]
    told: tuple[District, ...]


@dataclass(frozen=True, slots=True)
class RingPanel:
    """A ring. `was`: the reference that was typed, where its ring became part of this one; `since` when.

    `holds` is None where so much hangs together that nobody asks what it rests on.

    `facets`: of each fact the codes with how many of the seen reports tell them, most first.
    """

    reference: str
    was: str
    since: datetime | None
    came_from: str
    gone: bool
    now_in: tuple[str, ...]
    formed_at: datetime
    changed_at: datetime
    size: int
    cut: int
    narrow: bool
    reports: tuple[ReportShown, ...]
    elsewhere: tuple[Office, ...]
    hidden: int
    first: date
    last: date
    victims: tuple[Victim, ...]
    more_victims: int
    victims_coerced: int
    things: tuple[ThingShown, ...]
    more_things: int
    accounts_once: int
    picture: Picture
    links: tuple[LinkLine, ...]
    more_links: int
    holds: tuple[Holds, ...] | None
    time_line: TimeLine
    map: Map
    changes: tuple[Change, ...]
    decisions: tuple[Decided, ...]
    may_decide: bool
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)

    @property
    def harmed(self) -> int:
        return len(self.victims) + self.more_victims
