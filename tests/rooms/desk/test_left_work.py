"""Work of people who left: it is found, given on, and nobody gives on what is not theirs to assign."""

from __future__ import annotations

import json
import re

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.cases.conftest import actor, number_of
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.accounts.models import User
from amaan.accounts.services import deactivate_person, end_role
from amaan.authority.actors import Actor, Role
from amaan.cases.selectors import access_case, people_at_work
from amaan.cases.services import assign, open_case
from amaan.ledger.models import Entry
from amaan.triage.models import Claim
from amaan.triage.services import claim_report

pytestmark = pytest.mark.django_db

ADDRESS = "/desk/left-work/"
SYSTEM = Actor.system("test")


@pytest.fixture
def leaver() -> User:
    return a_person(Role.INVESTIGATOR)


@pytest.fixture
def colleague() -> User:
    return a_person(Role.INVESTIGATOR)


@pytest.fixture
def supervisor() -> Client:
    return signed_in(a_person(Role.SUPERVISOR))


@pytest.fixture
def claimed(leaver: User) -> str:
    return claim_report(actor(leaver), arrived(report()))


@pytest.fixture
def case(leaver: User) -> str:
    other = arrived(report(), number="70002")
    return open_case(actor(leaver), report_reference=other, version=1, reason="asked for help")


def shown(client: Client) -> str:
    page = client.get(ADDRESS)
    assert page.status_code == 200
    return page.content.decode()


def given_on(leaver: User, **said: object) -> dict[str, object]:
    key = f"north-{leaver.pk}"
    return {"left": key, **{f"{key}-{name}": value for name, value in said.items()}}


def test_as_long_as_somebody_works_here_nothing_is_left(
    supervisor: Client, claimed: str, case: str, leaver: User
) -> None:
    html = shown(supervisor)
    assert claimed not in html
    assert case not in html
    assert "Nobody left any work behind." in html


@pytest.mark.parametrize("how", ["deactivated", "role ended"])
def test_who_leaves_leaves_work_that_is_given_on(
    how: str, supervisor: Client, claimed: str, case: str, leaver: User, colleague: User
) -> None:
    if how == "deactivated":
        deactivate_person(SYSTEM, person=leaver)
    else:
        end_role(SYSTEM, person=leaver, unit="north", role=Role.INVESTIGATOR)
    html = shown(supervisor)
    assert claimed in html
    assert case in html
    said = given_on(leaver, reports=[claimed], cases=[case], person=colleague.pk, note="She left in March.")
    answer = supervisor.post(ADDRESS, said, follow=True)
    assert answer.redirect_chain == [(ADDRESS, 302)]
    assert claimed not in answer.content.decode()
    (at_work,) = people_at_work(access_case(SYSTEM, case))
    assert (at_work.person, at_work.lead) == (colleague.pk, True)
    assert not Claim.objects.filter(released_at__isnull=True).exists()
    assert "She left in March." in supervisor.get(f"/desk/cases/{case}/").content.decode()
    assert claim_report(actor(colleague), claimed) == claimed


def test_only_what_is_ticked_is_given_on(
    supervisor: Client, claimed: str, case: str, leaver: User, colleague: User
) -> None:
    deactivate_person(SYSTEM, person=leaver)
    supervisor.post(ADDRESS, given_on(leaver, cases=[case], person=colleague.pk, note="x"))
    html = shown(supervisor)
    assert claimed in html
    assert case not in html


def test_a_colleague_who_is_at_work_already_takes_the_lead_over(
    supervisor: Client, case: str, leaver: User, colleague: User
) -> None:
    assign(SYSTEM, case_reference=case, person=number_of(actor(colleague)))
    deactivate_person(SYSTEM, person=leaver)
    supervisor.post(ADDRESS, given_on(leaver, cases=[case], person=colleague.pk, note="x"))
    (at_work,) = people_at_work(access_case(SYSTEM, case))
    assert (at_work.person, at_work.lead) == (colleague.pk, True)


@pytest.mark.parametrize("said", [{"note": " "}, {"person": ""}, {"person": "999999"}, {"cases": ["C-x"]}])
def test_what_is_missing_is_said_and_nothing_is_lost(
    said: dict[str, object], supervisor: Client, claimed: str, case: str, leaver: User, colleague: User
) -> None:
    deactivate_person(SYSTEM, person=leaver)
    whole: dict[str, object] = {
        "reports": [claimed],
        "cases": [case],
        "person": colleague.pk,
        "note": "She left.",
    }
    answer = supervisor.post(ADDRESS, given_on(leaver, **{**whole, **said}))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Please look at this again" in html
    assert Claim.objects.filter(released_at__isnull=True).exists()
    if "note" not in said:
        assert "She left." in html
    box = re.search(rf'<input[^>]*value="{claimed}"[^>]*>', html)
    assert box is not None
    assert "checked" in box[0]


def test_nothing_ticked_is_told(supervisor: Client, claimed: str, leaver: User) -> None:
    deactivate_person(SYSTEM, person=leaver)
    answer = supervisor.post(ADDRESS, given_on(leaver, note="x"))
    assert answer.status_code == 422
    assert "Tick what you give on." in answer.content.decode()


def test_given_on_twice_is_given_on_once(
    supervisor: Client, claimed: str, case: str, leaver: User, colleague: User
) -> None:
    deactivate_person(SYSTEM, person=leaver)
    said = given_on(leaver, reports=[claimed], cases=[case], person=colleague.pk, note="x")
    supervisor.post(ADDRESS, said)
    again = supervisor.post(ADDRESS, said, follow=True)
    assert "Somebody gave it on before you." in again.content.decode()
    assert len(people_at_work(access_case(SYSTEM, case))) == 1


def test_another_office_neither_sees_nor_gives_on(
    claimed: str, case: str, leaver: User, colleague: User
) -> None:
    deactivate_person(SYSTEM, person=leaver)
    stranger = signed_in(a_person(Role.SUPERVISOR, unit="south"))
    html = shown(stranger)
    assert claimed not in html
    assert case not in html
    stranger.post(ADDRESS, given_on(leaver, reports=[claimed], cases=[case], person=colleague.pk, note="x"))
    assert Claim.objects.filter(released_at__isnull=True).exists()


def test_the_list_of_cases_leads_there_and_the_reading_is_recorded(
    supervisor: Client, claimed: str, leaver: User
) -> None:
    assert "(nothing waits)" in supervisor.get("/desk/cases/").content.decode()
    deactivate_person(SYSTEM, person=leaver)
    assert f'class="button" href="{ADDRESS}"' in supervisor.get("/desk/cases/").content.decode()
    shown(supervisor)
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.all()]
    assert any(leaf["act"] == "left_work.read" for leaf in leaves)
    assert ADDRESS not in signed_in(a_person(Role.ANALYST)).get("/desk/cases/").content.decode()
