"""What the desk shows of matches: what is the same, what is near and no proof, and nobody accused by a survivor."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, staff, value
from tests.rooms.matching.reported import near
from tests.rooms.referrals.reading import file_details, report

from amaan.authority.actors import Actor, Role
from amaan.formats.hash_lists import ListEntry
from amaan.ledger.models import Entry
from amaan.matching.models import Match
from amaan.matching.services import (
    add_survivor_hash,
    approve_list,
    grow_list,
    set_list,
    withdraw_list,
    withdraw_members,
)
from amaan.matching.services.matching import match_reports
from amaan.reports.models import ContentItem, Report

pytestmark = pytest.mark.django_db
MD5 = "ab" * 16


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.fixture
def reference() -> str:
    """A report with one file, of which a partner's list knows the bytes and another is near the picture."""
    return arrived(report(), file_details(f"<originalFileHash hashType='md5'>{MD5}</originalFileHash>"))


def grown(slug: str, *entries: ListEntry, **fields: object) -> None:
    a_list(slug, **fields)
    grow_list(OPERATOR, slug=slug, entries=entries, origin="a file")


def matched(reference: str, pdq: bytes | None = None) -> Report:
    found = Report.objects.get(reference=reference)
    if pdq:
        ContentItem.objects.filter(version__report=found).update(pdq=pdq)
    match_reports(Actor.system("matching"), report_ids=[found.pk])
    return found


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return html.unescape(re.sub(r"</?bdi[^>]*>", "", answer.content.decode()))


@pytest.fixture
def reader() -> Client:
    return signed_in(a_person(Role.ANALYST))


def test_without_a_match_nothing_is_said_of_lists(reference: str, reader: Client) -> None:
    assert "Known material" not in page(reader, f"/desk/reports/{reference}/")


def test_the_same_bytes_and_a_near_picture_are_told_apart(reference: str, reader: Client) -> None:
    grown(
        "bytes",
        ListEntry(1, "N-77", {"md5": bytes.fromhex(MD5)}, tags=("viral",)),
        title="The <i>Partner</i>",
    )
    grown("pictures", ListEntry(1, "p", {"pdq": value(1)}), category="self_generated", distance=20)
    matched(reference, near(1, 12))
    told = page(reader, f"/desk/reports/{reference}/")
    same, _, close = told.partition("The same MD5")[2].partition("Near: 12 of 256 bits differ")
    for words in ("N-77", "viral", "on purpose", "child sexual abuse material", MD5, "md5"):
        assert words in same, words
    assert "no proof" not in same.partition("</tr>")[0]
    for words in (
        "no proof",
        "up to 20 bits",
        "was not said",
        value(1).hex(),
        near(1, 12).hex(),
        "pdq, signalmatch",
    ):
        assert words in close, words
    assert "The <i>Partner</i>" in told
    assert "<i>Partner</i>" not in reader.get(f"/desk/reports/{reference}/").content.decode()


def test_of_a_family_three_stand_on_the_page_and_the_rest_is_counted(reference: str, reader: Client) -> None:
    kin = [(int.from_bytes(value(1), "big") ^ (1 << n)).to_bytes(32, "big") for n in range(30)]
    grown("pictures", *(ListEntry(n, f"k{n}", {"pdq": one}) for n, one in enumerate(kin)))
    matched(reference, value(1))
    told = page(reader, f"/desk/reports/{reference}/")
    assert told.count("Near: 1 of 256 bits differ") == 3
    assert "27 more entries of this list are near and are not shown." in told


def test_what_was_withdrawn_or_switched_off_stays_and_says_so(reference: str, reader: Client) -> None:
    for slug in ("gone", "off", "entry"):
        grown(slug, ListEntry(1, "one", {"md5": bytes.fromhex(MD5)}))
    matched(reference)
    withdraw_list(OPERATOR, slug="gone", reason="The agreement ended.")
    set_list(OPERATOR, slug="off", enabled=False)
    withdraw_members(OPERATOR, slug="entry", names=["one"], reason="It was a mistake.")
    told = page(reader, f"/desk/reports/{reference}/")
    for words in ("The list was withdrawn since", "The list is switched off", "This entry was withdrawn"):
        assert told.count(words) == 1


def test_a_survivors_hash_is_told_apart_and_accuses_nobody(reference: str, reader: Client) -> None:
    add_survivor_hash(staff(), pdq=value(1), quality=90)
    approve_list(staff(number=90), slug="survivors")
    matched(reference, near(1, 3))
    told = page(reader, f"/desk/reports/{reference}/")
    assert "Somebody may be looking for one of these pictures" in told
    assert "It accuses nobody" in told
    assert "Known material" not in told
    assert value(1).hex() not in told
    assert Match.objects.get().member.name not in told


def test_only_the_newest_tellings_matches_stand_on_the_page(reference: str, reader: Client) -> None:
    grown("bytes", ListEntry(1, "one", {"md5": bytes.fromhex(MD5)}))
    found = matched(reference)
    Match.objects.update(version_id=0)
    assert "Known material" not in page(reader, f"/desk/reports/{found.reference}/")


def test_a_lists_matches_are_shown_of_own_units_and_recorded(reference: str) -> None:
    grown("bytes", ListEntry(1, "one", {"md5": bytes.fromhex(MD5)}))
    matched(reference)
    here = "/desk/lists/bytes/matches/"
    told = page(signed_in(a_person(Role.ANALYST)), here)
    assert reference in told
    other = page(signed_in(a_person(Role.ANALYST, unit="elsewhere")), here)
    assert reference not in other
    assert "Nothing matched yet." in other
    acts = [json.loads(bytes(one.leaf_bytes)) for one in Entry.objects.order_by("id")]
    assert [one["on"] for one in acts if one["act"] == "list.matches_read"] == ["list/bytes"] * 2
    for role in (Role.AUDITOR, Role.CUSTODIAN):
        assert signed_in(a_person(role)).get(here).status_code == 404
    assert signed_in(a_person(Role.ANALYST)).get("/desk/lists/nothing/matches/").status_code == 404


def test_a_hundred_matches_cost_no_more_queries_than_one(reference: str, reader: Client) -> None:
    grown("bytes", *(ListEntry(n, f"m{n}", {"md5": bytes.fromhex(MD5)}) for n in range(15)))
    page(reader, f"/desk/reports/{reference}/")
    with CaptureQueriesContext(
        connection,
    ) as none:
        page(reader, f"/desk/reports/{reference}/")
    matched(reference)
    with CaptureQueriesContext(connection) as many:
        page(reader, f"/desk/reports/{reference}/")
    assert len(many) < len(none) + 15  # not one more for each


def test_the_lists_page_says_how_near_the_index_is(reader: Client) -> None:
    grown("pictures", ListEntry(1, "p", {"pdq": value(1)}))
    told = page(reader, "/desk/lists/")
    assert "1 newer ones are compared one by one" in told
