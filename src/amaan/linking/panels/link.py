"""Why two reports are linked, step by step in words, and what people decided about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amaan.authority.actors import Actor
from amaan.linking.domain.decisions import DecisionKind, PairState
from amaan.linking.domain.explaining import Reason, Step, waterfall
from amaan.linking.domain.keys import identifier_of
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import strength_of
from amaan.linking.panels.history import decisions_of
from amaan.linking.panels.values import Decided
from amaan.linking.permissions import decidable
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.showing import Joined, SeenLink, joined_by, rings_with
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.selectors.states import DecisionTold, decisions_told
from amaan.linking.words import STATES, STRENGTHS, kind_why, kind_word
from amaan.reports.panels import IdentifierShown, identifiers_shown
from amaan.reports.selectors.holding import held_among

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_PLAIN: Final[Mapping[Reason, _StrPromise]] = {
    Reason.ONE_HAND: gettext_lazy(
        "Several accounts under this name share one number, mailbox, wallet or card, so the name is one hand's."
    ),
    Reason.COMPROMISED: gettext_lazy("The account may be taken over or imitated, so it says less."),
    Reason.FAMILY: gettext_lazy("Something heavier of the same sort counts in full already."),
    Reason.SUPPORTS: gettext_lazy("It only supports: alone it joins nothing."),
    Reason.SAME_SOURCE: gettext_lazy("One source told both on one day, so only its heaviest value counts."),
}
_LEAST_SCALE: Final = 40.0
"""Bits from one end of the drawn steps to the other, or more; the lower end is what every pair begins with."""


@dataclass(frozen=True, slots=True)
class StepShown:
    """A line of the waterfall. `adds`, `total` in bits; `start`, `width`: its bar in percent. `notes`: why no more.
    `times`: so many values of one kind stand in it, which no page shows one by one.

    `value`: as both reports' pages show it; `held`: somebody protected uses it, and nothing more is said of it.
    """

    kind: str
    times: int
    why: str
    links: bool
    adds: float
    total: float
    start: float
    width: float
    notes: tuple[str, ...]
    value: IdentifierShown | None
    held: bool


@dataclass(frozen=True, slots=True)
class LinkPanel:
    """`newest`: the newest decision about the pair, handed back when somebody decides. `split`: a split holds the two
    apart. `now`: what the steps add up to; `snapshot`: by which count. `joined`: of a pair that somebody decided about,
    what else holds the two in one ring; None where nothing does."""

    low: str
    high: str
    ring: str
    other_ring: str
    steps: tuple[StepShown, ...]
    now: float
    strength: str
    snapshot: int
    linked: bool
    state: PairState
    state_word: str
    split: int
    more_since: bool
    newest: int
    decisions: tuple[Decided, ...]
    may_decide: bool
    may_confirm: bool
    may_reject: bool
    joined: Joined | None

    @property
    def stand(self) -> tuple[tuple[str, str], ...]:
        """Each report with its ring, "" outside any."""
        return (self.low, self.ring), (self.high, self.other_ring)


def link_panel(actor: Actor, seen: SeenLink) -> LinkPanel:
    """Of a link that the caller was given by `seen_link`. Raises SealBroken, KeyMissing."""
    pair = (seen.low.pk, seen.high.pk)
    held = held_snapshot()
    steps = waterfall(evidence_around(pair), held.counts, *pair)
    strength = strength_of(steps[-1].total)
    rings = rings_with(pair)
    told = seen.told
    about = decisions_told(pair)
    may_decide = decidable(actor, pair)
    something = told.weight is not None or told.newest > 0
    return LinkPanel(
        low=seen.low.reference,
        high=seen.high.reference,
        ring=rings.get(pair[0], ("", 0))[0],
        other_ring=rings.get(pair[1], ("", 0))[0],
        steps=tuple(_steps(actor, seen, steps)),
        now=round(steps[-1].total, 1),
        strength=str(STRENGTHS[strength]) if strength else _("no link"),
        snapshot=held.number,
        linked=told.weight is not None,
        state=told.state,
        state_word=str(STATES[told.state]),
        split=told.split or 0,
        more_since=told.more_since,
        newest=told.newest,
        decisions=decisions_of(actor, [one for one in about if _of(one, pair, about)]),
        may_decide=may_decide,
        may_confirm=may_decide and something and told.split is None and told.state is not PairState.CONFIRMED,
        may_reject=may_decide and something and told.state is not PairState.REJECTED,
        joined=joined_by(actor, pair) if told.state is not PairState.PROPOSED else None,
    )


def _of(one: DecisionTold, pair: tuple[int, int], about: Sequence[DecisionTold]) -> bool:
    """Whether a decision speaks of just these two: decided of the pair, a split between them, or an undo of such."""
    whole = {told.number: told for told in about}
    while one.undoes is not None and one.undoes in whole:
        one = whole[one.undoes]
    if one.kind is DecisionKind.SPLIT:
        return {one_in in one.apart for one_in in pair} == {True, False} and one.apart | one.others >= set(
            pair
        )
    return (one.low, one.high) == pair


def _steps(actor: Actor, seen: SeenLink, steps: Sequence[Step]) -> Iterator[StepShown]:
    keys = [step.key for step in steps if step.kind is not None and identifier_of(step.key) is not None]
    held = held_among(keys)
    values = _both(actor, seen, [key for key in keys if key not in held])
    bottom = steps[0].total
    scale = max(_LEAST_SCALE, *(step.total - bottom for step in steps))
    before = 0.0
    # Values without a face of their own, of one kind and one after another, are one line.
    for (kind, _alone), group in groupby(
        steps, key=lambda step: (step.kind, values.get(step.key) or step.key in held)
    ):
        told = list(group)
        last = told[-1]
        adds = sum(step.adds for step in told)
        low, high = sorted((before, last.total))
        before = last.total
        hidden = last.key in held
        start, end = _percent(low - bottom, scale), _percent(high - bottom, scale)
        value = values.get(last.key)
        nowhere = kind is EvidenceKind.HANDLE and value is not None and not value.platform
        notes = dict.fromkeys(note for step in told for note in _notes(step, hidden=hidden, nowhere=nowhere))
        yield StepShown(
            kind=kind_word(kind) if kind is not None else "",
            times=len(told),
            why=kind_why(kind) if kind is not None else "",
            links=last.links,
            adds=round(adds, 1),
            total=round(last.total, 1),
            start=start,
            width=max(0.5, end - start) if adds else 0.0,
            notes=tuple(notes),
            value=value,
            held=hidden,
        )


def _percent(bits: float, scale: float) -> float:
    return round(max(0.0, min(100.0, 100 * bits / scale)), 1)


def _both(actor: Actor, seen: SeenLink, keys: list[int]) -> Mapping[int, IdentifierShown]:
    """What the pages of both reports show; what one of them covers is covered here."""
    if not keys:
        return {}
    one = identifiers_shown(actor, seen.low.reference, keys)
    other = identifiers_shown(actor, seen.high.reference, keys)
    return {key: shown if other[key].copy else other[key] for key, shown in one.items() if key in other}


def _notes(step: Step, *, hidden: bool, nowhere: bool = False) -> Iterator[str]:
    """How many told it stands nowhere: those may be reports of other offices. `nowhere`: a user name of no platform."""
    for reason in step.reasons:
        if reason is Reason.PRIOR:
            yield _("Where every pair begins: two reports taken by chance do not belong together.")
        elif reason is Reason.PUBLIC:
            yield _("The public's reports alone stay weak: anybody can send several.")
        elif reason is Reason.TOLD_OFTEN:
            yield _("Others told it too, so it says less.")
        elif reason is Reason.SUPPORTS and nowhere:
            yield _(
                "No platform is told with it, and elsewhere the same name may be anybody's: it only supports."
            )
        elif reason is Reason.HUB and not hidden:
            yield _("More than %(most)s reports tell it, so it links nothing.") % {"most": step.most}
        elif reason is Reason.HUB:
            yield _("Too many share it: it links nothing.")
        else:
            yield str(_PLAIN[reason])
