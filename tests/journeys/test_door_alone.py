"""Whoever takes the door's machine takes nothing that was said there: its database, key files, environment, open files
and memory are given to a test, and the test can't open what somebody sent.

Only `form-DAY.key` opens answers, those on their way: whoever sits in the running process reads what passes from then
on. The threat model says so.

Nor does anybody's address stay behind there: not in a log, a database, the ledger or a file, whatever they send.
"""

from __future__ import annotations

import base64
import re
import socket
import sqlite3
import time
from contextlib import closing, suppress

import pytest
from tests.journeys.doors import Door, environment_of, found_in_memory, memory_of, open_files_of
from tests.reporter import Answers, Reporter, Seen

from amaan.portal.domain.sealing import NotOpened, open_with

pytestmark = pytest.mark.slow

STORY = "the-tall-heron-of-lake-nowhere"
LONG = "seven-lanterns-on-a-raft " * 300
ACCOUNT = "heron.nobody.4417"
PHONE = "0300 5550187"
ANSWERS: Answers = {
    "danger": ["none"],
    "what_happened": f"{STORY} said so.\n{LONG}",
    "accounts": ACCOUNT,
    "phones": PHONE,
}
TYPED = {
    "story": STORY.encode(),
    "long story": LONG[:40].encode(),
    "account": ACCOUNT.encode(),
    "phone": PHONE.encode(),
    "phone in a form": PHONE.replace(" ", "+").encode(),
}
KEY = re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{40,}={0,2}")
"""A key of 32 bytes or more as the desk's files write it, in base64."""


@pytest.fixture
def reporter(door: Door) -> Reporter:
    return Reporter(door.port)


def _content(door: Door) -> dict[str, bytes]:
    """Its files, but for the locks of those who read SQLite's log."""
    return {path: content for path, content in door.files().items() if not path.endswith("-shm")}


def _settled(door: Door) -> dict[str, bytes]:
    """The same once the desk's worker has done with what another test sent: it fetches and leaves twice a second."""
    found, still = _content(door), 0
    for _ in range(60):
        time.sleep(1)
        earlier, found = found, _content(door)
        still = still + 1 if found == earlier else 0
        if still == 4:  # longer than anything that it does again and again
            return found
    raise AssertionError("somebody keeps writing at the door")


def _half(reporter: Reporter) -> Seen:
    """A report that stops where the answers are checked."""
    *_, check = reporter.onward(reporter.begin("me"), ANSWERS)
    assert STORY in check.words
    assert ACCOUNT in check.words
    return check


def test_nothing_is_written_before_it_is_sent(door: Door, reporter: Reporter) -> None:
    reporter.go("/en/report/me/")  # the day's key for forms is made by whoever comes first
    before = _settled(door)
    check = _half(reporter)
    other = reporter.press(reporter.begin("me"), "stay", {"danger": ["self_harm"]})
    assert other.status == 200
    assert _content(door) == before
    assert all(value not in content for value in TYPED.values() for content in door.files().values())
    sealed = dict(check.forms[0].fields)["sealed"]
    assert STORY not in sealed
    assert STORY not in base64.urlsafe_b64decode(sealed).decode("latin-1")


def test_what_was_sent_opens_with_nothing_that_the_door_has(door: Door, reporter: Reporter) -> None:
    sent = reporter.press(_half(reporter), "send")
    assert sent.code
    files = door.files()
    digits = sent.code.replace("-", "")
    typed = TYPED | {"code": digits.encode(), "code in groups": sent.code.encode()}
    assert _holding(files, typed) == {}
    assert not any(name in said for said in (door.said(),) for name in (STORY, ACCOUNT, digits))
    desk = _secrets_of_the_desk(door)
    assert _holding(files, desk) == {}
    envelopes = _envelopes(door)
    if door.alone:  # beside the desk the worker may have carried it across already
        assert envelopes
    for key in _possible_keys(files, door):
        for sealed in envelopes:
            with pytest.raises(NotOpened):
                open_with(key, sealed)
    processes = door.pids(of="door")
    assert found_in_memory(processes, desk) == set()
    _answer_somebody_else(door)
    until = time.monotonic() + 10
    while left := found_in_memory(processes, typed):
        assert time.monotonic() < until, f"{left} stayed in memory"
        time.sleep(0.2)


def test_the_search_of_memory_finds_what_is_there(door: Door) -> None:
    salt = base64.b64decode((door.keys / "code.salt").read_bytes())
    assert found_in_memory(door.pids(of="door"), {"program": b"portal/report", "salt": salt}) >= {"program"}
    assert sum(len(part) for pid in door.pids(of="door") for part in memory_of(pid)) > 20_000_000


def test_the_door_is_told_nothing_of_the_desk(door: Door) -> None:
    """Beside the desk, too: its environment and its open files name its own two folders only."""
    own = (str(door.home), str(door.keys))
    desk = (str(door.held.home), str(door.held.keys), "amaan.sqlite3", "door.key", "root")
    for pid in door.pids(of="door"):
        told = environment_of(pid)
        assert told["AMAAN_HOME"] == told["AMAAN_PORTAL_HOME"] == own[0]
        assert told["AMAAN_KEYS"] == told["AMAAN_PORTAL_KEYS"] == own[1]
        assert "AMAAN_DATABASE" not in told
        names = {*told.values(), *open_files_of(pid)}
        strange = {name for name in names if any(part in _without(name, own) for part in desk[:4])}
        assert strange == set()


def _without(name: str, folders: tuple[str, ...]) -> str:
    """The door's folders lie inside the desk's by default; everything else in there is not its business."""
    for folder in folders:
        name = name.replace(folder, "")
    return name


def _holding(files: dict[str, bytes], wanted: dict[str, bytes]) -> dict[str, list[str]]:
    return {
        name: where
        for name, value in wanted.items()
        if (where := [path for path, content in files.items() if value in content])
    }


def _secrets_of_the_desk(door: Door) -> dict[str, bytes]:
    """Every key in every key file of the desk, as it is written and as it is used."""
    found: dict[str, bytes] = {}
    for path in door.held.keys.iterdir():
        if not path.is_file() or path.suffix == ".pub":
            continue
        for number, written in enumerate(KEY.findall(path.read_bytes())):
            found[f"{path.name} {number}"] = written
            if len(written) % 4 == 1:  # no base64: a stretch between the hyphens of a secret
                continue
            found[f"{path.name} {number}, decoded"] = base64.b64decode(written + b"=" * (-len(written) % 4))
    assert {name.split()[0] for name in found} >= {"door.key", "keyring.json", "ledger-signing.key"}
    return found


def _possible_keys(files: dict[str, bytes], door: Door) -> set[bytes]:
    """Whatever could be an X25519 key: each 32 bytes of the key files and of the environment, plain and decoded."""
    texts = [content for path, content in files.items() if path.startswith(str(door.keys))]
    texts += [value.encode() for pid in door.pids(of="door") for value in environment_of(pid).values()]
    found: set[bytes] = set()
    for text in texts:
        for raw in (text.strip(), _decoded(text)):
            found |= {raw[start : start + 32] for start in range(max(0, len(raw) - 31))}
    assert len(found) > 100
    return found


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except ValueError:
        return b""


def _envelopes(door: Door) -> list[bytes]:
    path = door.home / "door.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        return [row[0] for row in database.execute("SELECT sealed FROM portal_envelope")]


def _answer_somebody_else(door: Door) -> None:
    """A connection that is kept open may hold the last request that came by it; somebody else comes, and goes."""
    for _ in range(4):
        Reporter(door.port).go("/en/")


# -- nobody's address --

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
