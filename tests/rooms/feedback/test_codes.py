"""Codes from decisions, what is missing, cursors, and cells that are not shown: pure."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.feedback.domain.codes import BadCodes, derived, load_codes, vocabulary
from amaan.feedback.domain.cursors import BadCursor, read_cursor, write_cursor
from amaan.feedback.domain.quality import LEAST, Counted, median_bin, share
from amaan.feedback.services.exporting import _table
from amaan.reports.domain.outcomes import CloseReason, Decision

pytestmark = pytest.mark.pure

WHOLE = {
    "reported.count": 1,
    "reported.contacts": 1,
    "reported.ip_with_port_time": 1,
    "reported.ip_upload": True,
    "reported.in_country": "yes",
    "content.count": 1,
    "content.hashed": 1,
    "content.classes": ["A1"],
    "content.viewed_not_said": 0,
    "content.uploaded_days_before_receipt": 0,
    "incident.days_before_receipt": 0,
    "victim.count": 1,
    "victim.age_bands": ["11-13"],
    "text.present": True,
}


@pytest.mark.parametrize(
    ("decision", "stage", "code"),
    [
        (Decision.CASE_OPENED, "", "case"),
        (Decision.CASE_JOINED, "", "added"),
        (Decision.REFERRED, "", "passed_on"),
        (Decision.CLOSED, CloseReason.TOO_LITTLE, "too_little"),
        (Decision.CLOSED, CloseReason.TOLD_ALREADY, "already_known"),
        (Decision.CLOSED, CloseReason.OTHER, "looked_at"),
        (Decision.CLOSED, "", "looked_at"),
    ],
)
def test_every_decision_gives_a_code_that_stands_in_the_file(decision: str, stage: str, code: str) -> None:
    assert derived(decision, stage) == code
    assert code in vocabulary().codes


def test_a_whole_report_lacks_nothing_and_each_field_can_be_missed() -> None:
    assert vocabulary().missing(WHOLE) == ()
    lacks = vocabulary().missing({"content.count": 1, "victim.count": 1, "content.viewed_not_said": 1})
    assert set(lacks) == set(vocabulary().fields)


def test_of_files_and_victims_that_nobody_told_nothing_is_missed() -> None:
    lacks = vocabulary().missing({})
    assert "file_hash" not in lacks
    assert "victim_age" not in lacks
    assert "reported_account" in lacks


def test_a_file_that_forgets_a_decisions_code_is_refused() -> None:
    with pytest.raises(BadCodes, match="passed_on"):
        load_codes(b'version = "x"\ncode = []\nfield = []\n')


@given(st.integers(1, 10**15 - 1))
def test_a_cursor_reads_back(number: int) -> None:
    assert read_cursor(write_cursor(number)) == number


@given(st.text(min_size=1, max_size=80))
def test_no_other_text_is_a_cursor(text: str) -> None:
    try:
        number = read_cursor(text)
    except BadCursor:
        return
    assert write_cursor(number) == text.rstrip("=")


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_cell_that_is_shown_hides_nobody_on_either_side(count: int, others: int) -> None:
    found = share(count, count + others)
    if found is not None:
        assert min(count, others) >= LEAST
    elif count + others >= 10:
        assert min(count, others) < LEAST


def test_counting_and_merging_agree() -> None:
    one, two, both = Counted(), Counted(), Counted()
    reports = [({}, 20, True), (WHOLE, 80, False), ({"incident.batched": True}, None, None)]
    for n, (facts, quality, useful) in enumerate(reports):
        (one if n else two).add(facts, quality=quality, useful=useful)
        both.add(facts, quality=quality, useful=useful)
    one.merge(two)
    assert one == both
    assert (both.reports, both.complete, both.decided, both.useful, both.informational) == (3, 1, 2, 1, 1)
    assert both.median_quality == 20
    assert both.share_useful() is None
    assert both.most_missed() == []


@given(st.lists(st.integers(0, 100), min_size=1, max_size=30))
def test_the_median_lies_in_its_bin(values: list[int]) -> None:
    bins = [0] * 11
    for value in values:
        bins[value // 10] += 1
    low = sorted(values)[(len(values) - 1) // 2]
    assert median_bin(bins) == low // 10 * 10


def test_no_spreadsheet_runs_what_a_sender_calls_its_report() -> None:
    text = _table(("a", "b"), [("=1+1", 5), ("-2", 'x,\n"y"')])
    assert list(csv.reader(io.StringIO(text)))[1:] == [["'=1+1", "5"], ["'-2", 'x,\n"y"']]
