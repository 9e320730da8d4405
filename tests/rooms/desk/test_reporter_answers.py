"""What a reporter answers later, written down at the desk: the door's questions, empty, and one telling a form."""

from __future__ import annotations

import html

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.desk.tellers import Teller, a_teller
from tests.rooms.portal.conftest import quick_codes  # noqa: F401 - a fixture
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Role
from amaan.correspondence.models import Arrival
from amaan.portal.domain.questions import FIELDS
from amaan.reports.models import Report

pytestmark = [
    pytest.mark.django_db(databases=["default", "portal"]),
    pytest.mark.usefixtures("quick_codes"),
]
AGE = {"once": "answered-by-telephone-1", "victim_age": "11-13"}


@pytest.fixture
def officer() -> Client:
    a_unit("north")
    return signed_in(a_person(Role.ANALYST))


@pytest.fixture
def teller(officer: Client) -> Teller:
    return a_teller()


def address(reference: str) -> str:
    return f"/desk/reports/{reference}/reporter/answers/"


def test_an_answer_is_written_down_once_and_stands_on_the_page(officer: Client, teller: Teller) -> None:
    where = address(teller.reference)
    page = f"/desk/reports/{teller.reference}/"
    assert where in officer.get(page).content.decode()
    asked = officer.get(where).content.decode()
    assert 'name="victim_age"' in asked
    assert 'name="contact_to"' not in asked
    for _ in range(2):
        answer = officer.post(where, AGE)
        assert (answer.status_code, answer["Location"]) == (302, f"{page}#reporter")
    assert Arrival.objects.filter(conversation__report__reference=teller.reference).count() == 2
    assert Report.objects.get(reference=teller.reference).version == 2
    shown = html.unescape(officer.get(page).content.decode())
    assert "11 to 13" in shown


def test_nothing_and_nonsense_are_refused_and_what_was_typed_stays(officer: Client, teller: Teller) -> None:
    where = address(teller.reference)
    for wrong in ({"once": AGE["once"]}, AGE | {"victim_age": "ninety"}, AGE | {"when_date-day": "99"}):
        assert officer.post(where, wrong).status_code == 422
    kept = officer.post(where, AGE | {"again": "1", "what_happened": "He rang twice."})
    assert "He rang twice." in kept.content.decode()
    limit = FIELDS["what_happened"].limit
    assert officer.post(where, AGE | {"what_happened": "a" * (limit + 1)}).status_code == 422
    assert Report.objects.get(reference=teller.reference).version == 1


def test_it_is_offered_where_somebody_told_it_and_to_whoever_may(officer: Client, teller: Teller) -> None:
    alone = arrived(report())
    assert officer.get(address(alone)).status_code == 404
    assert address(alone) not in officer.get(f"/desk/reports/{alone}/").content.decode()
    for role in (Role.STATISTICIAN, Role.AUDITOR, Role.ADMINISTRATOR):
        assert signed_in(a_person(role)).post(address(teller.reference), AGE).status_code in {403, 404}
    a_unit("south")
    assert (
        signed_in(a_person(Role.ANALYST, unit="south")).post(address(teller.reference), AGE).status_code
        == 404
    )
    assert Report.objects.get(reference=teller.reference).version == 1
