"""Reading people and units."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import get_language

from amaan.accounts.models import Membership, Unit, User
from amaan.accounts.second_factor import demo_marker_stands
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import MATRIX, Action, Scope, Units, require, units_where

# Recovery codes alone are no second factor: they are what remains when one is lost.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


@dataclass(frozen=True)
class Person:
    """One row of the list of people."""

    id: int
    email: str
    name: str
    active: bool
    second_factor: bool
    last_seen_at: datetime | None
    roles: tuple[Grant, ...]


@dataclass(frozen=True)
class Colleague:
    """Somebody who can be given work."""

    id: int
    name: str


def actor_of(user: User | AnonymousUser) -> Actor | None:
    """Who somebody is for every service; None for a visitor. A deactivated person holds no grants."""
    if not isinstance(user, User):
        return None
    held = Membership.objects.filter(user=user).values_list("role", "unit__code") if user.is_active else ()
    return Actor(
        ActorKind.STAFF, f"staff:{user.pk}", frozenset(Grant(Role(role), unit) for role, unit in held)
    )


def actors_of(people: Collection[int]) -> list[Actor]:
    """Who these people (row ids) are for every service; whoever is deactivated or holds no role is left out."""
    grants: dict[int, set[Grant]] = {}
    held = Membership.objects.filter(user_id__in=list(people), user__is_active=True)
    for person, role, unit in held.values_list("user_id", "role", "unit__code"):
        grants.setdefault(person, set()).add(Grant(Role(role), unit))
    return [
        Actor(ActorKind.STAFF, f"staff:{person}", frozenset(own)) for person, own in sorted(grants.items())
    ]


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def people(actor: Actor) -> list[Person]:
    """Everybody whom `actor` may see, by name. An OWN_UNIT right shows the people of those units."""
    require(actor, Action.VIEW_PEOPLE)
    units = units_where(actor, Action.VIEW_PEOPLE)
    found = User.objects.order_by("name", "email")
    if not units.all:
        found = found.filter(memberships__unit__code__in=units.codes).distinct()
    enrolled = set(Authenticator.objects.filter(type__in=SECOND_FACTORS).values_list("user_id", flat=True))
    return [
        Person(
            id=user.pk,
            email=user.email,
            name=user.name,
            active=user.is_active,
            second_factor=user.pk in enrolled,
            last_seen_at=user.last_login,
            roles=tuple(Grant(Role(held.role), held.unit.code) for held in user.memberships.all()),
        )
        for user in found.prefetch_related("memberships__unit")
    ]


def names_of(keys: Iterable[str]) -> dict[str, str]:
    """Names of staff by actor key (`staff:12`). Keys of platforms, processes and people gone are left out."""
    numbers = [key.removeprefix("staff:") for key in keys if key.startswith("staff:")]
    rows = User.objects.filter(pk__in=[int(number) for number in numbers if number.isdigit()])
    return {f"staff:{pk}": name for pk, name in rows.values_list("pk", "name")}


def colleagues(action: Action, unit: str) -> list[Colleague]:
    """Everybody active who may do `action` in the unit with this code, by name. Names are no secret there."""
    row = MATRIX[action]
    here = [role.value for role, scope in row.items() if scope is not Scope.NONE]
    everywhere = [role.value for role, scope in row.items() if scope is Scope.ALL_UNITS]
    held = Membership.objects.filter(Q(unit__code=unit, role__in=here) | Q(role__in=everywhere))
    found = User.objects.filter(is_active=True, id__in=held.values("user_id")).order_by("name", "id")
    return [Colleague(person.pk, person.name) for person in found]


def unit_list() -> list[Unit]:
    """Every office. Names of offices are no secret among staff."""
    return list(Unit.objects.order_by("code"))


def unit_names() -> dict[str, str]:
    """The offices' names in the reader's language, by code."""
    urdu = get_language() == "ur"
    return {unit.code: (unit.name_ur if urdu else "") or unit.name for unit in unit_list()}


def unit_ids(units: Units) -> list[int]:
    """The row ids of the offices that a right covers, in order."""
    found = Unit.objects.all() if units.all else Unit.objects.filter(code__in=units.codes)
    return sorted(found.values_list("id", flat=True))


def default_unit() -> Unit:
    """The office that takes what names none."""
    return Unit.objects.order_by("-is_default", "id")[0]


def is_demo_world() -> bool:
    """Whether everything in this installation is invented; pages say so on top."""
    return demo_marker_stands()
