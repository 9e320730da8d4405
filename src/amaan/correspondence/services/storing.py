"""What a slice of opened envelopes becomes: reports, messages, hashes. Inside the carrier's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from amaan.authority.actors import Actor
from amaan.correspondence.domain.words import Direction, MessageKind, NoConversation, Safe
from amaan.correspondence.models import Arrival, Conversation, Message
from amaan.correspondence.services.hashes import offer_hashes, take_back_hash
from amaan.correspondence.services.letters import post
from amaan.correspondence.services.marking import Told, mark_told, story_signature
from amaan.correspondence.services.messages import add_message, wake
from amaan.correspondence.services.tellings import (
    TOLD,
    Document,
    Seal,
    conversation_for,
    prepared,
    tell_again,
)
from amaan.ledger.services import Act, append
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.portal.domain.letters import Letter, status_letter
from amaan.portal.domain.receipts import WHO
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.domain.preparing import Prepared
from amaan.reports.services import receive_reports

if TYPE_CHECKING:
    from amaan.accounts.models import Unit
    from amaan.evidence.services.storing import Storable

_MESSAGES = {Kind.MESSAGE: MessageKind.MESSAGE, Kind.WITHDRAW: MessageKind.WITHDRAW}


@dataclass(frozen=True)
class Carried:
    """What was opened of an envelope, and what could be made of it ahead: a report (of that kind), a story's signature.

    `arrival` is its row, saved here; None until the transaction.
    """

    document: Document
    report: Prepared | None
    story: bytes | None
    arrival: Arrival | None = None

    @property
    def address(self) -> bytes:
        return bytes.fromhex(self.document.telling.address)

    @property
    def row(self) -> Arrival:
        assert self.arrival is not None
        return self.arrival


def carried_of(telling: Telling, raw: bytes, exhibit: Storable, seal: Seal, now: datetime) -> Carried:
    """Everything that needs no database."""
    document = Document(telling, raw, exhibit)
    if telling.kind is not Kind.REPORT:
        return Carried(document, None, None)
    report = prepared([document], seal, now, number=telling.submission)
    return Carried(document, report, story_signature(telling, seal))


def store(actor: Actor, carried: Sequence[Carried], seal: Seal, *, unit: Unit, now: datetime) -> None:
    """New reports together, then whatever follows upon one, in the order in which it came. Raises NoConversation."""
    addresses = {one.address for one in carried}
    rows = Conversation.objects.filter(address__in=addresses).values_list("address", flat=True)
    held = {bytes(address or b"") for address in rows}
    new: dict[bytes, Carried] = {}
    for one in carried:
        if one.report is not None and one.address not in held:
            new.setdefault(one.address, one)
    _receive(actor, list(new.values()), seal, unit=unit, now=now)
    first = {id(one) for one in new.values()}
    for one in carried:
        if id(one) not in first:
            _follow(actor, one, seal, unit=unit, now=now)


def _receive(actor: Actor, new: Sequence[Carried], seal: Seal, *, unit: Unit, now: datetime) -> None:
    reports = [one.report for one in new if one.report is not None]
    if not reports:
        return
    receipts = receive_reports(actor, reports, unit=unit, received_at=now, origin="door", sealer=seal.sealer)
    conversations = [conversation_for(one.document.telling, one.row.received_at) for one in new]
    for conversation, receipt in zip(conversations, receipts, strict=True):
        conversation.report_id = receipt.report_id
    Conversation.objects.bulk_create(conversations)
    letters: list[tuple[Conversation, Letter]] = []
    for one, conversation in zip(new, conversations, strict=True):
        one.row.conversation = conversation
        letters.append((conversation, status_letter(now.date(), PublicStatus.RECEIVED)))
        letters += offer_hashes(conversation, one.document.telling, seal, now)
    Arrival.objects.bulk_create(one.row for one in new if one.row.pk is None)
    for one in new:
        if one.row.resolved_at is not None:
            one.row.save()
    post(letters, sealer=seal.sealer)
    told = [
        Told(receipt.report_id, receipt.reference, one.document.telling, one.story, one.row.many)
        for one, receipt in zip(new, receipts, strict=True)
    ]
    mark_told(told, seal, now)


def _follow(actor: Actor, one: Carried, seal: Seal, *, unit: Unit, now: datetime) -> None:
    telling = one.document.telling
    conversation = Conversation.objects.select_for_update().filter(address=one.address).first()
    if conversation is None:
        if telling.kind is not Kind.HASHES:
            raise NoConversation("Nothing was told here before that this could belong to.")
        conversation = conversation_for(telling, one.row.received_at)
        conversation.save()
    one.row.conversation = conversation
    one.row.save()
    if telling.kind is Kind.WITHDRAW_HASH:
        take_back_hash(actor, conversation, telling.hash, unit.code)
        return
    had_report = conversation.report_id is not None
    if telling.kind in TOLD and (had_report or telling.kind is not Kind.HASHES):
        office = conversation.report.unit if conversation.report is not None else unit
        heard = _first_cry(conversation, telling)
        tell_again(actor, conversation, seal, unit=office, now=now, heard=heard)
    letters: list[tuple[Conversation, Letter]] = []
    if conversation.report_id is not None and not had_report:
        letters.append((conversation, status_letter(now.date(), PublicStatus.RECEIVED)))
    letters += offer_hashes(conversation, telling, seal, now)
    post(letters, sealer=seal.sealer)
    if telling.kind in _MESSAGES:
        number = add_message(
            conversation,
            direction=Direction.IN,
            kind=_MESSAGES[telling.kind],
            body={"text": telling.text},
            safe=telling.safe,
            by=WHO,
            at=now,
            sealer=seal.sealer,
        )
        body: dict[str, object] = {"number": number, "kind": str(telling.kind), "safe": telling.safe}
        append(actor, [Act("reporter.wrote", conversation.submission, unit.code, body)], sealer=seal.sealer)
    if telling.kind is not Kind.HASHES:
        wake(conversation, now)


def _first_cry(conversation: Conversation, telling: Telling) -> bool:
    """Whether somebody says for the first time that they are not safe: that counts however much was written before."""
    if telling.kind is not Kind.WITHDRAW or telling.safe != Safe.NO:
        return False
    return not Message.objects.filter(conversation=conversation, safe=Safe.NO).exists()
