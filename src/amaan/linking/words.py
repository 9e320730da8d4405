"""The codes of links and rings in words, for pages. What kinds of evidence are is said where they are defined."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from amaan.linking.domain.decisions import DecisionKind, PairState
from amaan.linking.domain.kinds import KINDS, EvidenceKind, Family
from amaan.linking.domain.periods import Step
from amaan.linking.domain.strength import Strength
from amaan.ui.words import grouped

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from amaan.reports.domain.identifiers import Text

STRENGTHS: Final[Mapping[Strength, _StrPromise]] = {
    Strength.WEAK: _("weak"),
    Strength.PLAIN: _("plain"),
    Strength.STRONG: _("strong"),
}
STATES: Final[Mapping[PairState, _StrPromise]] = {
    PairState.PROPOSED: _("proposed by the machine"),
    PairState.CONFIRMED: _("confirmed by a person"),
    PairState.REJECTED: _("rejected by a person"),
}
KEPT_APART: Final = _("set apart by a person")
"""In the place of a state: whatever a link weighs, a split keeps its two reports in different rings."""
DECISIONS: Final[Mapping[DecisionKind, _StrPromise]] = {
    DecisionKind.CONFIRM: _("confirmed the link"),
    DecisionKind.REJECT: _("rejected the link"),
    DecisionKind.SPLIT: _("set reports apart"),
    DecisionKind.UNDO: _("undid an earlier decision"),
}
UNDONE: Final[Mapping[DecisionKind, _StrPromise]] = {
    DecisionKind.CONFIRM: _("undid the confirmation of %(when)s"),
    DecisionKind.REJECT: _("undid the rejection of %(when)s"),
    DecisionKind.SPLIT: _("undid the split of %(when)s"),
    DecisionKind.UNDO: _("undid what was undone on %(when)s: it counts again"),
}
CHANGES: Final[Mapping[str, _StrPromise]] = {
    "formed": _("The ring formed"),
    "grew": _("The ring grew"),
    "shrank": _("The ring shrank"),
    "joined": _("Another ring became part of it"),
    "split": _("A part of it became a ring of its own"),
    "gone": _("Its reports stand together no more"),
    "back": _("Its reports stand together again"),
}
ALERTS: Final[Mapping[str, _StrPromise]] = {
    "formed": _("A ring formed that touches your office."),
    "units": _("A ring reaches another office."),
    "country": _("A ring reaches another country."),
    "case": _("A ring touches an open case."),
}
_CASES: Final = _("A ring touches open cases.")
STEPS: Final[Mapping[Step, _StrPromise]] = {
    Step.WEEK: _("by week"),
    Step.MONTH: _("by month"),
    Step.QUARTER: _("by quarter of a year"),
    Step.YEAR: _("by year"),
}
LETTERS: Final[Mapping[Family, tuple[str, _StrPromise]]] = {
    Family.PHONE: ("T", _("telephone number")),
    Family.EMAIL: ("E", _("e-mail address")),
    Family.ACCOUNT: ("A", _("account or user name")),
    Family.MONEY: ("M", _("way of payment")),
    Family.PAPERS: ("C", _("identity card")),
    Family.THINGS: ("D", _("device, vehicle or app")),
    Family.WEB: ("U", _("web address")),
    Family.GROUP: ("G", _("group or invitation")),
    Family.NETWORK: ("I", _("internet address at one moment")),
    Family.REFERENCE: ("R", _("an earlier report that is named")),
    Family.FILES: ("F", _("file or picture")),
    Family.WORDS: ("W", _("wording")),
    Family.NAMES: ("N", _("a reported adult's name")),
    Family.PLACE: ("P", _("place and week")),
}
"""A shared thing's pseudonym is its family's letter and a number: `M1`."""


def alert_word(kind: str, detail: str, *, of: int = 1, size: int = 0) -> str:
    """What a unit should know, as a sentence. `of`: so many alerts it stands for; `size`: how many reports the ring has
    now, 0 of one that is no more."""
    if kind == "grew" and detail.isdigit():
        size = int(detail)
        return ngettext("A ring grew to %(n)s report.", "A ring grew to %(n)s reports.", size) % {
            "n": grouped(size)
        }
    if kind == "formed" and size:
        told = ngettext(
            "A ring formed that touches your office. It has %(n)s report now.",
            "A ring formed that touches your office. It has %(n)s reports now.",
            size,
        )
        return told % {"n": grouped(size)}
    return str(_CASES if kind == "case" and of > 1 else ALERTS.get(kind, kind))


def said(text: Text) -> str:
    """A text that is written in both languages, in the reader's."""
    return text.ur if get_language() == "ur" else text.en


def kind_word(kind: EvidenceKind) -> str:
    return said(KINDS[kind].label)


def kind_why(kind: EvidenceKind) -> str:
    """Why an equal one links, or only supports."""
    return said(KINDS[kind].why)


def kinds_in(bits: int) -> tuple[EvidenceKind, ...]:
    """The kinds that a link's bits name, the heaviest first."""
    found = [kind for kind in EvidenceKind if bits >> kind & 1]
    return tuple(sorted(found, key=lambda kind: (not KINDS[kind].links, -KINDS[kind].base, kind)))
