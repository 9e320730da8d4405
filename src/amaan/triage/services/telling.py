"""Messages leave: by mail, or by telephone through a gateway. Only the worker sends, and never in a transaction.

A message is taken with a lease, sent, and then noted as sent. Who is killed between sending and noting sends it again
under the same id, by which mail programs and the gateway know it; what is not sent is tried again, later and later.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.clients.asking import ServiceFault
from amaan.clients.sms_gateway import send_sms
from amaan.ledger.services import Act, append
from amaan.triage.domain.waking import LEASE, MOST_TRIES, Channel, wait_after
from amaan.triage.models import Notice, OnCall
from amaan.triage.permissions import require_system

_AT_ONCE: Final = 20


class NoGateway(Exception):
    """AMAAN_SMS is not set, so nothing goes out by telephone."""


class NoNumber(Exception):
    """Nobody's number is on the list any more."""


def send_some(actor: Actor, *, clock: Callable[[], datetime] = timezone.now) -> int:
    """Send what is due; how many messages were tried. The worker's chore, in a thread of its own."""
    require_system(actor)
    tried = 0
    while tried < _AT_ONCE and (notice := _take(clock())) is not None:
        tried += 1
        try:
            _send(notice, clock())
        except (ServiceFault, SMTPException, OSError, NoGateway, NoNumber) as fault:
            # The kind alone: a server's answer may quote the address.
            _failed(actor, notice, type(fault).__name__, clock())
        else:
            _done(actor, notice, clock())
    return tried


def _take(now: datetime) -> Notice | None:
    if not Notice.objects.filter(try_at__lte=now).exists():
        return None  # looked at without the writer's lock
    with transaction.atomic(durable=True):
        due = Notice.objects.select_for_update(of=("self",), skip_locked=True).select_related("person")
        notice = due.filter(try_at__lte=now).order_by("try_at", "id").first()
        if notice is not None:
            notice.try_at, notice.attempts = now + LEASE, notice.attempts + 1
            notice.save(update_fields=["try_at", "attempts"])
        return notice


def _send(notice: Notice, now: datetime) -> None:
    if not notice.person.is_active:
        raise NoNumber
    if notice.channel == Channel.MAIL:
        name = hashlib.sha256(notice.key.encode()).hexdigest()[:32]
        EmailMessage(
            notice.subject,
            notice.text,
            settings.DEFAULT_FROM_EMAIL,
            [notice.person.email],
            headers={"Message-ID": f"<{name}@amaan>", "Auto-Submitted": "auto-generated"},
        ).send()
        return
    if settings.AMAAN_SMS is None:
        raise NoGateway
    phone = (
        OnCall.objects.filter(person=notice.person, unit__code=notice.unit)
        .values_list("phone", flat=True)
        .first()
    )
    if not phone:
        raise NoNumber
    send_sms(settings.AMAAN_SMS, to=phone, text=notice.text, key=notice.key, at=int(now.timestamp()))


@transaction.atomic(durable=True)
def _done(actor: Actor, notice: Notice, now: datetime) -> None:
    Notice.objects.filter(pk=notice.pk).update(sent_at=now, try_at=None, fault="")
    append(actor, [_act("notice.sent", notice)])


@transaction.atomic(durable=True)
def _failed(actor: Actor, notice: Notice, kind: str, now: datetime) -> None:
    last = notice.attempts >= MOST_TRIES
    again = None if last else now + wait_after(notice.attempts)
    # One whose call has ended meanwhile is not tried again.
    rows = Notice.objects.filter(pk=notice.pk)
    rows.update(fault=kind)
    rows.filter(try_at__isnull=False).update(try_at=again)
    if last:
        append(actor, [_act("notice.failed", notice)])


def _act(name: str, notice: Notice) -> Act:
    body: dict[str, object] = {"to": f"staff:{notice.person_id}", "by": notice.channel, "key": notice.key}
    return Act(name, f"notice:{notice.pk}", notice.unit, body)
