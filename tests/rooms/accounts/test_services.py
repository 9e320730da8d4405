"""People and units change by services, each change in the ledger, nobody above the matrix."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from tests.rooms.accounts.people import PASSWORD, a_person, a_unit, signed_in

from amaan.accounts import services
from amaan.accounts.models import Membership, User
from amaan.accounts.selectors import actor_of, default_unit, people, unit_list
from amaan.authority.actors import Actor, Grant, Role
from amaan.authority.matrix import NotAllowed
from amaan.ledger.models import Entry

pytestmark = pytest.mark.django_db

OPERATOR = Actor.system("command-line")


def acts() -> list[dict[str, str]]:
    return [
        json.loads(bytes(leaf)) for leaf in Entry.objects.order_by("id").values_list("leaf_bytes", flat=True)
    ]


def acting(*roles: Role) -> tuple[User, Actor]:
    person = a_person(*roles)
    actor = actor_of(person)
    assert actor is not None
    return person, actor


def test_a_person_is_added_with_an_initial_password() -> None:
    a_unit()
    added = services.add_person(OPERATOR, email=" New@Example.ORG ", name="New", unit="north", role="analyst")
    assert added.person.email == "new@example.org"
    assert added.person.password_is_initial
    assert added.initial_password is not None
    assert added.person.check_password(added.initial_password)
    actor = actor_of(added.person)
    assert actor is not None
    assert actor.grants == {Grant(Role.ANALYST, "north")}


def test_the_leaf_names_nobody() -> None:
    a_unit()
    added = services.add_person(
        OPERATOR, email="new@example.org", name="Sample Name", unit="north", role="analyst"
    )
    (leaf,) = acts()
    assert (leaf["act"], leaf["on"], leaf["unit"]) == ("person.added", f"person:{added.person.pk}", "north")
    assert "example" not in json.dumps(leaf)
    assert "Sample" not in json.dumps(leaf)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_the_administrator_manages(role: Role) -> None:
    _, actor = acting(role)
    other = a_person(Role.ANALYST)
    attempts = [
        lambda: services.add_unit(actor, code="new", name="New"),
        lambda: services.add_person(actor, email="x@example.org", name="X", unit="north", role="auditor"),
        lambda: services.grant_role(actor, person=other, unit="north", role="auditor"),
        lambda: services.end_role(actor, person=other, unit="north", role="analyst"),
        lambda: services.deactivate_person(actor, person=other),
        lambda: services.reset_sign_in(actor, person=other),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    assert acts() == []


def test_nobody_changes_their_own_grants() -> None:
    person, actor = acting(Role.ADMINISTRATOR)
    attempts = [
        lambda: services.grant_role(actor, person=person, unit="north", role="analyst"),
        lambda: services.end_role(actor, person=person, unit="north", role="administrator"),
        lambda: services.deactivate_person(actor, person=person),
        lambda: services.reset_sign_in(actor, person=person),
    ]
    for attempt in attempts:
        with pytest.raises(services.OwnGrants):
            attempt()
    assert Membership.objects.filter(user=person).count() == 1


def test_roles_are_granted_and_ended() -> None:
    _, actor = acting(Role.ADMINISTRATOR)
    other = a_person(Role.ANALYST)
    services.grant_role(actor, person=other, unit="north", role="custodian")
    services.grant_role(actor, person=other, unit="north", role="custodian")
    services.end_role(actor, person=other, unit="north", role="analyst")
    with pytest.raises(services.RoleNotHeld):
        services.end_role(actor, person=other, unit="north", role="analyst")
    assert [leaf["act"] for leaf in acts()] == ["role.granted", "role.ended"]
    now = actor_of(other)
    assert now is not None
    assert now.grants == {Grant(Role.CUSTODIAN, "north")}


def test_somebody_leaves() -> None:
    _, actor = acting(Role.ADMINISTRATOR)
    leaver = a_person(Role.ANALYST, password=PASSWORD)
    client = signed_in(leaver)
    services.deactivate_person(actor, person=leaver)
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert not leaver.has_usable_password()
    assert not Authenticator.objects.filter(user=leaver).exists()
    now = actor_of(leaver)
    assert now is not None
    assert now.grants == frozenset()
    assert client.get("/account/second-factor/").headers["Location"].startswith("/sign-in/")


def test_a_failed_ledger_undoes_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(services, "append", broken)
    with pytest.raises(RuntimeError, match="disk"), transaction.atomic():
        services.add_unit(OPERATOR, code="south", name="South")
    assert not services.Unit.objects.filter(code="south").exists()


def test_refusals_are_named() -> None:
    a_unit()
    given = {"name": "N", "unit": "north", "role": "analyst"}
    services.add_person(OPERATOR, email="a@example.org", **given)
    with pytest.raises(services.EmailTaken):
        services.add_person(OPERATOR, email="A@example.org", **given)
    with pytest.raises(services.BadEmail):
        services.add_person(OPERATOR, email="nobody", **given)
    with pytest.raises(services.WeakPassword):
        services.add_person(OPERATOR, email="b@example.org", password="short", **given)
    with pytest.raises(services.UnknownUnit, match="north"):
        services.add_person(OPERATOR, email="b@example.org", name="N", unit="nowhere", role="analyst")
    with pytest.raises(services.UnitExists):
        services.add_unit(OPERATOR, code="NORTH", name="Again")
    with pytest.raises(services.BadUnitCode):
        services.add_unit(OPERATOR, code="two words", name="N")
    assert not User.objects.filter(email="b@example.org").exists()


def test_the_database_refuses_an_unknown_role_and_a_second_spelling() -> None:
    person = a_person(Role.ANALYST)
    unit = a_unit()
    for bad in ({"role": "superuser"}, {"role": "analyst"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(user=person, unit=unit, **bad)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Upper@example.org", name="U")


def test_a_supervisor_sees_the_people_of_the_own_unit() -> None:
    _, supervisor = acting(Role.SUPERVISOR)
    a_person(Role.ANALYST, unit="south")
    assert {grant.unit for person in people(supervisor) for grant in person.roles} == {"north"}
    with pytest.raises(NotAllowed):
        people(acting(Role.ANALYST)[1])


def test_a_first_unit_is_opened_once() -> None:
    services.prepare_units()
    services.prepare_units()
    assert [unit.code for unit in services.Unit.objects.all()] == [services.FIRST_UNIT]
    assert [leaf["act"] for leaf in acts()] == ["unit.added"]


def test_one_unit_takes_what_names_none() -> None:
    first = services.add_unit(OPERATOR, code="first", name="First")
    services.add_unit(OPERATOR, code="second", name="Second")
    assert default_unit() == first
    services.make_default_unit(OPERATOR, code="second")
    assert default_unit().code == "second"
    assert [unit.code for unit in unit_list() if unit.is_default] == ["second"]
