"""The codes of lists in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.matching.domain import errors
from amaan.matching.domain.lists import Category, ListKind

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CATEGORIES: Final[Mapping[Category, _StrPromise]] = {
    Category.CSAM: _("child sexual abuse material"),
    Category.CSAM_SUSPECTED: _("suspected child sexual abuse material"),
    Category.EXPLOITATIVE: _("exploitative pictures of children, short of abuse"),
    Category.SELF_GENERATED: _("made by the child, under pressure or shared against its will"),
    Category.GENERATED: _("made or altered by a machine to show child sexual abuse"),
    Category.SURVIVOR: _("sent by survivors, not confirmed"),
}
KINDS: Final[Mapping[ListKind, _StrPromise]] = {
    ListKind.IMPORTED: _("from a file"),
    ListKind.EXCHANGE: _("from an exchange"),
    ListKind.OWN: _("our own, decided by two people"),
    ListKind.SURVIVOR: _("survivors' own hashes"),
}
ORIGINS: Final[Mapping[str, _StrPromise]] = {
    "decision": _("a decision"),
    "survivor": _("a survivor’s device"),
    "withdrawal": _("a withdrawal"),
    "command-line": _("a withdrawal"),
}
"""Where a batch came from, where that is no file and no window of an exchange."""
HOUSE_LISTS: Final[Mapping[ListKind, tuple[_StrPromise, _StrPromise]]] = {
    ListKind.OWN: (_("Our own list"), _("Decisions made here")),
    ListKind.SURVIVOR: (_("Survivors' own hashes"), _("Survivors, from their own devices")),
}
"""Title and source of the lists that come with the program, in the reader's language."""
REFUSALS: Final[Mapping[type[errors.ListError], _StrPromise]] = {
    errors.ListExists: _("A list with this short name stands already, or did. Choose another one."),
    errors.ListWithdrawn: _("This list was withdrawn, for good."),
    errors.NothingToApprove: _("Nothing waits here any more: somebody was quicker."),
    errors.ListMovedOn: _("The list was changed while you read it. Read it again, then decide."),
    errors.SecondPersonNeeded: _("Whoever proposed or changed it can't approve it. A second person does."),
    errors.NotDecided: _("Decide first what becomes of the report, as it was told last."),
    errors.NothingToCompare: _("This file has no hash that a list could hold."),
    errors.KnownAlready: _("Our own list has this file already."),
    errors.ProposedAlready: _("This file is proposed already and waits for a second person."),
    errors.AnsweredAlready: _("Somebody answered this before you."),
    errors.SurvivorNotFound: _("This hash was taken back meanwhile."),
    errors.ReasonNeeded: _("Write why, in your own words."),
    errors.NotInForceYet: _("This list comes as it is. What is near is set when it is in force."),
    errors.AlwaysThere: _("This list comes with Amaan and stays. Switch it off instead."),
    errors.NotFilledThisWay: _("This list is filled by people's decisions, not from a file."),
}
EXCHANGE_FAULTS: Final[Mapping[str, _StrPromise]] = {
    "refused": _("The service does not accept our credential."),
    "unreachable": _("The service could not be reached, or could not answer."),
    "not_understood": _("The service answered with something that is no list."),
    "too_large": _("The service answered with far more than a list's page."),
}
FIELDS: Final[Mapping[str, _StrPromise]] = {
    "slug": _("Use 2 to 40 of the characters a-z, 0-9 and -, not at the ends."),
    "title": _("Write a name."),
    "source": _("Write whom it comes from."),
    "ground": _("Write on what ground."),
    "category": _("Choose a category."),
    "distance": _("Choose 0 to 63."),
    "quality": _("Choose 0 to 100."),
}


def title_of(kind: ListKind, title: str) -> str:
    return str(HOUSE_LISTS[kind][0]) if kind in HOUSE_LISTS else title


def source_of(kind: ListKind, source: str) -> str:
    return str(HOUSE_LISTS[kind][1]) if kind in HOUSE_LISTS else source


def refusal(error: errors.ListError) -> str:
    """Why a service refused, in the reader's language."""
    if isinstance(error, errors.BadList) and error.field in FIELDS:
        return str(FIELDS[error.field])
    return str(REFUSALS.get(type(error), error))
