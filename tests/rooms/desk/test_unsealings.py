"""The pages of unsealing: asking, answering, reading."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.reports.telling import suspect, told, victim

from amaan.accounts.models import Membership, User
from amaan.authority.actors import Role
from amaan.reports.models import UnsealedReading, Unsealing

pytestmark = pytest.mark.django_db
WHY = "The school must be told before Monday's meeting."


@pytest.fixture
def report() -> str:
    return told(
        suspect("0300-1234567", "quiet_sparrow", "Ustaad")
        + victim("0301-7654321", "small_bird", "Parveen")
        + "<additionalInfo>He threatens to share.</additionalInfo>"
    )


@pytest.fixture
def asker() -> User:
    return a_person(Role.INVESTIGATOR, unit="lahore")


@pytest.fixture
def custodian() -> Client:
    return signed_in(a_person(Role.CUSTODIAN, unit="lahore"))


def ask(client: Client, report: str, part: str = "party-1", reason: str = WHY) -> int:
    page = client.post(f"/desk/reports/{report}/unseal/", {"part": part, "reason": reason})
    assert page.status_code == 302, page.content.decode()
    return Unsealing.objects.latest("id").pk


def answer(client: Client, number: int, how: str = "grant") -> int:
    return client.post(
        f"/desk/unsealings/{number}/answer/", {"answer": how, "hours": "2", "reason": WHY}
    ).status_code


def test_asked_by_facts_granted_and_read(report: str, asker: User, custodian: Client) -> None:
    client = signed_in(asker)
    form = client.get(f"/desk/reports/{report}/unseal/").content.decode()
    assert "Victim 1: " in form
    assert "11" in form
    assert "Parveen" not in form
    number = ask(client, report)
    assert f"/desk/unsealings/{number}/" in custodian.get("/desk/unsealings/").content.decode()
    request = custodian.get(f"/desk/unsealings/{number}/").content.decode()
    assert "The school must be told" in request
    assert "It takes two people" in request
    assert "Parveen" not in request
    assert answer(custodian, number) == 302
    waiting = client.get(f"/desk/unsealings/{number}/").content.decode()
    assert "Parveen" not in waiting
    page = client.post(f"/desk/unsealings/{number}/read/")
    html = page.content.decode()
    assert "Parveen" in html
    assert "+923017654321" in html
    assert "Ustaad" not in html
    assert "This reading is recorded" in html
    assert "no-store" in page["cache-control"]
    assert UnsealedReading.objects.count() == 1


def test_looking_at_the_request_reads_nothing(report: str, asker: User, custodian: Client) -> None:
    client = signed_in(asker)
    number = ask(client, report)
    answer(custodian, number)
    client.get(f"/desk/unsealings/{number}/")
    client.get("/desk/unsealings/")
    assert client.get(f"/desk/unsealings/{number}/read/").status_code == 405
    assert not UnsealedReading.objects.exists()


@pytest.mark.parametrize(("part", "word"), [("texts", "He threatens to share."), ("document", "small_bird")])
def test_texts_and_documents_open_too(
    report: str, asker: User, custodian: Client, part: str, word: str
) -> None:
    client = signed_in(asker)
    number = ask(client, report, part)
    answer(custodian, number)
    page = client.post(f"/desk/unsealings/{number}/read/")
    assert page.status_code == 200
    assert word in page.content.decode()


def test_who_wears_both_hats_meets_no_form(report: str) -> None:
    person = a_person(Role.INVESTIGATOR, Role.CUSTODIAN, unit="lahore")
    client = signed_in(person)
    number = ask(client, report)
    html = client.get(f"/desk/unsealings/{number}/").content.decode()
    assert "another custodian must answer" in html
    assert 'value="grant"' not in html
    assert answer(client, number) == 404
    assert Unsealing.objects.get().answer == ""


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        (Role.CUSTODIAN, "karachi"),
        (Role.SUPERVISOR, "lahore"),
        (Role.INVESTIGATOR, "lahore"),
        (Role.AUDITOR, "lahore"),
        (Role.ADMINISTRATOR, "lahore"),
    ],
)
def test_strangers_meet_nothing(report: str, asker: User, role: Role, unit: str) -> None:
    number = ask(signed_in(asker), report)
    client = signed_in(a_person(role, unit=unit))
    assert client.get(f"/desk/unsealings/{number}/").status_code == 404
    assert answer(client, number) == 404
    assert client.post(f"/desk/unsealings/{number}/read/").status_code == 404
    assert client.post(f"/desk/unsealings/{number}/withdraw/").status_code == 404


def test_the_custodian_does_not_read_what_they_granted(report: str, asker: User, custodian: Client) -> None:
    number = ask(signed_in(asker), report)
    answer(custodian, number)
    assert custodian.post(f"/desk/unsealings/{number}/read/").status_code == 404


def test_a_role_that_is_gone_reads_nothing(report: str, asker: User, custodian: Client) -> None:
    client = signed_in(asker)
    number = ask(client, report)
    answer(custodian, number)
    Membership.objects.filter(user=asker).update(role=Role.INTAKE_OFFICER.value)
    assert client.post(f"/desk/unsealings/{number}/read/").status_code == 404
    assert client.get(f"/desk/unsealings/{number}/").status_code == 404


def test_slips_are_said_where_they_are(report: str, asker: User, custodian: Client) -> None:
    client = signed_in(asker)
    where = f"/desk/reports/{report}/unseal/"
    short = client.post(where, {"part": "party-1", "reason": "please"}).content.decode()
    assert "at least 20 characters" in short
    odd = client.post(where, {"part": "party-77", "reason": WHY}).content.decode()
    assert "Select a valid choice." in odd
    number = ask(client, report)
    again = client.post(where, {"part": "party-1", "reason": WHY}).content.decode()
    assert "You have asked for this already" in again
    there = f"/desk/unsealings/{number}/answer/"
    assert (
        "at least 20 characters"
        in custodian.post(there, {"answer": "refuse", "hours": "2", "reason": "no"}).content.decode()
    )
    assert custodian.post(there, {"answer": "perhaps", "hours": "2", "reason": WHY}).status_code == 400
    assert custodian.post(there, {"answer": "grant", "hours": "99", "reason": WHY}).status_code == 400
    assert Unsealing.objects.get().answer == ""


def test_refused_withdrawn_and_answered_twice_are_said(report: str, asker: User, custodian: Client) -> None:
    client = signed_in(asker)
    number = ask(client, report)
    answer(custodian, number, "refuse")
    assert "refused" in client.get(f"/desk/unsealings/{number}/").content.decode()
    again = custodian.post(
        f"/desk/unsealings/{number}/answer/", {"answer": "grant", "hours": "2", "reason": WHY}, follow=True
    )
    assert "answered already" in again.content.decode()
    late = client.post(f"/desk/unsealings/{number}/read/", follow=True).content.decode()
    assert "It is not open any more." in late
    second = ask(client, report)
    gone = client.post(f"/desk/unsealings/{second}/withdraw/", follow=True).content.decode()
    assert "Withdrawn." in gone


def test_a_report_of_another_unit_is_absent(report: str) -> None:
    client = signed_in(a_person(Role.INVESTIGATOR, unit="karachi"))
    assert client.get(f"/desk/reports/{report}/unseal/").status_code == 404
    assert client.post(f"/desk/reports/{report}/unseal/", {}).status_code == 404


def test_empty_lists_say_what_to_do(asker: User, custodian: Client) -> None:
    assert "You have asked for nothing yet." in signed_in(asker).get("/desk/unsealings/").content.decode()
    assert "Nothing waits for your answer." in custodian.get("/desk/unsealings/").content.decode()
    intake = signed_in(a_person(Role.INTAKE_OFFICER, unit="lahore"))
    assert intake.get("/desk/unsealings/").status_code == 404


def test_a_reason_is_escaped(report: str, asker: User, custodian: Client) -> None:
    number = ask(signed_in(asker), report, reason="<script>alert(1)</script> and a long enough reason")
    assert "<script>alert" not in custodian.get(f"/desk/unsealings/{number}/").content.decode()


def test_the_auditor_sees_what_was_granted_and_refused_and_no_more(
    report: str, asker: User, custodian: Client
) -> None:
    client = signed_in(asker)
    answer(custodian, ask(client, report))
    answer(custodian, ask(client, report, "texts"), "refuse")
    auditor = signed_in(a_person(Role.AUDITOR, unit="islamabad"))
    html = auditor.get("/desk/openings/").content.decode()
    assert report in html
    assert "granted and refused" in html
    assert html.count("<tr>") == 3
    for hidden in (WHY.split(".", maxsplit=1)[0], "Parveen", "/desk/unsealings/"):
        assert hidden not in html
    assert custodian.get("/desk/openings/").status_code == 404
    assert client.get("/desk/openings/").status_code == 404
