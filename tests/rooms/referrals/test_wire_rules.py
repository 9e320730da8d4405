"""The wire's pure rules: how long a report lives, what a credential is, how much one may ask."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.referrals.reading import CONTEXT, file_details, report

from amaan.evidence.domain import NoPdq
from amaan.formats.cybertipline.answers import Code
from amaan.formats.reading import Unreadable
from amaan.referrals.domain.intake import Refused, read_documents
from amaan.referrals.domain.packages import Member, Package
from amaan.referrals.domain.received import CLOSE, Received, add_received, read_received, write_received
from amaan.referrals.domain.wire import (
    FIRST_NUMBER,
    MOST_BYTES,
    MOST_FILES,
    MOST_PACKAGE_BYTES,
    NOBODY,
    Allowance,
    Arrived,
    State,
    WireRefused,
    ends_at,
    number_in,
    preserved_until,
    refusal_of_change,
    secret_digest,
    secret_fits,
    state_at,
    visitor,
)
from amaan.reports.domain.drafts import ContentDraft, ReportDraft, Source
from amaan.reports.domain.preparing import Prepared

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
spans = st.timedeltas(timedelta(0), timedelta(days=4))


@given(spans, spans)
def test_an_unfinished_report_lives_a_day_or_an_hour_after_its_last_change(
    idle: timedelta, more: timedelta
) -> None:
    changed, end = NOON + idle, ends_at(NOON, NOON + idle)
    assert end >= NOON + timedelta(hours=24)
    assert end >= changed + timedelta(hours=1)
    assert end in {NOON + timedelta(hours=24), changed + timedelta(hours=1)}
    now = changed + more
    over = state_at(State.OPEN, NOON, changed, now) is State.EXPIRED
    assert over == (now - NOON >= timedelta(hours=24) and now - changed >= timedelta(hours=1))
    for ended in (State.FINISHED, State.RETRACTED, State.EXPIRED):
        assert state_at(ended, NOON, changed, now) is ended


def test_only_an_open_report_takes_changes() -> None:
    assert {state: refusal_of_change(state) for state in State} == {
        State.OPEN: None,
        State.FINISHED: Code.FINISHED,
        State.RETRACTED: Code.RETRACTED,
        State.EXPIRED: Code.NO_REPORT,
    }


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_preservation_lasts_a_year_and_never_less(at: datetime) -> None:
    until = preserved_until(at)
    assert timedelta(days=365) <= until - at <= timedelta(days=366)
    assert until.time() == at.time()


def test_a_report_finished_on_a_leap_day() -> None:
    assert preserved_until(datetime(2028, 2, 29, tzinfo=UTC)) == datetime(2029, 3, 1, tzinfo=UTC)


@given(st.integers(1, 10**18 - 1))
def test_a_number_is_read_as_it_was_given(number: int) -> None:
    assert number_in(f" {number}\n") == number


@pytest.mark.parametrize(
    ("text", "code"),
    [("", 4000), ("x", 4000), ("-1", 4000), ("1.0", 4000), ("١٢", 4000), ("²", 4000), ("9" * 19, 5001)],
)
def test_what_is_no_number(text: str, code: int) -> None:
    with pytest.raises(WireRefused) as refused:
        number_in(text)
    assert refused.value.code == code


def test_numbers_are_exact_in_every_clients_number_type() -> None:
    assert int(float(10 * FIRST_NUMBER - 1)) == 10 * FIRST_NUMBER - 1


@given(st.text(max_size=20), st.text(max_size=60), st.text(max_size=60))
def test_a_secret_fits_its_user_only(user: str, secret: str, other: str) -> None:
    held = secret_digest(user, secret)
    assert secret_fits(held, user, secret)
    assert secret_fits(held, user, other) == (other == secret)
    assert not secret_fits(held, user + "x", secret)
    assert not secret_fits(NOBODY, user, secret)


@given(st.lists(st.floats(0, 3), max_size=60))
def test_an_allowance_gives_its_burst_and_then_its_rate(steps: list[float]) -> None:
    now, taken, allowance = 0.0, 0, Allowance(rate=2.0, burst=5.0, now=0.0)
    for step in steps:
        now += step
        wait = allowance.take(now)
        taken += not wait
        assert 0 <= wait <= 0.5
        assert taken <= 5 + 2 * now + 1e-6
    assert Allowance(2.0, 5.0, now).take(now) == 0


def test_after_the_wait_that_was_named_there_is_one_more() -> None:
    allowance = Allowance(rate=2.0, burst=1.0, now=0.0)
    assert allowance.take(0.0) == 0
    wait = allowance.take(0.0)
    assert wait > 0
    assert allowance.take(wait) == 0


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("", 0, "10.0.0.1"),
        ("198.51.100.7", 0, "10.0.0.1"),  # no proxy was named: whoever writes this header is believed nothing
        ("198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),
        ("6.6.6.6, 198.51.100.7, 10.0.0.9", 2, "198.51.100.7"),
        ("198.51.100.7", 2, "10.0.0.1"),
    ],
)
def test_the_visitor_is_whom_the_outermost_proxy_saw(forwarded: str, proxies: int, expected: str) -> None:
    assert visitor("10.0.0.1", forwarded, proxies) == expected


hexes = st.binary(min_size=16, max_size=16).map(bytes.hex)
files = st.builds(
    Arrived, hexes, st.integers(0, 2**40), hexes, hexes, hexes, st.none() | st.integers(1, 2**40)
)


@given(
    st.integers(1, 10**15),
    st.lists(files, max_size=4),
    st.lists(st.from_regex(r"\A[a-z_.]{1,9}\Z"), max_size=3),
)
def test_the_list_of_received_files_is_read_as_it_was_written(
    number: int, came: list[Arrived], flags: list[str]
) -> None:
    received = Received(tuple(flags), tuple(came))
    assert read_received(write_received(number, received)) == received


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b'{"amaan":"received/2"}',
        b'{"amaan":"received/1","files":[{}],"flags":[]}',
        b"\xff",
    ],
)
def test_another_list_is_unreadable(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_received(raw)


@given(st.lists(files, max_size=4, unique_by=lambda file: file.file_id), st.data())
def test_every_received_file_is_a_content_item_with_our_hashes_and_none_told_is_lost(
    came: list[Arrived], data: st.DataObject
) -> None:
    draft = ReportDraft(Source.CYBERTIPLINE_XML, "x", "1")
    told = {}
    for file in came:
        if data.draw(st.booleans()):
            said = data.draw(st.sampled_from(["", file.md5, file.md5.upper(), "00" * 16]))
            told[file.file_id] = said
            draft.contents.append(ContentDraft(file_id=file.file_id, md5=said))
    add_received(draft, Received((), tuple(came)))
    assert sorted(c.file_id for c in draft.contents) == sorted(f.file_id for f in came)
    for content in draft.contents:
        file = next(f for f in came if f.file_id == content.file_id)
        assert (content.md5, content.sha1, content.sha256) == (file.md5, file.sha1, file.sha256)
        said = told.get(file.file_id, "")
        kept = [entry["value"] for entry in content.details.get("originalFileHash", [])]
        assert kept == ([said] if said else [])
    differing = any(said and said.lower() != f.md5 for f in came for said in [told.get(f.file_id, "")])
    assert ("hash_differs" in draft.flags) == differing


def test_a_list_of_received_files_in_an_import_is_nobodys_word() -> None:
    ours = write_received(70001, Received((), (Arrived("ab12", 1, "0" * 32, "0" * 40, "0" * 64, None),)))
    documents = [("report.xml", report()), ("file-1.xml", file_details()), ("received.json", ours)]
    members = tuple(Member(name, "", len(raw)) for name, raw in documents)
    assert isinstance(read_documents(Package("x", "70001", members), documents, CONTEXT), Refused)
    found = read_documents(Package("x", "70001", members, wire=True), documents, CONTEXT)
    assert isinstance(found, Prepared)
    assert found.contents[0][2] == bytes(16)
    assert len(found.exhibits) == 3


def test_a_list_of_received_files_of_before_the_photos_were_looked_at_is_read() -> None:
    now = write_received(70001, Received((), (Arrived("ab12", 1, "0" * 32, "0" * 40, "0" * 64, None),)))
    before = json.loads(now)
    before["amaan"] = "received/1"
    for name in ("pdq", "pdqQuality", "noPdq"):
        del before["files"][0][name]
    assert read_received(json.dumps(before).encode()) == read_received(now)


THEIRS, OURS = "f" * 64, "0" * 64


@pytest.mark.parametrize(
    ("said", "ours", "stands", "flagged"),
    [
        pytest.param("", OURS, OURS, False, id="they say nothing"),
        pytest.param(THEIRS, "", THEIRS, False, id="we have none"),
        pytest.param(f"{2**CLOSE - 1:064X}", OURS, OURS, False, id="as near as other programs come"),
        pytest.param(f"{2 ** (CLOSE + 1) - 1:064x}", OURS, OURS, True, id="another picture"),
        pytest.param("not hex" * 10, OURS, OURS, True, id="no hash"),
    ],
)
def test_a_pdq_that_the_platform_told_stays_beside_ours(
    said: str, ours: str, stands: str, flagged: bool
) -> None:
    draft = ReportDraft(Source.CYBERTIPLINE_XML, "Pix", "1")
    draft.contents.append(ContentDraft(file_id="ab12", pdq=said))
    quality = 80 if ours else None
    came = Arrived("ab12", 1, "0" * 32, "0" * 40, "0" * 64, None, ours, quality, "" if ours else "no_photo")
    add_received(draft, Received((), (came,)))
    (content,) = draft.contents
    assert (content.pdq, content.pdq_quality) == (stands, quality)
    assert ("hash_differs" in draft.flags) == flagged
    beside = [one["value"] for one in content.details.get("originalFileHash", ())]
    assert beside == ([said] if said and ours else [])


def test_our_list_of_the_most_files_fits_into_the_largest_package() -> None:
    file = Arrived("f" * 32, 2**50, "a" * 32, "b" * 40, "c" * 64, 2**50, "d" * 64, 100, max(NoPdq, key=len))
    flags = tuple(f"associatedAccount/@thirdPartyUser:rule-{n}" for n in range(200))
    ours = write_received(FIRST_NUMBER, Received(flags, (file,) * MOST_FILES))
    assert len(ours) <= MOST_PACKAGE_BYTES - MOST_BYTES
