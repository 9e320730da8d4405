"""People for tests. Their passwords go through a quick hasher, because scrypt is slow on purpose."""

from __future__ import annotations

import itertools
import time

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from amaan.accounts.models import Membership, Unit, User
from amaan.authority.actors import Role

PASSWORD = "quiet-river-under-snow"
_numbers = itertools.count(1)


def a_unit(code: str = "north") -> Unit:
    return Unit.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def a_person(
    *roles: Role, unit: str = "north", password: str | None = None, second_factor: bool = True
) -> User:
    """Somebody with these roles in `unit`; a second factor stands unless told otherwise."""
    person = User(email=f"person{next(_numbers)}@example.org", name="Sample Person")
    if password:
        person.set_password(password)
    else:
        person.set_unusable_password()
    person.save()
    office = a_unit(unit)
    for role in roles:
        Membership.objects.create(user=person, unit=office, role=role.value)
    if second_factor:
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "not used"})
    return person


def with_app(person: User) -> str:
    """Give a person an authenticator app; its secret."""
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    return secret


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client
