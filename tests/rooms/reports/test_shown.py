"""What a report's page shows of texts, captures and other reports, and what a look-up then answers."""

from __future__ import annotations

import json

import pytest
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import file_details, report

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.formats.table import ColumnMapping
from amaan.referrals.panels import document_trees
from amaan.reports.domain.marking import Mark
from amaan.reports.domain.veil import HELD, Told
from amaan.reports.lookups import look_up_for
from amaan.reports.models import Identifier
from amaan.reports.panels import report_panels, shield_of
from amaan.reports.panels.values import Text

pytestmark = pytest.mark.django_db
READER = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "north")}))
WIDER = Actor(
    ActorKind.STAFF, "staff:2", frozenset({Grant(Role.ANALYST, "north"), Grant(Role.ANALYST, "south")})
)
CAPTURE = "<ipCaptureEvent><ipAddress>203.0.113.4</ipAddress><eventName>Upload</eventName></ipCaptureEvent>"
DEVICE = "<deviceId><idType>IMEI</idType><idValue>490154203237518</idValue></deviceId>"
FILE = file_details("<locationOfFile>https://x.example/f/1.jpg</locationOfFile>" + DEVICE + CAPTURE)


def reported(age: int, account: str = "") -> str:
    person = f"<personOrUserReportedPerson><age>{age}</age></personOrUserReportedPerson>"
    return f"<personOrUserReported>{person}{account}</personOrUserReported>"


def said(told: Told) -> str:
    return "".join("▒" if piece.covered else piece.text for piece in told)


def text_named(texts: tuple[Text, ...], name: str) -> list[Text]:
    return [text for text in texts if text.name == name]


# Captures


@pytest.mark.parametrize("before", [False, True])
def test_device_and_address_of_a_reported_childs_upload_are_held(before: bool) -> None:
    """`before`: the report came in when such captures still stood in clear."""
    reference = arrived(report(reported(40) + reported(15)), FILE)
    if before:
        for row in Identifier.objects.filter(type__in=["ip", "device"]):
            clear = {"ip": "203.0.113.4", "device": "imei:490154203237518"}[row.type]
            Identifier.objects.filter(pk=row.pk).update(clear=clear, sealed=None)
    panels = report_panels(READER, reference)
    (item,) = panels.contents.items
    assert {(one.type, one.told == HELD, one.copy) for one in item.addresses} == {
        ("url", False, "https://x.example/f/1.jpg"),
        ("device", True, ""),
    }
    assert (panels.addresses.lines, panels.addresses.held) == ((), 1)
    shown = str(panels) + str(document_trees(READER, reference))
    assert "203.0.113.4" not in shown
    assert "490154203237518" not in shown


def test_those_of_an_adults_upload_are_shown() -> None:
    panels = report_panels(READER, arrived(report(reported(40)), FILE))
    assert [line.copy for line in panels.addresses.lines] == ["203.0.113.4"]
    assert "490154203237518" in str(panels.contents)


def test_a_look_up_of_what_was_captured_of_a_child_says_held() -> None:
    purpose = arrived(report(), number="9")
    arrived(report(reported(15)), FILE, number="1")
    answer = look_up_for(READER, text="203.0.113.4", purpose=purpose, unit="north")
    assert (answer.held, answer.findings, answer.elsewhere) == (True, (), ())


# Names of files


def test_file_names_of_a_shared_folder_are_held() -> None:
    before = (
        "<internetDetails><peer2peerIncident><fileNames>larkspur-girl.avi</fileNames></peer2peerIncident>"
    )
    reference = arrived(report(before=f"{before}</internetDetails>"))
    (text,) = text_named(report_panels(READER, reference).summary.texts, "File names")
    assert (text.told, text.more) == (HELD, False)
    assert "larkspur-girl" not in str(document_trees(READER, reference))


def test_of_a_table_only_what_names_nobody_is_known_in_clear() -> None:
    mapping = ColumnMapping({"Child": "victim.name", "Told": "incident.text"}, entity="Hotline")
    row = json.dumps({"Child": "Quillwen", "Told": "Was threatened"}).encode()
    assert "was threatened" in shield_of(READER, arrived(row, mapping=mapping)).clear
    assert not shield_of(READER, arrived(report("<additionalInfo>Told</additionalInfo>"))).clear


# Long texts


def test_a_text_is_covered_and_cut_and_says_that_it_goes_on() -> None:
    victim = "<victim><victimPerson><firstName>Quillwen</firstName></victimPerson></victim>"
    text = "و" * 5996 + "Quillwen" + "%20" * 200_000
    reference = arrived(report(f"{victim}<additionalInfo>{text}</additionalInfo>"))
    (shown,) = report_panels(READER, reference).summary.texts
    assert said(shown.told) == "و" * 5996 + "▒…"
    assert shown.more


def test_of_many_texts_a_page_shows_as_many_as_it_has_room_for() -> None:
    infos = "".join(f"<additionalInfo>{n} {'told ' * 1500}</additionalInfo>" for n in range(200))
    person = report_panels(READER, arrived(report(reported(40, infos)))).reported.people[0]
    assert 60 < len(person.texts) < 80
    assert all(text.more for text in person.texts)
    assert said(person.texts[-1].told) == "…"
    many = "".join(f"<screenName>adult_{n}</screenName>" for n in range(300))
    person = report_panels(READER, arrived(report(reported(40, many)), number="2")).reported.people[0]
    assert (len(person.identifiers), person.more_identifiers) == (200, 100)


# Other reports


def test_a_value_is_counted_in_the_readers_own_offices() -> None:
    body = reported(40, "<screenName>bad_actor</screenName>")
    first = arrived(report(body))
    for number in range(2, 5):
        arrived(report(body), number=str(number), unit="south")

    def seen(actor: Actor) -> str:
        return report_panels(actor, first).reported.people[0].identifiers[0].seen

    assert seen(READER) == ""
    assert seen(WIDER) == "4"
    arrived(report(body), number="5")
    assert seen(READER) == "2"


def test_a_value_of_very_many_reports_is_counted_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amaan.reports.panels.shown._MOST_WALKED", 3)
    body = reported(40, "<screenName>bad_actor</screenName>")
    first = arrived(report(body))
    for number in range(2, 7):
        arrived(report(body), number=str(number))
    assert report_panels(READER, first).reported.people[0].identifiers[0].seen == "3+"


# Marks


def test_what_a_text_was_found_to_say_is_marked_in_it_and_in_no_other() -> None:
    told = "<additionalInfo>He will send it to all.</additionalInfo>"
    files = [
        file_details(f"<additionalInfo>Number {n}.</additionalInfo>", file_id=name)
        for n, name in ((1, "ab1"), (2, "ab2"))
    ]
    reference = arrived(report(told), *files)
    marks = {
        "report.additionalInfo": [Mark(3, 12, "a threat")],
        "content.additionalInfo": [Mark(0, 6, "which?")],
    }
    panels = report_panels(READER, reference, marks)
    (shown,) = panels.summary.texts
    assert [(piece.text, piece.says) for piece in shown.told] == [
        ("He ", ""),
        ("will send", "a threat"),
        (" it to all.", ""),
    ]
    told_of_files = [piece for item in panels.contents.items for text in item.texts for piece in text.told]
    assert told_of_files
    assert not any(piece.says for piece in told_of_files), "two texts bear this name"
