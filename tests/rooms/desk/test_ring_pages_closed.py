"""What the pages of rings and links keep to themselves: counts, names and places of what others hold."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_ring_pages import Laid, html, laid
from tests.rooms.linking.rung import WORKER, chain, reports, ring
from tests.rooms.reports.telling import HANDLE, PHONE, suspect, told, victim

from amaan.authority.actors import Role
from amaan.linking.domain.explaining import Reason, Step
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.models import Ring
from amaan.linking.panels.link import _notes
from amaan.linking.selectors.showing import listing as lines
from amaan.linking.services import rebuild_links

pytestmark = pytest.mark.django_db
__all__ = ["laid"]
WALLET = "0345-1112223"


def analyst(unit: str = "lahore") -> Client:
    return signed_in(a_person(Role.ANALYST, unit=unit))


def part(page: str, name: str) -> str:
    return page.partition(f'id="{name}"')[2].partition("</section>")[0]


def test_a_report_that_names_an_earlier_ones_number_has_its_pages() -> None:
    named = suspect(PHONE).replace(
        "</personOrUserReported>", "<priorCTReports>700123456</priorCTReports></personOrUserReported>"
    )
    one, two = told(suspect(PHONE), number=700123456, days_ago=5), told(named, number=700200000, days_ago=3)
    told(suspect(PHONE), number=700300000, days_ago=1)
    rebuild_links(WORKER)
    officer = analyst()
    for page in (f"/desk/links/{one}/{two}/", f"/desk/rings/{Ring.objects.get().reference}/"):
        assert "Earlier CyberTipline report" in html(officer, page), page


def test_how_often_others_tell_a_value_stands_nowhere(laid: Laid) -> None:
    told(suspect(PHONE), number=5, unit="quetta", days_ago=2)
    told(suspect(PHONE), number=6, unit="karachi", days_ago=1)
    rebuild_links(WORKER)
    page = html(laid.officer, laid.page)
    assert "reports in all" not in page
    assert "and others of other offices" in part(page, "things")
    assert page.count('<g class="elsewhere"><title>') == 1, "one circle for all of them"


@pytest.mark.parametrize("reason", [Reason.TOLD_OFTEN, Reason.HUB])
def test_a_step_never_says_how_many_told_it(reason: Reason) -> None:
    step = Step(EvidenceKind.PHONE, 1, 24, 20, 20, 10, 7654, 7655, 400, links=True, reasons=(reason,))
    assert "765" not in " ".join(_notes(step, hidden=False))
    assert "4" not in " ".join(_notes(step, hidden=True))


def test_without_which_sealed_value_a_ring_falls_apart_is_not_told() -> None:
    bodies = [suspect(WALLET, handle=HANDLE)] * 2 + [suspect(WALLET)] * 2 + [victim(WALLET)]
    units = ("lahore", "lahore", "quetta", "quetta", "gilgit")
    for number, (body, unit) in enumerate(zip(bodies, units, strict=True), 1):
        told(body, number=number, unit=unit, days_ago=2 * number)
    rebuild_links(WORKER)
    page = html(analyst(), f"/desk/rings/{Ring.objects.get().reference}/")
    assert "1112223" not in page
    assert "without it:" not in page


def test_a_single_link_between_two_reports_of_others_is_not_told() -> None:
    held = [*reports(2), *reports(4, "quetta")]
    chain(held)
    ring(*held)
    page = html(analyst(), f"/desk/rings/{Ring.objects.get().reference}/")
    assert page.count("without it:") == 1


def test_the_list_walks_the_rings_of_its_reader_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = [*reports(1), *reports(4, "quetta")], reports(3, "quetta")
    for held in (mine, theirs):
        chain(held)
        ring(*held)
    monkeypatch.setattr(lines, "_AT_ONCE", 1)
    monkeypatch.setattr(lines, "_MOST_WALKED", 1)
    monkeypatch.setattr(lines, "_MOST_TOLD", 2)
    own = next(one for one in Ring.objects.all() if one.size == 5)
    for query in ("", "?crossing=1", "?unit=quetta"):
        page = html(analyst(), f"/desk/rings/{query}")
        assert page.partition("<tbody>")[2].count("<tr>") == 1, query
        assert own.reference in page, "four newer ones of another office stand in it"
        assert "after=" not in page, "nothing is behind it"
    more = reports(3)
    chain(more)
    ring(*more)
    assert "Go on" in html(analyst(), "/desk/rings/?strength=plain")
    assert "No ring yet" in html(analyst("gilgit"), "/desk/rings/")
