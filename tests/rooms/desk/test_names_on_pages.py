"""What pages call things: an office by its name, a sealed file by its number, a case only to whoever may see it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from html import unescape

import pytest
from django.template.loader import render_to_string
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.accounts.models import Unit
from amaan.authority.actors import Role
from amaan.cases.models import Case
from amaan.desk.pages import look_up
from amaan.ledger.models import Entry
from amaan.referrals.domain.wire import Arrived
from amaan.referrals.selectors import Preservation
from amaan.reports.models import Unsealing

pytestmark = pytest.mark.django_db

NAME, NAME_UR = "The northern office", "شمالی دفتر"
WHY = "To ask her school about the day that she names, by telephone."


@pytest.fixture
def reference() -> str:
    Unit.objects.create(code="north", name=NAME, name_ur=NAME_UR)
    return arrived(report("<additionalInfo>She was threatened.</additionalInfo>"))


@pytest.fixture
def officer() -> Client:
    return signed_in(a_person(Role.INVESTIGATOR))


def page(client: Client, address: str, language: str = "en") -> str:
    answer = client.get(address, headers={"accept-language": language})
    assert answer.status_code == 200, address
    return unescape(answer.content.decode())


def open_case(client: Client, reference: str) -> str:
    done = client.post(f"/desk/reports/{reference}/open-case/", {"reason": "a threat", "version": "1"})
    assert done.status_code == 302
    return str(Case.objects.get().reference)


@pytest.mark.parametrize(("language", "name"), [("en", NAME), ("ur", NAME_UR)])
def test_offices_stand_by_name(reference: str, officer: Client, language: str, name: str) -> None:
    case = open_case(officer, reference)
    assert officer.post(f"/desk/look-up/{reference}/", {"text": "0300-1111111"}).status_code == 200
    asked = officer.post(f"/desk/reports/{reference}/unseal/", {"part": "texts", "reason": WHY})
    assert asked.status_code == 302
    number = Unsealing.objects.get().pk
    shown = [f"/desk/reports/{reference}/", f"/desk/cases/{case}/", "/desk/unsealings/"]
    for address in (*shown, f"/desk/unsealings/{number}/"):
        html = page(officer, address, language)
        assert name in html, address
        assert "<bdi>north</bdi>" not in html, address
    auditor = signed_in(a_person(Role.AUDITOR, unit="islamabad"))
    leaves = ((entry.pk, json.loads(bytes(entry.leaf_bytes))) for entry in Entry.objects.order_by("id"))
    entry = next(number for number, leaf in leaves if leaf["unit"] == "north")
    for address in ("/desk/ledger/", f"/desk/ledger/{entry}/", "/desk/alerts/", "/desk/openings/"):
        html = page(auditor, address, language)
        assert name in html, address
        assert "<bdi>north</bdi>" not in html, address


def test_a_case_is_named_to_whoever_may_see_it_and_to_nobody_else(reference: str, officer: Client) -> None:
    case = open_case(officer, reference)
    assert f'href="/desk/cases/{case}/"' in page(officer, f"/desk/reports/{reference}/")
    intake = page(signed_in(a_person(Role.INTAKE_OFFICER)), f"/desk/reports/{reference}/")
    assert case not in intake
    assert "A case was opened" in intake
    assert "a case that is not open to you" in intake


def test_a_sealed_file_stands_with_the_number_that_carries_it_out() -> None:
    now = datetime(2026, 2, 19, tzinfo=UTC)
    sealed = Arrived("a" * 32, 9, "12" * 16, "34" * 20, "56" * 32, 12_345)
    discarded = Arrived("b" * 32, 9, "ab" * 16, "cd" * 20, "ef" * 32, None)
    told = Preservation("Pix Board", "1", now, now.replace(year=2027), (sealed, discarded))
    html = render_to_string("referrals/parts/preservation.html", {"preservation": told})
    assert '<bdi class="copy" dir="ltr">12345</bdi>' in html
    assert "12" * 16 in html
    assert "ab" * 16 not in html


def test_alerts_that_are_not_all_say_so(
    reference: str, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        officer.post(f"/desk/look-up/{reference}/", {"text": f"0300-111111{number}"})
    auditor = signed_in(a_person(Role.AUDITOR))
    assert "older ones stand in the ledger" not in page(auditor, "/desk/alerts/")
    monkeypatch.setattr(look_up, "TRACED", 2)
    assert "older ones stand in the ledger" in page(auditor, "/desk/alerts/")
