"""What identifies a child, a recipient or a reporter stands in no unsealed column, wherever a document says it."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator
from functools import cache
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from tests.laws.source import modules
from tests.rooms.referrals.reading import (
    clear_columns,
    file_details,
    le_report,
    prepared,
    report,
    sealed_texts,
)
from tests.strategies.cybertipline import fullest_report, newer_report_documents, report_documents

from amaan.formats.table import ColumnMapping
from amaan.vocabulary.domain import find_district

calm = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
_BRANCHES = (
    "victim | intendedRecipient | reporter"
    " | personOrUserReported[personOrUserReportedPerson/age[. >= 0 and . < 18]]"
)
_NAMING = (
    "firstName",
    "lastName",
    "screenName",
    "displayName",
    "schoolName",
    "espIdentifier",
    "email",
    "address",
)
_LONG = 6


@cache
def our_words() -> str:
    """The codes of our own source, such as `reported.ip_upload`: they stand in every report, whoever is in it.

    Hypothesis draws texts from the source's constants, too, so that a child may be called «upload».
    """
    found = set()
    for tree in modules().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r"[a-z0-9_.-]{6,60}", node.value) if " " not in node.value else ())
    return "\n".join(sorted(found))


def naming(document: bytes) -> Iterator[str]:
    """Texts that identify somebody protected, found by XPath and not by Amaan's readers."""
    root = etree.fromstring(document)
    for branch in root.xpath(_BRANCHES):
        for element in branch.iter(*_NAMING):
            inside_reporter = branch.tag == "reporter" and element.tag not in {"email"}
            text = (element.text or "").strip()
            # A reporter's single words are an office's («Safety Team»); as a whole they are tested below.
            ours = find_district(text) or text.casefold() in our_words()
            if len(text) >= _LONG and not inside_reporter and not ours:
                yield text


@calm
@given(report_documents(noise=False))
def test_no_drawn_report_names_anybody_in_clear(document: bytes) -> None:
    columns = clear_columns(prepared(document))
    for text in naming(document):
        found = [name for name, held in columns.items() if text.casefold() in held.casefold()]
        assert not found, text


@calm
@given(newer_report_documents())
def test_no_newer_report_names_anybody_in_clear(document: bytes) -> None:
    columns = clear_columns(prepared(document))
    for text in naming(document):
        assert not [name for name, held in columns.items() if text.casefold() in held.casefold()], text


@pytest.mark.parametrize("turn", range(4))
def test_the_fullest_report_names_nobody_in_clear(turn: int) -> None:
    document = fullest_report(turn)
    texts = list(naming(document))
    assert len(texts) > 20
    columns = clear_columns(prepared(document))
    for text in texts:
        assert not [name for name, held in columns.items() if text.casefold() in held.casefold()], text


_WHO = {
    "victim": "<victim><victimPerson>{person}</victimPerson>{account}</victim>",
    "recipient": "<intendedRecipient><intendedRecipientPerson>{person}</intendedRecipientPerson>{account}"
    "</intendedRecipient>",
    "minor": "<personOrUserReported><personOrUserReportedPerson>{person}<age>15</age></personOrUserReportedPerson>"
    "{account}</personOrUserReported>",
}
_PERSON = (
    "<firstName>Quillwen</firstName><lastName>Ostrava</lastName><phone>+923001112233</phone>"
    "<email>quillwen.o@example.org</email><address><address>17 Larkspur Crescent</address></address>"
)
_ACCOUNT = (
    "<screenName>quill_star</screenName><displayName>Starry Quill</displayName>"
    "<profileUrl>https://social.example/u/quillprofile?lang=en</profileUrl>"
)
_MARKS = (
    "quillwen",
    "ostrava",
    "3001112233",
    "quill_star",
    "starry quill",
    "quillprofile",
    "17 larkspur crescent",
)


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize(
    "place", ["url", "encoded", "handle", "group", "file_url", "file_id", "number", "entity", "ip"]
)
def test_a_protected_name_is_sealed_also_where_an_account_of_an_adult_holds_it(who: str, place: str) -> None:
    body = _WHO[who].format(person=_PERSON, account=_ACCOUNT)
    details, how = [], {}
    for mark in _MARKS:
        urls = {"url": mark, "encoded": quote("Quillwen", safe="").replace("Q", "%51")}
        if place in urls:
            body += (
                f"<personOrUserReported><profileUrl>https://x.example/{urls[place].replace(' ', '_')}/a</profileUrl>"
                "</personOrUserReported>"
            )
        elif place in {"handle", "group", "ip"}:
            tag = {"handle": "screenName", "group": "groupIdentifier", "ip": "ipCaptureEvent"}[place]
            inner = f"<ipAddress>{mark}</ipAddress>" if place == "ip" else mark
            body += f"<personOrUserReported><{tag}>{inner}</{tag}></personOrUserReported>"
        elif place == "file_url":
            url = f"<locationOfFile>https://x.example/{mark.replace(' ', '')}.jpg</locationOfFile>"
            details.append(file_details(url))
        elif place == "file_id":
            details.append(file_details(file_id=mark.replace(" ", "")))
    if place in {"number", "entity"}:
        how = {place: "quillwen-2026"}
        if place == "number":
            details = [file_details(number="quillwen-2026")]
    held = "\n".join(clear_columns(prepared(report(body), *details, **how)).values()).casefold()
    for mark in _MARKS:
        if place in {"url", "file_url", "file_id"} and " " in mark:
            continue  # with another joint it is another text; the words of a display name are no names
        assert mark not in held


def test_a_minors_phone_in_an_incident_is_sealed() -> None:
    body = _WHO["victim"].format(person=_PERSON, account="")
    found = prepared(
        report(
            body,
            before="<internetDetails><cellPhoneIncident><phoneNumber>03001112233</phoneNumber></cellPhoneIncident>"
            "</internetDetails>",
        )
    )
    phones = [row for row in found.identifiers if row[1] == "phone"]
    assert len(phones) == 1
    assert phones[0][3] is None


def test_an_adults_account_stays_readable() -> None:
    body = _WHO["victim"].format(person=_PERSON, account=_ACCOUNT)
    body += "<personOrUserReported><screenName>fake_modelling</screenName></personOrUserReported>"
    clear = [row[3] for row in prepared(report(body)).identifiers if row[3]]
    assert any("fake_modelling" in value for value in clear)


def test_whoever_belongs_to_a_child_is_protected() -> None:
    account = (
        "<associatedAccount type='Parent/Guardian'><email>mother@example.org</email></associatedAccount>"
    )
    body = f"<personOrUserReported>{account}</personOrUserReported>"
    found = prepared(report(body))
    assert "mother@example.org" not in "".join(clear_columns(found).values())
    assert "mother@example.org" in sealed_texts(found)


def test_a_reporters_whole_name_and_contacts_are_sealed_and_never_link() -> None:
    who = "<firstName>Halder</firstName><lastName>Vint</lastName><email>halder@example.org</email>"
    body = (
        "<personOrUserReported><personOrUserReportedPerson><email>halder@example.org</email>"
        "</personOrUserReportedPerson><profileUrl>https://x.example/halder.vint</profileUrl></personOrUserReported>"
    )
    found = prepared(report(body, reporter=who))
    held = "".join(clear_columns(found).values()).casefold()
    assert "halder@example.org" not in held
    assert "halder.vint" not in held
    emails = [row[0] for row in found.identifiers if row[1] == "email"]
    assert len(emails) == len(set(emails)) == 2, "a reporter's address was indexed with the parties'"


def test_labels_that_name_the_child_stay_out_of_the_facts() -> None:
    document = le_report(
        victims={"victims": [{"firstName": "Quillwen"}]},
        uploadedFiles={
            "uploadedFiles": [
                {"ncmecTags": {"groups": [{"tags": [{"value": "Quillwen"}, {"value": "Infant"}]}]}}
            ]
        },
    )
    found = prepared(document)
    assert json.loads(found.facts)["content.labels"] == ["infant"]
    assert "Quillwen" in sealed_texts(found)


def test_a_table_row_names_nobody_in_clear() -> None:
    mapping = ColumnMapping(
        columns={
            "Child": "victim.name",
            "School": "victim.school",
            "Channel": "incident.channel",
            "Class": "content.classification",
            "Tag": "incident.annotation",
            "Sex": "victim.sex",
        },
        entity="Example Hotline",
    )
    cells = dict.fromkeys(mapping.columns, "Quillwen Ostrava") | {"Other column": "Quillwen"}
    found = prepared(json.dumps(cells).encode(), mapping=mapping)
    assert "quillwen" not in "".join(clear_columns(found).values()).casefold()
    assert "word_not_understood" in found.flags


def test_ten_thousand_children_are_looked_for_in_bounded_time() -> None:
    victims = "".join(
        f"<victim><victimPerson><firstName>Given{n}</firstName></victimPerson><screenName>handle{n}</screenName></victim>"
        for n in range(10_000)
    )
    urls = "".join(f"<profileUrl>https://x.example/p/{n}</profileUrl>" for n in range(2_000))
    body = f"<personOrUserReported>{urls}<profileUrl>https://x.example/Given77</profileUrl></personOrUserReported>{victims}"
    began = time.monotonic()
    found = prepared(report(body))
    assert time.monotonic() - began < 15
    assert len(found.parties) == 10_002
    held = "".join(clear_columns(found).values()).casefold()
    assert "given77" not in held
    assert "handle9999" not in held


_CAPTURE = "<ipCaptureEvent><ipAddress>203.0.113.4</ipAddress><eventName>Upload</eventName></ipCaptureEvent>"
_DEVICE = "<deviceId><idType>IMEI</idType><idValue>490154203237518</idValue></deviceId>"
_P2P = (
    "<internetDetails><peer2peerIncident><ipCaptureEvent><ipAddress>198.51.100.7</ipAddress></ipCaptureEvent>"
    "</peer2peerIncident></internetDetails>"
)
_URL = "<locationOfFile>https://x.example/f/1.jpg</locationOfFile>"


def _reported(age: int, ip: str = "192.0.2.50") -> str:
    return (
        f"<personOrUserReported><personOrUserReportedPerson><age>{age}</age></personOrUserReportedPerson>"
        f"<ipCaptureEvent><ipAddress>{ip}</ipAddress></ipCaptureEvent></personOrUserReported>"
    )


@pytest.mark.parametrize("child", [False, True])
def test_what_was_captured_of_a_reported_childs_upload_is_sealed(child: bool) -> None:
    """Together with an adult, too: nobody says which of the two it was."""
    body = _reported(40) + (_reported(15, "192.0.2.60") if child else "")
    found = prepared(report(body, before=_P2P), file_details(_CAPTURE + _DEVICE + _URL))
    held = "\n".join(clear_columns(found).values())
    assert "192.0.2.50" in held, "the adult's own"
    assert "https://x.example/f/1.jpg" in held
    for captured in ("203.0.113.4", "490154203237518", "198.51.100.7"):
        assert (captured in held) is not child
        assert (captured in sealed_texts(found)) is child


@pytest.mark.parametrize("child", [False, True])
def test_so_it_is_in_the_json_of_law_enforcement(child: bool) -> None:
    captures = [{"captureType": kind, "value": value} for kind, value in _CAPTURED.items()]
    found = prepared(
        le_report(
            reportedPeople={"reportedPersons": [{"approximateAge": "15" if child else "40"}]},
            incidentDetails={
                "chatImIncident": {
                    "url": "https://x.example/room",
                    "sourceInformation": {"sourceCaptures": captures[:1]},
                }
            },
            uploadedFiles={"uploadedFiles": [{"sourceInformation": {"sourceCaptures": captures[1:]}}]},
        )
    )
    held = "\n".join(clear_columns(found).values())
    assert "https://x.example/room" in held
    for value in _CAPTURED.values():
        assert (value in held) is not child
        assert (value in sealed_texts(found)) is child


_CAPTURED = {
    "IP Address": "203.0.113.4",
    "Device ID": "490154203237518",
    "Email": "who.uploaded@example.org",
    "Profile URL": "https://x.example/u/whouploaded",
}


def test_names_that_begin_alike_do_not_keep_the_import_busy() -> None:
    """10,000 names and 5,000 addresses, all of a's, in a document of 10 MB."""
    names = "".join(f"<victim><screenName>{'a' * 20}{n:05}</screenName></victim>" for n in range(10_000))
    urls = "".join(f"<profileUrl>https://x.example/{'a' * 1500}/{n}</profileUrl>" for n in range(5_000))
    body = f"<personOrUserReported>{urls}</personOrUserReported>{names}"
    began = time.process_time()
    found = prepared(report(body))
    assert time.process_time() - began < 20
    assert len(found.parties) == 10_002
    assert sum(row[3] is not None for row in found.identifiers) == 5_000


@pytest.mark.parametrize("many", [False, True])
def test_a_very_long_name_is_looked_for_among_many_too(many: bool) -> None:
    crowd = "".join(f"<victim><screenName>other_{n}</screenName></victim>" for n in range(60 if many else 0))
    name = "quillwen" * 20
    body = (
        f"<victim><victimPerson><firstName>{name}</firstName></victimPerson></victim>{crowd}"
        f"<personOrUserReported><profileUrl>https://x.example/{name}</profileUrl></personOrUserReported>"
    )
    assert "quillwen" not in "".join(clear_columns(prepared(report(body))).values()).casefold()
