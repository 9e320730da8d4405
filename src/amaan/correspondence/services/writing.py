"""What staff write: to the reporter, for each other, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.correspondence.domain import places
from amaan.correspondence.domain.words import (
    MOST_MESSAGE,
    MOST_NOTE,
    MOST_REASON,
    Direction,
    MessageKind,
    NoConversation,
    TooLong,
    checked,
)
from amaan.correspondence.models import Conversation, Note, TextMark
from amaan.correspondence.permissions import require_system
from amaan.correspondence.services.letters import post
from amaan.correspondence.services.messages import add_message, rest
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append
from amaan.portal.domain.letters import Became, closing_letter, message_letter, status_letter
from amaan.reports.selectors import access_report

if TYPE_CHECKING:
    from amaan.reports.models import Report


@transaction.atomic
def write_to_reporter(actor: Actor, *, reference: str, text: str) -> int:
    """Ask the reporter, or answer; the message's number. It is read with the code, and sent to nobody.

    Raises ReportNotFound, NoConversation, NothingWritten, TooLong.
    """
    report, conversation = _held(actor, reference)
    text = checked(text, MOST_MESSAGE)
    sealer, now = new_sealer(), timezone.now()
    number = add_message(
        conversation,
        direction=Direction.OUT,
        kind=MessageKind.MESSAGE,
        body={"text": text},
        by=actor.key,
        at=now,
        sealer=sealer,
    )
    rest(conversation)
    post([(conversation, message_letter(now.date(), number, text))], sealer=sealer)
    body: dict[str, object] = {"number": number, "text": text}
    append(actor, [Act("reporter.written_to", report.reference, report.unit.code, body)], sealer=sealer)
    return number


@transaction.atomic
def tell_outcome(actor: Actor, *, reference: str, became: Became, text: str = "") -> None:
    """Tell the reporter what became of it, with a sentence of the list and perhaps words of one's own.

    Call it in the transaction that decides. Raises ReportNotFound, NoConversation, TooLong.
    """
    report, conversation = _held(actor, reference)
    text = text.strip()
    if len(text) > MOST_MESSAGE:
        raise TooLong(MOST_MESSAGE)
    sealer, now = new_sealer(), timezone.now()
    add_message(
        conversation,
        direction=Direction.OUT,
        kind=MessageKind.CLOSING,
        body={"became": str(became), "text": text},
        by=actor.key,
        at=now,
        sealer=sealer,
    )
    rest(conversation)
    post([(conversation, closing_letter(now.date(), became, text))], sealer=sealer)
    body: dict[str, object] = {"became": str(became), "text": text}
    append(actor, [Act("reporter.told_outcome", report.reference, report.unit.code, body)], sealer=sealer)


@transaction.atomic
def mark_seen(actor: Actor, *, reference: str) -> None:
    """What the reporter wrote needs no answer. Raises ReportNotFound, NoConversation."""
    report, conversation = _held(actor, reference, box=False)
    if conversation.waits_since is not None:
        rest(conversation)
        body: dict[str, object] = {"number": conversation.last_number}
        append(actor, [Act("reporter.seen", report.reference, report.unit.code, body)])


@transaction.atomic
def note(actor: Actor, *, reference: str, text: str) -> None:
    """Write something for colleagues. No letter is ever made of it. Raises ReportNotFound, NothingWritten, TooLong."""
    report = access_report(actor, reference, Action.NOTE_REPORT)
    text = checked(text, MOST_NOTE)
    sealer = new_sealer()
    sealed = sealer.seal(places.note(report.reference), text)
    Note.objects.create(report=report, body=sealed, by=actor.key, at=timezone.now())
    append(actor, [Act("report.noted", report.reference, report.unit.code, {"text": text})], sealer=sealer)


@transaction.atomic
def hide_text(actor: Actor, *, reference: str, reason: str) -> None:
    """Hide a report's texts from colleagues: threats or filth aimed at whoever reads. The report counts as before.

    Raises ReportNotFound, NothingWritten, TooLong.
    """
    _mark_text(actor, reference, reason, hidden=True)


@transaction.atomic
def show_text(actor: Actor, *, reference: str, reason: str) -> None:
    """Show them again. Raises ReportNotFound, NothingWritten, TooLong."""
    _mark_text(actor, reference, reason, hidden=False)


def _mark_text(actor: Actor, reference: str, reason: str, *, hidden: bool) -> None:
    report = access_report(actor, reference, Action.HIDE_TEXT)
    reason = checked(reason, MOST_REASON)
    sealer = new_sealer()
    sealed = sealer.seal(places.text_mark(report.reference), reason)
    TextMark.objects.create(report=report, hidden=hidden, reason=sealed, by=actor.key, at=timezone.now())
    act = "report.text_hidden" if hidden else "report.text_shown"
    append(actor, [Act(act, report.reference, report.unit.code, {"reason": reason})], sealer=sealer)


@transaction.atomic
def tell_status(actor: Actor, *, report_ids: Sequence[int]) -> None:
    """Leave the public status of reports in their reporters' boxes; where nobody can be reached, nothing happens."""
    require_system(actor)
    rows = Conversation.objects.filter(report_id__in=list(report_ids), address__isnull=False)
    found = list(rows.select_related("report").order_by("pk"))
    today = timezone.now().date()
    post([(row, status_letter(today, row.report.public_status)) for row in found if row.report is not None])


def _held(actor: Actor, reference: str, *, box: bool = True) -> tuple[Report, Conversation]:
    """The report's conversation, its row held until the transaction ends."""
    report = access_report(actor, reference, Action.WRITE_TO_REPORTER)
    found = Conversation.objects.select_for_update().filter(report=report).first()
    if found is None or (box and found.address is None):
        raise NoConversation("Nobody can be reached who told this.")
    return report, found
