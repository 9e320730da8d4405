"""Letters on their way to the door. The door seals each to its box; once it lies there, its words are gone here."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence

from django.db import transaction
from django.utils import timezone

from amaan.correspondence.domain import places
from amaan.correspondence.models import Conversation, Outgoing
from amaan.keyring.domain import Sealer
from amaan.keyring.services import new_sealer, opener
from amaan.portal.domain.letters import Letter
from amaan.portal.services import Leaving, leave_many
from amaan.reports.domain.preparing import dumps
from amaan.store.rows import on_postgres

_NUMBER_BYTES = 16


def post(letters: Sequence[tuple[Conversation, Letter]], *, sealer: Sealer | None = None) -> None:
    """Put letters on their way, in the caller's transaction. A conversation without a box gets none."""
    now = timezone.now()
    rows = []
    seal = (sealer or new_sealer()).seal if letters else None
    for conversation, letter in letters:
        if conversation.address is None or seal is None:
            continue
        number = secrets.token_bytes(_NUMBER_BYTES)
        rows.append(
            Outgoing(
                conversation=conversation,
                number=number,
                kind=letter["kind"],
                sealed=seal(places.outgoing(number), dumps(letter)),
                made_at=now,
            )
        )
    Outgoing.objects.bulk_create(rows)


def leave_letters(limit: int = 40) -> int:
    """Leave what waits at the door, the oldest first; how many. The worker's chore.

    Whoever dies between the door and the row leaves the same letter again, which the door takes once.
    """
    waiting = list(
        Outgoing.objects.filter(left_at=None).select_related("conversation").order_by("id")[:limit]
    )
    if not waiting:
        return 0
    open_ = opener().open
    leave_many([_leaving(row, open_) for row in waiting])
    with transaction.atomic():
        rows = Outgoing.objects.filter(pk__in=[row.pk for row in waiting], left_at=None)
        if on_postgres():
            rows = rows.select_for_update()
        Outgoing.objects.filter(pk__in=[row.pk for row in rows]).update(left_at=timezone.now(), sealed=None)
    return len(waiting)


def _leaving(row: Outgoing, open_: Callable[[str, bytes], bytes]) -> Leaving:
    conversation, number = row.conversation, bytes(row.number)
    assert conversation.address is not None
    assert conversation.public is not None
    assert row.sealed is not None
    value = json.loads(open_(places.outgoing(number), bytes(row.sealed)))
    return Leaving(bytes(conversation.address), bytes(conversation.public), number, value)
