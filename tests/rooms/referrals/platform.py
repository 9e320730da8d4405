"""A platform that reports over the wire, in tests: its credential, its documents, its requests."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from lxml import etree
from tests.rooms.referrals.reading import ENTICEMENT

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor
from amaan.referrals.services import Issued, add_platform

OPERATOR = Actor.system("command-line")
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="https://example.org/ispws/xsd"'


def a_report(body: str = "", *, batched: str = "", email: str = "<email>desk@example.com</email>") -> bytes:
    return (
        f"<report {XSI}>{batched}<incidentSummary><incidentType>{ENTICEMENT}</incidentType>"
        "<incidentDateTime>2026-02-19T09:00:00Z</incidentDateTime></incidentSummary>"
        f"<reporter><reportingPerson><firstName>Sample</firstName>{email}</reportingPerson></reporter>"
        f"<personOrUserReported><espIdentifier>account-4711</espIdentifier></personOrUserReported>{body}</report>"
    ).encode()


def details(number: int | str, file_id: str, body: str = "") -> bytes:
    return (
        f"<fileDetails {XSI}><reportId>{number}</reportId><fileId>{file_id}</fileId>"
        f"<originalFileName>sample.jpg</originalFileName>{body}</fileDetails>"
    ).encode()


@dataclass(frozen=True)
class Answer:
    """`of` gives the first text of an element; `files` the ids in a reportDoneResponse."""

    status: int
    tag: str
    texts: dict[str, str]
    files: list[str]
    headers: dict[str, str]

    @property
    def code(self) -> int:
        return int(self.texts["responseCode"])

    @property
    def number(self) -> int:
        return int(self.texts["reportId"])


def read_answer(response: Any) -> Answer:
    root = etree.fromstring(response.content)
    texts = {str(element.tag): element.text or "" for element in root.iter() if not len(element)}
    headers = dict(response.headers)
    assert headers["Content-Type"] == "application/xml; charset=utf-8"
    assert len(headers["Request-ID"]) == 32
    return Answer(
        response.status_code, str(root.tag), texts, [f.text or "" for f in root.iter("fileId")], headers
    )


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@dataclass
class Caller:
    """Speaks as a platform's client does."""

    issued: Issued
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": basic(self.issued.user, self.issued.password)}

    def get(self, path: str) -> Answer:
        return read_answer(self.client.get(f"/ispws/{path}", headers=self.headers))

    def send(self, path: str, document: bytes, content_type: str = "text/xml; charset=utf-8") -> Answer:
        return read_answer(
            self.client.post(f"/ispws/{path}", document, content_type=content_type, headers=self.headers)
        )

    def form(self, path: str, **fields: Any) -> Answer:
        return read_answer(self.client.post(f"/ispws/{path}", fields, headers=self.headers))

    def urlencoded(self, path: str, body: str) -> Answer:
        return self.send(path, body.encode(), "application/x-www-form-urlencoded")

    def submit(self, document: bytes | None = None) -> int:
        answer = self.send("submit", document or a_report())
        assert (answer.status, answer.code) == (200, 0), answer
        return answer.number

    def upload(self, number: int, content: bytes = b"not a picture") -> str:
        answer = self.form("upload", id=number, file=SimpleUploadedFile("sample.jpg", content))
        assert (answer.status, answer.code) == (200, 0), answer
        return answer.texts["fileId"]

    def describe(self, number: int, file_id: str, body: str = "") -> Answer:
        return self.send("fileinfo", details(number, file_id, body))

    def finish(self, number: int | str) -> Answer:
        return self.urlencoded("finish", f"id={number}")


def a_platform(unit: Unit, name: str = "Pix Board", entity: str = "") -> Caller:
    return Caller(add_platform(OPERATOR, name=name, unit=unit, entity=entity))


def fresh_wire() -> Iterator[None]:
    """What this process believes of credentials and keys is another test's, which was rolled back."""
    from amaan.referrals.services import sealing, wire
    from amaan.referrals.wire.access import forget_verified

    def forget() -> None:
        forget_verified()
        sealing._lent = None
        wire._failed.clear()

    forget()
    yield
    forget()
