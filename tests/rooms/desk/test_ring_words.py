"""What the pages of rings and links say, in both languages, so that nobody takes it for something else."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_ring_news import a_ring
from tests.rooms.desk.test_ring_pages import Laid, html, laid
from tests.rooms.linking.rung import chain, link, reports, ring
from tests.rooms.reports.telling import HANDLE, suspect, told

from amaan.accounts.models import Unit, User
from amaan.authority.actors import Actor, Role
from amaan.cases.models import CaseReport
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.models import Alert, Decision, Link, Member, Ring
from amaan.linking.services import rebuild_links
from amaan.linking.tasks import alert
from amaan.reports.models import Report
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment, Seen
from amaan.triage.rulebook import rules_of
from amaan.triage.services import triage_reports

pytestmark = pytest.mark.django_db
__all__ = ["laid"]


def urdu(client: Client, path: str) -> str:
    page = client.get(path, headers={"accept-language": "ur"})
    assert page.status_code == 200, path
    return page.content.decode()


def words(page: str) -> str:
    """Without its markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def reject(laid: Laid, page: str) -> None:
    sent = {"reject-reason": "a shop's wallet", "reject-seen": "0"}
    assert laid.officer.post(f"{page}reject/", sent).status_code == 302


def test_after_a_rejection_the_page_says_what_still_joins_the_two(laid: Laid) -> None:
    assert 'id="joined"' not in html(laid.officer, laid.link())
    reject(laid, laid.link())
    page = html(laid.officer, laid.link())
    note = page.partition('id="joined"')[2].partition("</div>")[0]
    assert "Both reports still stand in one ring" in note
    assert laid.ring in note
    for one in laid.mine[:2]:
        pair = sorted((one, laid.mine[2]), key=laid.mine.index)
        assert any(f"/desk/links/{a}/{b}/" in note for a, b in (pair, pair[::-1])), "and which"
    assert laid.theirs not in page
    assert "It joins nothing. By what both tell it would be" in page
    assert "اب بھی ایک ہی گروہ میں" in urdu(laid.officer, laid.link())


def test_who_is_parted_is_told_with_where_each_stands() -> None:
    held = reports(4)
    chain(held)
    ring(*held)
    names = [Report.objects.get(pk=one).reference for one in held]
    rung = Member.objects.get(pk=held[0]).ring.reference
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    page = f"/desk/links/{names[2]}/{names[3]}/"
    sent = {"reject-reason": "two shops", "reject-seen": "0"}
    assert officer.post(f"{page}reject/", sent).status_code == 302
    said = words(html(officer, page))
    assert "The two stand in no ring together now." in said
    assert f"{names[2]} stands in {rung} ." in said.replace(f"{rung}.", f"{rung} .")
    assert f"{names[3]} stands in no ring." in said


def test_an_undo_says_what_it_undid_and_of_when(laid: Laid) -> None:
    reject(laid, laid.link())
    first = Decision.objects.get()
    for number in (first.pk, first.pk + 1):
        sent = {f"undo-{number}-reason": "looked again"}
        assert laid.officer.post(f"{laid.link()}undo/{number}/", sent).status_code == 302
    for address in (laid.link(), laid.page):
        page = html(laid.officer, address)
        assert f'<a href="#decision-{first.pk}">undid the rejection of ' in page, address
        assert f'<a href="#decision-{first.pk + 1}">undid what was undone on ' in page, address
        assert str(first.at.year) in words(page)
        assert "an earlier decision" not in page
    assert "کا رد واپس لیا" in urdu(laid.officer, laid.page)


def alerted(of: Ring, kind: str, *details: str, unit: str = "lahore") -> None:
    row, now = Unit.objects.get(code=unit).pk, timezone.now()
    Alert.objects.bulk_create(
        Alert(ring=of, kind=kind, unit_id=row, detail=detail, at=now) for detail in details
    )


def news(client: Client, language: str = "en") -> list[str]:
    """The lines above the list of rings, without their markup; their buttons too."""
    page = client.get("/desk/rings/", headers={"accept-language": language}).content.decode()
    listed = page.partition('<ul class="alerts">')[2].partition("</ul>")[0]
    return [words(line) for line in listed.split("</li>") if line.strip()]


def test_a_ring_that_grew_says_to_how_many_reports() -> None:
    of = a_ring()
    alerted(of, "grew", "10")
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    assert any("A ring grew to 10 reports." in line for line in news(officer))
    assert any("10 رپورٹوں" in line for line in news(officer, "ur"))


def test_beneath_twelve_lines_it_says_how_many_more_there_are() -> None:
    alerted(a_ring(), "grew", *(str(number) for number in range(20, 33)))
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    assert len(news(officer)) == 12
    assert "and 2 more" in words(html(officer, "/desk/rings/"))
    assert officer.post("/desk/rings/alerts/seen/").status_code == 302
    assert len(news(officer)) == 2
    assert "which stand here when" not in html(officer, "/desk/rings/")


def test_alerts_of_a_rings_cases_are_one_line_with_those_that_the_reader_may_open(laid: Laid) -> None:
    """Somebody who may open none would read the same sentence twice."""
    of = Ring.objects.get(reference=laid.ring)
    case = opened_from(laid, 1)
    Alert.objects.filter(kind="case").delete()
    alerted(of, "case", case, "C-0000-0000-0000")
    (line,) = [one for one in news(laid.officer) if "open case" in one]
    assert "A ring touches open cases." in line
    assert case in line
    assert "C-0000" not in line
    assert f'<a href="/desk/cases/{case}/">' in html(laid.officer, "/desk/rings/")
    intake = signed_in(a_person(Role.INTAKE_OFFICER, unit="lahore"))
    (line,) = [one for one in news(intake) if "open case" in one]
    assert "C-" not in line
    shown = Alert.objects.filter(kind="case").order_by("-pk")[0]
    alerted(of, "case", "C-1111-1111-1111")  # while somebody reads
    assert laid.officer.post(f"/desk/rings/alerts/{shown.pk}/seen/").status_code == 302
    assert list(Alert.objects.filter(kind="case", seen_at=None).values_list("detail", flat=True)) == [
        "C-1111-1111-1111"
    ]


def opened_from(laid: Laid, count: int) -> str:
    """A case that the officer opens from the ring's page with so many of its reports."""
    sent = {
        "into": "new",
        "reports": [f"{one}@1" for one in laid.mine[:count]],
        "reason": "one demand, one number",
        "title": "",
    }
    assert laid.officer.post(f"{laid.page}case/", sent).status_code == 302
    alert(list(CaseReport.objects.values_list("report_id", flat=True)))
    return CaseReport.objects.latest("pk").case.reference


def test_who_opens_a_case_from_a_ring_is_not_told_that_it_touches_one(laid: Laid) -> None:
    """Other offices of the ring are."""
    case = opened_from(laid, 2)
    alerts = Alert.objects.filter(kind="case")
    assert not any("open case" in line for line in news(laid.officer))
    assert alerts.get(detail=case).seen_by
    assert alerts.get(seen_at=None).detail == "lahore"
    quetta = signed_in(a_person(Role.SUPERVISOR, unit="quetta"))
    (line,) = [one for one in news(quetta) if "open case" in one]
    assert "of another office: Lahore" in line
    assert case not in line


def split_off(laid: Laid, *apart: str) -> None:
    seen = Ring.objects.get(reference=laid.ring).changed_at.isoformat()
    sent = {"reports": apart, "reason": "another person's number", "seen": seen}
    assert laid.officer.post(f"{laid.page}split/", sent).status_code == 302


def linked(page: str) -> str:
    return page.partition('id="linked"')[2].partition("</section>")[0]


def test_a_report_that_was_set_apart_says_by_whom_from_what_and_why(laid: Laid) -> None:
    split_off(laid, laid.mine[0])
    address = f"/desk/reports/{laid.mine[0]}/"
    panel = linked(html(laid.officer, address))
    by = f"by {User.objects.get().name}"
    assert f"Set apart from other reports of {laid.ring} {by} on" in words(panel)
    assert "another person's number" in unescape(panel)
    assert "It stands in no ring" not in panel
    assert "proposed by the machine" not in panel
    assert "set apart by a person" in panel
    assert "سے الگ کیا" in words(linked(urdu(laid.officer, address)))
    assert "apart" not in linked(html(laid.officer, f"/desk/reports/{laid.mine[1]}/")).replace(
        "set apart by a person", ""
    )
    number = Decision.objects.get().pk
    sent = {f"undo-{number}-reason": "it was one"}
    assert laid.officer.post(f"{laid.page}undo/{number}/", sent).status_code == 302
    assert "apart" not in linked(html(laid.officer, address))


def test_of_a_ring_that_fell_apart_the_others_say_so_as_far_as_their_reader_may_know(laid: Laid) -> None:
    split_off(laid, *laid.mine[:2])
    panel = words(linked(html(laid.officer, f"/desk/reports/{laid.mine[2]}/")))
    assert f"Other reports of {laid.ring} were set apart from it" in panel
    quetta = signed_in(a_person(Role.SUPERVISOR, unit="quetta"))
    page = html(quetta, f"/desk/reports/{laid.theirs}/")
    assert "another person" not in unescape(page), "it speaks of reports that they may not open"
    assert "It stands in no ring." in page


def rows(page: str) -> dict[str, str]:
    """Of a table of reports, each report's row in words."""
    found = [row for row in page.split("<tr") if "/desk/reports/" in row]
    return {re.findall(r"/desk/reports/([^/]+)/", row)[0]: words(row) for row in found}


@pytest.mark.parametrize("form", ["split/", "case/"])
def test_who_chooses_among_reports_sees_what_they_are_and_whether_they_read_them(
    laid: Laid, form: str
) -> None:
    triage_reports(Actor.system("triage"), report_ids=list(Report.objects.values_list("pk", flat=True)))
    html(laid.officer, f"/desk/reports/{laid.mine[0]}/")
    colleague = signed_in(a_person(Role.ANALYST, unit="lahore"))
    page = html(laid.officer, f"{laid.page}{form}")
    said = rows(page)
    assert list(said) == laid.mine
    band = Assessment.objects.get(report__reference=laid.mine[0], current=True)
    name = rules_of(band.ruleset).bands[Band(band.band)].name
    entity = Report.objects.get(reference=laid.mine[0]).entity.name
    for line in (said[laid.mine[0]], rows(html(laid.officer, laid.page))[laid.mine[0]]):
        assert name.en in line
        assert entity in line
        assert "not yet" not in line
    assert "not yet" in said[laid.mine[1]]
    assert "not yet" in rows(html(colleague, f"{laid.page}{form}"))[laid.mine[0]], (
        "it is this person's reading"
    )
    assert "T1" in said[laid.mine[0]]
    marks = page.partition('class="fine marks"')[2].partition("</p>")[0]
    assert f'<a href="{laid.page}#thing-T1">' in marks
    assert "T1 Phone" in words(marks)
    assert "ابھی نہیں" in rows(urdu(laid.officer, f"{laid.page}{form}"))[laid.mine[1]]
    Seen.objects.update(version_id=0)
    assert "told again since" in rows(html(laid.officer, f"{laid.page}{form}"))[laid.mine[0]]


def test_a_choice_that_is_refused_stays_ticked(laid: Laid) -> None:
    page = laid.officer.post(f"{laid.page}split/", {"reports": laid.mine[:1], "reason": ""}).content.decode()
    (ticked,) = re.findall(r"<input[^>]* checked[^>]*>", page)
    assert laid.mine[0] in ticked
    none = laid.officer.post(f"{laid.page}split/", {"reason": "another person"}).content.decode()
    assert 'href="#id_reports"' in none
    assert none.count('id="id_reports"') == 1


def test_what_shares_no_more_than_a_wording_is_folded_beneath_what_tells_something() -> None:
    """One sentence that a platform writes into each of its reports would bury the one link that counts."""
    held = reports(16)
    link((held[0], held[1]))
    stock = [(held[0], other) for other in held[2:]]
    link(*stock, weight=2.0)
    Link.objects.filter(high_id__in=held[2:]).update(kinds=1 << EvidenceKind.WORDING)
    names = [Report.objects.get(pk=one).reference for one in held]
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    address = f"/desk/reports/{names[0]}/"
    panel = linked(html(officer, address))
    shown, folded = panel.split('<details class="fold worded">')
    assert names[1] in shown
    assert not any(name in shown for name in names[2:])
    assert "14 reports share no more than a wording with it" in words(folded)
    assert sum(name in folded for name in names[2:]) == 12
    assert "more links, of less weight" not in panel
    assert "14" in linked(urdu(officer, address))
    Link.objects.filter(high_id=held[2]).update(weight=5.0)
    shown = linked(html(officer, address)).split("<details")[0]
    assert names[2] in shown, "plain is plain, whatever it rests on"


def test_a_ring_that_formed_says_how_many_reports_it_has_now() -> None:
    a_ring(4)
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    (line,) = news(officer)
    assert "It has 4 reports now." in line
    assert "4 رپورٹیں" in news(officer, "ur")[0]
    Ring.objects.update(size=0)
    assert "A ring formed that touches your office. Lahore" in news(officer)[0]


def test_a_user_name_of_no_platform_says_why_it_only_supports() -> None:
    body = suspect(handle=HANDLE).replace("<espService>Instagram</espService>", "")
    nowhere = [told(body, number=number, days_ago=3 * number) for number in (2, 3)]
    rebuild_links(Actor.system("linking"))
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    said = words(html(officer, f"/desk/links/{nowhere[0]}/{nowhere[1]}/"))
    assert "No platform is told with it" in said.partition("User name")[2].partition("why it")[0]


def test_before_anything_is_counted_the_page_of_a_link_says_so() -> None:
    held = reports(2)
    chain(held)
    one, other = (Report.objects.get(pk=number).reference for number in held)
    officer = signed_in(a_person(Role.ANALYST, unit="lahore"))
    page = words(html(officer, f"/desk/links/{one}/{other}/"))
    assert "how rare things are here is not counted yet" in page
    assert "snapshot" not in page
