"""A report made of everything that its reporter has sent, and made again whenever they send more."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from amaan.authority.actors import Actor
from amaan.correspondence.domain.drafting import PUBLIC_DOOR, draft_of, entity_of
from amaan.correspondence.domain.flooding import is_unsupported
from amaan.correspondence.domain.opening import telling_in
from amaan.correspondence.domain.words import ArrivalState, Channel, Contact
from amaan.correspondence.models import Arrival, Conversation
from amaan.evidence.domain import ExhibitSealer
from amaan.evidence.services import exhibit_sealer, open_exhibit, store_exhibits, write_exhibits
from amaan.keyring.domain import IndexKeys, Sealer
from amaan.keyring.services import index_keys, new_sealer
from amaan.portal.domain.envelopes import Kind, Telling
from amaan.reports.domain.drafts import Source
from amaan.reports.domain.preparing import Prepared, Seals, dumps, prepare_report
from amaan.reports.services import Receipt, receive_reports

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from amaan.accounts.models import Unit
    from amaan.evidence.services.storing import Storable

MOST_TELLINGS: Final = 50
"""Of one report. What is sent beyond them is kept and shown as a message, and makes no telling of its own: otherwise
one box could keep the desk busy for ever."""
_ENVELOPE_BYTES: Final = 16
TOLD: Final = frozenset({Kind.REPORT, Kind.MESSAGE, Kind.WITHDRAW, Kind.HASHES})
"""Kinds that are part of what a report says."""


@dataclass(frozen=True)
class Seal:
    """What one batch is sealed with."""

    sealer: Sealer
    index: IndexKeys
    exhibits: ExhibitSealer

    @classmethod
    def fresh(cls) -> Seal:
        """Call it outside the transaction, or use it for that transaction's rows only (`new_sealer`)."""
        sealer = new_sealer()
        return cls(sealer, index_keys(), exhibit_sealer(sealer))

    @property
    def seals(self) -> Seals:
        return Seals(self.sealer, self.index)

    def keep(self, values: Sequence[bytes]) -> list[Storable]:
        """Bytes written to the vault, for `store_exhibits`. Ahead of the transaction, where there is one."""
        return write_exhibits([self.exhibits.seal(value) for value in values])


@dataclass(frozen=True)
class Document:
    """One telling with its bytes as they are kept: `exhibit` where a row may already hold them."""

    telling: Telling
    raw: bytes
    exhibit: Storable

    @classmethod
    def of(cls, telling: Telling, raw: bytes, exhibits: ExhibitSealer) -> Document:
        return cls(telling, raw, exhibits.seal(raw))


def raw_of(telling: Telling) -> bytes:
    """A telling as it is kept: the JSON that `telling_in` reads again."""
    return dumps(telling.as_json()).encode()


def prepared(
    documents: Sequence[Document],
    seal: Seal,
    received_at: datetime,
    *,
    number: str,
    source: Source = Source.PORTAL,
    entity: str = PUBLIC_DOOR,
) -> Prepared:
    draft = draft_of(
        [document.telling for document in documents], number=number, source=source, entity=entity
    )
    digest = sha256(b"".join(sha256(document.raw).digest() for document in documents)).digest()
    report = prepare_report(
        draft, seals=seal.seals, digest=digest, received_at=received_at, receipt=[], remainder=[]
    )
    report.exhibits = [document.exhibit for document in documents]
    return report


def conversation_for(telling: Telling, began_at: datetime) -> Conversation:
    """A row that isn't stored yet, and has no report."""
    contact = telling.answers.get("contact")
    return Conversation(
        submission=telling.submission,
        address=bytes.fromhex(telling.address),
        public=bytes.fromhex(telling.public),
        language=telling.language,
        channel=Channel.DOOR,
        contact=contact if contact in set(Contact) else Contact.CODE,
        unsupported=is_unsupported(telling.answers, len(telling.hashes)),
        began_at=began_at,
    )


def documents_of(conversation: Conversation, exhibits: ExhibitSealer) -> list[Document]:
    """What was told in a conversation, opened, in order: the first MOST_TELLINGS, and of more the newest as the last.

    Raises what `open_exhibit` raises.
    """
    rows = list(_arrivals(conversation).order_by("id")[:MOST_TELLINGS])
    newest = _arrivals(conversation).order_by("id").last()
    if newest is not None and newest.pk != rows[-1].pk:
        rows[-1] = newest
    raws = [open_exhibit(json.loads(row.exhibits)[0]) for row in rows]
    return [Document.of(telling_in(json.loads(raw)), raw, exhibits) for raw in raws]


def first_told(conversation: Conversation) -> Telling:
    """What began the conversation, opened. Raises what `open_exhibit` raises."""
    row = _arrivals(conversation).order_by("id")[0]
    return telling_in(json.loads(open_exhibit(json.loads(row.exhibits)[0])))


def note_arrival(conversation: Conversation, exhibit: Storable, now: datetime) -> None:
    """A report's telling that staff wrote down, in the caller's transaction. Its bytes are in the vault already."""
    Arrival.objects.create(
        number=secrets.token_bytes(_ENVELOPE_BYTES),
        kind=Kind.REPORT,
        state=ArrivalState.CARRIED,
        exhibits=json.dumps(store_exhibits([exhibit])),
        conversation=conversation,
        received_at=now,
        carried_at=now,
    )


def _arrivals(conversation: Conversation) -> QuerySet[Arrival]:
    return Arrival.objects.filter(
        conversation=conversation,
        kind__in=[str(kind) for kind in TOLD],
        state__in=[str(ArrivalState.CARRIED), str(ArrivalState.RESOLVED)],
    )


def tell_again(
    actor: Actor,
    conversation: Conversation,
    seal: Seal,
    *,
    unit: Unit,
    now: datetime,
    heard: bool = False,
) -> Receipt | None:
    """The report with all that was told by now, in the caller's transaction: its arrival stands already.

    A conversation that had no report gets one. None where it was told too often, unless it must be `heard`.
    """
    often = _arrivals(conversation).count() > MOST_TELLINGS
    if often and conversation.report_id is not None and not heard:
        return None
    documents = documents_of(conversation, seal.exhibits)
    report = prepared(
        documents,
        seal,
        now,
        number=conversation.submission,
        source=Source.PORTAL if conversation.channel == Channel.DOOR else Source.STAFF,
        entity=entity_of(Channel(conversation.channel), conversation.sender),
    )
    (receipt,) = receive_reports(
        actor, [report], unit=unit, received_at=now, origin=f"door:{conversation.pk}", sealer=seal.sealer
    )
    if conversation.report_id is None:
        conversation.report_id = receipt.report_id
        Conversation.objects.filter(pk=conversation.pk).update(report_id=receipt.report_id)
    return receipt
