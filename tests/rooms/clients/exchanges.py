"""Servers that speak the two exchanges' protocols, on the loopback, from their documentation and not from our clients.

Standard library only, so that other people's clients can be tried against them too.
"""

from __future__ import annotations

import base64
import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5, sha1, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

USER, PASSWORD = "agency", "pass word:ü/@"
FETCH, SUBSCRIPTION = "fetch-key", "subscription-key"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: Callable[[], Iterator[bytes]] | None = (
        None  # instead of a body: sent as they come, without a length
    )


class Exchange(ABC):
    """What both have: a port, answers that are given before the real ones, and a log of what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.first: list[Answer] = []
        self.always: Callable[[str], Answer | None] = lambda _: None
        self.port = 0

    @abstractmethod
    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        """What the service itself says."""

    def respond(self, target: str, headers: dict[str, str]) -> Answer:
        self.asked.append(target)
        if self.first:
            return self.first.pop(0)
        return self.always(target) or self.answer(target, headers)


@contextmanager
def running(exchange: Exchange) -> Iterator[None]:
    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = exchange.respond(
                self.path, {name.casefold(): value for name, value in self.headers.items()}
            )
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.pieces is None:
                if "Content-Length" not in answer.headers:
                    self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)
                self.close_connection = True
                return
            self.close_connection = True
            self.end_headers()
            try:
                for piece in answer.pieces():
                    self.wfile.write(piece)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            """Nothing: the log is `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads = True
    exchange.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def number_hash(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


@dataclass
class Entry:
    number: int
    at: datetime
    kind: str = "image"
    member: int = 42
    deleted: bool = False
    classification: str = "A1"

    def xml(self) -> str:
        mark = f"deleted{self.kind.title()}" if self.deleted else self.kind
        text = str(self.number).encode()
        told = (
            f'<member id="{self.member}">Example &amp; Co</member><timestamp>{self.at.strftime(_FORM)}</timestamp>'
            f"<id>{self.kind}{self.number}</id>"
        )
        if not self.deleted:
            told += (
                f"<classification>{self.classification}</classification><fingerprints>"
                f"<md5>{md5(text).hexdigest()}</md5><sha1>{sha1(text).hexdigest()}</sha1>"
                f"<pdq>{number_hash(self.number)}</pdq><pdna>{'ab' * 144}</pdna></fingerprints>"
                '<feedback><affirmativeFeedback type="MD5" lastUpdateTimestamp="2026-01-01T00:00:00Z">'
                '<members><member id="7">Other</member></members></affirmativeFeedback></feedback>'
            )
        return f"<{mark}>{told}</{mark}>"


class NcmecExchange(Exchange):
    """`GET /hashsharing/v2/entries?from=&to=`: from inclusive, pages in no order of time, `next` relative to the base.

    A window's entries stay as they were on its first page while its pages are read.
    """

    def __init__(self, size: int = 1000) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.size = size
        self.windows: dict[str, list[Entry]] = {}

    @property
    def address(self) -> str:
        return f"http://{USER}:pass%20word%3A%C3%BC%2F%40@127.0.0.1:{self.port}/hashsharing"

    def put(self, number: int, at: datetime, **fields: object) -> None:
        """An entry as it is now: what stood under its number is gone."""
        entry = Entry(number, at, **fields)  # type: ignore[arg-type]
        self.entries = [one for one in self.entries if (one.kind, one.number) != (entry.kind, number)]
        self.entries.append(entry)

    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        basic = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if headers.get("authorization") != f"Basic {basic}":
            return Answer(b"<error/>", 401)
        parts = urlsplit(target)
        if parts.path == "/hashsharing/v2/status":
            return Answer(
                b'<status xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><ipAddress>127.0.0.1</ipAddress>'
                b'<username>agency</username><member id="1">Agency</member></status>',
                headers={"Content-Type": "application/xml"},
            )
        if parts.path != "/hashsharing/v2/entries":
            return Answer(status=404)
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        begin, end = (datetime.strptime(query[name], _FORM).replace(tzinfo=UTC) for name in ("from", "to"))
        start = int(query.get("start", "0"))
        window = f"from={query['from']}&to={query['to']}"
        if not start:
            some = (one for one in self.entries if begin <= one.at <= end)
            self.windows[window] = sorted(some, key=lambda one: number_hash(one.number))
        inside = self.windows[window]
        page = inside[start : start + self.size]
        body = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>']
        body.append('<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2">')
        for kind in ("image", "video"):
            listed = [one for one in page if one.kind == kind]
            newest = max((one.at for one in listed), default=None)
            told = f" maxTimestamp={quoteattr(newest.strftime(_FORM))}" if newest else ""
            entries = "".join(one.xml() for one in listed)
            body.append(f'<{kind}s count="{len(listed)}"{told}>{entries}</{kind}s>')
        if start + self.size < len(inside):
            after = f"/v2/entries?{window}&start={start + self.size}&size={self.size}&max={len(inside)}"
            body.append(f"<paging><next>{escape(after)}</next></paging>")
        body.append("</queryResult>")
        return Answer("".join(body).encode(), headers={"Content-Type": "application/xml;charset=utf-8"})


class StopNciiExchange(Exchange):
    """`GET /v1/FetchHashes?startTimestamp=&pageSize=[&nextPageToken=]` with its two keys."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[dict[str, object]] = []

    @property
    def address(self) -> str:
        return f"http://{FETCH}:{SUBSCRIPTION}@127.0.0.1:{self.port}/v1"

    def put(
        self, number: int, at: int, status: str = "Active", kind: str = "ImagePDQ", **fields: object
    ) -> None:
        value = md5(str(number).encode()).hexdigest() if kind == "VideoMD5" else number_hash(number)
        self.records = [
            one for one in self.records if (one.get("signalType"), one.get("hashValue")) != (kind, value)
        ]
        self.records.append(
            {
                "lastModtimestamp": at,
                "signalType": kind,
                "hashValue": value,
                "hashStatus": status,
                "caseNumbers": {"5d9a": status},
                "CSPFeedbacks": [{"feedbackValue": "Blocked", "tags": ["x"], "source": "Example"}],
                **fields,
            }
        )

    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        if (headers.get("x-functions-key"), headers.get("ocp-apim-subscription-key")) != (
            FETCH,
            SUBSCRIPTION,
        ):
            return Answer(b"{}", 401)
        parts = urlsplit(target)
        if parts.path != "/v1/FetchHashes":
            return Answer(status=404)
        query = {name: found[0] for name, found in parse_qs(parts.query).items()}
        start, size = int(query["startTimestamp"]), int(query["pageSize"])
        token = query.get("nextPageToken", "page-0")
        at = int(token.removeprefix("page-"))
        inside = sorted(
            (one for one in self.records if one["lastModtimestamp"] >= start),  # type: ignore[operator]
            key=lambda one: str(one.get("hashValue")),
        )
        page = inside[at : at + size]
        more = at + size < len(inside)
        newest = max((int(str(one["lastModtimestamp"])) for one in inside), default=start)
        answer = {
            "count": len(page),
            "nextPageToken": f"page-{at + size}" if more else None,
            "nextSetTimestamp": newest,
            "hasMoreRecords": more,
            "hashRecords": page,
        }
        return Answer(
            json.dumps(answer).encode(), headers={"Content-Type": "application/json; charset=utf-8"}
        )
