"""Changing people and units. Each verb: permission → change → ledger, in one transaction."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email, validate_slug
from django.db import transaction

from amaan.accounts.domain import Policy
from amaan.accounts.models import Membership, Unit, User
from amaan.accounts.second_factor import policy
from amaan.authority.actors import Actor, ActorKind, Role
from amaan.authority.matrix import Action, require
from amaan.ledger.services import Act, append

_LETTERS: Final = "abcdefghjkmnpqrstvwxyz23456789"  # none that look alike: it is read aloud and typed once
FIRST_UNIT: Final = "central"  # where `amaan import` puts work that names no unit
_SIGN_IN: Final = Actor.system("sign-in")


class EmailTaken(Exception):
    """An account with this address exists already."""


class BadEmail(Exception):
    """Not an e-mail address."""


class WeakPassword(Exception):
    """The password breaks a rule; the message names it."""


class UnknownPerson(Exception):
    """No account has this address."""


class UnknownUnit(Exception):
    """No unit has this code."""


class BadUnitCode(Exception):
    """A unit's code is letters, digits, hyphens and underscores, at most 32."""


class UnitExists(Exception):
    """A unit with this code exists already."""


class RoleNotHeld(Exception):
    """The person does not hold this role in this unit."""


class NotRecognised(Exception):
    """The address, the passphrase or the app's code is wrong; which one is not said."""


class OwnGrants(Exception):
    """Nobody changes what they themselves may do; a second administrator does."""


@dataclass(frozen=True)
class Added:
    """A new person. `initial_password` opens only the page that changes it; None if a password was given."""

    person: User
    initial_password: str | None


def add_unit(actor: Actor, *, code: str, name: str, name_ur: str = "") -> Unit:
    """Open an office. Raises NotAllowed, BadUnitCode, UnitExists."""
    require(actor, Action.MANAGE_UNITS)
    try:
        validate_slug(code)
    except ValidationError as error:
        raise BadUnitCode(f"{code!r}: letters, digits, hyphens and underscores only.") from error
    if len(code) > 32:
        raise BadUnitCode(f"{code!r} is longer than 32 characters.")
    with transaction.atomic():
        if Unit.objects.filter(code__iexact=code).exists():
            raise UnitExists(f"A unit {code} exists already.")
        unit = Unit.objects.create(
            code=code,
            name=name.strip() or code,
            name_ur=name_ur.strip(),
            is_default=not Unit.objects.exists(),
        )
        _record(
            actor, "unit.added", f"unit:{unit.code}", unit.code, {"name": unit.name, "name_ur": unit.name_ur}
        )
    return unit


def make_default_unit(actor: Actor, *, code: str) -> Unit:
    """Let an office take the work that names none. Raises NotAllowed, UnknownUnit."""
    require(actor, Action.MANAGE_UNITS)
    with transaction.atomic():
        unit = _unit(code)
        Unit.objects.filter(is_default=True).exclude(pk=unit.pk).update(is_default=False)
        Unit.objects.filter(pk=unit.pk).update(is_default=True)
        _record(actor, "unit.made_default", f"unit:{unit.code}", unit.code, {})
    unit.is_default = True
    return unit


def prepare_units() -> None:
    """An installation begins with one office, so that work has somewhere to belong."""
    if not Unit.objects.exists():
        with transaction.atomic():
            if not Unit.objects.exists():  # another process of the same start may have been first
                add_unit(Actor.system("start"), code=FIRST_UNIT, name="Central unit", name_ur="مرکزی یونٹ")


def add_person(
    actor: Actor, *, email: str, name: str, unit: str, role: Role | str, password: str | None = None
) -> Added:
    """Open an account with one role in one unit. Without a password, an initial one is made and returned.

    Raises NotAllowed, BadEmail, EmailTaken, UnknownUnit, WeakPassword, ValueError for an unknown role.
    """
    require(actor, Action.MANAGE_PEOPLE, unit)
    address, held = _clean_email(email), Role(role)
    person = User(email=address, name=name.strip() or address, password_is_initial=password is None)
    initial = _initial_password() if password is None else None
    if password is not None:
        _check_password(password, person)
    person.set_password(initial or password)
    with transaction.atomic():
        office = _unit(unit)
        if User.objects.filter(email=address).exists():
            raise EmailTaken(f"{address} has an account already.")
        person.save(force_insert=True)
        Membership.objects.create(user=person, unit=office, role=held.value)
        said: dict[str, object] = {"email": address, "name": person.name, "role": held.value}
        _record(actor, "person.added", _on(person), office.code, said)
    return Added(person, initial)


def grant_role(actor: Actor, *, person: User, unit: str, role: Role | str) -> Membership:
    """Give a role in a unit; one held already stays. Raises NotAllowed, OwnGrants, UnknownUnit."""
    require(actor, Action.MANAGE_PEOPLE, unit)
    _not_oneself(actor, person)
    held = Role(role)
    with transaction.atomic():
        office = _unit(unit)
        membership, new = Membership.objects.get_or_create(user=person, unit=office, role=held.value)
        if new:
            _record(actor, "role.granted", _on(person), office.code, {"role": held.value})
    return membership


def end_role(actor: Actor, *, person: User, unit: str, role: Role | str) -> None:
    """Take a role away, from the next request on. Raises NotAllowed, OwnGrants, RoleNotHeld."""
    require(actor, Action.MANAGE_PEOPLE, unit)
    _not_oneself(actor, person)
    held = Role(role)
    with transaction.atomic():
        ended, _ = Membership.objects.filter(user=person, unit__code=unit, role=held.value).delete()
        if not ended:
            raise RoleNotHeld(f"{person.email} does not hold {held.value} in {unit}.")
        _record(actor, "role.ended", _on(person), unit, {"role": held.value})


def deactivate_person(actor: Actor, *, person: User) -> None:
    """Close an account: roles end, second factors are removed, open sessions stop at the next request.

    The row stays, because the ledger and old decisions point at it. Raises NotAllowed, OwnGrants.
    """
    require(actor, Action.MANAGE_PEOPLE)
    _not_oneself(actor, person)
    with transaction.atomic():
        held = list(person.memberships.values_list("role", "unit__code"))
        person.memberships.all().delete()
        Authenticator.objects.filter(user=person).delete()
        person.is_active = False
        person.set_unusable_password()
        person.save(update_fields=["is_active", "password"])
        roles = [f"{role} in {unit}" for role, unit in held]
        _record(actor, "person.deactivated", _on(person), "", {"roles": roles})


def reset_sign_in(actor: Actor, *, person: User, second_factor: bool = False) -> str:
    """A new initial password for somebody who lost theirs, and with `second_factor` a fresh enrolment.

    Open sessions end, because the password changed. Raises NotAllowed, OwnGrants, UnknownPerson (closed).
    """
    require(actor, Action.MANAGE_PEOPLE)
    _not_oneself(actor, person)
    if not person.is_active:
        raise UnknownPerson(f"{person.email} is deactivated; add them anew.")
    initial = _initial_password()
    with transaction.atomic():
        person.set_password(initial)
        person.password_is_initial = True
        person.save(update_fields=["password", "password_is_initial"])
        if second_factor:
            Authenticator.objects.filter(user=person).delete()
        _record(actor, "sign_in.reset", _on(person), "", {"second_factor": second_factor})
    return initial


def find_person(email: str) -> User:
    """The account with this address, active or not. Raises UnknownPerson."""
    person = User.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise UnknownPerson(f"Nobody has the address {email}.")
    return person


def recognise(*, email: str, password: str, code: str = "") -> User:
    """Who somebody at the command line is, for an act that needs a person: passphrase, and a code of their app.

    The code is asked for wherever signing in asks for it. Right or wrong, it is in the ledger. Raises NotRecognised.
    """
    person = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    right = person is not None and not person.password_is_initial and person.check_password(password)
    if right and person is not None and policy() is Policy.REQUIRED:
        app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
        right = app is not None and bool(app.wrap().validate_code(code.strip()))
    if person is None or not right:
        record_failed_sign_in(email=email, step="command-line", person=person)
        raise NotRecognised(
            "The address, the passphrase or the code is wrong. (Who has a passkey and no app signs in at the desk.)"
        )
    record_own_act(person, "sign_in.completed", {"methods": ["command-line"]})
    return person


def record_own_act(person: User, act: str, body: dict[str, object] | None = None) -> None:
    """What somebody did to their own account: signed in, changed the password, added or removed a factor."""
    with transaction.atomic():
        append(Actor(ActorKind.STAFF, _on(person, "staff")), [Act(act, _on(person), "", body or {})])


def record_failed_sign_in(*, email: str, step: str, person: User | None = None) -> None:
    """A wrong password or code. The address that was typed is in the sealed body; the leaf names nobody."""
    address = email.strip().lower()
    known = person or User.objects.filter(email=address).first()
    with transaction.atomic():
        act = Act(
            "sign_in.failed", _on(known) if known else "person:unknown", "", {"email": address, "step": step}
        )
        append(_SIGN_IN, [act])


def password_was_changed(person: User) -> None:
    """The person chose a password of their own; it is no longer an initial one."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(password_is_initial=False)
        record_own_act(person, "password.changed")


def _record(actor: Actor, act: str, on: str, unit: str, body: dict[str, object]) -> None:
    append(actor, [Act(act, on, unit, body)])


def _on(person: User, kind: str = "person") -> str:
    return f"{kind}:{person.pk}"


def _not_oneself(actor: Actor, person: User) -> None:
    if actor.key == _on(person, "staff"):
        raise OwnGrants("Nobody changes their own account's rights; ask another administrator.")


def _clean_email(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise BadEmail(f"{email!r} is not an e-mail address.") from error
    return address


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from error


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        known = ", ".join(Unit.objects.order_by("code").values_list("code", flat=True)) or "none yet"
        raise UnknownUnit(
            f"No unit has the code {code!r} (units: {known}). Add one: amaan unit add CODE NAME"
        )
    return unit


def _initial_password() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))
    return "-".join(groups)
