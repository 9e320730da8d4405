"""What a finished report becomes; and one that was left. Nothing that came in is lost, whatever happens to it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.referrals.platform import Caller, a_platform, a_report

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.evidence.domain import ReceivedFile
from amaan.evidence.services import open_exhibit
from amaan.keyring.services import opener
from amaan.ledger.domain.leaf import decode
from amaan.ledger.domain.merkle import leaf_hash
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.referrals import selectors, services
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES
from amaan.referrals.domain.wire import MOST_BYTES, MOST_PACKAGE_BYTES, WireRefused
from amaan.referrals.models import Batch, OpenFile, OpenReport, Quarantined
from amaan.referrals.services import closing
from amaan.referrals.services import wire as wire_services
from amaan.referrals.wire.access import forget_verified
from amaan.reports.models import ContentItem, Identifier, Report, Version
from amaan.reports.services import receiving

pytestmark = pytest.mark.django_db

SYSTEM = Actor.system("wire")
BYTES = b"these bytes are no picture"
OURS = {name: hashlib.new(name, BYTES).hexdigest() for name in ("md5", "sha1", "sha256")}
ELSE = hashlib.md5(b"what its user uploaded").hexdigest()


def finished(pix: Caller, body: str = "", document: bytes | None = None) -> str:
    """The reference of a report with one described file."""
    number = pix.submit(document)
    file_id = pix.upload(number, BYTES)
    assert pix.describe(number, file_id, body).code == 0
    assert pix.finish(number).code == 0
    return OpenReport.objects.get(number=number).reference


def kept_of(item: ContentItem) -> dict[str, Any]:
    version = item.version
    where = f"{version.report.reference}.{bytes(version.digest)[:8].hex()}.{item.number}"
    assert item.sealed is not None
    found: dict[str, Any] = json.loads(
        opener().open(f"reports_contentitem/{where}/sealed", bytes(item.sealed))
    )
    return found


def entries(act: str) -> list[tuple[Any, dict[str, Any]]]:
    found = []
    for entry in Entry.objects.order_by("id"):
        raw = bytes(entry.leaf_bytes)
        if decode(raw).act == act:
            body = Body.objects.get(entry_id=entry.pk)
            opened = opener().open(place(entry.pk, leaf_hash(raw)), bytes(body.ciphertext))
            found.append((decode(raw), json.loads(opened)))
    return found


def test_our_hashes_are_the_content_items_and_the_platforms_stay_beside_them(pix: Caller) -> None:
    told = f'<originalFileHash hashType="MD5">{ELSE}</originalFileHash>'
    reference = finished(pix, told)
    item = ContentItem.objects.get(version__report__reference=reference)
    assert {name: bytes(getattr(item, name)).hex() for name in OURS} == OURS
    kept = kept_of(item)
    assert {"hashType": "md5", "value": ELSE} in kept["details"]["originalFileHash"]
    assert kept["details"]["received"] == {
        "size": len(BYTES),
        "exhibit": None,
        **OURS,
        "no_pdq": "no_photo",
    }
    receipt = selectors.receipts_of(SYSTEM, reference)
    assert "hash_differs" in receipt[0].flags
    assert [one.kind for one in receipt] == ["report", "fileDetails"]


def test_the_same_hash_in_other_letters_is_no_difference(pix: Caller) -> None:
    told = f'<originalFileHash hashType="MD5">{OURS["md5"].upper()}</originalFileHash>'
    reference = finished(pix, told)
    assert "hash_differs" not in selectors.receipts_of(SYSTEM, reference)[0].flags


def test_a_file_that_nobody_described_is_a_content_item_all_the_same(pix: Caller) -> None:
    number = pix.submit()
    file_id = pix.upload(number, BYTES)
    pix.finish(number)
    item = ContentItem.objects.get()
    assert item.file_id == file_id
    assert bytes(item.sha256).hex() == OURS["sha256"]


def test_what_bends_a_rule_is_noted_on_the_receipt(pix: Caller) -> None:
    reference = finished(pix, document=a_report(email=""))
    flags = selectors.receipts_of(SYSTEM, reference)[0].flags
    assert "no_reporter_email" in flags
    held = OpenReport.objects.get(reference=reference)
    assert set(json.loads(held.flags)) <= set(flags)
    assert json.loads(held.flags)


def test_the_documents_lie_in_the_vault_as_they_came(pix: Caller) -> None:
    document = a_report("<additionalInfo>She was threatened with sharing pictures.</additionalInfo>")
    reference = finished(pix, document=document)
    version = Version.objects.get(report__reference=reference)
    exhibits = json.loads(version.exhibits)
    assert open_exhibit(exhibits[0]) == document
    ours = json.loads(open_exhibit(exhibits[-1]))
    assert len(exhibits) == 3
    assert ours["files"][0]["sha256"] == OURS["sha256"]
    assert version.origin.startswith("ispws:")


def test_the_entity_is_the_credentials_not_the_documents(unit: Unit) -> None:
    caller = a_platform(unit, "Pix (test desk)", "Pix Board Ltd")
    reference = finished(caller)
    assert Report.objects.get(reference=reference).entity.name == "Pix Board Ltd"


def test_the_platforms_own_year_begins_with_finish(pix: Caller) -> None:
    reference = finished(pix)
    told = selectors.preservation_of(SYSTEM, reference)
    assert told is not None
    assert (told.until.year, told.until.month) == (told.received_at.year + 1, told.received_at.month)
    assert (told.platform, told.files[0].md5) == ("Pix Board", OURS["md5"])
    assert str(OpenReport.objects.get(reference=reference).number) == told.number


def test_the_ledger_says_that_the_bytes_were_discarded(pix: Caller) -> None:
    reference = finished(pix)
    leaf, body = entries("wire.finished")[0]
    assert (leaf.on, leaf.unit, leaf.who.split(":")[0]) == (reference, "lahore", "platform")
    assert (body["files"], body["files_discarded"], body["files_sealed"]) == (1, 1, 0)
    assert len(entries("report.received")) == 1
    number = pix.submit()
    pix.upload(number)
    pix.form("retract", id=number)
    assert entries("wire.retracted")[0][1] == {
        "number": str(number),
        "files": 1,
        "files_discarded": 1,
        "files_sealed": 0,
    }


def test_a_day_of_a_platform_is_one_line_among_the_imports(pix: Caller, unit: Unit) -> None:
    finished(pix)
    finished(pix)
    finished(a_platform(unit, "Chatter"))
    lines = selectors.imports_for(SYSTEM)
    assert [(line.platform, line.received, line.stored, line.finished) for line in lines] == [
        ("Chatter", 1, 1, True),
        ("Pix Board", 2, 2, True),
    ]
    assert {line.origin for line in lines} == set(Version.objects.values_list("origin", flat=True))


# What cannot be stored, and what was left unfinished.


def test_what_the_database_refuses_waits_in_quarantine_and_a_retry_knows_our_hashes(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.referrals.services import storing

    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(storing, "receive_reports", refuse)
        number = pix.submit()
        file_id = pix.upload(number, BYTES)
        pix.describe(number, file_id)
        assert pix.finish(number).code == 0
    assert not Report.objects.exists()
    (line,) = selectors.quarantine_for(SYSTEM)
    assert (line.code, line.number, line.entity) == ("store", str(number), "Pix Board")
    assert line.batch.startswith("ispws:")
    assert pix.finish(number).code == 5102

    services.retry_quarantined(SYSTEM, ids=[line.id])
    item = ContentItem.objects.get()
    assert (item.file_id, bytes(item.md5).hex()) == (file_id, OURS["md5"])
    report = Report.objects.get()
    assert report.number == str(number)
    assert selectors.preservation_of(SYSTEM, report.reference) is not None


def _left(pix: Caller) -> int:
    number = pix.submit()
    pix.describe(number, pix.upload(number, BYTES))
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    OpenReport.objects.filter(number=number).update(opened_at=long_ago, changed_at=long_ago)
    return number


def test_what_was_left_unfinished_waits_in_quarantine_whole(pix: Caller) -> None:
    number, living = _left(pix), pix.submit()
    assert services.expire_reports(SYSTEM) == 1
    assert services.expire_reports(SYSTEM) == 0
    held = OpenReport.objects.get(number=number)
    assert (held.state, held.document, held.preserve_until) == ("expired", None, None)
    assert OpenReport.objects.get(number=living).state == "open"
    (line,) = selectors.quarantine_for(SYSTEM)
    assert (line.code, line.number) == ("unfinished", str(number))
    assert line.names == ("report.xml", "file-1.xml", "received.json")
    assert len(json.loads(Quarantined.objects.get().exhibits)) == 3
    assert entries("wire.expired")[0][1]["files_discarded"] == 1
    assert pix.finish(number).code == 5001


def test_an_unfinished_report_becomes_one_when_somebody_decides_so(pix: Caller) -> None:
    number = _left(pix)
    services.expire_reports(SYSTEM)
    (line,) = selectors.quarantine_for(SYSTEM)
    services.retry_quarantined(SYSTEM, ids=[line.id])
    report = Report.objects.get(number=str(number))
    assert "unfinished" in selectors.receipts_of(SYSTEM, report.reference)[0].flags
    assert OpenReport.objects.get(number=number).reference == report.reference
    assert selectors.preservation_of(SYSTEM, report.reference) is None  # nothing was completed


def test_one_that_cannot_be_opened_holds_up_no_other(pix: Caller) -> None:
    broken, whole = _left(pix), _left(pix)
    _spoil(broken)
    assert services.expire_reports(SYSTEM) == 1
    states = dict(OpenReport.objects.values_list("number", "state"))
    assert states == {broken: "open", whole: "expired"}


def _spoil(number: int) -> None:
    """Its document can't be opened any more."""
    OpenReport.objects.filter(number=number).update(document=b"no seal at all")


def test_whatever_fails_with_one_is_told_by_number_and_kind_and_the_next_one_comes(
    pix: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = [_left(pix) for _ in range(3)]
    store, disk = closing.store_exhibits, iter([OSError(28, "the name of a child"), MemoryError("a name")])

    def full(*arguments: Any) -> Any:
        fault = next(disk, None)
        if fault:
            raise fault
        return store(*arguments)

    monkeypatch.setattr(closing, "store_exhibits", full)
    assert services.expire_reports(SYSTEM) == 1
    said = [record.getMessage() for record in caplog.records if record.name == wire_services.__name__]
    assert [line.split()[3] for line in said] == [str(number) for number in numbers[:2]]
    assert [line.split()[-1] for line in said] == ["OSError", "MemoryError"]
    assert "name" not in "".join(said)
    assert services.expire_reports(SYSTEM) == 2
    assert set(OpenReport.objects.values_list("state", flat=True)) == {"expired"}
    assert wire_services._failed == {}


def test_broken_ones_hold_up_no_newer_one_and_are_told_once(
    pix: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(wire_services, "MOST_SWEPT", 2)
    broken = [_left(pix) for _ in range(5)]
    for number in broken:
        _spoil(number)
    whole = [_left(pix) for _ in range(2)]
    OpenReport.objects.filter(number__in=whole).update(opened_at=datetime.now(UTC) - timedelta(hours=29))
    swept = [services.expire_reports(SYSTEM) for _ in range(8)]
    assert sum(swept[:4]) == 2, "two turns of broken ones, one of both, one whole"
    assert sum(swept) == 2
    states = dict(OpenReport.objects.values_list("number", "state"))
    assert states == {**dict.fromkeys(broken, "open"), **dict.fromkeys(whole, "expired")}
    assert len([record for record in caplog.records if record.name == wire_services.__name__]) == len(broken)
    tried = list(wire_services._failed)
    services.expire_reports(SYSTEM)
    assert list(wire_services._failed) == tried[2:] + tried[:2], "they are tried in turn"


def test_where_the_database_fails_the_sweep_ends_and_begins_with_another_next_time(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _left(pix), _left(pix)
    expire = wire_services._expire

    def gone(actor: Actor, number: int, now: datetime) -> bool:
        if number == first:
            raise OperationalError
        return expire(actor, number, now)

    monkeypatch.setattr(wire_services, "_expire", gone)
    with pytest.raises(OperationalError):
        services.expire_reports(SYSTEM)
    assert OpenReport.objects.get(number=second).state == "open"
    with pytest.raises(OperationalError):
        services.expire_reports(SYSTEM)
    assert OpenReport.objects.get(number=second).state == "expired"


def test_a_sweep_holds_one_report_at_a_time_and_ends_in_time(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        _left(pix)
    with CaptureQueriesContext(connection) as queries:
        wire_services._to_sweep(datetime.now(UTC))
    assert [query["sql"].count("document") for query in queries] == [0]
    monkeypatch.setattr(wire_services, "SWEEP_SECONDS", 0.0)
    assert [services.expire_reports(SYSTEM) for _ in range(4)] == [1, 1, 1, 0]


def test_who_may_not_import_sweeps_nothing(pix: Caller) -> None:
    _left(pix)
    with pytest.raises(NotAllowed):
        services.expire_reports(Actor.platform(1, "karachi"))


def test_a_wire_package_of_any_size_that_came_in_can_be_read_again(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.referrals.services import retrying

    _left(pix)
    services.expire_reports(SYSTEM)
    (line,) = selectors.quarantine_for(SYSTEM)
    monkeypatch.setattr(retrying, "MOST_DOCUMENT_BYTES", 10)  # of an import
    monkeypatch.setattr(retrying, "MOST_PACKAGE_BYTES", 10)
    assert services.retry_quarantined(SYSTEM, ids=[line.id]).quarantined == 1
    monkeypatch.setattr(retrying, "MOST_PACKAGE_BYTES", MOST_PACKAGE_BYTES)
    assert services.retry_quarantined(SYSTEM, ids=[line.id]).stored == 1
    assert MOST_PACKAGE_BYTES > MOST_BYTES > MOST_DOCUMENT_BYTES


def test_what_was_sealed_stays_when_a_report_is_retracted_and_the_ledger_says_so(pix: Caller) -> None:
    number = pix.submit()
    for exhibit in (7, 9, None):
        file_id = pix.upload(number)
        OpenFile.objects.filter(file_id=file_id).update(exhibit_id=exhibit)
    assert pix.form("retract", id=number).code == 0
    _, body = entries("wire.retracted")[0]
    assert (body["files_sealed"], body["exhibits"]) == (2, [7, 9])
    assert "until somebody destroys them" in body["exhibits_stay"]
    assert set(OpenFile.objects.values_list("exhibit_id", flat=True)) == {7, 9, None}


def test_a_sealed_file_that_comes_too_late_is_named_in_the_log(
    pix: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    sender = selectors.verified_sender(pix.issued.user, pix.issued.password)
    assert sender is not None
    number = pix.submit()

    class Late:
        size = len(BYTES)

        @property
        def received(self) -> ReceivedFile:
            services.finish_report(sender.actor, sender=sender, number=number)
            return ReceivedFile(self.size, OURS["md5"], OURS["sha1"], OURS["sha256"], 4711)

    with pytest.raises(WireRefused):
        services.add_file(sender.actor, sender=sender, number=number, file=Late())
    assert not OpenFile.objects.exists()
    assert [f"{number}" in r.getMessage() and "4711" in r.getMessage() for r in caplog.records] == [True]


def test_a_value_that_another_platform_stores_in_the_same_moment(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = finished(pix)
    look, looked = receiving._known_identifiers, []

    def too_early_once(keys: Any) -> Any:
        looked.append(keys)
        return {} if len(looked) == 1 else look(keys)

    monkeypatch.setattr(receiving, "_known_identifiers", too_early_once)
    second = finished(pix)
    assert len(looked) == 2
    assert sorted(Report.objects.values_list("reference", flat=True)) == sorted([first, second])
    assert Identifier.objects.filter(mention__report__reference=second).exists()


def test_something_that_comes_while_a_report_is_read_is_read_too(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = pix.submit()
    pix.upload(number)
    close, late = wire_services.close, []

    def one_more_first(*arguments: Any) -> Any:
        if not late:
            late.append(pix.upload(number, b"came late"))
        return close(*arguments)

    monkeypatch.setattr(wire_services, "close", one_more_first)
    assert pix.finish(number).files[-1:] == late
    assert ContentItem.objects.count() == 2


def test_a_batch_wants_exactly_one_file_that_is_viral(pix: Caller) -> None:
    batched = a_report(batched='<batchedReport reason="VIRAL_POTENTIAL_MEME"/>')
    number = pix.submit(batched)
    refused = pix.finish(number)
    assert (refused.status, refused.tag, refused.code) == (400, "reportDoneResponse", 4100)
    file_id = pix.upload(number)
    assert pix.finish(number).files == [file_id]
    assert OpenReport.objects.get(number=number).state == "open"
    viral = "<fileRelevance>Reported</fileRelevance><fileAnnotations><viral/></fileAnnotations>"
    assert pix.describe(number, file_id, viral).code == 0
    assert pix.finish(number).code == 0


# Whoever calls the services, the database holds what must hold.


def test_a_platform_acts_as_itself_and_for_its_unit_only(pix: Caller, unit: Unit) -> None:
    user, password = pix.issued.user, pix.issued.password
    sender = selectors.verified_sender(user, password)
    assert sender is not None
    stranger = a_platform(unit, "Chatter")
    other = selectors.verified_sender(stranger.issued.user, stranger.issued.password)
    assert other is not None
    for actor in (other.actor, Actor.platform(sender.id, "karachi"), Actor.system("x")):
        if actor.key == sender.actor.key:
            with pytest.raises(NotAllowed):
                services.open_report(actor, sender=sender, document=a_report())
        else:
            with pytest.raises(NotAllowed):
                services.finish_report(actor, sender=sender, number=1)


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "lost"},
        {"state": "finished"},
        {"document": None},
        {"state": "retracted", "document": None},
        {"preserve_until": datetime(2027, 1, 1, tzinfo=UTC)},
        {"reference": "R-0000-0000-0000"},
        {"number": 0},
    ],
)
def test_the_database_knows_no_other_states(pix: Caller, broken: dict[str, Any]) -> None:
    number = pix.submit()
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenReport.objects.filter(number=number).update(**broken)


def test_hashes_of_another_length_are_refused_by_the_database(pix: Caller) -> None:
    pix.upload(pix.submit())
    with pytest.raises(IntegrityError), transaction.atomic():
        OpenFile.objects.update(md5=b"short")


def test_nothing_of_a_report_lies_open_at_the_wire(pix: Caller) -> None:
    secret = "threatened with sharing pictures"
    number = pix.submit(a_report(f"<additionalInfo>{secret}</additionalInfo>"))
    pix.describe(number, pix.upload(number), f"<additionalInfo>{secret}</additionalInfo>")
    held, file = OpenReport.objects.get(), OpenFile.objects.get()
    for value in (held.document, file.details):
        assert value is not None
        assert secret.encode() not in bytes(value)
    assert secret not in held.flags


def test_a_finish_after_the_credential_was_revoked_is_refused(pix: Caller) -> None:
    number = pix.submit()
    services.revoke_platform(Actor.system("command-line"), platform="Pix Board")
    forget_verified()
    assert pix.finish(number).status == 401
    assert Batch.objects.count() == 0


def test_the_reports_page_says_until_when_the_platform_keeps_its_copy(pix: Caller) -> None:
    reference = finished(pix, document=a_report(email=""))
    page = signed_in(a_person(Role.ANALYST, unit="lahore")).get(f"/desk/reports/{reference}/")
    assert page.status_code == 200
    until = OpenReport.objects.get(reference=reference).preserve_until
    assert until is not None
    text = re.sub(r"<[^>]+>", "", page.content.decode())
    assert str(until.year) in text
    assert "1: 1 hashed and discarded, 0 sealed" in text
    assert "no_reporter_email" in text
    document = signed_in(a_person(Role.ANALYST, unit="lahore")).get(f"/desk/reports/{reference}/document/")
    assert document.status_code == 200
