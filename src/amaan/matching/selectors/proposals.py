"""What waits to become known in the own list, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.keyring.services import opener
from amaan.matching.domain.errors import ProposalNotFound, SurvivorNotFound
from amaan.matching.domain.lists import SURVIVORS, Answer, Category, MemberState, SignalType
from amaan.matching.models import Member, Proposal, Signal
from amaan.matching.permissions import lists_where, proposals_where
from amaan.reports.selectors import reports_among


@dataclass(frozen=True)
class Hash:
    """A value as a page shows it."""

    kind: str
    value: str
    quality: int | None


@dataclass(frozen=True)
class Waiting:
    """A proposal as it waits. `reference` is "" where it rests on a survivor's hash, or the actor may not open it.

    `number` is the proposal's, `content` the file's number in the report as people count, from 1. `own` says that the
    actor proposed it, and so can't confirm it.
    """

    number: int
    category: Category
    reason: str
    by: str
    at: datetime
    unit: str
    reference: str
    content: int | None
    telling: int | None
    survivor: bool
    own: bool
    hashes: tuple[Hash, ...]


@dataclass(frozen=True)
class SurvivorLine:
    """A survivor's hash: no name, no report, no finder, and nothing with which it is taken back."""

    number: int
    came_at: datetime
    hashes: tuple[Hash, ...]


def reason_place(number: int) -> str:
    return f"matching_proposal/{number}/reason"


def answer_place(number: int) -> str:
    return f"matching_proposal/{number}/answer_reason"


def access_proposal(actor: Actor, number: int) -> Proposal:
    """The only way from a number to a proposal. Raises ProposalNotFound."""
    found = proposals_where(actor, Action.CONFIRM_KNOWN).filter(pk=number).first()
    if found is None:
        raise ProposalNotFound("There is no such proposal for you.")
    return found


def proposals_waiting(actor: Actor, *, after: int = 0, limit: int = 50) -> list[Waiting]:
    """What waits for a second person, the oldest first; `after` is the last number seen. Reasons are opened."""
    rows = proposals_where(actor, Action.CONFIRM_KNOWN).filter(answer=Answer.WAITING, pk__gt=after)
    return _opened(actor, list(rows.select_related("member").order_by("pk")[:limit]))


def waiting_proposal(actor: Actor, number: int) -> Waiting:
    """One that waits. Raises ProposalNotFound, also where it was answered."""
    found = access_proposal(actor, number)
    if found.answer != Answer.WAITING:
        raise ProposalNotFound("This was confirmed or refused before.")
    return _opened(actor, [found])[0]


def known_of_report(actor: Actor, report_id: int, telling: int) -> dict[int, Answer]:
    """Which files of a telling were proposed, by number from 0: waiting, confirmed or refused last."""
    rows = proposals_where(actor, Action.CONFIRM_KNOWN).filter(report=report_id, telling=telling)
    found = rows.order_by("pk").values_list("content", "answer")
    return {number: Answer(answer) for number, answer in found if number is not None}


def survivors_waiting(
    actor: Actor, *, after: int = 0, limit: int = 50
) -> tuple[list[SurvivorLine], int | None]:
    """Survivors' hashes, the oldest first, and where the next page begins. Those proposed for the own list are left
    out while they wait and after they were confirmed."""
    held = lists_where(actor, Action.CONFIRM_KNOWN).filter(slug=SURVIVORS)
    asked = Proposal.objects.filter(survivor__isnull=False).exclude(answer=Answer.REFUSED).values("survivor")
    rows = list(
        Member.objects.filter(list__in=held, state=MemberState.ACTIVE, pk__gt=after)
        .exclude(pk__in=asked)
        .select_related("batch")
        .order_by("pk")[: limit + 1]
    )
    hashes = _hashes([row.pk for row in rows])
    lines = [SurvivorLine(row.pk, row.batch.began_at, hashes.get(row.pk, ())) for row in rows[:limit]]
    return lines, rows[limit - 1].pk if len(rows) > limit else None


def survivor_line(actor: Actor, number: int) -> SurvivorLine:
    """One survivor's hash that counts. Raises SurvivorNotFound."""
    held = lists_where(actor, Action.CONFIRM_KNOWN).filter(slug=SURVIVORS)
    row = (
        Member.objects.filter(list__in=held, pk=number, state=MemberState.ACTIVE)
        .select_related("batch")
        .first()
    )
    if row is None:
        raise SurvivorNotFound("No survivor's hash has this reference, or it was taken back.")
    return SurvivorLine(row.pk, row.batch.began_at, _hashes([row.pk]).get(row.pk, ()))


def _opened(actor: Actor, rows: list[Proposal]) -> list[Waiting]:
    reports = reports_among(actor, [row.report_id for row in rows if row.report_id is not None])
    hashes = _hashes([row.member_id for row in rows])
    keys = opener()
    lines = []
    for row in rows:
        report = reports.get(row.report_id) if row.report_id is not None else None
        lines.append(
            Waiting(
                number=row.pk,
                category=Category(row.member.category),
                reason=keys.open(reason_place(row.pk), bytes(row.reason)).decode(),
                by=row.by,
                at=row.at,
                unit=row.unit,
                reference=report.reference if report else "",
                content=row.content + 1 if row.content is not None else None,
                telling=row.telling,
                survivor=row.survivor_id is not None,
                own=row.by == actor.key,
                hashes=hashes.get(row.member_id, ()),
            )
        )
    return lines


def _hashes(members: list[int]) -> dict[int, tuple[Hash, ...]]:
    found: dict[int, list[Hash]] = {}
    for one in Signal.objects.filter(member__in=members).order_by("member", "type"):
        kind = {SignalType.SHA256: "SHA-256", SignalType.SHA1: "SHA-1"}.get(
            SignalType(one.type), SignalType(one.type).name
        )
        found.setdefault(one.member_id, []).append(Hash(kind, bytes(one.value).hex(), one.quality))
    return {member: tuple(hashes) for member, hashes in found.items()}
