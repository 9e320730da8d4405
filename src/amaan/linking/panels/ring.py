"""One ring as its page shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _

from amaan.accounts.selectors import unit_list, unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.linking.domain.decisions import DecisionKind, State
from amaan.linking.domain.evidence import Evidence
from amaan.linking.domain.frequency import Counts
from amaan.linking.domain.keys import identifier_of
from amaan.linking.domain.kinds import KINDS
from amaan.linking.domain.sharing import Thing, things_among
from amaan.linking.domain.strength import Strength, strength_of
from amaan.linking.panels.history import changes_of, decisions_of
from amaan.linking.panels.picturing import Named, map_of, picture_of, time_line_of
from amaan.linking.panels.resting import holds_of
from amaan.linking.panels.together import folded
from amaan.linking.panels.values import (
    Holds,
    LinkLine,
    Office,
    Picture,
    ReportShown,
    RingPanel,
    ThingShown,
    Victim,
)
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.showing import SeenRing
from amaan.linking.selectors.showing.links import Linked, count_in, links_in, links_of_mine
from amaan.linking.selectors.showing.seen import day_of, words_in
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.selectors.states import decisions_told, state_around
from amaan.linking.words import LETTERS, STATES, STRENGTHS, kind_why, kind_word, kinds_in
from amaan.reports import words
from amaan.reports.panels import IdentifierShown, identifiers_shown
from amaan.reports.selectors import Told
from amaan.reports.selectors.holding import held_among
from amaan.reports.selectors.recurring import AccountTold, accounts_told, parties_told

MOST_LINKS: Final = 30
MOST_THINGS: Final = 60
MOST_VICTIMS: Final = 80
MOST_LINKS_WEIGHED: Final = 20_000
"""Links of a ring past which no page asks what it rests on: for each thing that is taken away all are weighed."""
_MOST_VALUES: Final = 12
"""Things whose value is opened for a page, and so many reports' seals with them."""
_OTHERS: Final = 0
"""In the place of a row id: whatever other offices hold."""
_ACCOUNTS: Final = frozenset({"phone", "email", "handle", "platform_account"})
FACETS: Final = (
    *("incident.type", "incident.channels", "incident.annotations", "told.pay_ways", "told.promised"),
    *("told.demanded", "told.happening", "text.indicators"),
)


def ring_panel(actor: Actor, seen: SeenRing) -> RingPanel:
    """Of a ring that the caller was given by `seen_ring`. Raises SealBroken, KeyMissing."""
    shared = _shared(seen)
    people, things = shared.people, shared.things
    marked = _things(shared, _values(actor, shared))
    offices = unit_names()
    by_row = {unit.pk: offices.get(unit.code, unit.code) for unit in unit_list()}
    state = state_around(seen.ids)
    mine, every = links_of_mine(seen, most=MOST_LINKS)
    confirmed = [
        pair
        for pair, held in state.pairs.items()
        if held.kind is DecisionKind.CONFIRM and seen.seen.keys() >= set(pair)
    ]
    about = decisions_told(seen.seen, ring=seen.ring.pk)
    decided = folded(decisions_of(actor, about), about)
    told = list(seen.told.values())
    days = [day_of(one) for one in told]
    ring, asked = seen.ring, seen.asked
    return RingPanel(
        reference=ring.reference,
        was=asked.reference if asked else "",
        since=asked.changed_at if asked else None,
        came_from=seen.came_from,
        gone=seen.gone,
        now_in=seen.now_in,
        formed_at=ring.formed_at,
        changed_at=ring.changed_at,
        size=len(seen.ids) + seen.cut,
        cut=seen.cut,
        narrow=ring.narrow and not seen.gone,
        reports=_reports(shared, marked),
        elsewhere=tuple(
            Office(by_row.get(unit, "–"), n)
            for unit, n in sorted(seen.elsewhere.items(), key=lambda one: -one[1])
        ),
        hidden=seen.hidden,
        first=min(days),
        last=max(days),
        victims=tuple(people.victims[:MOST_VICTIMS]),
        more_victims=max(0, len(people.victims) - MOST_VICTIMS),
        victims_coerced=sum(one.coerced for one in people.victims),
        things=tuple(marked.values())[:MOST_THINGS],
        more_things=max(0, len(marked) - MOST_THINGS),
        accounts_once=people.told_once(thing.key for thing in things),
        picture=_picture(shared, marked, sorted(confirmed)),
        links=tuple(_link(seen, link, state) for link in mine),
        more_links=every - len(mine),
        holds=_holds(shared, marked, state),
        time_line=time_line_of(days),
        map=map_of(words_in(told, "incident.districts", "victim.districts", "reported.districts")),
        changes=changes_of(actor, seen, {one.number for one in decided}),
        decisions=decided,
        may_decide=_may_decide(actor, seen),
        facets={name: _facet(told, name) for name in FACETS},
    )


def _link(seen: SeenRing, link: Linked, state: State) -> LinkLine:
    held = state.of(link.low, link.high)
    strength = strength_of(link.weight) or Strength.WEAK
    return LinkLine(
        one=seen.seen[link.low].reference,
        other=seen.seen[link.high].reference,
        entity="",
        received_at=None,
        weight=round(link.weight),
        strength=strength,
        strength_word=str(STRENGTHS[strength]),
        kinds=tuple(kind_word(kind) for kind in kinds_in(link.kinds)),
        state=held,
        state_word=str(STATES[held]),
        more_since=False,
    )


def _may_decide(actor: Actor, seen: SeenRing) -> bool:
    return any(may(actor, Action.DECIDE_REPORT, report.unit.code) for report in seen.seen.values())


@dataclass
class _People:
    """Who is harmed and who is reported, in the reports that the reader may open. Nobody is merged: a mention is no
    entity. `coerced`: identifiers of somebody of whom a report says that they may act under pressure."""

    seen: SeenRing
    numbers: Mapping[int, int]
    victims: list[Victim] = field(default_factory=list)
    of_report: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    coerced: set[int] = field(default_factory=set)
    accounts: list[AccountTold] = field(default_factory=list)

    def __post_init__(self) -> None:
        pressed = set()
        told = parties_told(list(self.seen.seen))
        for one in sorted(told, key=lambda one: (self.numbers[one.report_id], one.number)):
            if one.possibly_coerced == "yes":
                pressed.add((one.report_id, one.number))
            if one.role != "victim":
                continue
            mark = f"V{len(self.victims) + 1}"
            self.of_report[one.report_id].append(mark)
            facts = [words.age_word(one.age_band)] if one.age_band != "not_said" else []
            if one.sex != "not_said":
                facts.append(words.child_word(one.sex, one.age_band))
            if one.district:
                facts.append(words.district_word(one.district))
            coerced = one.possibly_coerced == "yes"
            self.victims.append(Victim(mark, self.numbers[one.report_id], tuple(facts), coerced))
        self.accounts = accounts_told(list(self.seen.seen))
        self.coerced = {one.identifier_id for one in self.accounts if (one.report_id, one.party) in pressed}

    def told_once(self, shared: Iterable[int]) -> int:
        return len({one.identifier_id for one in self.accounts if one.type in _ACCOUNTS} - set(shared))


@dataclass(frozen=True)
class _Shared:
    """What the reports of a ring share, as far as the reader may be told of it. `numbers`: how the page calls the
    reports that they may open, by row id. `held`: keys of what somebody protected uses."""

    seen: SeenRing
    numbers: Mapping[int, int]
    people: _People
    evidence: Evidence
    counts: Counts
    things: Sequence[Thing]
    held: Collection[int]


def _shared(seen: SeenRing) -> _Shared:
    shown = sorted(seen.seen, key=lambda number: (day_of(seen.told[number]), number))
    numbers = {report: n for n, report in enumerate(shown, 1)}
    evidence, counts = evidence_around(seen.ids), held_snapshot().counts
    found = things_among(evidence, counts, seen.ids)
    held = held_among([thing.key for thing in found if identifier_of(thing.key) is not None])
    things = list(_permitted(found, held, seen))
    return _Shared(seen, numbers, _People(seen, numbers), evidence, counts, things, held)


def _permitted(things: Iterable[Thing], held: Collection[int], seen: SeenRing) -> Iterator[Thing]:
    """What the reader may be told of: things of a report that they may open. Where somebody protected uses a value,
    nothing is told of other offices' reports with it."""
    for thing in things:
        mine = thing.reports & seen.seen.keys()
        reports = mine if thing.key in held else thing.reports
        if mine and len(reports) > 1:
            yield thing._replace(reports=frozenset(reports))


def reports_shown(seen: SeenRing) -> tuple[tuple[ReportShown, ...], tuple[ThingShown, ...]]:
    """The reports of a ring that the reader may open, numbered and marked as its page does, and what the marks stand
    for; no value is opened."""
    shared = _shared(seen)
    marked = _things(shared, {})
    return _reports(shared, marked), tuple(marked.values())


def thing_shown(actor: Actor, seen: SeenRing, mark: str) -> ThingShown | None:
    """The thing that the ring's page calls by this pseudonym, with its value as that page would show it."""
    shared = _shared(seen)
    key = next((key for key, thing in _things(shared, {}).items() if thing.mark == mark), None)
    if key is None:
        return None
    alone = replace(shared, things=[thing for thing in shared.things if thing.key == key])
    return _things(shared, _values(actor, alone))[key]


def _reports(shared: _Shared, marked: Mapping[int, ThingShown]) -> tuple[ReportShown, ...]:
    return tuple(_report(shared.seen, one, shared.numbers, marked, shared.people) for one in shared.numbers)


def _holds(shared: _Shared, marked: Mapping[int, ThingShown], state: State) -> tuple[Holds, ...] | None:
    if count_in(shared.seen) > MOST_LINKS_WEIGHED:
        return None
    told = (shared.evidence, shared.counts)
    return holds_of(shared.seen, told, marked, links_in(shared.seen), state)


def _picture(
    shared: _Shared, marked: Mapping[int, ThingShown], confirmed: Sequence[tuple[int, int]]
) -> Picture:
    """All reports of other offices are one circle in it: how many of them tell of a thing is not to be counted."""
    seen = shared.seen
    names = {report: _name(seen, report, shared.numbers) for report in (*shared.numbers, _OTHERS)}
    drawn = (*sorted(shared.numbers), *([_OTHERS] if len(shared.numbers) < len(seen.ids) else []))
    things = [
        thing._replace(reports=frozenset(one if one in shared.numbers else _OTHERS for one in thing.reports))
        for thing in shared.things[:MOST_THINGS]
    ]
    return picture_of(drawn, things, Named(shared.numbers, names, marked), confirmed)


def _things(shared: _Shared, values: Mapping[int, IdentifierShown]) -> dict[int, ThingShown]:
    """By key, with pseudonyms: of each family the one that most reports tell of is the first."""
    counted: Counter[str] = Counter()
    numbers = shared.numbers
    found = {}
    for thing in shared.things:
        letter = LETTERS[KINDS[thing.kind].family][0]
        counted[letter] += 1
        mine = sorted(numbers[report] for report in thing.reports if report in numbers)
        found[thing.key] = ThingShown(
            mark=f"{letter}{counted[letter]}",
            keys=thing.keys,
            kind=kind_word(thing.kind),
            why=kind_why(thing.kind),
            links=thing.links,
            bits=round(thing.bits),
            reports=tuple(mine),
            elsewhere=len(thing.reports) > len(mine),
            held=thing.key in shared.held,
            coerced=thing.key in shared.people.coerced,
            valued=identifier_of(thing.key) is not None,
            value=values.get(thing.key),
        )
    return found


def _values(actor: Actor, shared: _Shared) -> dict[int, IdentifierShown]:
    """Of the identifiers that most reports tell of, the value as the page of one of these reports shows it."""
    asked: dict[int, list[int]] = defaultdict(list)
    seen = shared.seen
    valued = [thing for thing in shared.things if identifier_of(thing.key) is not None]
    for thing in [thing for thing in valued if thing.key not in shared.held][:_MOST_VALUES]:
        asked[min(thing.reports & seen.seen.keys())].append(thing.key)
    found: dict[int, IdentifierShown] = {}
    for report, keys in asked.items():
        found |= identifiers_shown(actor, seen.seen[report].reference, keys)
    return found


def _report(
    seen: SeenRing,
    report_id: int,
    numbers: Mapping[int, int],
    marked: Mapping[int, ThingShown],
    people: _People,
) -> ReportShown:
    report, told = seen.seen[report_id], seen.told[report_id]
    number = numbers[report_id]
    places = words_in([told], "incident.districts", "victim.districts", "reported.districts")
    return ReportShown(
        number=number,
        report_id=report_id,
        reference=report.reference,
        entity=report.entity.name,
        office=report.unit.code,
        day=day_of(told),
        received_at=report.received_at,
        kind=words.incident_word(str(told.facts.get("incident.type", "not_said"))),
        districts=tuple(words.district_word(code) for code in places),
        marks=tuple(thing.mark for thing in marked.values() if number in thing.reports),
        victims=tuple(people.of_report.get(report_id, ())),
    )


def _name(seen: SeenRing, report_id: int, numbers: Mapping[int, int]) -> str:
    if report_id in numbers:
        said = {"n": numbers[report_id], "reference": seen.seen[report_id].reference}
        return _("Report %(n)s: %(reference)s") % said
    return _("Reports of other offices")


def _facet(told: Sequence[Told], name: str) -> tuple[tuple[str, int], ...]:
    counted: Counter[str] = Counter()
    for one in told:
        value = one.facts.get(name)
        counted.update(
            {str(word) for word in value} if isinstance(value, list) else {str(value)} if value else ()
        )
    return tuple(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def export_rows(seen: SeenRing) -> list[tuple[str, str, str, str, str, str]]:
    """The links between reports that the reader may open: their references, weight, strength, state, codes of kinds."""
    state = state_around(sorted(seen.seen))
    return [
        (
            seen.seen[link.low].reference,
            seen.seen[link.high].reference,
            f"{link.weight:.1f}",
            str(strength_of(link.weight) or ""),
            str(state.of(link.low, link.high)),
            " ".join(kind.name.lower() for kind in kinds_in(link.kinds)),
        )
        for link in links_of_mine(seen)[0]
    ]
