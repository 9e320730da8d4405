"""What is said of rule files and proposals, in the reader's language.

The domain says its causes in English and knows no other language. Each sentence stands here once more as a template;
a test reads the domain's source and finds a cause that has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from amaan.triage.domain import proposals
from amaan.triage.domain.differences import Kind
from amaan.triage.domain.proposals import RuleProposalError, State
from amaan.triage.domain.replaying import Effect, Fate
from amaan.triage.domain.ruleset import BadRuleFile

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CAUSES: Final[Sequence[str]] = (
    gettext_noop("is not UTF-8 at byte %(byte)s"),
    gettext_noop("is not TOML: %(error)s"),
    gettext_noop("unknown table %(table)s"),
    gettext_noop("unknown key %(key)s; known are %(known)s"),
    gettext_noop('must be a word such as "pk-2026.1" (small letters, digits, dots, hyphens)'),
    gettext_noop("%(part)s needs %(english)s.en and %(urdu)s.ur"),
    gettext_noop("%(part)s is missing, or is not one line of text"),
    gettext_noop("%(part)s is not written in Urdu"),
    gettext_noop("%(part)s must be a whole number"),
    gettext_noop("needs [[%(kind)s]] tables, each heading on a line of its own"),
    gettext_noop("needs an id of small letters and hyphens"),
    gettext_noop("stands twice in the file"),
    gettext_noop("the five axes are %(axes)s; each needs its table"),
    gettext_noop("must be a table: %(table)s"),
    gettext_noop("0 ≤ base ≤ cap ≤ 100 must hold"),
    gettext_noop("the bands are %(bands)s, in this order"),
    gettext_noop("hours must grow from band to band"),
    gettext_noop("every band but the last needs `when`; the last takes what is left"),
    gettext_noop("needs all of %(bands)s"),
    gettext_noop("each alternative is a table such as { danger = 50, actionability = 40 }"),
    gettext_noop("axis must be one of %(axes)s"),
    gettext_noop("weight must lie between -100 and 100"),
    gettext_noop("floor must be one of %(bands)s"),
    gettext_noop("source is missing: where does this rule come from?"),
    gettext_noop("once must be a name of small letters and hyphens"),
    gettext_noop('once = "%(name)s" stands for one axis, and for points given or for points taken'),
    gettext_noop("asks must be a list of facts that a rule may read"),
    gettext_noop("nothing lowers danger; give the weight to another axis"),
    gettext_noop("only a rule about danger may set a floor; this one is about %(axis)s"),
    gettext_noop("where somebody lives is no reason; of %(fact)s ask only whether it is present"),
    gettext_noop("a child's sex is no reason: boys and girls weigh the same"),
    gettext_noop("danger may not rest on what was not told (%(question)s)"),
    gettext_noop("%(fact)s tells of quality or of spread, and may not touch danger"),
    gettext_noop("%(fact)s tells of danger, and telling of a danger may never cost points"),
    gettext_noop("quality may not decide a band: completeness is not priority"),
    gettext_noop("can't be reached: %(axis)s never gets to %(least)s, at most %(most)s"),
    gettext_noop("can't be reached: %(way)s is caught by %(band)s (%(other)s)"),
    gettext_noop("%(danger)s, told alone, must set the floor %(band)s; no rule does that"),
    gettext_noop("hours may not exceed %(most)s"),
    gettext_noop('a condition must be a table such as { fact = "victim.named", is = true }'),
    gettext_noop("expected fact, all, any or not; found %(found)s"),
    gettext_noop("%(group)s takes a list of conditions that is not empty"),
    gettext_noop("unknown fact %(fact)s; docs/reference/triage-rules.md lists the facts"),
    gettext_noop("a question about %(fact)s needs exactly one operator; found %(found)s"),
    gettext_noop("unknown operator %(operator)s; the operators are %(operators)s"),
    gettext_noop("%(fact)s is a %(kind)s; %(operator)s does not ask such a fact"),
    gettext_noop("%(operator)s takes a list of words that is not empty"),
    gettext_noop("%(operator)s takes true or false when it asks %(fact)s"),
    gettext_noop("%(operator)s takes a whole number, 0 or more, when it asks %(fact)s"),
    gettext_noop("ask %(fact)s with said = false instead of %(word)s: silence is not a word"),
    gettext_noop("%(fact)s never reads %(word)s; it reads %(words)s"),
)
PLACES: Final[Mapping[str, _StrPromise]] = {
    "the file": _("The file"),
    "version": _("The version"),
    "axis": _("Axis"),
    "band": _("Band"),
    "rule": _("Rule"),
    "missing": _("Question that was not answered"),
    "a rule": _("A rule"),
    "a band": _("A band"),
    "a missing": _("A question that was not answered"),
}
REFUSALS: Final[Mapping[type[RuleProposalError], _StrPromise]] = {
    proposals.VersionAlreadyTaken: _("Other rules have this version's name already. Give yours a new one."),
    proposals.NothingChanged: _("These are the rules in force, word for word. Change something first."),
    proposals.ProposedAlready: _("The same file waits for a second person already."),
    proposals.FileTooLarge: _("This is too long for a rule file."),
    proposals.ReasonNeeded: _("Write why, in your own words."),
    proposals.SecondPersonNeeded: _("Whoever proposed the rules can't answer. A second person does."),
    proposals.NotYours: _("Only whoever proposed the rules can do this."),
    proposals.AnsweredAlready: _("Somebody answered this before you."),
    proposals.BaseReplaced: _(
        "Other rules were put in force since this was compared. Nothing was changed: whoever proposed it compares it"
        " again, and what it would move is found out anew."
    ),
    proposals.ReplayUnfinished: _("It is not known yet what these rules would move. Wait until it is."),
    proposals.NoSuchRule: _("The rules in force have no such rule any more."),
    proposals.CannotRewrite: _(
        "This rule is written in a way that this form can't change. Change it in the text."
    ),
}
STATES: Final[Mapping[State, _StrPromise]] = {
    State.PROPOSED: _("waits for a second person"),
    State.WITHDRAWN: _("taken back"),
    State.REJECTED: _("rejected"),
    State.ADOPTED: _("put in force"),
}
KINDS: Final[Mapping[Kind, _StrPromise]] = {
    Kind.ADDED: _("new"),
    Kind.REMOVED: _("gone"),
    Kind.CHANGED: _("changed"),
}
PARTS: Final[Mapping[str, _StrPromise]] = {
    "axis": _("axis"),
    "weight": _("weight"),
    "floor": _("floor"),
    "when": _("condition"),
    "reason": _("wording"),
    "source": _("source"),
    "once": _("counts once with"),
    "base": _("start"),
    "cap": _("cap"),
    "name": _("name"),
    "meaning": _("meaning"),
    "hours": _("hours"),
    "promise": _("promise"),
    "words": _("wording"),
    "asks": _("facts asked for"),
}
"""Parts of rules, axes, bands and questions; one that has no word here is told by its name in the file."""
FATES: Final[Mapping[Fate, _StrPromise]] = {
    Fate.CASE: _("led to a case"),
    Fate.REFERRED: _("passed on to another body"),
    Fate.NOTHING: _("no offence, or shared widely"),
    Fate.NEITHER: _("ended otherwise"),
    Fate.WAITING: _("not decided yet"),
}
EFFECTS: Final[Mapping[Effect, _StrPromise]] = {
    Effect.SERVED: _("Led to a case or was passed on, and would have come sooner"),
    Effect.HURT: _("Led to a case or was passed on, and would have come later"),
    Effect.COSTS: _("Led to nothing, and would have taken time sooner"),
    Effect.SPARES: _("Led to nothing, and would have let others go first"),
}


def refusal(error: RuleProposalError) -> str:
    """Why a service refused, in the reader's language."""
    return str(REFUSALS.get(type(error), error))


def cause_of(error: BadRuleFile) -> str:
    """What is wrong with a rule file, in the reader's language; the line is told beside it."""
    for template in CAUSES:
        match = _pattern(template).fullmatch(error.cause)
        if match:
            return gettext(template) % match.groupdict()
    return error.cause


def place_of(error: BadRuleFile) -> str:
    """Where it is wrong: the kind of place in the reader's language, and its own name as it is in the file."""
    if error.where in PLACES:
        return str(PLACES[error.where])
    kind, _space, name = error.where.partition(" ")
    return f"{PLACES[kind]} {name}" if kind in PLACES else error.where


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", template)
    told = [
        f"(?P<{part}>.*)" if number % 2 else re.escape(part.replace("%%", "%"))
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(told), re.DOTALL)
