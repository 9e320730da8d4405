"""What was done, in words: the ledger's acts as people read them. A law test finds an act without words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

ACTS: Final[Mapping[str, _StrPromise]] = {
    "alert.read": _("opened the alerts"),
    "case.assigned": _("put somebody to work on the case"),
    "case.assignment_ended": _("ended somebody's work on the case"),
    "case.handed_over": _("handed the case over"),
    "case.joined": _("joined a report to the case"),
    "case.noted": _("wrote a note"),
    "case.opened": _("opened a case"),
    "case.read": _("opened the case"),
    "case.taken_out": _("took a report out of the case"),
    "cases.read": _("looked at the list of cases"),
    "envelope.entry_refused": _("refused an entry of the door's that does not fit what it sent"),
    "envelope.retried": _("tried to read again what the door sent"),
    "envelope.unreadable": _("kept what the door sent and nobody could read"),
    "hash.status_changed": _("said what became of a reporter's own hash"),
    "hash.taken_back": _("took their own hash back, with the code"),
    "import.read": _("looked at an import"),
    "imports.read": _("looked at the list of imports"),
    "import.finished": _("finished an import"),
    "import.started": _("started an import"),
    "known.confirmed": _("confirmed, as the second person, that a file is known"),
    "known.proposed": _("proposed that a file is known from now on"),
    "known.read": _("looked at what waits to become known"),
    "known.refused": _("refused that a file is known"),
    "learning.fitted": _("fitted a model on past outcomes"),
    "learning.proposed": _("let the model bring reports forward inside their bands"),
    "learning.read": _("looked at how the model stands"),
    "learning.rested": _("stopped the model, because reports look different now"),
    "learning.turned_off": _("turned the model off"),
    "learning.turned_on": _("turned the model on"),
    "ledger.body_erased": _("erased an entry's text, by an order"),
    "ledger.entry_read": _("opened an entry of the ledger"),
    "ledger.history_read": _("looked at what was done here"),
    "ledger.proof_taken": _("took a proof away"),
    "ledger.read": _("read the ledger"),
    "ledger.restored": _("went on from an older copy of the database"),
    "left_work.read": _("looked at the work of people who left"),
    "list.approved": _("approved a list, as the second person"),
    "list.change_refused": _("refused to widen a list"),
    "list.grew": _("took new members into a list"),
    "list.growing": _("began to take a file into a list"),
    "list.matches_read": _("looked at what a list matched"),
    "list.members_withdrawn": _("withdrew members of a list"),
    "list.proposed": _("proposed a list"),
    "list.read": _("opened a list"),
    "list.set": _("set how a list matches"),
    "list.withdrawn": _("withdrew a list for good"),
    "lists.read": _("looked at the lists"),
    "look_up.made": _("looked an identifier up"),
    "look_up.refused": _("was refused a look-up"),
    "look_up.terms_read": _("opened what a look-up asked for"),
    "matching.round": _("compared past reports with a list again"),
    "matching.run": _("compared reports with the lists of known material"),
    "media.exported": _("took a sealed file out, to carry it to the examiner"),
    "media.key_trusted": _("trusted an examiner's key for uploaded files"),
    "media.opened": _("opened an uploaded file with the examiner's key"),
    "media.policy_set": _("changed what becomes of uploaded files"),
    "password.changed": _("changed their password"),
    "person.added": _("added a person"),
    "person.deactivated": _("closed a person's access"),
    "platform.added": _("gave a platform its credential"),
    "platform.revoked": _("took a platform's credential back"),
    "platform.rotated": _("gave a platform a new secret"),
    "quarantine.item_read": _("opened an unreadable item"),
    "quarantine.read": _("looked at the quarantine"),
    "quarantine.retried": _("had an unreadable item read again"),
    "queue.kept": _("made or changed a queue inside the office"),
    "queue.preferred": _("chose the queues that come first to them"),
    "queue.read": _("looked at the queue"),
    "queue.retired": _("retired a queue inside the office"),
    "queues.read": _("looked at the queues inside the office"),
    "report.claimed": _("took the report on"),
    "report.document_read": _("read the documents, covered"),
    "report.noted": _("wrote a note that no reporter sees"),
    "report.outcome": _("decided what becomes of it"),
    "report.public_status": _("changed what the reporter is told"),
    "report.quarantined": _("set aside what could not be read"),
    "report.read": _("opened the report"),
    "report.received": _("received it"),
    "report.released": _("gave the report back"),
    "report.sent": _("sent it at the public's door"),
    "report.taken_down": _("took the report down from somebody who told it"),
    "report.text_hidden": _("hid its texts from colleagues"),
    "report.text_shown": _("showed its texts again"),
    "reporter.seen": _("looked at what the reporter wrote"),
    "reporter.told_outcome": _("told the reporter what became of it"),
    "reporter.written_to": _("wrote to the reporter"),
    "reporter.wrote": _("wrote, with the code"),
    "role.ended": _("took a role away"),
    "role.granted": _("gave a role"),
    "signal.looked_up": _("looked up whether a hash is on a list"),
    "sign_in.completed": _("signed in"),
    "sign_in.failed": _("tried to sign in and failed"),
    "sign_in.reset": _("reset a person's sign-in"),
    "survivor.added": _("took in a survivor's own hash"),
    "survivor.withdrawn": _("gave a survivor's hash back"),
    "triage.rules_adopted": _("put new triage rules in force"),
    "triage.run": _("gave reports their bands"),
    "unreadable.read": _("looked at what the public sent and nobody could read"),
    "unsealing.asked": _("asked the custodian to open something"),
    "unsealing.granted": _("granted an opening"),
    "unsealing.list_read": _("looked at what was asked of the custodian"),
    "unsealing.parts_read": _("looked at which parts are sealed"),
    "unsealing.read": _("looked at a request to the custodian"),
    "unsealed.read": _("read what was opened"),
    "unsealing.refused": _("refused an opening"),
    "unsealing.withdrawn": _("took a request to the custodian back"),
    "unit.added": _("opened an office"),
    "unit.made_default": _("made an office the one that takes what names none"),
    "wire.expired": _("set a report aside that was never finished"),
    "wire.finished": _("handed the report in"),
    "wire.retracted": _("took an unfinished report back"),
}

PROCESSES: Final[Mapping[str, _StrPromise]] = {
    "platform": _("a platform's connection"),
    "reporter": _("a reporter"),
    "system": _("the system"),
}


def act_in_words(act: str) -> str:
    return str(ACTS.get(act, act))


def who_in_words(who: str, names: Mapping[str, str]) -> str:
    """A person's name, or what kind of process it was with its own key."""
    if who in names:
        return names[who]
    kind, _colon, own = who.partition(":")
    return f"{PROCESSES[kind]} ({own})" if kind in PROCESSES else who
