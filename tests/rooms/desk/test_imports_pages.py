"""Imports and the quarantine at the desk: counts, receipts, reasons for those who may, and one more try."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.referrals.reading import le_report, report

from amaan.authority.actors import Actor, Role
from amaan.desk.set_aside import CAUSES
from amaan.evidence.services import ExhibitBytesMissing
from amaan.keyring.domain.errors import KeyMissing, SealBroken
from amaan.ledger.models import Entry
from amaan.outbox.services import pending
from amaan.referrals.domain.intake import Context
from amaan.referrals.models import Batch, Quarantined
from amaan.referrals.services import import_paths, retry_quarantined, retrying
from amaan.referrals.services.wire import UNFINISHED
from amaan.reports.models import Report, Version

pytestmark = pytest.mark.django_db

SECRET_NAME = "meena-of-the-hill-school.xml"


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.fixture
def batch(tmp_path: Path) -> int:
    """One import of the north office: one report, one document that is cut off."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.mkdir()
    bad.mkdir()
    (good / "report.json").write_bytes(le_report("70001"))
    (bad / SECRET_NAME).write_bytes(report()[:200])
    return import_paths(
        Actor.system("import"),
        paths=[good, bad],
        unit=a_unit("north"),
        entity="Example Platform",
        processes=0,
    ).batch


def intake(unit: str = "north") -> Client:
    return signed_in(a_person(Role.INTAKE_OFFICER, unit=unit))


def acts() -> list[str]:
    return [bytes(entry.leaf_bytes).decode() for entry in Entry.objects.order_by("id")]


def test_the_list_says_what_came_and_by_whom(batch: int) -> None:
    html = intake().get("/desk/imports/").content.decode()
    assert f"import:{batch}" in html
    assert "Some of it could not be read" in html
    assert any('"act":"imports.read"' in act for act in acts())


def test_an_import_shows_its_reports_with_their_receipts_and_why_some_are_missing(batch: int) -> None:
    html = intake().get(f"/desk/imports/{batch}/").content.decode()
    assert Report.objects.get().reference in html
    assert "filled" in html
    assert str(CAUSES["malformed"].what) in html
    assert SECRET_NAME not in html


def test_an_interrupted_import_says_so(batch: int) -> None:
    Batch.objects.update(finished_at=None)
    for address in ("/desk/imports/", f"/desk/imports/{batch}/"):
        assert "interrupted" in intake().get(address).content.decode()


def test_a_reports_later_telling_is_listed_with_the_import_that_brought_it(
    batch: int, tmp_path: Path
) -> None:
    changed = tmp_path / "again"
    changed.mkdir()
    (changed / "report.json").write_bytes(le_report("70001", additionalInformation="More."))
    second = import_paths(
        Actor.system("import"), paths=[changed], unit=a_unit("north"), entity="Example Platform", processes=0
    ).batch
    assert Version.objects.count() == 2
    assert "telling 2" in intake().get(f"/desk/imports/{second}/").content.decode()


def test_another_office_sees_none_of_it(batch: int) -> None:
    client, item = intake("south"), Quarantined.objects.get().pk
    listed = client.get("/desk/imports/").content.decode()
    assert "Nothing was imported yet." in listed
    assert "Nothing waits." in client.get("/desk/quarantine/?unit=north").content.decode()
    for address in (f"/desk/imports/{batch}/", f"/desk/quarantine/{item}/"):
        there, nowhere = client.get(address), client.get("/desk/imports/987654/")
        assert there.status_code == nowhere.status_code == 404
    assert client.post(f"/desk/quarantine/{item}/retry/").status_code == 404
    assert Quarantined.objects.get().retries == 0


def test_a_report_that_another_office_holds_is_not_listed(batch: int) -> None:
    reference = Report.objects.get().reference
    Report.objects.update(unit=a_unit("south"))
    assert reference not in intake().get(f"/desk/imports/{batch}/").content.decode()


def test_the_quarantine_lists_without_opening_a_seal(batch: int) -> None:
    html = intake().get("/desk/quarantine/").content.decode()
    assert str(CAUSES["malformed"].what) in html
    assert SECRET_NAME not in html
    assert "bytes" in html or "KB" in html


def test_the_quarantine_pages(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from amaan.desk.pages import imports

    monkeypatch.setattr(imports, "LINES", 2)
    item = Quarantined.objects.get()
    for n in range(4):
        item.pk, item.digest = None, bytes([n]) * 32
        item.save(force_insert=True)
    client, address, seen = intake(), "/desk/quarantine/", 0
    for _ in range(5):
        page = client.get(address).content.decode()
        seen += page.count('<th scope="row">')
        if 'rel="next"' not in page:
            break
        address = page.partition('rel="next" href="')[2].partition('"')[0]
    assert seen == 5


@pytest.mark.parametrize(("role", "opens"), [(Role.INTAKE_OFFICER, True), (Role.ANALYST, False)])
def test_the_reason_in_full_is_for_those_who_may_retry_and_is_recorded(
    batch: int, role: Role, opens: bool
) -> None:
    item = Quarantined.objects.get().pk
    html = signed_in(a_person(role, unit="north")).get(f"/desk/quarantine/{item}/").content.decode()
    assert (SECRET_NAME in html) is opens
    assert ("Read it again" in html) is opens
    (act,) = [act for act in acts() if '"act":"quarantine.item_read"' in act]
    assert f'"on":"quarantine:{item}"' in act
    assert SECRET_NAME not in act


def test_what_can_be_read_now_becomes_a_report_and_the_page_leads_to_it(
    batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's readers understand it: here, because the sealed document is now held to be whole."""
    item = Quarantined.objects.get()
    monkeypatch.setattr(retrying, "open_exhibit", lambda _number: report())
    client = intake()
    page = client.post(f"/desk/quarantine/{item.pk}/retry/", follow=True).content.decode()
    item.refresh_from_db()
    assert item.reference in page
    assert f'href="/desk/reports/{item.reference}/"' in page
    assert "It was read" in page
    # The page leaves the rest to the worker, so that nobody waits for other people's deliveries.
    assert pending() > 0
    again = client.post(f"/desk/quarantine/{item.pk}/retry/", follow=True).content.decode()
    assert "before you" in again


def test_what_still_fails_stays(batch: int) -> None:
    item = Quarantined.objects.get()
    page = intake().post(f"/desk/quarantine/{item.pk}/retry/", follow=True).content.decode()
    item.refresh_from_db()
    assert "still can’t be read" in page
    assert (item.retries, item.resolved_at) == (1, None)


@pytest.mark.parametrize("fault", [ExhibitBytesMissing("gone"), SealBroken("cut"), KeyMissing(7)])
def test_what_cannot_be_opened_says_whom_to_tell(
    batch: int, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    def broken(_number: int) -> bytes:
        raise fault

    item = Quarantined.objects.get()
    monkeypatch.setattr(retrying, "open_exhibit", broken)
    page = intake().post(f"/desk/quarantine/{item.pk}/retry/", follow=True)
    assert page.status_code == 200
    assert "the vault must be checked" in page.content.decode()
    item.refresh_from_db()
    assert (item.retries, item.resolved_at) == (0, None)


def test_an_item_whose_seal_is_broken_has_its_page_all_the_same(batch: int) -> None:
    item = Quarantined.objects.get()
    Quarantined.objects.update(sealed=bytes(item.sealed)[:-1])
    client = intake()
    page = client.get(f"/desk/quarantine/{item.pk}/")
    assert page.status_code == 200
    assert "Tell whoever runs this server" in page.content.decode()
    tried = client.post(f"/desk/quarantine/{item.pk}/retry/", follow=True)
    assert "the vault must be checked" in tried.content.decode()


def overtaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one has an item read again, another does so and is done with it."""
    real = retrying._read_again

    def slow(item: Quarantined, kept: dict[str, Any], context: Context) -> object:
        monkeypatch.setattr(retrying, "_read_again", real)
        retry_quarantined(Actor.system("other"), ids=[item.pk], wait=False)
        return real(item, kept, context)

    monkeypatch.setattr(retrying, "_read_again", slow)


def test_of_two_who_have_it_read_at_once_one_settles_it(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "open_exhibit", lambda _number: report())
    overtaken(monkeypatch)
    item = Quarantined.objects.get()
    page = intake().post(f"/desk/quarantine/{item.pk}/retry/", follow=True).content.decode()
    assert "before you" in page
    item.refresh_from_db()
    assert item.retries == 1
    assert len([act for act in acts() if '"act":"quarantine.retried"' in act]) == 1
    assert Version.objects.filter(report__reference=item.reference).count() == 1


def test_two_failures_at_once_are_two(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    overtaken(monkeypatch)
    item = Quarantined.objects.get()
    intake().post(f"/desk/quarantine/{item.pk}/retry/")
    item.refresh_from_db()
    assert (item.retries, item.resolved_at) == (2, None)


def test_who_may_not_retry_finds_no_door(batch: int) -> None:
    item = Quarantined.objects.get().pk
    assert (
        signed_in(a_person(Role.ANALYST, unit="north")).post(f"/desk/quarantine/{item}/retry/").status_code
        == 404
    )


def test_every_code_that_readers_give_has_words() -> None:
    """The codes stand in `Unreadable("code", …)`, `_refuse(…, "code", …)` and the table of the how-to."""
    page = (Path(__file__).resolve().parents[3] / "docs/how-to/quarantine.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    codes = {code.strip("` ") for row in rows for code in row.split(",")}
    assert codes == set(CAUSES)
    assert UNFINISHED in codes


def test_a_receipts_counts_are_those_of_its_words(batch: int) -> None:
    from amaan.referrals.selectors import arrivals_of, receipts_of

    operator = Actor.system("test")
    (arrival,) = arrivals_of(operator, batch)
    told = receipts_of(operator, arrival.reference)
    assert [(r.kind, r.filled, r.left_out, r.not_understood) for r in arrival.receipts] == [
        (r.kind, len(r.present), len(r.absent), r.not_understood) for r in told
    ]
    assert arrival.receipts[0].filled > 0
