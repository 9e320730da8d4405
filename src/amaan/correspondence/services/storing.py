"""What a slice of opened envelopes becomes: reports, messages, hashes. Inside the carrier's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from amaan.authority.actors import Actor
from amaan.correspondence.domain.words import Direction, MessageKind, NoConversation
from amaan.correspondence.models import Arrival, Conversation
from amaan.correspondence.services.hashes import offer_hashes, take_back_hash
from amaan.correspondence.services.letters import post
from amaan.correspondence.services.marking import Told, mark_told
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
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.letters import Letter, status_letter
from amaan.portal.domain.receipts import WHO
from amaan.reports.domain.outcomes import PublicStatus
from amaan.reports.services import receive_reports

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

_MESSAGES = {Kind.MESSAGE: MessageKind.MESSAGE, Kind.WITHDRAW: MessageKind.WITHDRAW}


@dataclass(frozen=True)
class Carried:
    """An arrival that stands, and what was opened of it."""

    arrival: Arrival
    document: Document

    @property
    def address(self) -> bytes:
        return bytes.fromhex(self.document.telling.address)


def store(actor: Actor, carried: Sequence[Carried], seal: Seal, *, unit: Unit, now: datetime) -> None:
    """New reports together, then whatever follows upon one, in the order in which it came. Raises NoConversation."""
    addresses = {one.address for one in carried}
    held = {
        bytes(address or b"")
        for address in Conversation.objects.filter(address__in=addresses).values_list("address", flat=True)
    }
    new: dict[bytes, Carried] = {}
    for one in carried:
        if one.document.telling.kind is Kind.REPORT and one.address not in held:
            new.setdefault(one.address, one)
    _receive(actor, list(new.values()), seal, unit=unit, now=now)
    first = {id(one) for one in new.values()}
    for one in carried:
        if id(one) not in first:
            _follow(actor, one, seal, unit=unit, now=now)


def _receive(actor: Actor, new: Sequence[Carried], seal: Seal, *, unit: Unit, now: datetime) -> None:
    if not new:
        return
    reports = [prepared([one.document], seal, now, number=one.document.telling.submission) for one in new]
    receipts = receive_reports(actor, reports, unit=unit, received_at=now, origin="door", sealer=seal.sealer)
    letters: list[tuple[Conversation, Letter]] = []
    for one, receipt in zip(new, receipts, strict=True):
        conversation = conversation_for(one.document.telling, one.arrival.received_at)
        conversation.report_id = receipt.report_id
        conversation.save()
        _belongs(one.arrival, conversation)
        letters.append((conversation, status_letter(now.date(), PublicStatus.RECEIVED)))
        letters += offer_hashes(conversation, one.document.telling, seal, now)
    post(letters, sealer=seal.sealer)
    mark_told(
        [
            Told(receipt.report_id, receipt.reference, one.document.telling, one.arrival.many)
            for one, receipt in zip(new, receipts, strict=True)
        ],
        seal,
        now,
    )


def _follow(actor: Actor, one: Carried, seal: Seal, *, unit: Unit, now: datetime) -> None:
    telling = one.document.telling
    conversation = Conversation.objects.select_for_update().filter(address=one.address).first()
    if conversation is None:
        if telling.kind is not Kind.HASHES:
            raise NoConversation("Nothing was told here before that this could belong to.")
        conversation = conversation_for(telling, one.arrival.received_at)
        conversation.save()
    _belongs(one.arrival, conversation)
    if telling.kind is Kind.WITHDRAW_HASH:
        take_back_hash(actor, conversation, telling.hash, unit.code)
        return
    had_report = conversation.report_id is not None
    if telling.kind in TOLD and (had_report or telling.kind is not Kind.HASHES):
        office = conversation.report.unit if conversation.report is not None else unit
        tell_again(actor, conversation, seal, unit=office, now=now)
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


def _belongs(arrival: Arrival, conversation: Conversation) -> None:
    arrival.conversation = conversation
    arrival.save(update_fields=["conversation"])
