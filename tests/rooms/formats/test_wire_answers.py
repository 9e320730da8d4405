"""What the wire answers is valid, and is what the documentation shows."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from amaan.formats.cybertipline.answers import Code, report_done_response, report_response
from amaan.formats.cybertipline.checking import schema_bytes

pytestmark = pytest.mark.pure
SAMPLE = "b0754af766b426f2928a02c651ed4b99"


@pytest.fixture(scope="module")
def official(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "formats" / "cybertipline" / "cybertipline-report.xsd")))


def answers() -> list[bytes]:
    return [
        *(report_response(code) for code in Code),
        report_response(Code.SUCCESS, report_id=2**62, file_id=SAMPLE, hash_value=SAMPLE),
        report_response(Code.NOT_VALID, "<&>\0\x0b😀 \ud800 \u200fاردو"),
        *(report_done_response(code, 4564654) for code in Code),
        report_done_response(Code.SUCCESS, 4564654, [SAMPLE] * 3),
    ]


def test_answers_are_valid() -> None:
    own = etree.XMLSchema(etree.fromstring(schema_bytes()))
    for answer in answers():
        own.assertValid(etree.fromstring(answer))


@pytest.mark.shared
def test_answers_are_valid_by_the_official_schema(official: etree.XMLSchema) -> None:
    for answer in answers():
        official.assertValid(etree.fromstring(answer))


@pytest.mark.shared
@pytest.mark.parametrize("number", [1, 2, 5, 7])
def test_the_documented_answers_can_be_written(shared: Path, number: int) -> None:
    (sample,) = (shared / "formats" / "cybertipline" / "samples").glob(f"doc-0{number}-*.xml")
    root = etree.fromstring(sample.read_bytes(), etree.XMLParser(remove_blank_text=True))

    def told(tag: str) -> str | None:
        return root.findtext(tag)

    identifier = told("reportId")
    if root.tag == "reportDoneResponse":
        assert identifier is not None
        files = [str(one.text) for one in root.iter("fileId")]
        answer = report_done_response(Code.SUCCESS, int(identifier), files)
    else:
        answer = report_response(
            Code.SUCCESS,
            told("responseDescription"),
            report_id=None if identifier is None else int(identifier),
            file_id=told("fileId"),
            hash_value=told("hash"),
        )
    assert etree.tostring(etree.fromstring(answer), method="c14n") == etree.tostring(root, method="c14n")


def test_the_documented_codes_are_all_there() -> None:
    assert [int(code) for code in Code] == [
        *(0, 1000, 1100, 1110, 1111, 1210, 1300, 2000, 3000, 3100, 3300),
        *(4000, 4100, 4110, 4200, 5001, 5002, 5101, 5102),
    ]
    assert len({code.words for code in Code}) == len(Code)
    assert Code(5102) is Code.FINISHED
