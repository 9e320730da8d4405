"""Reports prepared under the installation's own keys, so that what was sealed can be opened again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.rooms.referrals.reading import ARRIVED, report

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.evidence.services import exhibit_sealer
from amaan.keyring.services import index_keys, new_sealer
from amaan.referrals.domain.intake import Context, read_documents
from amaan.referrals.domain.packages import Member, Package
from amaan.reports.domain.preparing import Prepared, Seals
from amaan.reports.services import receive_reports

SYSTEM = Actor.system("test")
PHONE = "0300-1234567"
HANDLE = "quiet_sparrow"


def staff(role: Role, unit: str = "lahore", number: int = 7) -> Actor:
    return Actor(ActorKind.STAFF, f"staff:{number}", frozenset({Grant(role, unit)}))


def both(*roles: Role, unit: str = "lahore", number: int = 7) -> Actor:
    return Actor(ActorKind.STAFF, f"staff:{number}", frozenset(Grant(role, unit) for role in roles))


def office(code: str) -> Unit:
    return Unit.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def told(body: str, *, number: int | str = 1, unit: str = "lahore", **how: Any) -> str:
    """One report is received; its reference."""
    return told_many([body], first=number, unit=unit, **how)[0]


def told_many(
    bodies: list[str], *, first: int | str = 1, unit: str = "lahore", days_ago: int = 0, **how: Any
) -> list[str]:
    """Reports numbered from `first`; their references, in order."""
    sealer = new_sealer()
    context = Context(Seals(sealer, index_keys()), exhibit_sealer(sealer), ARRIVED)
    batch = [_prepared(report(body, **how), str(int(first) + n), context) for n, body in enumerate(bodies)]
    at = timezone.now() - timedelta(days=days_ago)
    receipts = receive_reports(SYSTEM, batch, unit=office(unit), received_at=at, origin="test")
    return [receipt.reference for receipt in receipts]


def _prepared(document: bytes, number: str, context: Context) -> Prepared:
    named = [(f"Example Platform/{number}/0.xml", document)]
    package = Package("Example Platform", number, (Member(named[0][0], "", len(document)),), row="")
    found = read_documents(package, named, context)
    assert isinstance(found, Prepared), found
    return found


def suspect(phone: str = "", handle: str = "", name: str = "") -> str:
    """An adult reported account."""
    inner = f"<firstName>{name}</firstName>" if name else ""
    inner += f"<phone>{phone}</phone>" if phone else ""
    person = f"<personOrUserReportedPerson>{inner}<dateOfBirth>1980-01-01</dateOfBirth></personOrUserReportedPerson>"
    return f"<personOrUserReported>{person}{_named(handle)}</personOrUserReported>"


def victim(phone: str = "", handle: str = "", name: str = "", age: int = 12) -> str:
    inner = f"<firstName>{name}</firstName>" if name else ""
    inner += f"<phone>{phone}</phone>" if phone else ""
    return f"<victim><victimPerson>{inner}<age>{age}</age></victimPerson>{_named(handle)}</victim>"


def _named(handle: str) -> str:
    return f"<espService>Instagram</espService><screenName>{handle}</screenName>" if handle else ""
