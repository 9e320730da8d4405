"""News of rings on the desk's first page: a number and a way there, as cheap as the page, told to the ledger."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.laws.test_plans import read_whole
from tests.plans import plans_of
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.linking.rung import ANALYST, ELSEWHERE, chain, reports, ring

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, Role
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.linking.models import Alert, Former, Member, Ring
from amaan.linking.panels import alerts_counted, alerts_panel

pytestmark = pytest.mark.django_db

LINE = re.compile(r'<p class="held"><a href="/desk/rings/">(.*?)</p>', re.DOTALL)
MOST = 99


def a_ring(count: int = 3, unit: str = "lahore") -> Ring:
    held = reports(count, unit)
    chain(held)
    ring(*held)
    return Member.objects.get(report=held[0]).ring


def more(of: Ring, count: int, unit: str = "lahore") -> None:
    row, now = Unit.objects.get(code=unit).pk, timezone.now()
    Alert.objects.bulk_create(
        Alert(ring=of, kind="grew", unit_id=row, detail=str(number), at=now) for number in range(count)
    )


def analyst(unit: str = "lahore") -> Client:
    return signed_in(a_person(Role.ANALYST, unit=unit))


def told(client: Client, address: str = "/desk/", language: str = "en") -> str:
    """The number on the page and the words beside it, "" where there is no such line."""
    page = client.get(address, headers={"accept-language": language})
    assert page.status_code == 200
    found = LINE.search(page.content.decode())
    return " ".join(re.sub(r"<[^>]*>", " ", found[1]).split()) if found else ""


def shown_to(actor: Actor) -> int:
    return len(alerts_panel(actor).lines)


def test_the_first_page_tells_how_much_is_new_until_somebody_has_seen_it() -> None:
    officer = analyst()
    assert told(officer) == ""
    more(a_ring(), 2)
    assert told(officer) == "New about rings 3 nobody of your office has marked it as seen"
    assert told(officer, language="ur").startswith("گروہوں کی نئی خبر 3 ")
    assert officer.post("/desk/rings/alerts/seen/").status_code == 302
    assert told(officer) == ""


def test_of_more_than_nine_it_says_so_and_further_pages_say_nothing() -> None:
    more(a_ring(), 8)
    officer = analyst()
    assert told(officer).startswith("New about rings 9 ")
    more(a_ring(), 1)
    assert told(officer).startswith("New about rings 9+ ")
    assert told(officer, "/desk/?after=1-0-1") == ""


def test_it_counts_what_the_page_of_rings_shows_and_nothing_else() -> None:
    """Rings of others, joined ones, ones that stand no more: of each that leads to a report of the reader's."""
    a_ring()
    theirs, gone, joined = a_ring(unit="quetta"), a_ring(), a_ring()
    more(theirs, 4)  # as if somebody had moved the reports since
    assert (alerts_counted(ANALYST, most=MOST), alerts_counted(ELSEWHERE, most=MOST)) == (3, 1)
    for report in Member.objects.filter(ring=gone).values_list("report_id", flat=True):
        Former.objects.create(ring=gone, report_id=report)
    Member.objects.filter(ring=gone).delete()
    Ring.objects.filter(pk=joined.pk).update(into=gone)
    assert alerts_counted(ANALYST, most=MOST) == shown_to(ANALYST) == 3
    Ring.objects.filter(pk=gone.pk).update(into=theirs)
    assert alerts_counted(ANALYST, most=MOST) == shown_to(ANALYST) == 1
    for role in (Role.CUSTODIAN, Role.AUDITOR, Role.STATISTICIAN):
        assert told(signed_in(a_person(role, unit="lahore"))) == ""


def test_the_ledger_keeps_the_number_and_no_ring() -> None:
    found = a_ring()
    analyst().get("/desk/")
    body = Body.objects.latest("entry_id")
    leaf = bytes(Entry.objects.get(id=body.entry_id).leaf_bytes)
    opened = opener().open(place(body.entry_id, leaf_hash(leaf)), bytes(body.ciphertext))
    assert json.loads(opened)["ring_news"] == "1"
    assert found.reference not in opened.decode() + leaf.decode()


def test_asking_costs_three_statements_however_many_rings_lead_on() -> None:
    rings = [a_ring() for _ in range(4)]
    for one, other in pairwise(rings):
        Ring.objects.filter(pk=one.pk).update(into=other)
        Member.objects.filter(ring=one).delete()
    with CaptureQueriesContext(connection) as asked:
        assert alerts_counted(ANALYST, most=MOST) == 4
    assert len(asked) <= 3


@pytest.mark.pure
def test_no_table_that_grows_is_read_whole_for_it() -> None:
    """Nor are the alerts that were seen, of which there are years."""
    more(a_ring(), 3)
    with plans_of(connection) as plans:
        assert alerts_counted(ANALYST, most=MOST) == 4
    steps = [step for step in plans.steps if step.table]
    assert {"linking_alert", "linking_ring", "linking_member"} <= {step.table for step in steps}
    assert read_whole(plans) == []
    assert any("alert_unseen" in step.how for step in steps if step.table == "linking_alert")
