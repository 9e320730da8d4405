"""The pages of cases: what they show to whom, what they take, and that a stranger learns nothing from any of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.cases.conftest import actor, number_of
from tests.rooms.triage.conftest import Lay, lay, tell  # noqa: F401 - a fixture

from amaan.accounts.models import User
from amaan.authority.actors import Role
from amaan.cases import services
from amaan.cases.domain import new_reference
from amaan.cases.models import Case, CaseEvent
from amaan.cases.selectors import access_case, people_at_work, reports_in
from amaan.desk import reading
from amaan.ledger.models import Entry
from amaan.reports.domain.references import derive_reference
from amaan.reports.models import Outcome, Report

pytestmark = pytest.mark.django_db

ABSENT = new_reference(1)
SLIPPED = ABSENT[:-1] + ("0" if ABSENT[-1] != "0" else "1")


@dataclass
class World:
    """A case in Lahore, opened by `lead` from `report`; a second report lies there, and one in Quetta."""

    lead: User
    colleague: User
    supervisor: User
    stranger: User
    case: str
    report: str
    second: str
    elsewhere: str


@pytest.fixture
def world(lay: Lay) -> World:  # noqa: F811 - the fixture
    lead = a_person(Role.INVESTIGATOR, unit="lahore")
    report, second, elsewhere = lay(), lay(), lay(unit="quetta")
    opened = services.open_case(
        actor(lead),
        report_reference=report.reference,
        version=1,
        reason="asked for help",
        title="The garden gate",
    )
    return World(
        lead,
        a_person(Role.ANALYST, unit="lahore"),
        a_person(Role.SUPERVISOR, unit="lahore"),
        a_person(Role.INVESTIGATOR, Role.SUPERVISOR, unit="quetta"),
        opened,
        report.reference,
        second.reference,
        elsewhere.reference,
    )


def acts(name: str) -> list[dict[str, object]]:
    leaves = (json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id"))
    return [leaf for leaf in leaves if leaf["act"] == name]


def html_of(client: Client, address: str, **how: str) -> str:
    page = client.get(address, headers=how)
    assert page.status_code == 200, address
    return page.content.decode()


def test_a_case_is_opened_from_a_report(world: World) -> None:
    client = signed_in(world.colleague)
    address = f"/desk/reports/{world.second}/open-case/"
    assert world.second in html_of(client, address)
    wrong = client.post(address, {"reason": " ", "title": "x" * 200, "version": "1"})
    assert wrong.status_code == 422
    assert "error-summary" in wrong.content.decode()
    assert Case.objects.count() == 1
    done = client.post(address, {"reason": "a threat", "title": "ندیوں کے پاس", "version": "1"}, follow=True)
    case = Case.objects.latest("id")
    assert done.redirect_chain == [(f"/desk/cases/{case.reference}/", 302)]
    html = done.content.decode()
    assert "ندیوں کے پاس" in html
    assert "a threat" in html
    assert world.second in html
    assert [leaf["on"] for leaf in acts("case.read")] == [case.reference]


def test_a_report_in_a_case_asks_before_it_comes_into_a_second(world: World) -> None:
    client = signed_in(world.colleague)
    address = f"/desk/reports/{world.report}/open-case/"
    page = html_of(client, address)
    assert world.case in page
    assert 'name="also"' in page
    mine = {"reason": "mine too", "version": "1"}
    refused = client.post(address, mine)
    assert refused.status_code == 422
    assert Case.objects.count() == 1
    assert client.post(address, {**mine, "also": "on"}).status_code == 302
    assert Case.objects.count() == 2


def test_a_report_joins_a_case_that_is_chosen_or_typed(world: World) -> None:
    lead, colleague = signed_in(world.lead), signed_in(world.colleague)
    address = f"/desk/reports/{world.second}/join-case/"
    assert "The garden gate" in html_of(lead, address)
    assert "The garden gate" not in html_of(colleague, address), "only one's own cases are offered"
    for typed, said in (
        ("", "type its reference"),
        (SLIPPED, "does not fit"),
        (world.report, "does not fit"),
        (ABSENT, "no such case"),
    ):
        refused = colleague.post(address, {"typed": typed, "reason": "same gate", "version": "1"})
        assert refused.status_code == 422
        assert said in refused.content.decode(), typed
    typed = world.case.lower().replace("-", " ")
    done = colleague.post(address, {"typed": typed, "reason": "same gate", "version": "1"})
    assert (done.status_code, done.headers["Location"]) == (302, f"/desk/cases/{world.case}/")
    found = reports_in(actor(world.lead), access_case(actor(world.lead), world.case))
    assert [line.reference for line in found.lines] == [world.second, world.report]


def test_what_is_typed_goes_before_what_is_chosen(world: World) -> None:
    other = services.open_case(actor(world.lead), report_reference=world.second, version=1, reason="x")
    client = signed_in(world.lead)
    address = f"/desk/reports/{world.report}/join-case/"
    answer = {"case": "", "typed": other, "reason": "both", "also": "on", "version": "1"}
    assert client.post(address, answer).headers["Location"] == f"/desk/cases/{other}/"


def test_the_page_of_a_case_says_who_what_and_when(world: World) -> None:
    services.write_note(actor(world.colleague), case_reference=world.case, text="<b>seen</b>\nat the gate")
    html = html_of(signed_in(world.colleague), f"/desk/cases/{world.case}/")
    assert "The garden gate" in html
    assert "&lt;b&gt;seen&lt;/b&gt;" in html
    assert html.index("at the gate") < html.index("asked for help"), "the newest stands first"
    assert f"/desk/reports/{world.report}/" in html
    assert f"/desk/look-up/{world.case}/" in html
    assert html.count('class="primary"') == 1
    assert "hand-over" not in html, "who does not work on it has nothing to hand over"
    assert "/assign/" not in html, "only a supervisor says who works"
    assert "hand-over" in html_of(signed_in(world.lead), f"/desk/cases/{world.case}/")
    assert "/assign/" in html_of(signed_in(world.supervisor), f"/desk/cases/{world.case}/")
    custodian = a_person(Role.CUSTODIAN, unit="lahore")
    seen = html_of(signed_in(custodian), f"/desk/cases/{world.case}/")
    assert "at the gate" in seen
    assert "<aside" not in seen
    assert 'class="primary"' not in seen


def test_it_speaks_urdu(world: World) -> None:
    for address in ("/desk/cases/", f"/desk/cases/{world.case}/", f"/desk/reports/{world.second}/open-case/"):
        html = html_of(signed_in(world.lead), address, **{"accept-language": "ur"})
        assert '<html lang="ur" dir="rtl"' in html
        for english in ("Case opened", "What happened", "Hand over", "Why a case", "Reports<", "Opened<"):
            assert english not in html, address


def test_notes_people_and_reports_from_the_page(world: World) -> None:
    lead, boss = signed_in(world.lead), signed_in(world.supervisor)
    at = f"/desk/cases/{world.case}"
    assert lead.post(f"{at}/note/", {"note-text": "first"}).headers["Location"] == f"{at}/"
    colleague = str(number_of(actor(world.colleague)))
    assert boss.post(f"{at}/assign/", {"assign-person": colleague}).status_code == 302
    again = boss.post(f"{at}/assign/", {"assign-person": colleague})
    assert again.status_code == 422
    assert "work on this case already" in again.content.decode()
    assert "<details" in again.content.decode()
    assert re.search(r'<details class="panel fold" open>\s*<summary>Put somebody', again.content.decode())
    handed = {"hand_over-person": colleague, "hand_over-note": "all of it"}
    assert lead.post(f"{at}/hand-over/", handed).status_code == 302
    assert lead.post(f"{at}/hand-over/", handed).status_code == 422
    case = access_case(actor(world.lead), world.case)
    assert [(one.person, one.lead) for one in people_at_work(case)] == [(int(colleague), True)]
    led = lead.post(f"{at}/join/", {"join-report": world.second.lower()})
    form = f"/desk/reports/{world.second}/join-case/?case={world.case}"
    assert (led.status_code, led.headers["Location"]) == (302, form)
    assert "by its reference" in html_of(lead, form), "it says that there is something to read first"
    assert lead.post(form, {"typed": world.case, "reason": "same gate", "version": "1"}).status_code == 302
    for reference in (world.elsewhere, derive_reference(b"k" * 32, "nobody", "9"), "R-0000"):
        refused = lead.post(f"{at}/join/", {"join-report": reference})
        assert refused.status_code == 422
    out = {"take_out-report": world.second, "take_out-reason": "not this gate"}
    assert lead.post(f"{at}/take-out/", out).status_code == 302
    assert (
        boss.post(f"{at}/end-assignment/", {"end-person": colleague, "end-reason": "leave"}).status_code
        == 302
    )
    html = html_of(lead, f"{at}/")
    assert "Nobody works on this case" in html
    assert "not this gate" in html
    kinds = list(CaseEvent.objects.order_by("number").values_list("kind", flat=True))
    assert kinds == [
        "opened",
        "noted",
        "assigned",
        "handed_over",
        "report_joined",
        "report_taken_out",
        "assignment_ended",
    ]


def test_a_report_in_another_case_is_joined_only_deliberately(world: World) -> None:
    lead = signed_in(world.lead)
    other = services.open_case(actor(world.lead), report_reference=world.second, version=1, reason="x")
    form = lead.post(f"/desk/cases/{other}/join/", {"join-report": world.report}).headers["Location"]
    page = html_of(lead, form)
    assert 'name="also"' in page
    assert re.search(rf'value="{other}"[^>]* checked', page), "the case from whose page one comes is chosen"
    asked = {"case": other, "reason": "both", "version": "1"}
    assert lead.post(form, asked).status_code == 422
    assert lead.post(form, {**asked, "also": "on"}).status_code == 302


@pytest.mark.parametrize(("page", "more"), [("open-case", {"title": "A handle"}), ("join-case", {})])
def test_told_again_meanwhile_no_case_takes_it_unread(world: World, page: str, more: dict[str, str]) -> None:
    lead, address = signed_in(world.lead), f"/desk/reports/{world.second}/{page}/"
    read = html_of(lead, f"/desk/reports/{world.second}/")
    assert f"{address}?telling=1" in read, "the report's page says which telling it showed"
    tell(Report.objects.get(reference=world.second), {})
    assert 'name="version" value="1"' in html_of(lead, f"{address}?telling=1"), "not the one that came since"
    said = {**more, "reason": "the same gate", "version": "1"}
    if page == "join-case":
        said["typed"] = world.case
    events, outcomes = CaseEvent.objects.count(), Outcome.objects.count()
    answer = lead.post(address, said)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "told again while you were writing" in shown
    assert f'<a href="/desk/reports/{world.second}/">Read the report</a>' in shown
    for word in (value for name, value in said.items() if name != "version"):
        assert word in shown
    assert 'name="version" value="2"' in shown
    assert (events, outcomes) == (CaseEvent.objects.count(), Outcome.objects.count())
    assert lead.post(address, {**said, "version": "2"}).status_code == 302
    assert Outcome.objects.latest("id").version == 2


@pytest.mark.parametrize("telling", ["0", "2", "-1", "x", "1\0", "٣", "9" * 30, ""])
def test_a_telling_that_never_came_counts_as_not_said(world: World, telling: str) -> None:
    page = signed_in(world.lead).get(f"/desk/reports/{world.second}/open-case/", {"telling": telling})
    assert 'name="version" value="1"' in page.content.decode()


def test_without_a_telling_nothing_is_opened_or_joined(world: World) -> None:
    lead = signed_in(world.lead)
    for page, said in (("open-case", {"reason": "x"}), ("join-case", {"reason": "x", "typed": world.case})):
        for version in ({}, {"version": ""}, {"version": "x"}, {"version": "9" * 30}):
            answer = lead.post(f"/desk/reports/{world.second}/{page}/", {**said, **version})
            assert answer.status_code == 422, (page, version)
    assert not Outcome.objects.filter(report__reference=world.second).exists()


@pytest.mark.parametrize("case", ["", "x", "R-0000-0000-0000", "\0", "<b>", ABSENT])
def test_a_form_fills_in_no_case_that_is_none(world: World, case: str) -> None:
    page = signed_in(world.lead).get(f"/desk/reports/{world.second}/join-case/", {"case": case})
    assert page.status_code == 200
    assert ('name="typed" value="' in page.content.decode()) is (case == ABSENT)


def test_a_note_too_long_comes_back_whole(world: World) -> None:
    page = signed_in(world.lead).post(f"/desk/cases/{world.case}/note/", {"note-text": "y" * 10_001})
    assert page.status_code == 422
    assert "y" * 10_001 in page.content.decode()
    lines = "\r\n".join(["z"] * 5_000)  # 9,999 characters as the browser counts them
    done = signed_in(world.lead).post(f"/desk/cases/{world.case}/note/", {"note-text": lines})
    assert done.status_code == 302


def _addresses(case: str, report: str) -> list[tuple[str, str, dict[str, str]]]:
    return [
        ("get", f"/desk/cases/{case}/", {}),
        ("get", f"/desk/history/{case}/", {}),
        ("get", f"/desk/look-up/{case}/", {}),
        ("post", f"/desk/cases/{case}/note/", {"note-text": "x"}),
        ("post", f"/desk/cases/{case}/hand-over/", {"hand_over-person": "1", "hand_over-note": "x"}),
        ("post", f"/desk/cases/{case}/assign/", {"assign-person": "1"}),
        ("post", f"/desk/cases/{case}/end-assignment/", {"end-person": "1", "end-reason": "x"}),
        ("post", f"/desk/cases/{case}/join/", {"join-report": report, "join-reason": "x"}),
        ("post", f"/desk/cases/{case}/take-out/", {"take_out-report": report, "take_out-reason": "x"}),
        ("get", f"/desk/reports/{report}/open-case/", {}),
        ("post", f"/desk/reports/{report}/open-case/", {"reason": "x"}),
        ("get", f"/desk/reports/{report}/join-case/", {}),
        ("post", f"/desk/reports/{report}/join-case/", {"typed": case, "reason": "x"}),
    ]


def test_a_stranger_gets_the_same_answer_as_for_what_is_not_there(world: World) -> None:
    stranger = signed_in(world.stranger)
    absent_report = derive_reference(b"k" * 32, "nobody", "1")
    events, entries = CaseEvent.objects.count(), Entry.objects.count()
    there, nowhere = _addresses(world.case, world.report), _addresses(ABSENT, absent_report)
    for (method, address, answer), (_, absent, same) in zip(there, nowhere, strict=True):
        seen, unseen = getattr(stranger, method)(address, answer), getattr(stranger, method)(absent, same)
        assert (seen.status_code, unseen.status_code) == (404, 404), address
        strip = re.compile(rb"[A-Z0-9-]{16}|csrf[^>]*>")
        assert strip.sub(b"", seen.content) == strip.sub(b"", unseen.content), address
    assert (events, entries) == (CaseEvent.objects.count(), Entry.objects.count())
    listed = html_of(stranger, "/desk/cases/?whose=unit")
    assert world.case not in listed
    assert "The garden gate" not in listed


def test_a_slip_in_the_address_is_not_found_either(world: World) -> None:
    assert signed_in(world.lead).get(f"/desk/cases/{SLIPPED}/").status_code == 404
    assert signed_in(world.lead).get(f"/desk/cases/{world.case.lower()}/").status_code == 200


def test_the_list_shows_ones_own_first_and_goes_on(world: World, lay: Lay) -> None:  # noqa: F811
    lead, colleague = signed_in(world.lead), signed_in(world.colleague)
    assert 'href="?whose=mine" aria-current="page"' in html_of(lead, "/desk/cases/")
    assert 'href="?whose=unit" aria-current="page"' in html_of(colleague, "/desk/cases/")
    assert "You work on no case now" in html_of(colleague, "/desk/cases/?whose=mine")
    for _ in range(50):
        services.open_case(actor(world.lead), report_reference=lay().reference, version=1, reason="x")
    first = html_of(lead, "/desk/cases/?whose=unit")
    assert world.case not in first
    (further,) = re.findall(r'href="(\?whose=unit&amp;after=[0-9-]+)"', first)
    second = html_of(lead, "/desk/cases/" + further.replace("&amp;", "&"))
    assert world.case in second
    assert "unit&amp;after=" not in second.split("<main")[1]
    for odd in ("x", "1-", "9" * 18 + "-1", "-1", "0-0"):
        assert lead.get("/desk/cases/", {"after": odd, "whose": "unit"}).status_code == 200
    assert len(acts("cases.read")) == 10


def test_of_another_units_report_only_that_is_said(world: World) -> None:
    both = a_person(Role.INVESTIGATOR, unit="lahore")
    grants = actor(both).grants | actor(world.stranger).grants
    who = type(actor(both))(actor(both).kind, actor(both).key, grants)
    services.join_report(
        who, case_reference=world.case, report_reference=world.elsewhere, version=1, reason="same man"
    )
    html = html_of(signed_in(world.lead), f"/desk/cases/{world.case}/")
    assert world.elsewhere not in html
    assert html.count("a report of another office") == 2


def test_what_is_not_recorded_is_not_shown(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no ledger")

    monkeypatch.setattr(reading, "append", broken)
    for address in ("/desk/cases/", f"/desk/cases/{world.case}/", f"/desk/reports/{world.report}/open-case/"):
        page = signed_in(world.lead).get(address)
        assert page.status_code == 503
        assert b"garden gate" not in page.content


def test_the_history_of_a_case_is_its_own(world: World) -> None:
    html = html_of(signed_in(world.lead), f"/desk/history/{world.case}/")
    assert f'href="/desk/cases/{world.case}/"' in html
    assert "opened a case" in html
