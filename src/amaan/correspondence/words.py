"""This room's codes in words, for the desk's pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from amaan.correspondence.domain.words import Channel, Contact, Fault, FlagKind, Safe, Sender
from amaan.portal.domain.letters import HashStatus

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CHANNELS: Final[Mapping[str, _StrPromise]] = {
    Channel.DOOR: _("the public's door"),
    Channel.TELEPHONE: _("telephone"),
    Channel.WALK_IN: _("in person, at the office"),
    Channel.LETTER: _("letter"),
}
SENDERS: Final[Mapping[str, _StrPromise]] = {
    Sender.INTERPOL_NCB: _("INTERPOL National Central Bureau"),
    Sender.COURT: _("court"),
    Sender.HOTLINE: _("another hotline"),
    Sender.POLICE: _("police"),
    Sender.OTHER: _("somebody else"),
}
SAFE: Final[Mapping[str, _StrPromise]] = {
    Safe.YES: _("says that they are safe"),
    Safe.NO: _("says that they are NOT safe"),
    Safe.NOT_SAID: _("did not say whether they are safe"),
}
CONTACTS: Final[Mapping[str, _StrPromise]] = {
    Contact.NO: _("does not want to be contacted"),
    Contact.CODE: _("reads messages with the code"),
    Contact.YES: _("may be reached; how and when is sealed"),
}
FLAGS: Final[Mapping[str, _StrPromise]] = {
    FlagKind.FLOOD: _("Came in a flood"),
    FlagKind.SAME_STORY: _("The same story was told before"),
    FlagKind.POSSIBLE_CAMPAIGN: _("Perhaps a campaign"),
}
FLAG_MEANINGS: Final[Mapping[str, _StrPromise]] = {
    FlagKind.FLOOD: _(
        "Very many reports came in the same minute. Each is read all the same; a true one may be among them."
    ),
    FlagKind.SAME_STORY: _(
        "Nearly the same words stand in an earlier report. Somebody may have lost their code and told it again: "
        "answer here, where they read."
    ),
    FlagKind.POSSIBLE_CAMPAIGN: _(
        "Within a week several reports accuse the same account, and no link, chat, hash or child stands behind them. "
        "Look for what is behind it before anybody is accused; it lowers no band."
    ),
}
FAULTS: Final[Mapping[str, _StrPromise]] = {
    Fault.NOT_OPENED: _("It does not open: it was changed, or sealed to another key."),
    Fault.NOT_UNDERSTOOD: _("It opens, and this version does not understand it. Retry after an update."),
    Fault.NO_CONVERSATION: _("It belongs to a report that is not here yet."),
    Fault.STORE: _("The database refused it. Retry after an update."),
    Fault.FAULT: _("A fault of ours kept it from being read. Retry after an update."),
}
HASH_STATUSES: Final[Mapping[str, _StrPromise]] = {
    HashStatus.WAITING: _("on its way to the list"),
    HashStatus.HELD: _("looked for"),
    HashStatus.EXACT_ONLY: _("only the very same file is recognised"),
    HashStatus.NOT_USED: _("cannot be looked for"),
    HashStatus.WITHDRAWN: _("taken back"),
}
READY: Final[Mapping[str, _StrPromise]] = {
    "read": _("We have read it. You did right to tell."),
    "safe": _("Are you safe at this moment? If not, go to somebody whom you trust, or call the police."),
    "no_money": _("You don't have to pay, and you don't have to answer them."),
    "keep": _("Delete nothing: keep the messages, names and numbers. Send us no pictures."),
    "account": _("Which app or site is it, and what is the account called there?"),
    "number": _("Did they name a telephone number, a wallet or an account? Which one?"),
    "when": _("When did they last write, and until when do they want it?"),
    "age": _("How old is the person whom it is about?"),
    "where": _("In which district is that person now?"),
    "others": _("Do you know of others to whom they do it?"),
}
"""Sentences that are ready to be sent to a reporter, so that who doesn't write their language can ask in it:
short, naming and blaming nobody, asking for no picture. Whoever writes chooses; nothing is sent by itself."""
_WRITTEN: Final = frozenset({"en", "ur"})
_ELSE: Final = "ur"


def written_in(language: str) -> str:
    """The language in which ready sentences go to somebody who reads this one: Urdu where there are none in theirs."""
    return language if language in _WRITTEN else _ELSE


def ready_text(codes: Iterable[str], language: str) -> str:
    """The sentences, a line each, in the order of the list. Raises KeyError for a code that is none of them."""
    chosen = set(codes)
    if unknown := chosen - READY.keys():
        raise KeyError(min(unknown))
    with translation.override(written_in(language)):
        return "\n".join(str(words) for code, words in READY.items() if code in chosen)
