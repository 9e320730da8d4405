"""The look-up page and the auditor's alerts."""

from __future__ import annotations

import json
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.matching.banks import OPERATOR, a_list, entry
from tests.rooms.matching.reported import near
from tests.rooms.reports.telling import HANDLE, PHONE, SYSTEM, suspect, told, victim

from amaan.accounts.models import User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Role
from amaan.cases.services import open_case
from amaan.desk import reading
from amaan.formats.hash_lists import ListEntry
from amaan.ledger.models import Entry
from amaan.matching.services import add_survivor_hash, grow_list
from amaan.matching.services.matching import match_reports
from amaan.reports.domain.searching import DAILY_CAP
from amaan.reports.lookups import making
from amaan.reports.models import ContentItem, LookUp, Report, Version
from amaan.triage.selectors.briefs import briefs_of
from amaan.triage.services import prepare_rules, triage_reports

pytestmark = pytest.mark.django_db


@pytest.fixture
def analyst() -> User:
    return a_person(Role.ANALYST, unit="lahore")


@pytest.fixture
def purpose() -> str:
    return told("", number=900)


def search(client: Client, purpose: str, text: str, **more: str) -> str:
    page = client.post(f"/desk/look-up/{purpose}/", {"text": text, **more})
    assert page.status_code == 200
    return page.content.decode()


def test_a_search_is_posted_and_answered_on_the_same_page(analyst: User, purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    client = signed_in(analyst)
    empty = client.get(f"/desk/look-up/{purpose}/").content.decode()
    assert purpose in empty
    assert f'<bdi class="num">{DAILY_CAP}</bdi> of' in empty
    html = search(client, purpose, PHONE)
    assert one in html
    assert "1 report mentions it" in html
    assert f'<bdi class="num">{DAILY_CAP - 1}</bdi> of' in html


def test_a_finding_stands_with_its_band_and_why(analyst: User, purpose: str) -> None:
    threat = "<reportAnnotations><sextortion/></reportAnnotations>"
    one = told(suspect(PHONE), number=1, summary=threat)
    without = answer_of(search(signed_in(analyst), purpose, PHONE), purpose)
    assert 'data-label="Band">–<' in without
    prepare_rules()
    triage_reports(SYSTEM, report_ids=[Report.objects.get(reference=one).pk])
    brief = briefs_of([one])[one]
    html = answer_of(search(signed_in(analyst), purpose, PHONE), purpose)
    assert f'data-label="Band">{brief.band.name.en}' in html
    assert brief.reasons[0].en in html


def test_a_term_in_the_address_does_nothing(analyst: User, purpose: str) -> None:
    told(suspect(PHONE), number=1)
    html = signed_in(analyst).get(f"/desk/look-up/{purpose}/", {"text": PHONE}).content.decode()
    assert 'id="answer"' not in html
    assert not LookUp.objects.exists()


def test_from_a_finding_to_its_report_and_it_is_noted(analyst: User, purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    client = signed_in(analyst)
    html = search(client, purpose, PHONE)
    number = LookUp.objects.get().pk
    link = f"/desk/reports/{one}/?from={number}"
    assert f'href="{link}"' in html
    assert client.get(link).status_code == 200
    assert LookUp.objects.get().led_to == "report"
    assert read() == [one]


def read() -> list[str]:
    """Which reports were read, by the ledger."""
    leaves = (json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id"))
    return [leaf["on"] for leaf in leaves if leaf["act"] == "report.read"]


def test_a_search_leads_nowhere_without_a_reading(
    analyst: User, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does not read the report is not taken for having read it, whatever address they ask for."""
    one, other = told(suspect(PHONE), number=1), told("", number=2)
    client = signed_in(analyst)
    search(client, purpose, PHONE)
    number = LookUp.objects.get().pk
    assert client.get(f"/desk/look-ups/{number}/open/{one}/").status_code == 404, "the door that was"
    colleague = signed_in(a_person(Role.ANALYST, unit="lahore"))
    assert colleague.get(f"/desk/reports/{one}/?from={number}").status_code == 200, "to them only a report"
    assert client.get(f"/desk/reports/{other}/?from={number}").status_code == 200, "it did not show this one"
    for odd in (number + 1, "x", "9" * 40, "-1", "\0", "٣"):
        assert client.get(f"/desk/reports/{one}/", {"from": odd}).status_code == 200
    assert LookUp.objects.get().led_at is None

    def broken(*_: object, **__: object) -> None:
        raise OSError("no ledger")

    with monkeypatch.context() as patched:
        patched.setattr(reading, "append", broken)
        assert client.get(f"/desk/reports/{one}/?from={number}").status_code == 503
    assert LookUp.objects.get().led_at is None
    before = len(read())
    client.get(f"/desk/reports/{one}/?from={number}")
    assert (LookUp.objects.get().led_to, len(read())) == ("report", before + 1)


@pytest.mark.parametrize("text", ["0301-7654321", "small_bird"])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_page_tells_held_and_no_more(analyst: User, text: str, language: str) -> None:
    """Whether one report or four hold it, here or elsewhere, for whomever one searches: the same page."""
    child = told(victim("0301-7654321", "small_bird"), number=1)
    client = signed_in(analyst)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    first = answer_of(search(client, child, text), child)
    for number in (2, 3):
        told(victim("0301-7654321", "small_bird"), number=number)
    told(suspect("0301-7654321", "small_bird"), number=4, unit="karachi")
    other = told("", number=900)
    later = answer_of(search(client, other, text), other)
    assert ("held; ask the custodian" in first) is (language == "en")
    assert first == later
    assert "R-" not in first.replace(child, "")
    assert "Karachi" not in later


def answer_of(html: str, purpose: str) -> str:
    """The answer's part of a page, without the purpose that the reader typed themselves."""
    return html.split('<h2 id="answer"', 1)[1].split("</section>", 1)[0].replace(purpose, "PURPOSE")


def test_another_unit_is_named_in_the_readers_language(analyst: User, purpose: str) -> None:
    told(suspect(PHONE), number=1, unit="karachi")
    html = search(signed_in(analyst), purpose, PHONE)
    assert "It stands at other offices too; ask there:" in html
    assert "<bdi>Karachi</bdi>" in html
    assert "R-" not in answer_of(html, purpose)


def test_nothing_found_and_nothing_understood(analyst: User, purpose: str) -> None:
    client = signed_in(analyst)
    assert "No report mentions it." in search(client, purpose, "0300-9999999")
    assert "looks like the hash of a file" in search(client, purpose, "a" * 64)
    assert "This fits nothing that can be looked up" in search(client, purpose, "hello", kind="phone")
    assert "This field is required." in search(client, purpose, "  ")
    assert LookUp.objects.count() == 2


def test_a_files_hash_is_compared_with_the_lists_and_leads_to_reports_through_them(
    analyst: User, purpose: str
) -> None:
    md5 = "ab" * 16
    mine, other = told("", number=801), told("", number=802, unit="karachi")
    for version in Version.objects.filter(report__reference__in=[mine, other]):
        ContentItem.objects.create(
            version=version, number=9, md5=bytes.fromhex(md5), viewed="not_said", public="not_said"
        )
    a_list(title="The <i>Partner</i>")
    entries = [ListEntry(1, "a", {"md5": bytes.fromhex(md5)}), entry(1)]
    grow_list(OPERATOR, slug="partner", entries=entries, origin="a file")
    found = Report.objects.filter(reference__in=[mine, other])
    match_reports(SYSTEM, report_ids=list(found.values_list("pk", flat=True)))
    client = signed_in(analyst)
    html = search(client, purpose, md5.upper())
    assert "The &lt;i&gt;Partner&lt;/i&gt;" in html
    assert "The same <bdi>MD5</bdi>" in html
    assert f"/desk/reports/{mine}/?from=" in html
    assert "a file&#x27;s hash" in html
    assert other not in html
    assert "Karachi" in html
    close = near(1, 9).hex()
    assert "of 256 bits differ" in search(client, purpose, close)
    assert "of 256 bits differ" not in search(client, purpose, close, kind="handle")
    add_survivor_hash(OPERATOR, pdq=near(7, 0), quality=90)
    told_nothing = search(client, purpose, near(7, 0).hex())
    assert "No list in force knows it" in told_nothing
    assert LookUp.objects.count() == 4


def test_what_is_typed_is_escaped(analyst: User, purpose: str) -> None:
    html = search(signed_in(analyst), purpose, "<script>alert(1)</script>")
    assert "<script>alert" not in html


def test_a_case_is_a_purpose_too(analyst: User, purpose: str) -> None:
    one = told(suspect(PHONE), number=1)
    actor = actor_of(analyst)
    assert actor is not None
    case = open_case(actor, report_reference=purpose, version=1, reason="The account is known and near.")
    html = search(signed_in(analyst), case.lower(), PHONE)
    assert one in html
    assert LookUp.objects.get().purpose == case
    elsewhere = signed_in(a_person(Role.ANALYST, unit="karachi"))
    assert elsewhere.get(f"/desk/look-up/{case}/").status_code == 404
    custodian = signed_in(a_person(Role.CUSTODIAN, unit="lahore"))
    assert custodian.get(f"/desk/look-up/{case}/").status_code == 404


@pytest.mark.parametrize("role", [Role.INTAKE_OFFICER, Role.CUSTODIAN, Role.ADMINISTRATOR, Role.AUDITOR])
def test_other_roles_have_no_such_page(role: Role, purpose: str) -> None:
    client = signed_in(a_person(role, unit="lahore"))
    for answer in (client.get(f"/desk/look-up/{purpose}/"), client.post(f"/desk/look-up/{purpose}/")):
        assert answer.status_code == 404


def test_a_purpose_of_another_unit_is_absent(purpose: str) -> None:
    client = signed_in(a_person(Role.ANALYST, unit="karachi"))
    assert client.post(f"/desk/look-up/{purpose}/", {"text": PHONE}).status_code == 404
    assert client.get("/desk/look-up/C-0000-0000-0000/").status_code == 404
    assert not LookUp.objects.exists()


def test_the_last_one_of_the_day_says_when_there_are_more(
    analyst: User, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "DAILY_CAP", 1)
    client = signed_in(analyst)
    search(client, purpose, PHONE)
    page = client.post(f"/desk/look-up/{purpose}/", {"text": PHONE})
    assert page.status_code == 429
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert f"There are new ones from 00:00 UTC on {tomorrow}" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "ur"])
def test_what_cannot_be_recorded_is_not_answered(
    analyst: User, purpose: str, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    def refuse(*args: object, **kwargs: object) -> list[int]:
        raise OSError("read-only")

    one = told(suspect(PHONE), number=1)
    monkeypatch.setattr(making, "append", refuse)
    page = signed_in(analyst).post(
        f"/desk/look-up/{purpose}/", {"text": PHONE}, headers={"accept-language": language}
    )
    assert page.status_code == 503
    assert one not in page.content.decode()


def test_a_supervisor_sees_how_often_the_unit_searched(analyst: User, purpose: str) -> None:
    search(signed_in(analyst), purpose, PHONE)
    boss = signed_in(a_person(Role.SUPERVISOR, unit="lahore"))
    assert "Look-ups in your office today" in boss.get(f"/desk/look-up/{purpose}/").content.decode()
    assert "in your office today" not in signed_in(analyst).get(f"/desk/look-up/{purpose}/").content.decode()


def test_the_auditor_sees_who_searched_for_nothing_and_opens_the_words_alone(
    analyst: User, purpose: str
) -> None:
    for text in ("0300-1111111", "0300-2222222", HANDLE):
        search(signed_in(analyst), purpose, text)
    auditor = signed_in(a_person(Role.AUDITOR, unit="islamabad"))
    html = auditor.get("/desk/alerts/").content.decode()
    assert "look closer" in html
    assert purpose in html
    assert "0300-1111111" not in html
    number = LookUp.objects.order_by("id")[0].pk
    opened = auditor.post(f"/desk/alerts/{number}/terms/").content.decode()
    assert "0300-1111111" in opened
    assert "0300-2222222" not in opened
    acts = [json.loads(bytes(entry.leaf_bytes))["act"] for entry in Entry.objects.order_by("id")]
    assert acts[-3:] == ["alert.read", "look_up.terms_read", "alert.read"]
    assert auditor.post("/desk/alerts/999999/terms/").status_code == 404


def test_an_auditor_with_nothing_to_see_is_told_so() -> None:
    html = signed_in(a_person(Role.AUDITOR)).get("/desk/alerts/").content.decode()
    assert "Nobody&#x27;s look-ups led nowhere." in html or "Nobody's look-ups led nowhere." in html


def test_an_alert_meets_the_auditor_at_the_door(analyst: User, purpose: str) -> None:
    auditor = signed_in(a_person(Role.AUDITOR, unit="islamabad"))
    assert "look-ups led nowhere" not in auditor.get("/desk/").content.decode()
    search(signed_in(analyst), purpose, "0300-1111111")
    assert "1 person's look-ups led nowhere" in unescape(auditor.get("/desk/").content.decode())
