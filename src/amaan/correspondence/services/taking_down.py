"""What somebody tells over the telephone, in person or by letter: the same questions, and a code to read out."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amaan.accounts.selectors import unit_list
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.correspondence.domain import places
from amaan.correspondence.domain.words import Channel, CorrespondenceError, Sender
from amaan.correspondence.models import Conversation
from amaan.correspondence.services.letters import post
from amaan.correspondence.services.marking import Told, mark_told, story_signature
from amaan.correspondence.services.tellings import Seal, conversation_for, note_arrival, raw_of, tell_again
from amaan.keyring.domain import IndexKeys, blind_index
from amaan.ledger.services import Act, append
from amaan.portal.domain.codes import BoxKeys
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.portal.domain.letters import status_letter
from amaan.portal.services import DoorNotReady, new_box, same_codes
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.domain.references import BITS, write_reference
from amaan.reports.selectors import references_of
from amaan.store.rows import durable


class NotALetter(CorrespondenceError):
    """A letter's number and sender belong to a letter, and a letter has both."""


class NoSuchUnit(CorrespondenceError):
    """There is no office of this code."""


@dataclass(frozen=True)
class LetterTaken:
    """A letter that is taken down: what kind of office wrote it, its name, and the letter's own number and date."""

    sender: Sender
    name: str
    number: str
    dated: str = ""


@dataclass(frozen=True)
class TakenDown:
    """`code` is shown once, to be read out; empty where no code of this machine would open a box at the door.

    `earlier`: references of reports that were taken down from the same letter.
    """

    reference: str
    code: str
    submission: str
    earlier: tuple[str, ...] = ()


def receive_by_staff(
    actor: Actor,
    *,
    answers: Mapping[str, Any],
    language: str,
    channel: Channel,
    unit: str,
    letter: LetterTaken | None = None,
) -> TakenDown:
    """Take a report down in the office `unit`. It stands on the disk when this returns.

    Raises NotAllowed, NoSuchUnit, NotALetter.
    """
    require(actor, Action.ENTER_REPORT, unit)
    office = next((one for one in unit_list() if one.code == unit), None)
    if office is None:
        raise NoSuchUnit(f"There is no office «{unit}».")
    if channel is Channel.DOOR or (channel is Channel.LETTER) != (letter is not None):
        raise NotALetter("Say what letter it is, or that it was told.")
    if letter is not None and not letter.number.strip():
        raise NotALetter("A letter is known by its number.")
    code, box = _box()
    now = timezone.now()
    telling = Telling(
        kind=Kind.REPORT,
        at=now.isoformat(timespec="seconds"),
        language=language,
        address=box.address.hex(),
        public=box.public.hex(),
        submission=write_reference(secrets.randbits(BITS), "S"),
        answers=dict(answers),
    )
    seal = Seal.fresh()
    raw = raw_of(telling)
    (exhibit,), story = seal.keep([raw]), story_signature(telling, seal)
    with durable(), transaction.atomic():
        conversation = conversation_for(telling, now)
        conversation.channel = channel
        if not code:
            conversation.address = conversation.public = None
        earlier = _with_letter(conversation, letter, seal)
        conversation.save()
        note_arrival(conversation, exhibit, now)
        receipt = tell_again(actor, conversation, seal, unit=office, now=now)
        assert receipt is not None  # it is the first telling
        body: dict[str, object] = {"channel": str(channel), "submission": telling.submission}
        append(actor, [Act("report.taken_down", receipt.reference, unit, body)], sealer=seal.sealer)
        post([(conversation, status_letter(now.date(), PublicStatus.RECEIVED))], sealer=seal.sealer)
        mark_told([Told(receipt.report_id, receipt.reference, telling, story)], seal, now)
    return TakenDown(receipt.reference, code, telling.submission, earlier)


def _box() -> tuple[str, BoxKeys]:
    """A box and its code. No code, and an address that nothing is left at, where the door's keys are elsewhere, or the
    door elsewhere has other ones: a code that opens nothing must not be read out."""
    nowhere = "", BoxKeys(secrets.token_bytes(16), secrets.token_bytes(32), b"")
    if "public" not in settings.AMAAN_DOORS and not same_codes():
        return nowhere
    try:
        return new_box()
    except DoorNotReady:
        return nowhere


def _with_letter(conversation: Conversation, letter: LetterTaken | None, seal: Seal) -> tuple[str, ...]:
    """The letter beside the conversation; references of what was taken down from it before."""
    if letter is None:
        return ()
    conversation.sender = letter.sender
    conversation.letter = seal.sealer.seal(
        places.letter_taken(conversation.submission), json.dumps(asdict(letter))
    )
    conversation.letter_key = _letter_key(letter, seal.index)
    before = Conversation.objects.filter(letter_key=conversation.letter_key, report__isnull=False)
    ids = [number for number in before.values_list("report_id", flat=True) if number is not None]
    return tuple(sorted(references_of(ids).values()))


def _letter_key(letter: LetterTaken, index: IndexKeys) -> bytes:
    number = "".join(letter.number.casefold().split())
    return blind_index(index.references, f"letter/{letter.sender}", number)
