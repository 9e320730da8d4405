"""Small documents and the facts that intake makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.referrals.reading import ENTICEMENT, facts, file_details, le_report, prepared, report
from tests.strategies.cybertipline import (
    file_documents,
    fullest_file,
    fullest_report,
    le_json_documents,
    report_documents,
)

from amaan.bundles.domain.fact_words import BUNDLE_FACT_WORDS
from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.table import ColumnMapping
from amaan.lexicon.domain.fact_words import LEXICON_FACT_WORDS
from amaan.matching.domain.fact_words import MATCH_FACT_WORDS
from amaan.referrals.domain.intake import Refused
from amaan.reports.domain.fact_words import FACT_WORDS, SELDOM_WORDS, facts_page
from amaan.triage.domain.facts import FACTS, Kind

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "facts.md"


def reported(inner: str = "", person: str = "") -> str:
    return (
        f"<personOrUserReported><personOrUserReportedPerson>{person}</personOrUserReportedPerson>{inner}"
        "</personOrUserReported>"
    )


def victim(inner: str = "", person: str = "") -> str:
    return f"<victim><victimPerson>{person}</victimPerson>{inner}</victim>"


IP = "<ipCaptureEvent><ipAddress>203.0.113.9</ipAddress>{}</ipCaptureEvent>"
WHEN = "<dateTime>2026-02-19T09:00:00Z</dateTime>"

XML_TABLE: list[tuple[str, tuple[bytes, ...], dict[str, Any]]] = [
    (
        "an empty report says little, and never no",
        (report(),),
        {
            "source": "cybertipline_xml",
            "incident.type": "enticement",
            "incident.days_before_receipt": 10,
            "incident.escalated": False,
            "incident.in_future": False,
            "law_enforcement.reported": "not_said",
            "victim.count": 0,
            "reported.minor": "not_said",
            "reported.in_country": "not_said",
            "content.public": "not_said",
            "text.present": False,
        },
    ),
    ("a type that nobody knows is other", (report(kind="New Kind"),), {"incident.type": "other"}),
    ("no time, no days", (report(at=""),), {"incident.days_before_receipt": None}),
    (
        "a time to come",
        (report(at="2027-01-01T00:00:00Z"),),
        {"incident.in_future": True, "incident.days_before_receipt": -306},
    ),
    (
        "annotations by presence, by text, denied, and newer ones",
        (
            report(
                summary="<reportAnnotations><sextortion/><csamSolicitation>true</csamSolicitation><spam>false</spam>"
                "<potentialAggravatingFactors/></reportAnnotations>"
            ),
        ),
        {"incident.annotations": ["aggravating", "csam_solicitation", "sextortion"]},
    ),
    (
        "a doubted age",
        (report(reported(person="<age>14</age><ageAssertionDiscrepancy>true</ageAssertionDiscrepancy>")),),
        {
            "incident.annotations": ["age_discrepancy"],
            "reported.minor": "yes",
            "reported.age_bands": ["14-15"],
        },
    ),
    (
        "haste with a reason",
        (report(summary="<escalateToHighPriority>threat today</escalateToHighPriority>"),),
        {"incident.escalated": True},
    ),
    ("haste without one", (report(summary="<escalateToHighPriority/>"),), {"incident.escalated": True}),
    (
        "haste denied",
        (report(summary="<escalateToHighPriority>false</escalateToHighPriority>"),),
        {"incident.escalated": False},
    ),
    (
        "channels",
        (
            report(
                before="<internetDetails><chatImIncident><content>hello</content></chatImIncident></internetDetails>"
                "<internetDetails><nonInternetIncident/></internetDetails>"
            ),
        ),
        {"incident.channels": ["chat", "offline"], "text.present": True, "text.length": 5},
    ),
    (
        "the police were told, one process served",
        (
            report(
                before="<lawEnforcement><agencyName>a</agencyName><reportedToLe>1</reportedToLe>"
                "<servedLegalProcessDomestic>false</servedLegalProcessDomestic>"
                "<servedLegalProcessInternational fleaCountry='PK'>true</servedLegalProcessInternational>"
                "</lawEnforcement>"
            ),
        ),
        {"law_enforcement.reported": "yes", "law_enforcement.legal_process": "yes"},
    ),
    (
        "a batched report",
        (b"<report><batchedReport reason='VIRAL_POTENTIAL_MEME'/>" + report()[8:],),
        {"incident.batched": True},
    ),
    (
        "a victim",
        (
            report(
                victim(
                    "<schoolName>Example School</schoolName>",
                    "<firstName>A</firstName><age>12</age><phone>0300 1234567</phone>"
                    "<address><city>Multan</city><country>PK</country></address>",
                )
                + victim()
            ),
        ),
        {
            "victim.count": 2,
            "victim.age_bands": ["11-13", "not_said"],
            "victim.named": True,
            "victim.school": True,
            "victim.contact": True,
            "victim.located": True,
            "victim.sexes": ["not_said"],
            "reported.in_country": "not_said",
        },
    ),
    (
        "an age from a birth date, on the day of receipt",
        (report(victim(person="<dateOfBirth>2008-03-01</dateOfBirth>")),),
        {"victim.age_bands": ["18+"]},
    ),
    (
        "a day younger",
        (report(victim(person="<dateOfBirth>2008-03-02</dateOfBirth>")),),
        {"victim.age_bands": ["16-17"]},
    ),
    (
        "an absurd age is not said",
        (report(victim(person="<age>1999</age>")),),
        {"victim.age_bands": ["not_said"]},
    ),
    (
        "a reported person",
        (
            report(
                reported(
                    IP.format(f"<eventName>Upload</eventName>{WHEN}<port>5060</port>")
                    + IP.format("<possibleProxy>true</possibleProxy>")
                    + "<deviceId><idType>IMEI</idType><idValue>490154203237518</idValue></deviceId>"
                    "<priorCTReports>1</priorCTReports><priorCTReports>2</priorCTReports>"
                    "<groupIdentifier>g1</groupIdentifier><compromisedAccount>false</compromisedAccount>"
                    "<thirdPartyUserReported>true</thirdPartyUserReported><associatedAccount type='Linked'/>",
                    "<firstName>B</firstName><age>31</age><phone verified='true'>+923001234567</phone>"
                    "<email>b@example.org</email>",
                )
            ),
        ),
        {
            "reported.count": 1,
            "reported.named": True,
            "reported.age_bands": ["18+"],
            "reported.minor": "no",
            "reported.contacts": 2,
            "reported.contact_verified": True,
            "reported.ip_count": 2,
            "reported.ip_with_port_time": 1,
            "reported.ip_upload": True,
            "reported.ip_proxy": True,
            "reported.in_country": "yes",
            "reported.devices": 1,
            "reported.prior_reports": 2,
            "reported.group": True,
            "reported.compromised": "no",
            "reported.third_party": "yes",
            "reported.associated_accounts": 1,
        },
    ),
    (
        "what is told seldom",
        (
            report(
                reported(
                    "<screenName>a</screenName>"
                    "<accountTemporarilyDisabled reenabledDate='2026-02-20T00:00:00Z'>true</accountTemporarilyDisabled>"
                    "<accountPermanentlyDisabled userNotified='true'>false</accountPermanentlyDisabled>"
                    "<estimatedLocation verified='true'><countryCode>PK</countryCode></estimatedLocation>"
                )
                + "<intendedRecipient><intendedRecipientPerson><age>15</age></intendedRecipientPerson>"
                "</intendedRecipient>"
                + victim(
                    IP.format(WHEN) + "<espIdentifier>9</espIdentifier><priorCTReports>4</priorCTReports>"
                ),
                before="<internetDetails><cellPhoneIncident><latitude>31.5</latitude><longitude>74.3</longitude>"
                "</cellPhoneIncident></internetDetails>",
            ),
            file_details(
                IP.format(f"{WHEN}<port>443</port>")
                + "<details type='EXIF'><nameValuePair><name>Model</name><value>x</value></nameValuePair></details>"
            ),
        ),
        {
            "reported.account": True,
            "reported.disabled": "no",
            "reported.aware": "yes",
            "reported.location_verified": True,
            "recipient.minor": "yes",
            "victim.network": True,
            "victim.account": True,
            "victim.prior_reports": 1,
            "incident.place": True,
            "content.ip_count": 1,
            "content.ip_with_port_time": 1,
            "content.exif": True,
        },
    ),
    (
        "an account that was closed",
        (report(reported("<accountPermanentlyDisabled>true</accountPermanentlyDisabled>")),),
        {
            "reported.disabled": "yes",
            "reported.aware": None,
            "content.ip_count": None,
            "incident.place": None,
        },
    ),
    (
        "somebody abroad",
        (report(reported("<estimatedLocation><countryCode>AE</countryCode></estimatedLocation>")),),
        {"reported.in_country": "no"},
    ),
    (
        "a country as no code",
        (report(reported("<estimatedLocation><countryCode>nowhere</countryCode></estimatedLocation>")),),
        {"reported.in_country": "not_said"},
    ),
    ("recipients", (report("<intendedRecipient/><intendedRecipient/>"),), {"recipient.count": 2}),
    (
        "files",
        (
            report(),
            file_details(
                "<fileViewedByEsp>true</fileViewedByEsp><publiclyAvailable>false</publiclyAvailable>"
                "<uploadedToEspTimestamp>2026-02-27T09:00:00Z</uploadedToEspTimestamp>"
                "<industryClassification>A1</industryClassification><fileAnnotations><infant/></fileAnnotations>"
                "<originalFileHash hashType='MD5'>d41d8cd98f00b204e9800998ecf8427e</originalFileHash>"
            ),
            file_details(
                "<fileViewedByEsp>0</fileViewedByEsp><industryClassification>Z9</industryClassification>"
            ),
            file_details("<potentialMeme>true</potentialMeme>"),
        ),
        {
            "content.count": 3,
            "content.hashed": 1,
            "content.viewed_yes": 1,
            "content.viewed_no": 1,
            "content.viewed_not_said": 1,
            "content.classes": ["A1"],
            "content.annotations": ["infant", "potential_meme"],
            "content.public": "no",
            "content.uploaded_days_before_receipt": 2,
        },
    ),
]


@pytest.mark.parametrize(("documents", "said"), [pytest.param(d, s, id=i) for i, d, s in XML_TABLE])
def test_facts_of_xml(documents: tuple[bytes, ...], said: dict[str, Any]) -> None:
    found = facts(*documents)
    assert {name: found.get(name) for name in said} == said


@pytest.mark.parametrize(("theirs", "ours"), INCIDENT_TYPES.items())
def test_every_kind_of_incident_has_its_word(theirs: str, ours: str) -> None:
    assert facts(report(kind=theirs))["incident.type"] == ours
    assert facts(le_report(incidentSummary={"incidentType": theirs.upper()}))["incident.type"] == ours


def test_facts_of_the_law_enforcement_json() -> None:
    person = {
        "gender": "Male",
        "approximateAge": 40,
        "occupation": "Madrasa teacher",
        "accessToChildren": "Yes",
        "accessToFirearms": "Unknown",
        "convictedSexOffender": False,
        "awareOfReport": "Yes",
        "gangAffiliation": "No",
        "disabilities": "deaf",
        "relationshipToChildVictim": "Uncle",
    }
    document = le_report(
        incidentSummary={"incidentType": ENTICEMENT},
        incidentDetails={"chatImIncident": [{"additionalInformations": [{"value": "abc"}]}]},
        reportedPeople={"reportedPersons": [person]},
        victims={"victims": [{"gender": "F", "approximateAge": "9", "disabilities": "Blind"}]},
        uploadedFiles={
            "uploadedFiles": [
                {"viewedByEsp": "No", "ncmecTags": {"groups": [{"tags": [{"value": "Known Series"}]}]}},
                {"viewedByEsp": "Unknown"},
            ]
        },
    )
    found = facts(document)
    said = {
        "source": "le_json",
        "reported.works_with_children": "yes",
        "reported.access_to_children": "yes",
        "reported.firearms": "not_said",
        "reported.convicted": "no",
        "reported.relationship": "relative",
        "reported.aware": "yes",
        "reported.gang": "no",
        "victim.disability": True,
        "victim.sexes": ["girl"],
        "victim.age_bands": ["6-10"],
        "content.viewed_no": 1,
        "content.viewed_not_said": 1,
        "content.labels": ["known_series"],
        "incident.channels": ["chat"],
        "text.length": 3,
    }
    assert {name: found.get(name) for name in said} == said


def test_facts_of_a_table_row() -> None:
    mapping = ColumnMapping(
        columns={
            "What": "incident.type",
            "How": "incident.channel",
            "Mark": "incident.annotation",
            "Seen": "content.viewed",
            "Age": "victim.age",
            "Bank": "reported.bank",
            "Port": "reported.ip_port",
        },
        entity="Example Hotline",
        values={"What": {"blackmail": "enticement"}},
    )
    cells = {
        "What": "blackmail",
        "How": "chat",
        "Mark": "sextortion",
        "Seen": "Y",
        "Age": "²",
        "Port": "99999999",
    }
    found = facts(json.dumps({**cells, "Bank": "PK36SCBL0000001123456702"}).encode(), mapping=mapping)
    said = {
        "source": "csv",
        "incident.type": "enticement",
        "incident.channels": ["chat"],
        "incident.annotations": ["sextortion"],
        "content.viewed_yes": 1,
        "victim.age_bands": ["not_said"],
        "reported.payment": True,
    }
    assert {name: found.get(name) for name in said} == said


def in_words(name: str, value: Any) -> bool:
    spec = FACTS[name]
    if spec.kind is Kind.FLAG:
        return isinstance(value, bool)
    if spec.kind is Kind.NUMBER:
        return isinstance(value, int) and not isinstance(value, bool)
    values = value if spec.kind is Kind.WORDS else [value]
    return isinstance(values, list) and (not spec.words or spec.words.issuperset(values))


calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@calm
@given(report_documents(), st.lists(file_documents(report_number=70001), max_size=2))
def test_facts_hold_only_the_words_that_triage_knows(document: bytes, files: list[bytes]) -> None:
    found = facts(document, *files)
    assert not [(n, v) for n, v in found.items() if not in_words(n, v)]


@calm
@given(le_json_documents(unknown_keys=True))
def test_facts_of_json_hold_only_the_words_that_triage_knows(document: bytes) -> None:
    from tests.rooms.referrals.reading import read

    found = read(document)
    if not isinstance(found, Refused):
        held = json.loads(found.facts)
        assert not [(n, v) for n, v in held.items() if not in_words(n, v)]


def test_every_fact_is_described_and_every_description_is_a_fact() -> None:
    made = set(facts(report()))
    for turn in range(2):
        made |= set(facts(fullest_report(turn), fullest_file(turn)))
    for name in set(FACT_WORDS) - made - {"version"}:
        assert name in SELDOM_WORDS, name  # told at the door alone, or by the law-enforcement JSON
    assert made <= set(FACT_WORDS)
    later = {**LEXICON_FACT_WORDS, **MATCH_FACT_WORDS, **BUNDLE_FACT_WORDS}
    assert set(FACTS) == set(FACT_WORDS) | set(later)


def test_the_committed_page_is_up_to_date() -> None:
    later = {**LEXICON_FACT_WORDS, **MATCH_FACT_WORDS, **BUNDLE_FACT_WORDS}
    assert PAGE.read_text(encoding="utf-8") == facts_page(later), (
        "docs/reference/facts.md is out of date: run amaan docs"
    )


def test_an_unknown_kind_of_incident_is_flagged_and_kept() -> None:
    found = prepared(report(kind="New Kind"))
    assert "incident_type_unknown" in found.flags
