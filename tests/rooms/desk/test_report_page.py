"""The report page and its documents: what stands there, what is held, and that the ledger knows first."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import file_details, report
from tests.strategies.cybertipline import report_documents

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.desk import reading
from amaan.desk.pages import report as report_pages
from amaan.ledger.models import Entry
from amaan.ledger.services import Act
from amaan.outbox.services import deliver
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome

pytestmark = pytest.mark.django_db

READERS = sorted(role for role in Role if MATRIX[Action.VIEW_REPORT][role] is not Scope.NONE)
PERSON = (
    "<firstName>Quillwen</firstName><lastName>Ostrava</lastName><phone>+923001112233</phone>"
    "<email>quillwen.o@example.org</email><address><address>17 Larkspur Crescent</address><city>Lahore</city></address>"
    "<age>13</age><dateOfBirth>2012-05-03</dateOfBirth>"
)
VICTIM = (
    f"<victim><victimPerson>{PERSON}</victimPerson><screenName>quill_star</screenName>"
    "<schoolName>Larkspur Model School</schoolName></victim>"
)
REPORTED = (
    "<personOrUserReported><screenName>bad_actor</screenName><ipCaptureEvent><ipAddress>203.0.113.9</ipAddress>"
    "<eventName>Login</eventName><dateTime>2026-02-18T09:00:00Z</dateTime><port>50111</port></ipCaptureEvent>"
    "<additionalInfo>Wrote to QUILLWEN at 0300 1112233 and to Quill-Star, born 3 May 2012</additionalInfo>"
    "</personOrUserReported>"
)
TEXT = "<additionalInfo>Quillwen of Larkspur Model School was threatened; demands 5000 to be quiet.</additionalInfo>"
FILE = file_details(
    "<originalFileName>quillwen-room.jpg</originalFileName><uploadedToEspTimestamp>2026-02-18T08:00:00Z"
    "</uploadedToEspTimestamp><fileViewedByEsp>true</fileViewedByEsp><industryClassification>A2</industryClassification>"
    f"<originalFileHash hashType='md5'>{'ab' * 16}</originalFileHash>"
    "<additionalInfo>Seen in Quillwen's chat</additionalInfo>"
)
PLANTED = (
    *("quillwen", "ostrava", "1112233", "quill_star", "quill-star", "larkspur", "2012-05-03", "3 may 2012"),
    *("example.org", "quillwen-room"),
)


@pytest.fixture
def reference() -> str:
    return arrived(report(REPORTED + VICTIM + TEXT), FILE)


@pytest.fixture
def reader() -> Client:
    return signed_in(a_person(Role.ANALYST))


def page(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def leaves(act: str) -> Iterator[dict[str, object]]:
    for entry in Entry.objects.order_by("id"):
        leaf = json.loads(bytes(entry.leaf_bytes))
        if leaf["act"] == act:
            yield leaf


def test_the_page_says_why_who_what_and_how_it_came(reader: Client, reference: str) -> None:
    shown = page(reader, f"/desk/reports/{reference}/")
    for words in (
        *(reference, "due in", "Why it stands here", "Online enticement of a child", "bad_actor"),
        *("203.0.113.9", "50111", "18 February 2026, 09:00 UTC", "ab" * 16, "A2", "demands 5000 to be quiet"),
        *(
            "11 to 13 years",
            "Lahore",
            "School",
            "Phone number",
            "import:1",
            "told once",
            "Nothing was decided yet.",
        ),
    ):
        assert words in shown, words


def test_the_waterfall_adds_up_and_stands_in_words_and_numbers(reader: Client, reference: str) -> None:
    """What the bars show is written beside them; each axis begins where it says and ends at its strength."""
    shown = page(reader, f"/desk/reports/{reference}/")
    panel = shown[shown.index('<div class="falls">') : shown.index('<details class="rules">')]
    axes = panel.split('<details class="fall"')[1:]
    assert len(axes) == 5
    for axis in axes:
        points = [
            int(found)
            for found in re.findall(r'class="points"><bdi class="num" dir="ltr">[±+]?(-?\d+)', axis)
        ]
        stands = [int(found) for found in re.findall(r'class="stands"><bdi class="num">(\d+)', axis)]
        base, score = (
            int(found) for found in re.search(r": from (\d+) to (\d+), at most 100", axis).groups()
        )  # type: ignore[union-attr]
        totals = [base] if base else []
        for point in points:
            totals.append((totals[-1] if totals else base) + point)
        assert stands == [max(0, min(100, total)) for total in totals]
        assert score == (stands[-1] if stands else base)
        for start, width in re.findall(r'class="(?:rise|drop)" x="(\d+)" width="(\d+)"', axis):
            assert int(start) + int(width) <= 100
    assert "Sections of the law that fit" in shown
    assert "PECA 2016 · 22A" in shown
    assert "a person decides" in shown


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("address", ["", "document/", "document/?all=1", "refer/", "close/"])
def test_nobody_protected_is_named(reader: Client, reference: str, address: str, language: str) -> None:
    shown = page(reader, f"/desk/reports/{reference}/{address}", **{"accept-language": language}).casefold()
    for planted in PLANTED:
        assert planted not in shown, planted


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(10**6, 10**9))
def test_no_page_of_a_drawn_report_names_anybody_protected(data: st.DataObject, number: int) -> None:
    """Names are planted into a victim's branch and, in other spellings, into every free text of a drawn report."""
    root = etree.fromstring(data.draw(report_documents(noise=False)))
    victim = etree.SubElement(root, "victim")
    person = etree.SubElement(victim, "victimPerson")
    etree.SubElement(person, "firstName").text = "Quillwen"
    etree.SubElement(person, "phone").text = "03001112233"
    etree.SubElement(victim, "screenName").text = "pebble_star"
    spelled = ["QUILLWEN", "Quíllwen", "%51uillwen", "0300 111-2233", "+92 300 1112233", "Pebble.Star"]
    for element in root.iter("additionalInfo", "content", "profileBio", "platform", "chatRoomName"):
        element.text = f"{element.text or ''} by {data.draw(st.sampled_from(spelled))} told"
    reference = arrived(etree.tostring(root), number=str(number))
    client = signed_in(a_person(Role.ANALYST))
    for address in ("", "document/?all=1"):
        shown = page(client, f"/desk/reports/{reference}/{address}")
        for planted in (
            "quillwen",
            "quíllwen",
            "uillwen",
            "1112233",
            "111-2233",
            "pebble_star",
            "pebble.star",
        ):
            assert planted not in shown.casefold(), planted


def test_a_reported_child_is_protected_and_an_adult_is_not(reader: Client) -> None:
    child = PERSON.replace("Quillwen", "Tamsel")
    body = (
        f"<personOrUserReported><personOrUserReportedPerson>{child}</personOrUserReportedPerson>"
        "<screenName>child_handle</screenName></personOrUserReported>"
        "<personOrUserReported><personOrUserReportedPerson><firstName>Grownup</firstName><age>40</age>"
        "</personOrUserReportedPerson><screenName>adult_handle</screenName></personOrUserReported>"
    )
    reference = arrived(report(body))
    for address in ("", "document/"):
        shown = page(reader, f"/desk/reports/{reference}/{address}")
        assert "Grownup" in shown
        assert "adult_handle" in shown
        assert "Tamsel" not in shown
        assert "child_handle" not in shown


def test_the_documents_name_their_elements_and_hold_their_values(reader: Client, reference: str) -> None:
    shown = page(reader, f"/desk/reports/{reference}/document/")
    for name in ("victimPerson", "schoolName", "screenName", "originalFileHash", "reportingPerson"):
        assert f">{name}<" in shown
    assert "bad_actor" in shown
    assert "ab" * 16 in shown


def test_what_no_shape_knows_is_held(reader: Client) -> None:
    body = REPORTED + "<childNickname>Starlet Pebble</childNickname>"
    shown = page(reader, f"/desk/reports/{arrived(report(body))}/document/")
    assert "report/childNickname" in shown
    assert "Starlet" not in shown


def test_a_large_document_is_shown_in_part_until_asked_for(reader: Client) -> None:
    urls = "".join(f"<profileUrl>https://x.example/p/{n}</profileUrl>" for n in range(2500))
    reference = arrived(report(f"<personOrUserReported>{urls}</personOrUserReported>"))
    part = page(reader, f"/desk/reports/{reference}/document/")
    assert "https://x.example/p/1900" in part
    assert "https://x.example/p/2400" not in part
    assert "Show all" in part
    whole = page(reader, f"/desk/reports/{reference}/document/?all=1")
    assert "https://x.example/p/2499" in whole
    assert "Show all" not in whole


def test_what_no_page_can_hold_is_left_out_and_counted(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_pages, "FIRST_NODES", 20)
    monkeypatch.setattr(report_pages, "MOST_NODES", 60)
    urls = "".join(f"<profileUrl>https://x.example/p/{n}</profileUrl>" for n in range(100))
    text = f"<additionalInfo>{'told ' * 5000}</additionalInfo>"
    reference = arrived(report(f"<personOrUserReported>{text}{urls}</personOrUserReported>"))
    whole = page(reader, f"/desk/reports/{reference}/document/?all=1")
    assert "https://x.example/p/40" in whole
    assert "https://x.example/p/60" not in whole
    assert "parts are not shown: the documents are larger than a page can be." in whole
    assert "Show all" not in whole
    assert "it goes on" in whole


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("address", ["", "document/"])
def test_who_may_read_it_may_and_nobody_else(role: Role, address: str, reference: str) -> None:
    answer = signed_in(a_person(role)).get(f"/desk/reports/{reference}/{address}")
    assert answer.status_code == (200 if role in READERS else 404)


@pytest.mark.parametrize("address", ["", "document/", "refer/", "close/"])
def test_another_units_report_is_answered_as_if_it_were_none(reference: str, address: str) -> None:
    stranger = signed_in(a_person(Role.ANALYST, Role.SUPERVISOR, unit="south"))
    there = stranger.get(f"/desk/reports/{reference}/{address}")
    nowhere = stranger.get(f"/desk/reports/R-0000-0000-0000/{address}")
    assert there.status_code == nowhere.status_code == 404
    assert _bare(there.content, reference) == _bare(nowhere.content, "R-0000-0000-0000")
    assert not list(leaves("report.read"))


def _bare(content: bytes, reference: str) -> str:
    text = content.decode().replace(reference, "")
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", text)


@pytest.mark.parametrize(("address", "act"), [("", "report.read"), ("document/", "report.document_read")])
def test_a_reading_is_in_the_ledger_and_names_nobody(
    reader: Client, reference: str, address: str, act: str
) -> None:
    page(reader, f"/desk/reports/{reference}/{address}")
    (leaf,) = leaves(act)
    assert (leaf["on"], leaf["unit"]) == (reference, "north")


@pytest.mark.parametrize("address", ["", "document/"])
def test_what_cannot_be_recorded_is_not_shown(
    reader: Client, reference: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(actor: Actor, acts: Sequence[Act]) -> list[int]:
        raise DatabaseError("disk full")

    monkeypatch.setattr(reading, "append", refuse)
    answer = reader.get(f"/desk/reports/{reference}/{address}")
    assert answer.status_code == 503
    assert b"bad_actor" not in answer.content


def test_only_what_one_may_do_is_offered(reference: str) -> None:
    analyst = page(signed_in(a_person(Role.ANALYST)), f"/desk/reports/{reference}/")
    assert f"/desk/reports/{reference}/refer/" in analyst
    assert f"/desk/reports/{reference}/close/" in analyst
    custodian = page(signed_in(a_person(Role.CUSTODIAN)), f"/desk/reports/{reference}/")
    assert "/refer/" not in custodian
    assert "/close/" not in custodian
    assert "Why it stands here" not in custodian  # the custodian keeps names, and does not judge


def test_a_page_has_one_clear_action(reader: Client, reference: str) -> None:
    shown = page(reader, f"/desk/reports/{reference}/")
    main = shown[shown.index("<main") :]
    assert len(re.findall(r'class="(?:button )?primary"', main)) == 1
    assert f'action="/desk/reports/{reference}/claim/"' in main
    reader.post(f"/desk/reports/{reference}/claim/")
    main = page(reader, f"/desk/reports/{reference}/")
    assert f'action="/desk/reports/{reference}/release/"' in main
    assert f'action="/desk/reports/{reference}/claim/"' not in main


def test_what_was_decided_stands_there_with_its_reason(reader: Client, reference: str) -> None:
    officer = a_person(Role.SUPERVISOR)
    actor = Actor.system("test")
    record_outcome(actor, reference=reference, decision=Decision.REFERRED, reason="to the wing in Multan")
    shown = page(reader, f"/desk/reports/{reference}/")
    assert "Referred" in shown
    assert "to the wing in Multan" in shown
    assert officer.name


def test_a_value_that_stands_in_other_reports_says_in_how_many(reader: Client, reference: str) -> None:
    arrived(report(REPORTED), number="70002")
    assert "in 2 reports" in page(reader, f"/desk/reports/{reference}/")
    for number in range(70003, 70026):
        arrived(report(REPORTED), number=str(number))
    assert "in 20+ reports" in page(reader, f"/desk/reports/{reference}/")


def test_told_again_it_shows_the_newest_telling(reader: Client, reference: str) -> None:
    assert arrived(report(REPORTED + VICTIM + "<additionalInfo>More was told.</additionalInfo>")) == reference
    shown = page(reader, f"/desk/reports/{reference}/")
    assert "More was told." in shown
    assert "told 2 times" in shown
    assert "demands 5000" not in shown


def test_the_page_costs_the_same_queries_however_many_values_it_shows(reader: Client) -> None:
    def cost(count: int, number: str) -> int:
        handles = "".join(
            f"<personOrUserReported><screenName>handle_{number}_{n}</screenName></personOrUserReported>"
            for n in range(count)
        )
        reference = arrived(report(handles + VICTIM), number=number)
        with CaptureQueriesContext(connection) as captured:
            page(reader, f"/desk/reports/{reference}/")
        return len(captured)

    cost(1, "1")  # what a process reads once
    assert cost(2, "2") == cost(40, "3")


def test_texts_and_values_of_documents_are_escaped(reader: Client) -> None:
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;"
    account = f"<personOrUserReported><screenName>{evil}</screenName></personOrUserReported>"
    body = f"{account}<additionalInfo>{evil}</additionalInfo>"
    reference = arrived(report(body), file_details(f"<additionalInfo>{evil}</additionalInfo>"))
    for address in ("", "document/"):
        assert b"<script>alert" not in reader.get(f"/desk/reports/{reference}/{address}").content


def test_words_that_raised_something_are_marked_in_the_text(reader: Client) -> None:
    told = arrived(
        report("<additionalInfo>He says he will leak her photos unless she pays.</additionalInfo>"),
        number="9",
    )
    while deliver(5_000):
        continue
    shown = page(reader, f"/desk/reports/{told}/")
    marked = re.findall(r'<mark class="said-so" title="([^"]+)">([^<]+)</mark>', shown)
    assert any("a threat to share pictures" in says for says, _ in marked)
    assert "leak" in "".join(text for _, text in marked)
