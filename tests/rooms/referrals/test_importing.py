"""Importing into a database: each report once, what fails sealed as it came, and nothing lost in between."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path

import pytest
from django.db import connection
from tests.rooms.referrals.conftest import CLERK, Bring
from tests.rooms.referrals.reading import ENTICEMENT, file_details, le_report, report

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import NotAllowed
from amaan.evidence.services import open_exhibit
from amaan.formats.table import read_mapping
from amaan.ledger.models import Entry
from amaan.ledger.selectors import body_of
from amaan.outbox.services import deliver, ids_behind
from amaan.referrals.domain import receipts
from amaan.referrals.models import Batch, Quarantined
from amaan.referrals.selectors import quarantine_for, receipts_of
from amaan.referrals.services import AlreadyResolved, import_paths, importing, retry_quarantined
from amaan.reports.models import ContentItem, Party, Report, Version
from amaan.triage.models import Assessment

pytestmark = pytest.mark.django_db
AUDITOR = Actor(ActorKind.STAFF, "staff:9", frozenset({Grant(Role.AUDITOR, "lahore")}))

XXE = (
    b'<?xml version="1.0"?><!DOCTYPE report [<!ENTITY x SYSTEM "file:///etc/hostname">]><report>&x;</report>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE report [<!ENTITY a "ha">'
    + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10 if n == 1 else b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
    )
    + b"]><report a='&a11;'><victim>&a11;</victim></report>"
)
QUADRATIC = (
    b'<!DOCTYPE report [<!ENTITY a "' + b"x" * 100_000 + b'">]><report>' + b"&a;" * 20_000 + b"</report>"
)
GOOD = report()

BAD: dict[str, tuple[bytes, str]] = {
    "external entity": (XXE, "dtd"),
    "billion laughs": (LAUGHS, ""),
    "quadratic blow-up": (QUADRATIC, ""),
    "a document type alone": (b"<!DOCTYPE report>" + GOOD, "dtd"),
    "truncated": (GOOD[: len(GOOD) // 2], "malformed"),
    "truncated JSON": (le_report()[:-9], "malformed"),
    "another encoding than it says": (
        b'<?xml version="1.0" encoding="UTF-8"?>'
        + report("<additionalInfo>é</additionalInfo>").decode().encode("latin-1"),
        "malformed",
    ),
    "an unknown encoding": (b'<?xml version="1.0" encoding="klingon"?>' + GOOD, "malformed"),
    "NUL bytes": (GOOD.replace(b"Online", b"On\0line"), "malformed"),
    "only NUL bytes": (bytes(400), "unknown_format"),
    "empty": (b"", "empty"),
    "white space": (b" \n\t", "empty"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "unknown_format"),
    "another root": (b"<html><body/></html>", "not_cybertipline"),
    "deep nesting": (b"<report>" + b"<victim>" * 50_000, "malformed"),
    "deep JSON": (b"[" * 100_000, "malformed"),
    "a list of reports": (b"[" + le_report() + b"," + le_report("2") + b"]", "not_cybertipline"),
    "JSON of something else": (b'{"hello": 1}', "not_cybertipline"),
    "a key twice": (b'{"reportId": 1, ' + le_report()[1:], "drifted"),
    "a renamed part": (GOOD.replace(b"incidentSummary", b"incidentOverview"), "drifted"),
    "file details without a report": (file_details(), "no_report"),
    "a text of 12 MB": (report("<additionalInfo>" + "a" * 12_000_000 + "</additionalInfo>"), "malformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_sealed_as_it_came_with_its_reason(
    tmp_path: Path, bring: Bring, name: str
) -> None:
    raw, code = BAD[name]
    path = tmp_path / "one.xml"
    path.write_bytes(raw)
    began = time.monotonic()
    summary = bring(path)
    assert time.monotonic() - began < 5
    assert summary.counts() == {"received": 1, "stored": 0, "versions": 0, "duplicates": 0, "quarantined": 1}
    (line,) = quarantine_for(CLERK)
    assert line.code == code or (not code and line.code in {"malformed", "dtd"})
    assert line.names == ("one.xml",)
    assert len(line.detail) > 10
    item = Quarantined.objects.get()
    assert b"".join(open_exhibit(n) for n in json.loads(item.exhibits)) == raw
    assert bring(path).quarantined == 1
    assert Quarantined.objects.count() == 1, "sent again it is still one thing"
    again = retry_quarantined(CLERK, ids=[item.pk])
    assert (again.received, again.quarantined) == (1, 1)
    item.refresh_from_db()
    assert (item.retries, item.resolved_at) == (1, None)
    assert not Report.objects.exists()


def test_the_ledger_says_of_a_quarantined_package_neither_its_reason_nor_its_names(
    tmp_path: Path, bring: Bring
) -> None:
    path = tmp_path / "quillwen-of-larkspur.xml"
    path.write_bytes(b"<Quillwen/>")
    bring(path)
    item = Quarantined.objects.get()
    assert "quillwen-of-larkspur.xml" in quarantine_for(CLERK)[0].names
    retry_quarantined(CLERK, ids=[item.pk])
    acts = {json.loads(bytes(entry.leaf_bytes))["act"]: entry.pk for entry in Entry.objects.order_by("id")}
    quarantined = body_of(AUDITOR, entry_id=acts["report.quarantined"])
    retried = body_of(AUDITOR, entry_id=acts["quarantine.retried"])
    assert quarantined == {"code": "not_cybertipline", "digest": bytes(item.digest).hex()}
    assert retried == {"code": "not_cybertipline", "reference": ""}


def test_what_can_be_read_today_leaves_the_quarantine(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.formats.cybertipline import shapes

    path = tmp_path / "one.xml"
    path.write_bytes(GOOD)
    receipts._marks("report")  # kept for the process: of the shape as it is, not as it is about to be bent
    receipts.shape_digest("report")
    with monkeypatch.context() as patch:
        patch.setitem(shapes.ROOTS, "report", shapes.FILE_DETAILS)
        assert bring(path).quarantined == 1
    item = Quarantined.objects.get()
    assert retry_quarantined(CLERK, ids=[item.pk]).stored == 1
    held = Report.objects.get()
    item.refresh_from_db()
    assert item.reference == held.reference
    assert held.received_at == item.received_at, "the clock began when it came"
    assert quarantine_for(CLERK) == []
    with pytest.raises(AlreadyResolved):
        retry_quarantined(CLERK, ids=[item.pk])


def test_a_table_that_lacked_its_mapping_is_read_on_retry(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Ref;What\n1;csam\n2;csam;odd\n3;new thing\n", encoding="utf-8")
    assert bring(path).reasons == {"mapping": 1}
    mapping = read_mapping("entity='Example'\ndelimiter=';'\n[columns]\nRef='number'\nWhat='incident.type'\n")
    summary = retry_quarantined(CLERK, ids=[Quarantined.objects.get().pk], mapping=mapping)
    assert (summary.stored, summary.quarantined) == (2, 1)
    assert sorted(Report.objects.values_list("number", flat=True)) == ["1", "3"]
    (line,) = quarantine_for(CLERK)
    assert line.code == "drifted"
    assert bring(path, mapping=mapping).duplicates == 2


def test_importing_twice_gives_duplicates_and_a_change_a_version(tmp_path: Path, bring: Bring) -> None:
    folder = tmp_path / "Acme" / "70001"
    folder.mkdir(parents=True)
    (folder / "report.xml").write_bytes(report())
    (folder / "file-1.xml").write_bytes(file_details())
    assert bring(tmp_path / "Acme").stored == 1
    assert bring(tmp_path / "Acme").duplicates == 1
    (folder / "report.xml").write_bytes(report("<victim/>"))
    assert bring(tmp_path / "Acme").versions == 1
    (folder / "report.xml").write_bytes(report())
    assert bring(tmp_path / "Acme").duplicates == 1, "the first telling, sent once more"
    held = Report.objects.get()
    assert held.version == 2
    assert list(held.versions.order_by("number").values_list("number", flat=True)) == [1, 2]
    assert Party.objects.filter(version__number=1, role="victim").count() == 0
    assert Party.objects.filter(version__number=2, role="victim").count() == 1
    assert Batch.objects.count() == 4
    assert [(b.received, b.duplicates) for b in Batch.objects.order_by("id")] == [
        (1, 0),
        (1, 1),
        (1, 0),
        (1, 1),
    ]


def test_the_order_in_a_zip_does_not_matter(tmp_path: Path, bring: Bring) -> None:
    files = {
        "Acme/1/report.xml": report(),
        "Acme/1/file-a.xml": file_details(number="1"),
        "Acme/1/file-b.xml": file_details(number="1", file_id="cd"),
        "Acme/2/report.xml": report(),
    }
    for name, order in (("one", list(files)), ("two", list(files)[::-1])):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for member in order:
                archive.writestr(member, files[member])
    assert bring(tmp_path / "one.zip").stored == 2
    assert bring(tmp_path / "two.zip").duplicates == 2


def test_one_report_twice_in_one_batch(tmp_path: Path, bring: Bring) -> None:
    for name, raw in (("a", report()), ("b", report()), ("c", report("<victim/>"))):
        folder = tmp_path / name / "Acme" / "70001"
        folder.mkdir(parents=True)
        (folder / "report.xml").write_bytes(raw)
    summary = bring(tmp_path)
    assert (summary.stored, summary.duplicates, summary.versions) == (1, 1, 1)


def test_a_text_only_report_reaches_the_queue(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "text.xml"
    path.write_bytes(report("<additionalInfo>Was threatened with sharing pictures.</additionalInfo>"))
    bring(path)
    assessment = Assessment.objects.get()
    assert assessment.report_id == Report.objects.get().pk
    assert str(assessment.band)


@pytest.mark.skipif(
    connection.vendor == "postgresql", reason="PostgreSQL has many writers: an import works as well"
)
def test_beside_a_running_worker_an_import_waits_for_bands_and_leaves_many_links(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report("<additionalInfo>Was threatened with sharing pictures.</additionalInfo>"))
    naps: list[float] = []

    def worker_works(seconds: float) -> None:
        """The worker comes to it while the import sleeps for the third time."""
        naps.append(seconds)
        if len(naps) == 3:
            while deliver(1_000, first_only=True):
                continue

    def refused(*_: object, **__: object) -> int:
        raise AssertionError("the import reckons what the worker reckons")

    monkeypatch.setattr(importing, "worker_alive", lambda: True)
    monkeypatch.setattr(importing, "deliver", refused)
    monkeypatch.setattr(importing.time, "sleep", worker_works)
    monkeypatch.setattr(importing, "LEFT_TO_THE_WORKER", 0)
    bring(path)
    assert len(naps) >= 3
    assert Assessment.objects.get().report_id == Report.objects.get().pk
    assert ids_behind() > 0
    monkeypatch.setattr(importing, "deliver", deliver)
    monkeypatch.setattr(importing, "LEFT_TO_THE_WORKER", 100)
    bring(path)
    assert ids_behind() == 0


def test_an_import_whose_worker_does_nothing_goes_on_by_itself(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report())
    monkeypatch.setattr(importing, "worker_alive", lambda: True)
    monkeypatch.setattr(importing, "_STUCK_SECONDS", 0.1)
    bring(path)
    assert Assessment.objects.get().report_id == Report.objects.get().pk


def test_ten_thousand_persons_in_one_report(tmp_path: Path, bring: Bring) -> None:
    person = "<personOrUserReported><screenName>handle{n}</screenName></personOrUserReported>"
    path = tmp_path / "many.xml"
    path.write_bytes(report("".join(person.format(n=n) for n in range(10_000))))
    began = time.process_time()
    assert bring(path).stored == 1
    # Work, not waiting: by each pair of them it would be minutes.
    assert time.process_time() - began < 20
    assert Party.objects.filter(role="reported").count() == 10_000


@pytest.mark.parametrize(
    ("at", "flag", "band"),
    [
        ("2199-01-01T00:00:00Z", "time_in_future", True),
        ("9999-12-31T23:59:59-14:00", "time_not_understood", False),
        ("0001-01-01T00:00:00+14:00", "time_not_understood", False),
        ("0001-01-01T00:00:00Z", "", True),
        ("now", "time_not_understood", False),
        ("٢٠٢٦-٠١-٠١", "time_not_understood", False),
    ],
)
def test_absurd_times_are_flagged_and_the_report_comes_in(
    tmp_path: Path, bring: Bring, at: str, flag: str, band: bool
) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report(f"<personOrUserReported><ipCaptureEvent><ipAddress>203.0.113.1</ipAddress><dateTime>{at}"
                            "</dateTime></ipCaptureEvent></personOrUserReported>", at=at))  # fmt: skip
    summary = bring(path)
    assert summary.stored == 1
    assert set(summary.flags) - {"no_reporter_email"} == ({flag} if flag else set())
    facts = json.loads(Version.objects.get().facts)
    assert ("incident.days_before_receipt" in facts) is band
    from amaan.reports.models import Incident

    assert (Incident.objects.get().happened_at is not None) is band


def test_texts_of_any_length_and_numbers_of_any_size(tmp_path: Path, bring: Bring) -> None:
    huge = "9" * 5_000
    document = json.loads(le_report(huge, reportedPeople={"reportedPersons": [
        {"approximateAge": huge, "sourceInformation": {"sourceCaptures": [
            {"captureType": "IP Address", "value": "203.0.113.1", "port": huge}]}},
    ]}, uploadedFiles={"uploadedFiles": [{"submittalId": "a\0b" * 50, "filename": "n\0me"}]}))  # fmt: skip
    path = tmp_path / "one.json"
    path.write_text(json.dumps(document).replace(f'"{huge}"', huge), encoding="utf-8")
    assert bring(path).stored == 1
    assert Report.objects.get().number.startswith("sha256:")
    assert ContentItem.objects.get().file_id == ""


@pytest.mark.slow
def test_a_hundred_megabytes_are_kept_in_flat_memory(tmp_path: Path, bring: Bring) -> None:
    import tracemalloc

    path = tmp_path / "large.xml"
    with path.open("wb") as file:
        file.write(b"<report><additionalInfo>")
        for _ in range(100):
            file.write(b"a" * 1_048_576)
        file.write(b"</additionalInfo></report>")
    tracemalloc.start()
    summary = bring(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert summary.reasons == {"too_large": 1}
    assert peak < 30_000_000
    (number,) = json.loads(Quarantined.objects.get().exhibits)
    assert open_exhibit(number) == path.read_bytes()
    assert retry_quarantined(CLERK, ids=[Quarantined.objects.get().pk]).quarantined == 1


def test_damaged_and_encrypted_entries_are_sealed_as_they_lie(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("Acme/1/report.xml", GOOD)
    assert bring(path).reasons == {"compression": 1}
    item = Quarantined.objects.get()
    packed = open_exhibit(json.loads(item.exhibits)[0])
    assert packed in path.read_bytes()
    assert retry_quarantined(CLERK, ids=[item.pk]).reasons == {"compression": 1}


def test_a_bomb_is_sealed_as_the_archive(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Acme/1/report.xml", bytes(20_000_000))
    assert bring(path).reasons == {"bomb": 1}
    assert open_exhibit(json.loads(Quarantined.objects.get().exhibits)[0]) == path.read_bytes()


def test_a_receipt_says_what_is_there_and_what_is_not(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report("<victim><schoolName>x</schoolName><unheardOf>y</unheardOf></victim>"))
    bring(path)
    (one,) = receipts_of(CLERK, Report.objects.get().reference)
    assert "victim/schoolName" in one.present
    assert "incidentSummary/incidentType" in one.present
    assert "victim/screenName" in one.absent
    assert one.not_understood == 1


def test_who_may_not_import_may_not(tmp_path: Path, unit: Unit) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(GOOD)
    auditor = Actor(ActorKind.STAFF, "staff:9", frozenset({Grant(Role.AUDITOR, "lahore")}))
    with pytest.raises(NotAllowed):
        import_paths(auditor, paths=[path], unit=unit, processes=0)
    assert not Batch.objects.exists()


def test_a_fault_of_ours_is_quarantined_and_the_next_report_comes_in(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.referrals.domain import cybertipline

    real = cybertipline.read_report

    def fault(tree: dict, **how: str) -> object:  # type: ignore[type-arg]
        if how["number"] == "2":
            raise ZeroDivisionError("Quillwen")
        return real(tree, **how)

    for number in "123":
        (tmp_path / "Acme" / number).mkdir(parents=True)
        (tmp_path / "Acme" / number / "report.xml").write_bytes(GOOD)
    with monkeypatch.context() as patch:
        patch.setattr(cybertipline, "read_report", fault)
        summary = bring(tmp_path)
    assert (summary.stored, summary.reasons) == (2, {"fault": 1})
    (line,) = quarantine_for(CLERK)
    assert "ZeroDivisionError" in line.detail
    assert "Quillwen" not in line.detail
    assert retry_quarantined(CLERK, ids=[line.id]).stored == 1
    assert sorted(Report.objects.values_list("number", flat=True)) == ["1", "2", "3"]


def test_what_the_database_refuses_is_found_and_set_aside(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.referrals.services import storing

    real = storing.receive_reports

    def refuse(actor: Actor, batch: list, **how: object) -> object:  # type: ignore[type-arg]
        if any(prepared.number == "4" for prepared in batch):
            raise ValueError("no")
        return real(actor, batch, **how)  # type: ignore[arg-type]

    for number in range(8):
        (tmp_path / "Acme" / str(number)).mkdir(parents=True)
        (tmp_path / "Acme" / str(number) / "report.xml").write_bytes(GOOD)
    monkeypatch.setattr(storing, "receive_reports", refuse)
    summary = bring(tmp_path)
    assert (summary.received, summary.stored, summary.reasons) == (8, 7, {"store": 1})
    assert open_exhibit(json.loads(Quarantined.objects.get().exhibits)[0]) == GOOD


def test_an_unknown_kind_is_flagged_in_the_summary(tmp_path: Path, bring: Bring) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(report(kind=ENTICEMENT + " (2027)"))
    assert bring(path).flags["incident_type_unknown"] == 1


def test_a_package_that_was_never_held_whole_does_not_pass_for_whole(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report could be read and its file's details could not: a retry must not make a report without files."""
    from amaan.referrals.domain.packages import Member

    folder = tmp_path / "Acme" / "7"
    folder.mkdir(parents=True)
    (folder / "report.xml").write_bytes(GOOD)
    (folder / "file-1.xml").write_bytes(b"<fileDetails/>")
    real = Member.read

    def closed(member: Member) -> bytes:
        if member.name.endswith("file-1.xml"):
            raise PermissionError(13, "Permission denied")
        return real(member)

    monkeypatch.setattr(Member, "read", closed)
    assert bring(tmp_path).reasons == {"unreachable": 1}
    monkeypatch.undo()
    summary = retry_quarantined(CLERK, ids=[Quarantined.objects.get().pk])
    assert (summary.stored, summary.quarantined) == (0, 1)
    assert not Report.objects.exists()
    assert (
        bring(tmp_path / "Acme").quarantined == 1
    )  # and the sender's whole package is read on its own merits


def test_one_item_that_the_store_refuses_does_not_stop_the_others(
    tmp_path: Path, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    from amaan.referrals.services import retrying, storing

    real = storing.receive_reports

    def refuse(actor: Actor, batch: list, **how: object) -> object:  # type: ignore[type-arg]
        if any(prepared.number in {"1", "2"} for prepared in batch):
            raise ValueError("no")
        return real(actor, batch, **how)  # type: ignore[arg-type]

    for number in range(3):
        (tmp_path / "Acme" / str(number)).mkdir(parents=True)
        (tmp_path / "Acme" / str(number) / "report.xml").write_bytes(GOOD)
    monkeypatch.setattr(storing, "receive_reports", refuse)
    assert bring(tmp_path).reasons == {"store": 2}
    first, second = Quarantined.objects.order_by("id").values_list("pk", flat=True)

    def only_first(actor: Actor, batch: list, **how: object) -> object:  # type: ignore[type-arg]
        if any(prepared.number == "1" for prepared in batch):
            raise ValueError("still no")
        return real(actor, batch, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(retrying, "receive_reports", only_first)
    summary = retry_quarantined(CLERK, ids=[first, second])
    assert (summary.received, summary.stored, summary.quarantined) == (2, 1, 1)
    assert Quarantined.objects.get(resolved_at=None).code == "store"
    with pytest.raises(AlreadyResolved, match="R-"):
        retry_quarantined(
            CLERK, ids=list(Quarantined.objects.exclude(resolved_at=None).values_list("pk", flat=True))
        )
