"""What the strategies build is what the official schema allows, all of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.strategies.cybertipline import (
    file_documents,
    fullest_file,
    fullest_report,
    le_json_documents,
    newer_report_documents,
    report_documents,
)

pytestmark = [pytest.mark.pure]
XS = {"x": "http://www.w3.org/2001/XMLSchema"}
calm = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def schema_tree(shared: Path) -> etree._ElementTree:
    return etree.parse(str(shared / "formats" / "cybertipline" / "cybertipline-report.xsd"))


@pytest.fixture(scope="module")
def schema(schema_tree: etree._ElementTree) -> etree.XMLSchema:
    return etree.XMLSchema(schema_tree)


@pytest.mark.shared
@calm
@given(data=st.data())
def test_drawn_documents_are_valid(schema: etree.XMLSchema, data: st.DataObject) -> None:
    for strategy in (report_documents(), file_documents()):
        schema.assertValid(etree.fromstring(data.draw(strategy)))


@pytest.mark.shared
@pytest.mark.parametrize("turn", range(8))
def test_fullest_documents_are_valid(schema: etree.XMLSchema, turn: int) -> None:
    for document in (fullest_report(turn), fullest_file(turn)):
        schema.assertValid(etree.fromstring(document))


@pytest.mark.shared
def test_fullest_documents_hold_everything_that_the_schema_names(schema_tree: etree._ElementTree) -> None:
    answers = "x:element[@name='reportResponse' or @name='reportDoneResponse']"
    named = {
        kind: set(schema_tree.xpath(f"//x:{kind}[not(ancestor-or-self::{answers})]/@name", namespaces=XS))
        for kind in ("element", "attribute")
    }
    used: dict[str, set[str]] = {"element": set(), "attribute": set()}
    for turn in range(2):
        for document in (fullest_report(turn), fullest_file(turn)):
            for element in etree.fromstring(document).iter():
                used["element"].add(str(element.tag))
                used["attribute"].update(map(str, element.attrib))
    assert used == named


@pytest.mark.shared
def test_enums_are_the_schemas(schema_tree: etree._ElementTree) -> None:
    from tests.strategies.cybertipline import ENUMS

    official = {"eventName": "ipCaptureType"}
    for name, values in ENUMS.items():
        simple = official.get(name, name)
        allowed = schema_tree.xpath(f"//x:simpleType[@name='{simple}']//x:enumeration/@value", namespaces=XS)
        if name in {"country", "state"}:
            assert set(values) <= set(allowed)
        else:
            assert set(values) == set(allowed)


@calm
@given(document=newer_report_documents())
def test_newer_documents_parse(document: bytes) -> None:
    assert etree.fromstring(document).tag == "report"


@calm
@given(document=le_json_documents(unknown_keys=True))
def test_json_documents_parse(document: bytes) -> None:
    assert int(json.loads(document)["reportId"]) > 0
