"""What the pages of rings and links keep to themselves: counts, names and places of what others hold."""

from __future__ import annotations

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_ring_pages import Laid, html, laid
from tests.rooms.linking.rung import WORKER, chain, reports, ring
from tests.rooms.reports.telling import HANDLE, PHONE, suspect, told, victim

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.ledger.models import About
from amaan.linking.domain.explaining import Reason, Step
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.models import Alert, Decision, Ring, RingChange
from amaan.linking.panels import ring as panel
from amaan.linking.panels.link import _notes
from amaan.linking.selectors.showing import listing as lines
from amaan.linking.selectors.showing import seen as one_ring
from amaan.linking.services import rebuild_links, split_ring
from amaan.reports.models import Report

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


def test_a_ring_that_holds_a_report_of_mine_opens_however_large(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_ring, "MOST_READ", 1)
    page = html(laid.officer, laid.page)
    assert [one in page for one in laid.mine] == [False, False, True], "the newest of their own"


def test_what_others_decided_about_their_reports_is_theirs(laid: Laid) -> None:
    officer = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
    ids = dict(Report.objects.values_list("reference", "pk"))
    apart = [ids[one] for one in laid.mine]
    split_ring(officer, ring=laid.ring, apart=apart, reason="of one town")
    number = Decision.objects.get().pk
    there = analyst("quetta")
    assert f"decision-{number}" in html(laid.officer, laid.page)
    for reference in Ring.objects.values_list("reference", flat=True):
        page = there.get(f"/desk/rings/{reference}/")
        assert page.status_code == 404 or f"decision-{number}" not in page.content.decode()


def test_a_ring_of_others_is_not_named_in_a_rings_history(laid: Laid) -> None:
    held = reports(3, "quetta")
    chain(held)
    ring(*held)
    other = Ring.objects.get(size=3)
    mine = Ring.objects.get(reference=laid.ring)
    mine.came_from = other
    mine.save()
    RingChange.objects.create(ring=mine, kind="split", other=other, at=mine.changed_at)
    assert other.reference not in html(laid.officer, laid.page)
    assert other.reference in html(analyst("quetta"), laid.page)


def test_alerts_are_of_rings_and_cases_that_their_reader_may_open(laid: Laid) -> None:
    unit = Report.objects.get(reference=laid.mine[0]).unit_id
    ring_row = Ring.objects.get(reference=laid.ring)
    Alert.objects.create(ring=ring_row, kind="case", unit_id=unit, detail="C-HIDDEN", at=ring_row.changed_at)
    held = reports(3, "quetta")
    chain(held)
    ring(*held)
    other = Ring.objects.get(size=3)
    Alert.objects.create(ring=other, kind="grew", unit_id=unit, detail="3", at=other.changed_at)
    page = html(laid.officer, "/desk/rings/")
    assert "A ring touches an open case" in page
    assert "C-HIDDEN" not in page
    assert other.reference not in page


def test_both_reports_know_who_read_their_link_and_that_it_left(laid: Laid) -> None:
    html(laid.officer, laid.link())
    sent = {"into": "new", "reports": [f"{laid.mine[0]}@1"], "reason": "one demand", "title": "Numbers"}
    assert laid.officer.post(f"{laid.page}case/", sent).status_code == 302
    assert laid.officer.post(f"{laid.page}links.csv").status_code == 200
    for reference in laid.mine[:2]:
        acts = set(About.objects.filter(on=reference).values_list("act", flat=True))
        assert {"link.read", "ring.exported"} <= acts


def test_an_undo_is_undone_on_the_page(laid: Laid) -> None:
    sent = {"reject-reason": "two shops share it", "reject-seen": "0"}
    laid.officer.post(f"{laid.link()}reject/", sent)
    for _ in range(2):
        number = Decision.objects.latest("pk").pk
        undo = f"{laid.link()}undo/{number}/"
        assert undo in html(laid.officer, laid.link()) or undo in html(laid.officer, laid.link(1, 0))
        assert laid.officer.post(undo, {f"undo-{number}-reason": "a mistake"}).status_code == 302
    assert "rejected by a person" in html(laid.officer, laid.link())


def test_forms_weigh_nothing_and_a_page_of_very_many_links_neither(
    laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel, "MOST_LINKS_WEIGHED", 5)
    monkeypatch.setattr(panel, "MOST_LINKS", 2)
    for name in ("holds_of", "links_in"):
        monkeypatch.setattr(panel, name, None)  # whoever asks fails
    page = html(laid.officer, laid.page)
    assert "this is not worked out" in page
    assert part(page, "links").count("/desk/links/") == 2
    assert "more links, of less weight" in part(page, "links")
    monkeypatch.setattr(panel, "picture_of", None)
    for form in ("split", "case"):
        assert laid.mine[0] in html(laid.officer, f"{laid.page}{form}/")
