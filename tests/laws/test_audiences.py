"""Law: every view says whom it is for, and nobody else gets in. What is expected is read from the matrix."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path
from django.views import View
from tests.rooms.accounts.people import a_person, signed_in

from amaan.accounts.audience import PUBLIC, Audience, Door, audience, audience_of, may
from amaan.authority.actors import Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.web.checks import ServerRefused, every_view_declares, refuse_unfit, views

pytestmark = pytest.mark.pure  # who may enter is decided ahead of any query of a view's own

_CONVERTED = re.compile(r"<(?:\w+:)?\w+>")


def served() -> list[tuple[str, Audience]]:
    """Every route of the running configuration with a path that matches it."""
    found = []
    for route, pattern in views():
        who = audience_of(pattern.callback)
        assert who is not None, f"/{route} declares no audience"
        example = _CONVERTED.sub(lambda match: "7" if "int:" in match.group() else "r-0000-0000-0000", route)
        found.append(("/" + example.strip("^$"), who))
    return found


def turned_away(response: HttpResponse) -> bool:
    """Sent to sign in, or told that there is nothing here."""
    return response.status_code == 404 or (
        response.status_code == 302 and response.headers["Location"].startswith("/sign-in/?")
    )


def test_every_view_of_this_configuration_declares() -> None:
    assert every_view_declares() == []
    assert len(served()) > 15


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post"])
def test_anonymous_visitors_reach_public_views_only(method: str) -> None:
    for address, who in served():
        response = getattr(Client(), method)(address)
        if who.door is not Door.PUBLIC:
            assert turned_away(response), f"{method} {address} answered a visitor with {response.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_view_against_every_role(role: Role) -> None:
    client = signed_in(a_person(role))
    client.raise_request_exception = False
    for address, who in served():
        if who.action is None:
            continue
        allowed = MATRIX[who.action][role] is not Scope.NONE
        response = client.get(address)
        if not allowed:
            assert response.status_code == 404, f"{role} got {response.status_code} at {address}"
            assert not response.context or "report" not in response.context
        else:
            assert response.status_code not in {302, 403, 500}, f"{role} was kept from {address}"


@pytest.mark.django_db
def test_without_a_role_nothing_of_the_matrix_opens() -> None:
    client = signed_in(a_person())
    for address, who in served():
        if who.action is not None:
            assert client.get(address).status_code == 404, address


@pytest.mark.django_db
def test_a_deactivated_person_is_a_visitor() -> None:
    person = a_person(Role.ANALYST, Role.ADMINISTRATOR)
    client = signed_in(person)
    person.is_active = False
    person.save()
    for address, who in served():
        if who.door is not Door.PUBLIC:
            assert turned_away(client.get(address)), address


@pytest.mark.django_db
def test_without_a_second_factor_only_enrolment_opens() -> None:
    client = signed_in(a_person(Role.ANALYST, Role.ADMINISTRATOR, Role.AUDITOR, second_factor=False))
    for address, who in served():
        if who.door is Door.STAFF:
            response = client.get(address)
            assert response.status_code == 302, address
            assert response.headers["Location"] == "/account/second-factor/", address
    assert client.get("/account/second-factor/").status_code == 200


# A configuration of our own: a view for every action, and what the real one must never contain.


def _a_view_for(action: Action) -> Callable[[HttpRequest], HttpResponse]:
    @audience(may(action))
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("told")

    return view


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("told")


class Parent(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("told")


Parent = audience(PUBLIC)(Parent)  # type: ignore[misc]


class Child(Parent):
    """Inherits the view and not its audience."""


@audience(may(Action.READ_LEDGER))
class Guarded(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.actor.key)  # type: ignore[attr-defined]


urlpatterns = [
    *(path(f"act/{action}", _a_view_for(action)) for action in Action),
    path("forgotten", forgotten),
    path("parent", Parent.as_view()),
    path("child", Child.as_view()),
    path("guarded", Guarded.as_view()),
    path("sign-in/", Parent.as_view(), name="account_login"),
    path("second", Parent.as_view(), name="mfa_index"),
]
handler404 = "amaan.web.pages.not_found"


@pytest.fixture
def careless() -> Iterator[None]:
    with override_settings(ROOT_URLCONF=__name__):
        yield


@pytest.mark.usefixtures("careless")
def test_the_server_refuses_to_start_with_a_view_that_declares_nothing() -> None:
    said = [error for error in run_checks(tags=["amaan"]) if error.id == "amaan.E001"]
    assert sorted(error.msg.split()[3] for error in said) == ["/child", "/forgotten"]
    with pytest.raises(ServerRefused, match="/forgotten does not say whom it is for"):
        refuse_unfit()


@pytest.mark.django_db
@pytest.mark.usefixtures("careless")
def test_it_is_not_served_even_where_nobody_ran_the_check() -> None:
    for client in (Client(), signed_in(a_person(*Role))):
        for address in ("/forgotten", "/child"):
            response = client.get(address)
            assert response.status_code == 404
            assert b"told" not in response.content
        assert client.get("/parent").content == b"told"


@pytest.mark.django_db
@pytest.mark.usefixtures("careless")
@pytest.mark.parametrize("role", list(Role))
def test_every_action_against_every_role(role: Role) -> None:
    """Holds for actions that no page of the real configuration carries yet."""
    client = signed_in(a_person(role))
    for action in Action:
        response = client.get(f"/act/{action}")
        allowed = MATRIX[action][role] is not Scope.NONE
        assert response.status_code == (200 if allowed else 404), (role, action)
        assert (b"told" in response.content) == allowed
        assert Client().get(f"/act/{action}").status_code == 302


@pytest.mark.django_db
@pytest.mark.usefixtures("careless")
def test_the_view_gets_its_actor() -> None:
    auditor = a_person(Role.AUDITOR)
    assert signed_in(auditor).get("/guarded").content == f"staff:{auditor.pk}".encode()
    assert signed_in(a_person(Role.ADMINISTRATOR)).get("/guarded").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("careless")
def test_absent_and_forbidden_look_the_same() -> None:
    client = signed_in(a_person(Role.ANALYST))
    absent, forbidden = client.get("/nothing-here"), client.get("/guarded")
    assert absent.status_code == forbidden.status_code == 404
    strip = re.compile(rb"/(nothing-here|guarded)|name=\"csrfmiddlewaretoken\" value=\"\w+\"")
    assert strip.sub(b"", absent.content) == strip.sub(b"", forbidden.content)
