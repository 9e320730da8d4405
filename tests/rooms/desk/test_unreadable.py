"""What the public sent and nobody could read: shown with its cause, and read again once it can be."""

from __future__ import annotations

import html
import secrets

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import a_person, a_unit, signed_in

from amaan.authority.actors import Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.correspondence.models import Arrival
from amaan.correspondence.services import carry_some
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.sealing import NotOpened
from amaan.portal.models import Envelope
from amaan.portal.services import send
from amaan.reports.models import Report

pytestmark = pytest.mark.django_db(databases=["default", "portal"])

ADDRESS = "/desk/unreadable/"
RETRY = "/desk/unreadable/retry/"


@pytest.fixture
def officer() -> Client:
    a_unit("north")
    return signed_in(a_person(Role.INTAKE_OFFICER))


@pytest.fixture
def broken(officer: Client) -> int:
    """An envelope that no key opens; its number at the desk."""
    Envelope.objects.create(
        number=secrets.token_bytes(16),
        sealed=secrets.token_bytes(256),
        leaf=b"",
        salt=b"",
        body=b"",
        many=False,
        received_at=timezone.now(),
    )
    carry_some()
    return int(Arrival.objects.get(state="unreadable").pk)


def test_nothing_waits_at_first(officer: Client) -> None:
    assert "Everything that the public sent could be read." in officer.get(ADDRESS).content.decode()
    assert ADDRESS not in officer.get("/desk/imports/").content.decode()


def test_what_nobody_could_read_is_shown_and_stays(officer: Client, broken: int) -> None:
    shown = officer.get(ADDRESS).content.decode()
    assert f"Number {broken}" in shown
    assert ADDRESS in officer.get("/desk/imports/").content.decode()
    for sent in ({"number": str(broken)}, {}):
        answer = officer.post(RETRY, sent, follow=True)
        assert "still can't be read" in html.unescape(answer.content.decode())
    assert Arrival.objects.get().state == "unreadable"


def test_what_can_be_read_after_all_becomes_a_report(
    officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.correspondence.services import carrying

    send(Kind.REPORT, language="en", answers={"way": "saw", "what_happened": "A group that shares pictures."})

    def refuse(*_: object) -> object:
        raise NotOpened("another key")

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "open_with", refuse)
        carry_some()
    assert not Report.objects.exists()
    number = Arrival.objects.get().pk
    answer = officer.post(RETRY, {"number": str(number)}, follow=True)
    assert "could be read now" in answer.content.decode()
    assert Report.objects.exists()
    again = officer.post(RETRY, {"number": str(number)}, follow=True)
    assert "Somebody had it read again before you." in again.content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_who_may_look_looks_and_who_may_retry_retries(role: Role, broken: int) -> None:
    client = signed_in(a_person(role))
    looks = MATRIX[Action.VIEW_IMPORT][role] is not Scope.NONE
    retries = MATRIX[Action.RETRY_QUARANTINE][role] is not Scope.NONE
    answer = client.get(ADDRESS)
    assert answer.status_code == (200 if looks else 404)
    assert (RETRY in answer.content.decode()) is retries
    assert client.post(RETRY).status_code == (302 if retries else 404)


@pytest.mark.parametrize("odd", ["x", "-1", "9" * 40, "1\0"])
def test_an_odd_number_is_nobodys_envelope(officer: Client, broken: int, odd: str) -> None:
    assert officer.post(RETRY, {"number": odd}).status_code == 302
    assert Arrival.objects.get().state == "unreadable"
