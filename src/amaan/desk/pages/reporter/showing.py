"""The reporter on a report's page: what was said both ways, what they wish, and what one should know of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.forms import Form
from django.urls import reverse
from django.utils.translation import gettext as _

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, may
from amaan.correspondence.domain.words import Contact, Direction, MessageKind, Safe
from amaan.correspondence.panels import (
    AnswerShown,
    ConversationPanel,
    FlagShown,
    MessageShown,
    NoteShown,
    conversation_of,
    notes_of,
)
from amaan.correspondence.selectors import HiddenText
from amaan.correspondence.words import CHANNELS, CONTACTS, FLAG_MEANINGS, FLAGS, HASH_STATUSES, SAFE, SENDERS
from amaan.desk.pages.reporter.forms import AskReporterForm, HideForm, NoteForm, ShowForm
from amaan.desk.taking_down import way_of
from amaan.portal.domain.hashes import FileKind
from amaan.portal.domain.letters import Became
from amaan.portal.domain.questions import FIELDS, Way
from amaan.portal.letter_words import BECAME, FILES, STATUS
from amaan.portal.words import field_words, option_words
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.domain.veil import Told
from amaan.reports.panels.values import Contents, People, Person, ReportPanels, Summary
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.vocabulary.domain import languages

WAY: Final = "way"
UNHIDE: Final = "shown"
"""The value of `?texts=` with which somebody reads hidden texts all the same."""


@dataclass(frozen=True)
class Line:
    """A message in words. `title` says what it is; `not_safe`: they want to withdraw, and are in danger."""

    message: MessageShown
    title: str
    safe: str
    not_safe: bool
    theirs: bool


@dataclass(frozen=True)
class FlagLine:
    """`about` is an earlier report that the reader may open, or empty; `reports`: how many, or 0."""

    title: str
    meaning: str
    about: str
    reports: int
    at: datetime


@dataclass(frozen=True)
class AnswerLine:
    """A question of the door with what was answered: options in words, then texts. `held`: it is sealed."""

    title: str
    chosen: tuple[str, ...]
    told: tuple[Told, ...]
    held: bool


@dataclass(frozen=True)
class Reporter:
    """The conversation in words. `custodian` is the address at which what is sealed is asked for, or empty;
    `may_answer`: the reader may write down what they answer."""

    panel: ConversationPanel
    status: str
    came: str
    letter: str
    language: str
    contact: str
    custodian: str
    asks_to_withdraw: bool
    not_safe: bool
    lines: tuple[Line, ...]
    flags: tuple[FlagLine, ...]
    hashes: tuple[tuple[str, str], ...]
    answers: tuple[AnswerLine, ...]
    may_answer: bool


@dataclass(frozen=True)
class Around:
    """What a report's page holds beside the report: its reporter, the office's notes, and whether texts are hidden.

    `forms` are offered by name; one that is missing is not the reader's to fill.
    """

    reporter: Reporter | None
    notes: tuple[NoteShown, ...]
    hidden: HiddenText | None
    covered: bool
    forms: Mapping[str, Form]


def around(
    actor: Actor,
    reference: str,
    unit: str,
    *,
    hidden: HiddenText | None,
    covered: bool,
    bound: Mapping[str, Form] | None = None,
) -> Around:
    """For a report that `access_report` gave. `bound` is a form that was refused, by its name."""
    panel = conversation_of(actor, reference)
    notes = panel.notes if panel else notes_of(actor, reference)
    return Around(
        reporter=_reporter(actor, panel, unit) if panel else None,
        notes=notes,
        hidden=hidden,
        covered=covered,
        forms=_forms(actor, unit, panel, hidden is not None) | dict(bound or {}),
    )


def not_safe(panel: ConversationPanel) -> bool:
    """Whether somebody wants to withdraw, and said that they are in danger."""
    return any(one.kind == MessageKind.WITHDRAW and one.safe == Safe.NO for one in panel.messages)


def without_texts(panels: ReportPanels) -> ReportPanels:
    """A report of which only what no reporter wrote in words stands on the page."""
    return replace(
        panels,
        summary=_quiet_summary(panels.summary),
        reported=_quiet_people(panels.reported),
        protected=_quiet_people(panels.protected),
        contents=_quiet_contents(panels.contents),
    )


def _quiet_summary(summary: Summary) -> Summary:
    return replace(summary, texts=())


def _quiet_people(people: People) -> People:
    return replace(people, people=tuple(_quiet(person) for person in people.people))


def _quiet(person: Person) -> Person:
    return replace(person, texts=(), accounts=tuple(_quiet(account) for account in person.accounts))


def _quiet_contents(contents: Contents) -> Contents:
    return replace(contents, items=tuple(replace(item, texts=()) for item in contents.items))


def _forms(actor: Actor, unit: str, panel: ConversationPanel | None, hidden: bool) -> dict[str, Form]:
    offered: dict[str, Form] = {}
    if panel and panel.may_write:
        offered["ask"] = AskReporterForm(prefix="ask", language=panel.language)
    if may(actor, Action.NOTE_REPORT, unit):
        offered["note"] = NoteForm(prefix="note")
    if may(actor, Action.HIDE_TEXT, unit) and (panel or hidden):
        offered["show" if hidden else "hide"] = ShowForm(prefix="show") if hidden else HideForm(prefix="hide")
    return offered


def _reporter(actor: Actor, panel: ConversationPanel, unit: str) -> Reporter:
    lines = tuple(_line(message) for message in panel.messages)
    spoken = languages().get(panel.language)
    asked = [line for line in lines if line.message.kind == MessageKind.WITHDRAW]
    letter = panel.letter
    sealed = panel.contact == Contact.YES and panel.contact_party is not None
    asks = sealed and may(actor, Action.REQUEST_UNSEALING, unit)
    return Reporter(
        panel=panel,
        status=str(STATUS[PublicStatus(panel.public_status)]),
        came=_word(CHANNELS, panel.channel),
        letter=" · ".join(filter(None, (_word(SENDERS, letter.sender), letter.name))) if letter else "",
        language=spoken.own_name if spoken else panel.language,
        contact=_word(CONTACTS, panel.contact),
        custodian=f"{reverse('desk:ask_unsealing', args=[panel.reference])}?part=party-{panel.contact_party}"
        if asks
        else "",
        asks_to_withdraw=bool(asked),
        not_safe=not_safe(panel),
        lines=lines,
        flags=tuple(_flag(actor, flag) for flag in panel.flags),
        hashes=tuple((_file(one.file), _word(HASH_STATUSES, one.status)) for one in panel.hashes),
        answers=tuple(_answers(panel.answers)),
        may_answer=may(actor, Action.WRITE_TO_REPORTER, unit),
    )


def _flag(actor: Actor, flag: FlagShown) -> FlagLine:
    """An earlier report of another office is not named."""
    about = flag.about
    try:
        about = access_report(actor, about).reference if about else ""
    except ReportNotFound:
        about = ""
    return FlagLine(_word(FLAGS, flag.kind), _word(FLAG_MEANINGS, flag.kind), about, flag.reports, flag.at)


def _file(kind: str) -> str:
    return str(FILES[FileKind(kind)]) if kind else str(FILES[FileKind.OTHER])


def _answers(answers: Iterable[AnswerShown]) -> Iterator[AnswerLine]:
    """In the words in which they were asked. What no question asks stands under its key."""
    found = list(answers)
    said = {one.key: "".join(piece.text for text in one.told for piece in text) for one in found}
    way = way_of(said.get(WAY, "")) or Way.CHILD
    for one in found:
        name = one.key.partition("#")[0]
        if name == WAY:
            continue
        known = name in FIELDS
        yield AnswerLine(
            str(field_words(name, way).title) if known else one.key,
            tuple(str(option_words(name, option, way)) for option in one.chosen),
            one.told,
            one.held,
        )


def _line(message: MessageShown) -> Line:
    theirs = message.direction == Direction.IN
    withdraws = message.kind == MessageKind.WITHDRAW
    if withdraws:
        title = _("They ask to withdraw the report")
    elif message.kind == MessageKind.CLOSING:
        title = str(BECAME[Became(message.became)])
    else:
        title = _("The reporter") if theirs else _("To the reporter")
    return Line(
        message,
        title,
        _word(SAFE, message.safe) if withdraws else "",
        withdraws and message.safe == Safe.NO,
        theirs,
    )


def _word(words: Mapping[str, object], code: str) -> str:
    return str(words.get(code, code))
