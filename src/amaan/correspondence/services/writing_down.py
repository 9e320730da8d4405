"""What a reporter answers to staff, written down in the questions' own words: the report tells it from then on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.correspondence.domain.words import NoConversation, NothingWritten
from amaan.correspondence.models import Conversation
from amaan.correspondence.services.tellings import Seal, first_told, note_arrival, raw_of, tell_again
from amaan.ledger.services import Act, append
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.questions import FIELDS
from amaan.reports.selectors import access_report


@transaction.atomic
def write_down_answers(actor: Actor, *, reference: str, answers: Mapping[str, Any]) -> None:
    """Add answers to what the report tells, as if the reporter had given them at the door: a new telling.

    `answers` by question, as `portal.domain.answers` reads them. What was answered before stays, and stands first where
    the two differ, unless it was only "not sure". The ledger holds which questions, never what was said.
    Raises ReportNotFound, NoConversation, NothingWritten.
    """
    report = access_report(actor, reference, Action.WRITE_TO_REPORTER)
    conversation = Conversation.objects.select_for_update().filter(report=report).first()
    if conversation is None:
        raise NoConversation("Nobody can be reached who told this.")
    asked = sorted(key for key in answers if key in FIELDS)
    if not asked:
        raise NothingWritten("No question was answered.")
    seal, now = Seal.fresh(), timezone.now()
    telling = replace(
        first_told(conversation),
        kind=Kind.REPORT,
        at=now.isoformat(timespec="microseconds"),
        answers=dict(answers),
        text="",
        hashes=(),
        hash="",
    )
    (exhibit,) = seal.keep([raw_of(telling)])
    note_arrival(conversation, exhibit, now)
    # Taken in as what comes from the door is; the entry below says who wrote it down.
    tell_again(Actor.system("door"), conversation, seal, unit=report.unit, now=now, heard=True)
    body: dict[str, object] = {"answered": asked}
    append(
        actor, [Act("report.answers_written", report.reference, report.unit.code, body)], sealer=seal.sealer
    )
