"""Writing: what somebody reads, what they wish, what an office allows, check-ins, and what goes after a year."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from amaan.accounts.selectors import colleagues
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, NotAllowed, require, units_where
from amaan.care import models
from amaan.care.domain.categories import Category
from amaan.care.domain.enough import Caps, seconds_between
from amaan.care.domain.wishes import Wishes
from amaan.care.permissions import require_system
from amaan.care.selectors import person_of, place_of
from amaan.keyring.services import new_sealer
from amaan.ledger.services import Act, append

KEPT: Final = timedelta(days=365)
"""What somebody read is kept for so long, then only as counts of an office's month."""


class NoSuchColleague(Exception):
    """Nobody of one's own offices, or oneself."""


def note_opened(actor: Actor, *, report_id: int, unit: str, categories: int, now: datetime) -> None:
    """A report is on the actor's screen; what was there before is left. In the transaction that records the reading."""
    person = person_of(actor)
    if person is None:
        return
    note_left(actor, now=now)
    models.Exposure.objects.create(
        person_id=person, unit=unit, report_id=report_id, opened_at=now, categories=categories
    )


def note_left(actor: Actor, *, now: datetime) -> None:
    """The actor turned to something else. A page that stayed open counts for `MOST_OF_ONE` at most."""
    person = person_of(actor)
    if person is None:
        return
    for opened in models.Exposure.objects.filter(person_id=person, seconds=None):
        opened.seconds = seconds_between(opened.opened_at, now)
        opened.save(update_fields=["seconds"])


@transaction.atomic
def keep_wishes(
    actor: Actor, *, opted_out: Category, caps: Caps, buddy: int | None, shares_name: bool
) -> None:
    """The actor's own wishes. The record says that they were kept, and not what they are.

    Raises NotAllowed, NoSuchColleague.
    """
    person = person_of(actor)
    if person is None or not units_where(actor, Action.VIEW_QUEUE):
        raise NotAllowed(actor, Action.VIEW_QUEUE)
    if buddy is not None and buddy not in buddies_of(actor):
        raise NoSuchColleague
    wishes = Wishes(opted_out, caps, buddy)
    models.Wishes.objects.update_or_create(
        person_id=person,
        defaults={
            "sealed": new_sealer().seal(place_of(person), wishes.written()),
            "shares_name": shares_name,
        },
    )
    append(actor, [Act("care.wishes_kept", "care", "", {})])


def buddies_of(actor: Actor) -> dict[int, str]:
    """Whom the actor may ask for a check-in: who sees the same queues, by row id."""
    person = person_of(actor)
    found: dict[int, str] = {}
    for unit in sorted(units_where(actor, Action.VIEW_QUEUE).codes):
        found |= {one.id: one.name for one in colleagues(Action.VIEW_QUEUE, unit)}
    return {one: name for one, name in found.items() if one != person}


@transaction.atomic
def keep_caps(actor: Actor, *, unit: str, caps: Caps, help_: str = "") -> None:
    """What the office with this code allows, and whom its people can turn to. Raises NotAllowed."""
    require(actor, Action.VIEW_CARE, unit)
    models.OfficeCaps.objects.update_or_create(unit=unit, defaults={**vars(caps), "help": help_})
    append(actor, [Act("care.caps_set", "care", unit, dict(vars(caps)))])


@transaction.atomic
def ask_check_in(actor: Actor, *, buddy: int, now: datetime) -> None:
    """Ask a colleague for a few minutes; asking again changes nothing. Raises NoSuchColleague."""
    person = person_of(actor)
    if person is None or buddy not in buddies_of(actor):
        raise NoSuchColleague
    open_ = models.CheckIn.objects.filter(person_id=person, buddy_id=buddy).exclude(answer="yes")
    if not open_.exists():
        models.CheckIn.objects.create(person_id=person, buddy_id=buddy, asked_at=now)
        append(actor, [Act("care.check_in_asked", "care", "", {})])


@transaction.atomic
def answer_check_in(actor: Actor, *, number: int, yes: bool, now: datetime) -> None:
    """Say that it took place, or that it will later: either of the two. Nothing is said of what was spoken.

    Raises NoSuchColleague.
    """
    person = person_of(actor)
    rows = models.CheckIn.objects.filter(pk=number).exclude(answer="yes")
    row = (rows.filter(person_id=person) | rows.filter(buddy_id=person)).first()
    if row is None:
        raise NoSuchColleague
    row.answer, row.answered_at = ("yes" if yes else "later"), now
    row.save(update_fields=["answer", "answered_at"])
    append(actor, [Act("care.check_in_answered", "care", "", {})])


@transaction.atomic
def drop_old(actor: Actor, *, now: datetime) -> int:
    """Whole months older than a year become an office's counts; how many readings went. The worker's chore."""
    require_system(actor)
    edge = timezone.make_aware(datetime.combine((now - KEPT).date().replace(day=1), time()))
    old = models.Exposure.objects.filter(opened_at__lt=edge)
    if not old.exists():
        return 0
    counts = (
        old.annotate(month=TruncMonth("opened_at"))
        .values_list("unit", "month")
        .annotate(
            people=Count("person_id", distinct=True),
            reports=Count("report_id", distinct=True),
            seconds=Sum("seconds"),
        )
    )
    for unit, month, people, reports, seconds in counts:
        models.MonthCount.objects.get_or_create(
            unit=unit,
            month=_first(month),
            defaults={"people": people, "reports": reports, "minutes": (seconds or 0) // 60},
        )
    models.CheckIn.objects.filter(asked_at__lt=edge, answer="yes").delete()
    gone, _ = old.delete()
    return gone


def _first(month: datetime) -> date:
    return month.date().replace(day=1)
