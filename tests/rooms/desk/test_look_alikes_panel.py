"""The panel of past reports on a report's page, and what the ledger keeps of its reading."""

from __future__ import annotations

import pytest
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.desk.test_report_page import REPORTED, TEXT, VICTIM, page
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, Role
from amaan.desk.pages import report as report_pages
from amaan.ledger.services import Act
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def reference() -> str:
    return arrived(report(REPORTED + VICTIM + TEXT))


def test_where_there_are_none_the_page_says_so(reference: str) -> None:
    shown = page(signed_in(a_person(Role.ANALYST)), f"/desk/reports/{reference}/")
    assert "Nothing was decided yet that this report could be compared with." in shown


def test_the_past_stands_beside_what_differs_and_its_reading_is_kept(
    reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = arrived(report(REPORTED + VICTIM), number="70002")
    record_outcome(
        Actor.system("test"), reference=past, decision=Decision.CLOSED, reason="x", stage="too_little"
    )
    kept: list[Act] = []
    recorded = report_pages.record_reading
    monkeypatch.setattr(
        report_pages,
        "record_reading",
        lambda actor, act, **also: (kept.append(act), recorded(actor, act, **also)),
    )
    analyst = signed_in(a_person(Role.ANALYST))
    shown = page(analyst, f"/desk/reports/{reference}/")
    assert past in shown
    assert "It holds too little to act on" in shown
    assert kept[0].body["look_alikes"] == [past]
    assert f"/desk/reports/{past}/" in page(
        analyst, f"/desk/reports/{reference}/", **{"accept-language": "ur"}
    )
    unread = page(signed_in(a_person(Role.CUSTODIAN)), f"/desk/reports/{reference}/")
    assert past not in unread
    assert "look_alikes" not in kept[-1].body
