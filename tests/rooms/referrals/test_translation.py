"""From trees to drafts: nothing that was understood is dropped on the way."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tests.rooms.referrals.reading import file_details, le_report, prepared, report, sealed_texts
from tests.strategies.cybertipline import (
    file_documents,
    fullest_file,
    fullest_report,
    le_json_documents,
    newer_report_documents,
    report_documents,
)

from amaan.formats.cybertipline import le_json as le_json_format
from amaan.formats.cybertipline import xml
from amaan.formats.cybertipline.shapes import INCIDENT_TYPES
from amaan.formats.reading import Tree, Unreadable
from amaan.referrals.domain import cybertipline, le_json, table

calm = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))

# Said by a state of its own: yes, no, an annotation, a kind of incident.
_STATES = {"true", "false", "1", "0", "yes", "no", *(name.casefold() for name in INCIDENT_TYPES)}
_STATES |= set(le_json._CAPTURE_TYPES)  # said by the identifier's type


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a draft, or of a tree."""
    if is_dataclass(value):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))
    elif isinstance(value, dict):
        for key, inner in value.items():
            if not key.startswith("@{"):  # where the sender's schema lies
                yield from texts_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_in(inner)
    elif value is not None:
        yield str(value)


def lost(tree: Tree, draft: Any) -> set[str]:
    said = {text.strip() for text in texts_in(tree)}
    kept = "\0".join(texts_in(draft)).casefold()
    return {text for text in said if text.casefold() not in _STATES and plain(text) not in kept}


def plain(text: str) -> str:
    """A number is kept as a number: 007 as 7."""
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else text.casefold()


@calm
@given(report_documents())
def test_a_report_loses_nothing(document: bytes) -> None:
    tree = xml.read(document).tree
    before = deepcopy(tree)
    assert not lost(before, cybertipline.read_report(tree, entity="e", number="n"))


@calm
@given(newer_report_documents())
def test_a_newer_report_loses_nothing(document: bytes) -> None:
    tree = xml.read(document).tree
    before = deepcopy(tree)
    assert not lost(before, cybertipline.read_report(tree, entity="e", number="n"))


@calm
@given(file_documents())
def test_file_details_lose_nothing(document: bytes) -> None:
    tree = xml.read(document).tree
    before = deepcopy(tree)
    before.pop("reportId")  # it is the report's number
    assert not lost(before, cybertipline.read_file(tree))


@calm
@given(le_json_documents(unknown_keys=True))
def test_a_json_report_loses_nothing(document: bytes) -> None:
    try:
        tree = le_json_format.read(document).tree
    except Unreadable:
        return
    before = deepcopy(tree)
    entity, number = le_json.entity_in(tree), le_json.number_in(tree)
    assert not lost(before, le_json.read_report(tree, entity=entity, number=number))


@pytest.mark.parametrize("turn", range(4))
def test_the_fullest_documents_lose_nothing(turn: int) -> None:
    tree = xml.read(fullest_report(turn)).tree
    before = deepcopy(tree)
    assert not lost(before, cybertipline.read_report(tree, entity="e", number="n"))
    tree = xml.read(fullest_file(turn)).tree
    before = deepcopy(tree)
    before.pop("reportId")
    assert not lost(before, cybertipline.read_file(tree))


def test_a_table_row_loses_nothing() -> None:
    from amaan.formats.table import FIELDS

    tree: Tree = {name: [f"{name} one", f"{name} two"] for name in sorted(FIELDS)}
    before = deepcopy(tree)
    draft = table.read_report(tree, entity="entity", number="number one")
    assert not lost(before, draft)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (report("<victim><victimPerson><email type='Recovery'/></victimPerson></victim>"), "Recovery"),
        (
            report(
                "<victim><victimPerson><phone countryCallingCode='+92'>03001234567</phone></victimPerson></victim>"
            ),
            "03001234567",
        ),
        (
            report(
                "<personOrUserReported><deviceId><idType>IMEI</idType><idValue>490154203237518</idValue>"
                "<eventName>Pairing</eventName><dateTime>now</dateTime></deviceId></personOrUserReported>"
            ),
            "Pairing",
        ),
        (
            report(
                "<personOrUserReported><ipCaptureEvent><ipAddress>203.0.113.9</ipAddress><port>99999</port>"
                "</ipCaptureEvent></personOrUserReported>"
            ),
            "99999",
        ),
        (report(at="the day before yesterday"), "the day before yesterday"),
        (
            report(
                "<victim><victimPerson><address type='Shipping'><city>Multan</city></address></victimPerson></victim>"
            ),
            "Shipping",
        ),
        (report("<victim><victimPerson><age>about ten</age></victimPerson></victim>"), "about ten"),
        (
            report(
                "<personOrUserReported><priorCTReports>not a number</priorCTReports></personOrUserReported>"
            ),
            "not a number",
        ),
        (le_report(victims={"victims": [{"gender": "prefers not to say"}]}), "prefers not to say"),
        (le_report(uploadedFiles={"uploadedFiles": [{"verificationHash": "no hash"}]}), "no hash"),
        (
            le_report(
                uploadedFiles={
                    "uploadedFiles": [{"ncmecTags": {"groups": [{"tags": [{"value": "شیرخوار"}]}]}}]
                }
            ),
            "شیرخوار",
        ),
    ],
)
def test_what_is_not_understood_as_a_value_is_sealed_as_written(document: bytes, said: str) -> None:
    assert said in sealed_texts(prepared(document))


def test_a_hash_that_is_none_is_sealed_as_written() -> None:
    details = file_details("<originalFileHash hashType='MD5'>not a hash</originalFileHash>")
    found = prepared(report(), details)
    assert "hash_not_understood" in found.flags
    assert "not a hash" in sealed_texts(found)


def test_an_empty_boolean_is_not_a_yes() -> None:
    body = "<fileViewedByEsp/><publiclyAvailable>perhaps</publiclyAvailable>"
    item = cybertipline.read_file(xml.read(file_details(body)).tree)
    assert (item.viewed, item.public) == ("not_said", "not_said")
