"""Opening a report, a case or a ring by its reference, however it was typed."""

from __future__ import annotations

import pytest
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Role
from amaan.reports.domain.references import value_of, write_reference

pytestmark = pytest.mark.django_db


def test_what_is_typed_leads_there_and_a_slip_is_told() -> None:
    a_unit("north")
    client = signed_in(a_person(Role.ANALYST))
    reference = arrived(report())
    for typed in (reference, reference.lower(), f"  {reference[2:]} ", reference.replace("-", "")):
        answer = client.get("/desk/open/", {"reference": typed})
        assert (answer.status_code, answer["Location"]) == (302, f"/desk/reports/{reference}/")
    for body in "CGRB":
        value = value_of(f"R-{body}000-0000-0000")
        without = write_reference(value)[2:]
        answer = client.get("/desk/open/", {"reference": without})
        assert answer["Location"] == f"/desk/reports/{write_reference(value)}/", without
    case, ring = write_reference(12345, "C"), write_reference(12345, "G")
    assert client.get("/desk/open/", {"reference": case})["Location"] == f"/desk/cases/{case}/"
    assert client.get("/desk/open/", {"reference": ring.lower()})["Location"] == f"/desk/rings/{ring}/"
    last = "1" if reference[-1] != "1" else "2"
    for wrong in ("", "R", "0300-0000000", reference[:-1] + last, "<script>"):
        answer = client.get("/desk/open/", {"reference": wrong})
        assert answer.status_code == 422
        told = answer.content.decode()
        assert "This is no reference, or has a slip in it." in told
        assert "<script>" not in told
    assert 'action="/desk/open/"' in client.get("/desk/").content.decode()


def test_nobody_learns_by_it_whether_there_is_one() -> None:
    a_unit("south")
    elsewhere = signed_in(a_person(Role.ANALYST, unit="south"))
    a_unit("north")
    there = elsewhere.get("/desk/open/", {"reference": arrived(report())}, follow=True)
    nowhere = elsewhere.get("/desk/open/", {"reference": write_reference(987654321, "R")}, follow=True)
    assert (there.status_code, nowhere.status_code) == (404, 404)
