"""The platforms' wire, endpoint by endpoint, as a client meets it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import URLPattern
from lxml import etree
from tests.rooms.referrals.platform import Caller, a_platform, a_report, details, read_answer

from amaan.accounts.models import Unit
from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.checking import schema_bytes
from amaan.referrals.domain import wire
from amaan.referrals.domain.packages import MOST_DOCUMENT_BYTES
from amaan.referrals.models import OpenFile, OpenReport, Quarantined
from amaan.referrals.services import closing
from amaan.referrals.wire import answering
from amaan.referrals.wire.urls import urlpatterns
from amaan.reports.domain.preparing import Prepared
from amaan.reports.models import Report
from amaan.web.checks import views

pytestmark = pytest.mark.django_db

DOORS = ("status", "xsd", "submit", "upload", "fileinfo", "finish", "retract")


def test_status_says_who_asks_and_names_no_report(pix: Caller) -> None:
    answer = pix.get("status")
    assert (answer.status, answer.tag, answer.code) == (200, "reportResponse", 0)
    assert answer.texts["responseDescription"] == f"Remote User : {pix.issued.user}, Remote Ip : 127.0.0.1"
    assert "reportId" not in answer.texts


def test_the_schema_is_what_is_validated_with(pix: Caller) -> None:
    response = pix.client.get("/ispws/xsd", headers=pix.headers)
    assert response.content == schema_bytes()
    assert response.headers["Content-Type"] == "application/xml; charset=utf-8"
    etree.XMLSchema(etree.fromstring(response.content))


def test_the_whole_walk(pix: Caller) -> None:
    content = b"these bytes are no picture"
    number = pix.submit()
    assert len(str(number)) == 15
    uploaded = pix.form("upload", id=number, file=_file(content))
    assert uploaded.texts["hash"] == hashlib.md5(content).hexdigest()
    assert uploaded.number == number
    file_id = uploaded.texts["fileId"]
    assert len(bytes.fromhex(file_id)) == 16
    assert pix.describe(number, file_id).code == 0
    done = pix.finish(number)
    assert (done.status, done.tag, done.code, done.number) == (200, "reportDoneResponse", 0, number)
    assert done.files == [file_id]
    report = Report.objects.get(number=str(number))
    assert (report.entity.name, report.unit.code) == ("Pix Board", "lahore")
    ended = OpenReport.objects.get(number=number)
    assert (ended.state, ended.reference, ended.document) == ("finished", report.reference, None)
    assert not OpenFile.objects.exclude(details=None).exists()


def test_finishing_twice_answers_5102_in_the_shape_of_finish(pix: Caller) -> None:
    number = pix.submit()
    file_id = pix.upload(number)
    pix.finish(number)
    for _ in range(2):
        again = pix.finish(number)
        assert (again.status, again.tag, again.code, again.number) == (
            409,
            "reportDoneResponse",
            5102,
            number,
        )
        assert again.files == [file_id]
    assert Report.objects.count() == 1


def test_forms_come_urlencoded_and_multipart(pix: Caller) -> None:
    first, second = pix.submit(), pix.submit()
    assert pix.form("finish", id=first).code == 0
    assert pix.urlencoded("finish", f"x=1&id={second}").code == 0
    third, fourth = pix.submit(), pix.submit()
    assert pix.form("retract", id=third).code == 0
    assert pix.urlencoded("retract", f"id={fourth}").code == 0


@pytest.mark.parametrize(
    "header",
    [
        "text/xml; charset=utf-8",
        "text/xml",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_xml_is_known_by_its_content(pix: Caller, header: str, declared: bool) -> None:
    document = (b'<?xml version="1.0" encoding="UTF-8"?>\n' if declared else b"") + a_report()
    answer = pix.send("submit", document, header)
    assert answer.code == 0, answer
    file_id = pix.upload(answer.number)
    assert pix.send("fileinfo", details(answer.number, file_id), header).code == 0


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"<report>", 4110),
        (b"no xml at all", 4110),
        (b'<!DOCTYPE report [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + a_report(), 4110),
        (b"<report/>", 4100),
        (a_report().replace(b"2026-02-19T09:00:00Z", b"2999-02-19T09:00:00Z"), 4100),
        (a_report("<victim/><personOrUserReported/>"), 4100),
        (b"   ", 4000),
    ],
)
def test_what_must_be_refused_is_refused_and_leaves_nothing(pix: Caller, document: bytes, code: int) -> None:
    answer = pix.send("submit", document)
    assert (answer.status, answer.code) == (400, code), answer
    assert "reportId" not in answer.texts
    assert not OpenReport.objects.exists()


def test_a_document_that_is_too_long_is_refused(pix: Caller) -> None:
    answer = pix.send("submit", b"<report>" + b" " * MOST_DOCUMENT_BYTES + b"</report>")
    assert (answer.status, answer.code) == (400, 4000)


def test_a_report_past_the_size_of_forms_comes_in(pix: Caller) -> None:
    text = "She was threatened with sharing pictures. " * 80_000
    assert pix.submit(a_report(f"<additionalInfo>{text}</additionalInfo>"))


def test_upload_wants_a_number_and_a_file(pix: Caller) -> None:
    number = pix.submit()
    assert pix.form("upload", file=_file(b"x")).code == 4000
    assert pix.form("upload", id=number).code == 4000
    assert pix.form("upload", id="seven", file=_file(b"x")).code == 4000
    assert pix.form("upload", id=number, file="text in place of a file").code == 4200
    assert pix.form("upload", id=number, file=_file(b"")).code == 4200
    assert pix.form("upload", id=number, file=[_file(b"one"), _file(b"two")]).code == 4000
    assert pix.form("upload", id="9" * 30, file=_file(b"x")).code == 5001
    assert pix.send("upload", b"--x\r\nbroken", "multipart/form-data; boundary=x").status == 400
    assert not OpenFile.objects.exists()


def test_file_before_id_is_as_good(pix: Caller) -> None:
    number = pix.submit()
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x00\xff\r\n"
        b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n%d\r\n--b--\r\n' % number
    )
    assert pix.send("upload", body, "multipart/form-data; boundary=b").code == 0


def test_fileinfo_for_a_file_that_is_not_there(pix: Caller) -> None:
    number, other = pix.submit(), pix.submit()
    file_id = pix.upload(other)
    answer = pix.describe(number, file_id)
    assert (answer.status, answer.code) == (404, 5002)
    assert pix.describe(number, "ab" * 16).code == 5002
    assert pix.describe(123, file_id).code == 5001


def test_a_file_is_described_once_and_the_same_again_is_no_error(pix: Caller) -> None:
    number = pix.submit()
    file_id = pix.upload(number)
    assert [pix.describe(number, file_id).code for _ in range(2)] == [0, 0]
    changed = pix.describe(number, file_id, "<additionalInfo>Another story</additionalInfo>")
    assert (changed.status, changed.code) == (409, 1300)


def test_retracting_is_for_open_reports_only(pix: Caller) -> None:
    number = pix.submit()
    file_id = pix.upload(number)
    assert pix.form("retract", id=number).code == 0
    for answer in (
        pix.form("retract", id=number),
        pix.form("upload", id=number, file=_file(b"x")),
        pix.describe(number, file_id),
    ):
        assert (answer.status, answer.code) == (409, 5101)
    done = pix.finish(number)
    assert (done.status, done.tag, done.code, done.files) == (409, "reportDoneResponse", 5101, [file_id])
    held = OpenReport.objects.get(number=number)
    assert (held.state, held.document, held.preserve_until) == ("retracted", None, None)
    assert not Report.objects.exists()
    finished = pix.submit()
    pix.finish(finished)
    assert pix.form("retract", id=finished).code == 5102


def test_a_report_has_so_many_files(pix: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_FILES", 2)
    number = pix.submit()
    for _ in range(2):
        pix.upload(number)
    answer = pix.form("upload", id=number, file=_file(b"x"))
    assert (answer.status, answer.code) == (400, 4000)
    assert "at most 2 files" in answer.texts["responseDescription"]
    assert pix.upload(pix.submit())
    assert len(pix.finish(number).files) == 2


def test_a_report_holds_so_much_of_documents(pix: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_BYTES", 4000)
    text = f"<additionalInfo>{'She was threatened. ' * 60}</additionalInfo>"
    number = pix.submit()
    files = [pix.upload(number) for _ in range(3)]
    assert [pix.describe(number, file_id, text).code for file_id in files[:2]] == [0, 0]
    answer = pix.describe(number, files[2], text)
    assert (answer.status, answer.code) == (400, 4000)
    assert "documents of a report" in answer.texts["responseDescription"]
    assert pix.describe(number, files[1], text).code == 0, "the same again is done already"
    assert OpenFile.objects.filter(details=None).count() == 1
    assert pix.finish(number).code == 0
    other = pix.submit()
    assert pix.describe(other, pix.upload(other), text).code == 0


def test_a_platform_has_so_many_unfinished_reports(
    pix: Caller, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MOST_OPEN", 2)
    first, second = pix.submit(), pix.submit()
    answer = pix.send("submit", a_report())
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, 1000, "600")
    assert "unfinished" in answer.texts["responseDescription"]
    assert OpenReport.objects.count() == 2
    assert a_platform(unit, "Chatter").submit()
    assert pix.finish(first).code == 0
    assert pix.form("retract", id=second).code == 0
    assert pix.submit()
    assert pix.submit()


def test_counting_the_unfinished_looks_at_them_only(pix: Caller) -> None:
    if connection.vendor == "sqlite":
        plan = OpenReport.objects.filter(platform_id=1, state="open").explain()
        assert "INDEX openreport_open_of" in plan


@pytest.mark.parametrize("charset", ["rot13", "zlib", "hex", "idna", "punycode", "undefined"])
def test_a_charset_that_is_none_of_text_is_the_clients_fault(pix: Caller, charset: str) -> None:
    number = pix.submit()
    field = f'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'.encode()
    file = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n'
    body = field + file + b"--b--\r\n"

    def said(path: str, name: str) -> tuple[int, int]:
        # Not `post`, which would write the body in that charset.
        kind = f"multipart/form-data; boundary=b; charset={name}"
        sent = pix.client.generic("POST", f"/ispws/{path}", body, content_type=kind, headers=pix.headers)
        answer = read_answer(sent)
        return answer.status, answer.code

    assert [said(path, charset) for path in ("upload", "finish", "retract")] == [(400, 4000)] * 3
    assert [said(path, "latin-1") for path in ("upload", "finish")] == [(200, 0)] * 2


def test_a_form_of_another_kind_is_no_upload(pix: Caller) -> None:
    number = pix.submit()
    answer = pix.send("upload", f"id={number}".encode(), "application/x-www-form-urlencoded; charset=latin-1")
    assert (answer.status, answer.code) == (400, 1111)


def test_after_finish_nothing_can_be_added(pix: Caller) -> None:
    number = pix.submit()
    file_id = pix.upload(number)
    pix.finish(number)
    assert pix.form("upload", id=number, file=_file(b"x")).code == 5102
    assert pix.describe(number, file_id).code == 5102


def test_errors_of_finish_keep_its_shape(pix: Caller) -> None:
    for answer, code, number in (
        (pix.finish(123456), 5001, 123456),
        (pix.finish("seven"), 4000, 0),
        (pix.urlencoded("finish", ""), 4000, 0),
        (pix.urlencoded("finish", "id="), 4000, 0),
    ):
        assert (answer.tag, answer.code, answer.number, answer.files) == (
            "reportDoneResponse",
            code,
            number,
            [],
        )
        assert 400 <= answer.status < 500


def test_another_platforms_report_is_answered_as_one_that_is_not_there(pix: Caller, unit: Unit) -> None:
    number = pix.submit()
    file_id = pix.upload(number)
    finished = pix.submit()
    pix.finish(finished)
    other = a_platform(unit, "Chatter")
    for theirs in (number, finished):
        for act in (
            other.finish,
            lambda n: other.form("retract", id=n),
            lambda n: other.form("upload", id=n, file=_file(b"x")),
            lambda n: other.describe(n, file_id),
        ):
            there, absent = act(theirs), act(theirs + 1)
            assert (there.status, there.code) == (404, 5001)
            assert _said(there, theirs) == _said(absent, theirs + 1)
    assert pix.finish(number).files == [file_id]


def test_an_open_report_is_gone_when_its_time_is_over(pix: Caller) -> None:
    number = pix.submit()
    rows = OpenReport.objects.filter(number=number)
    opened = rows.get().opened_at
    rows.update(opened_at=opened - timedelta(hours=25), changed_at=opened - timedelta(minutes=59))
    file_id = pix.upload(number)  # changed within the hour, so it lives
    rows.update(changed_at=opened - timedelta(minutes=61))
    assert pix.finish(number).code == 5001
    assert pix.describe(number, file_id).code == 5001
    rows.update(opened_at=opened - timedelta(hours=23))
    assert pix.finish(number).code == 0


def test_slashes_too_many_are_forgiven(pix: Caller) -> None:
    for path in ("status", "status/", "/status"):
        assert pix.get(path).code == 0


@pytest.mark.parametrize("path", ["/ispws", "/ispws/", "/ispws/nothing", "/ispws/v2/submit"])
def test_other_paths_are_nothing_in_xml(pix: Caller, path: str) -> None:
    for method in (pix.client.get, pix.client.post):
        answer = read_answer(method(path, headers=pix.headers))
        assert (answer.status, answer.code) == (404, 1210)


def test_the_wrong_method_is_named(pix: Caller) -> None:
    answer = pix.get("submit")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert pix.send("status", b"").status == 405


@pytest.mark.parametrize("path", DOORS)
def test_a_fault_of_ours_is_500_in_xml_and_in_the_log_without_its_words(
    pix: Caller, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from amaan.referrals.wire import access

    def break_down(sender: int) -> float:
        raise ZeroDivisionError("the name of a child")

    monkeypatch.setattr(access, "_allowance", break_down)
    response = pix.client.generic(
        "GET" if path in {"status", "xsd"} else "POST", f"/ispws/{path}", headers=pix.headers
    )
    answer = read_answer(response)
    assert (answer.status, answer.code) == (500, 1000)
    assert answer.tag == ("reportDoneResponse" if path == "finish" else "reportResponse")
    said = [record.getMessage() for record in caplog.records if record.name == "amaan.wire"]
    assert len(said) == 1
    assert answer.headers["Request-ID"] in said[0]
    assert "ZeroDivisionError" in said[0]
    assert "child" not in said[0]


def test_a_host_that_is_not_ours_is_answered_in_xml(pix: Caller) -> None:
    response = pix.client.get("/ispws/status", headers={**pix.headers, "host": "elsewhere.example"})
    assert read_answer(response).status == 400


def test_every_code_has_a_status_and_none_of_the_clients_making_is_5xx() -> None:
    assert set(answering.STATUS) == set(Code)
    faults = {code for code, status in answering.STATUS.items() if status >= 500}
    assert faults == {Code.SERVER_ERROR, Code.SAVE_FAILED, Code.UPLOAD_FAILED}


def test_every_endpoint_asks_for_a_credential() -> None:
    routed = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]
    assert len(routed) == len(urlpatterns) == 3 * len(DOORS) + 3
    assert [p.pattern for p in routed if not getattr(p.callback, "asks_credential", False)] == []
    served = [route for route, _ in views() if route.startswith("ispws")]
    assert len(served) == len(urlpatterns)
    for path in (*DOORS, "", "nothing"):
        for method in ("get", "post"):
            response = getattr(Client(), method)(f"/ispws/{path}")
            answer = read_answer(response)
            assert (answer.status, answer.code) == (401, 2000)
            assert answer.tag == ("reportDoneResponse" if path == "finish" else "reportResponse")
            assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_documented_samples_are_answered_in_their_shape(pix: Caller, shared: Path) -> None:
    samples = shared / "formats" / "cybertipline" / "samples"
    submitted = pix.send("submit", (samples / "doc-00-report.xml").read_bytes())
    assert _shape(submitted) == _shape_of(samples / "doc-01-reportResponse.xml")
    number = submitted.number
    uploaded = pix.form("upload", id=number, file=_file(b"x"))
    assert _shape(uploaded) == _shape_of(samples / "doc-02-reportResponse.xml")
    sample = (samples / "doc-03-fileDetails.xml").read_bytes()
    info = sample.replace(b"4564654", str(number).encode()).replace(
        b"b0754af766b426f2928a02c651ed4b99", uploaded.texts["fileId"].encode()
    )
    assert _shape(pix.send("fileinfo", info)) == _shape_of(samples / "doc-04-reportResponse.xml")
    assert _shape(pix.finish(number)) == _shape_of(samples / "doc-05-reportDoneResponse.xml")
    assert _shape(pix.form("retract", id=pix.submit())) == _shape_of(samples / "doc-06-reportResponse.xml")
    assert _shape(pix.get("status")) == _shape_of(samples / "doc-07-reportResponse.xml")


def _shape(answer: Any) -> tuple[str, list[str]]:
    return answer.tag, list(answer.texts)


def _shape_of(path: Path) -> tuple[str, list[str]]:
    root = etree.fromstring(path.read_bytes())
    return str(root.tag), [str(element.tag) for element in root.iter() if not len(element)]


def _said(answer: Any, number: int) -> Any:
    texts = {name: text.replace(str(number), "N") for name, text in answer.texts.items()}
    quiet = {k: v for k, v in answer.headers.items() if k not in {"Request-ID", "Content-Length"}}
    return answer.status, answer.tag, texts, answer.files, quiet


def _file(content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("sample.jpg", content)


@pytest.mark.parametrize(("lost", "code"), [(3, 0), (99, 0)])
def test_who_is_overtaken_tries_again_and_loses_nothing(
    pix: Caller, monkeypatch: pytest.MonkeyPatch, lost: int, code: int
) -> None:
    """Other writers may be first several times; in the end it is a report, or it lies in quarantine."""
    number, tried = pix.submit(), []
    real = closing.store_slice

    def overtaken(run: Any, results: Any, large: Any) -> Any:
        tried.append(results)
        if len(tried) <= lost and isinstance(results[0], Prepared):
            raise IntegrityError("another writer was first")
        return real(run, results, large)

    monkeypatch.setattr(closing, "store_slice", overtaken)
    assert pix.form("finish", id=number).code == code
    assert Report.objects.filter(number=number).count() == (1 if lost == 3 else 0)
    assert Quarantined.objects.count() == (0 if lost == 3 else 1)
