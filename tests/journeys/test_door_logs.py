"""Nobody's address stays behind at the door: not in a log, a database, the ledger or a file, whatever they send."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest
from tests.journeys.doors import Door
from tests.reporter import Reporter

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("door")]

VISITOR, STRANGER = "127.0.0.2", "127.0.0.9"
FORWARDED = "203.0.113.7"
SAID = "violet-umbrella-of-nobody"
"""Stands in addresses, headers and bodies that are wrong: a log of errors must not repeat it either."""

_SAY = f"X-Forwarded-For: {FORWARDED}\r\nForwarded: for={FORWARDED}\r\nX-Real-IP: {FORWARDED}\r\n".encode()
_HOST = b"Host: 127.0.0.1\r\n"
_BODY = f"what={SAID}".encode()
HOSTILE = {
    "no HTTP": f"{SAID}\r\n\r\n".encode(),
    "no such version": b"GET /en/ HTTP/7.7\r\n" + _HOST + _SAY + b"\r\n",
    "a method of symbols": b"G()T /en/ HTTP/1.1\r\n" + _HOST + _SAY + b"\r\n",
    "a header without a name": b"GET /en/ HTTP/1.1\r\n" + _HOST + _SAY + b": nameless\r\n\r\n",
    "a header with a blank": f"GET /en/ HTTP/1.1\r\nHost: a\r\nX {SAID}: b\r\n\r\n".encode(),
    "a header with a zero byte": b"GET /en/ HTTP/1.1\r\nHost: a\r\nX-Odd: \0\r\n" + _SAY + b"\r\n",
    "a folded header": b"GET /en/ HTTP/1.1\r\nHost: a\r\nX-Odd: b\r\n  c\r\n" + _SAY + b"\r\n",
    "a very long line": b"GET /en/" + b"a" * 9000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    "very many headers": b"GET /en/ HTTP/1.1\r\n"
    + b"".join(b"X-%d: a\r\n" % n for n in range(200))
    + b"\r\n",
    "another host": f"GET /en/ HTTP/1.1\r\nHost: {SAID}.example\r\n\r\n".encode(),
    "a host that is none": b"GET /en/ HTTP/1.1\r\nHost: ]:[\r\n" + _SAY + b"\r\n",
    "a length that is none": b"POST /en/ HTTP/1.1\r\nContent-Length: -5\r\n" + _HOST + _SAY + b"\r\n" + _BODY,
    "two lengths": b"POST /en/ HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n" + _HOST + b"\r\nabcd",
    "too much": b"POST /en/ HTTP/1.1\r\nContent-Length: 99999999\r\n" + _HOST + _SAY + b"\r\n" + _BODY,
    "in pieces": b"POST /en/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + _HOST + _SAY + b"\r\nzz\r\n",
    "an encoding that is none": b"POST /en/ HTTP/1.1\r\nTransfer-Encoding: odd\r\n" + _HOST + _SAY + b"\r\n",
    "a body that breaks off": b"POST /en/ HTTP/1.1\r\nContent-Length: 900\r\n"
    + _HOST
    + _SAY
    + b"\r\n"
    + _BODY,
    "very many fields": b"POST /en/report/ HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 4000\r\n" + _HOST + _SAY + b"\r\n" + b"a=b&" * 1000,
    "a form of parts that is none": b"POST /en/report/ HTTP/1.1\r\nContent-Type: multipart/form-data\r\n"
    b"Content-Length: 4\r\n" + _HOST + _SAY + b"\r\nabcd",
    "an address that is no text": b"GET /en/%ff%fe/"
    + SAID.encode()
    + b" HTTP/1.1\r\n"
    + _HOST
    + _SAY
    + b"\r\n",
    "an address with a zero byte": b"GET /en/%00 HTTP/1.1\r\n" + _HOST + _SAY + b"\r\n",
    "an address of another site": b"GET http://else.example/en/ HTTP/1.1\r\n" + _HOST + _SAY + b"\r\n",
    "a proxy's line": f"PROXY TCP4 {FORWARDED} 127.0.0.1 1234 80\r\nGET /en/ HTTP/1.1\r\n\r\n".encode(),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "expecting": b"POST /en/ HTTP/1.1\r\nExpect: nothing\r\nContent-Length: 4\r\n"
    + _HOST
    + _SAY
    + b"\r\nabcd",
    "a beginning": b"GET /en/ HT",
}


def test_no_address_of_a_visitor_stays_anywhere(door: Door) -> None:
    visitor = Reporter(door.port, come_from=VISITOR)
    visitor.headers = {"X-Forwarded-For": FORWARDED, "Forwarded": f"for={FORWARDED}"}
    statuses = [
        visitor.ask("GET", path).status for path in ("/en/", "/ur/", "/en/help/", "/en/no-such-page/")
    ]
    assert statuses == [200, 200, 200, 404]
    assert visitor.ask("GET", "/en/exit/").status == 302
    assert visitor.ask("POST", "/en/report/", _BODY).status < 500
    answered = {what: _shout(door.port, raw) for what, raw in HOSTILE.items()}
    assert sum(line.startswith(b"HTTP/1.1 4") for line in answered.values()) > 10, answered
    _break_something(door)
    assert visitor.ask("GET", "/en/").status == 200
    said = door.said()
    assert "door: ERROR" in said, "what fails is not written down at all: this test would prove nothing"
    for word in (VISITOR, STRANGER, FORWARDED, SAID):
        assert word not in said
        holding = [
            str(path)
            for path in door.folder.rglob("*")
            if path.is_file() and word.encode() in path.read_bytes()
        ]
        assert holding == [], word


def _shout(port: int, raw: bytes) -> bytes:
    """Send bytes, say that no more come, and give the first line of what is answered."""
    with socket.create_connection(
        ("127.0.0.1", port), timeout=20, source_address=(STRANGER, 0)
    ) as connection:
        heard = b""
        with suppress(OSError):
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while b"\r\n" not in heard and (part := connection.recv(4096)):
                heard += part
    return heard.partition(b"\r\n")[0]


def _break_something(door: Door) -> None:
    """A page that can't be given because a file of the door's is gone: a fault that belongs into the log."""
    key = door.keys / "receipt.pub"
    kept = key.read_bytes()
    key.unlink()
    visitor = Reporter(door.port, come_from=VISITOR)
    visitor.headers = {"X-Forwarded-For": FORWARDED}
    assert visitor.ask("GET", f"/.well-known/amaan-receipt-key?{SAID}").status >= 500
    key.write_bytes(kept)
