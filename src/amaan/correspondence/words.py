"""This room's codes in words, for the desk's pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

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
