"""What a client does with whatever may answer it: every fault has a name, none tells a secret."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.rooms.clients.exchanges import Answer, Exchange, running

from amaan.clients.asking import (
    Asker,
    BadAddress,
    CredentialRefused,
    NotUnderstood,
    Service,
    ServiceFault,
    TooLarge,
    Unreachable,
)

SECRET = "s3cret-pass"


class Plain(Exchange):
    def answer(self, target: str, headers: dict[str, str]) -> Answer:
        return Answer(f"you asked {target}".encode())


@pytest.fixture
def exchange() -> Iterator[Plain]:
    plain = Plain()
    with running(plain):
        yield plain


def asker(exchange: Exchange, **fields: object) -> Asker:
    service = Service.read(f"http://user:{SECRET}@127.0.0.1:{exchange.port}/base")
    given = {"timeout": 5.0, "pause": lambda _: None, **fields}
    return Asker(service, {"Authorization": f"Basic {SECRET}"}, **given)  # type: ignore[arg-type]


def test_a_target_is_asked_for_as_it_is(exchange: Plain) -> None:
    assert asker(exchange).get("/v2/x?a=%20b&c") == b"you asked /base/v2/x?a=%20b&c"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (Answer(status=401), CredentialRefused),
        (Answer(status=403), CredentialRefused),
        (Answer(status=404), NotUnderstood),
        (Answer(status=204), NotUnderstood),
        (Answer(status=302, headers={"Location": "https://elsewhere.example/"}), NotUnderstood),
        (Answer(b"x", headers={"Content-Encoding": "gzip"}), NotUnderstood),
        (Answer(b"x" * 2000), TooLarge),
        (Answer(headers={"Content-Length": "99999999999"}), TooLarge),
        (Answer(pieces=lambda: (b"y" * 500 for _ in range(10))), TooLarge),
    ],
)
def test_each_answer_that_is_none_has_a_name(
    exchange: Plain, answer: Answer, fault: type[ServiceFault]
) -> None:
    exchange.first = [answer]
    with pytest.raises(fault) as raised:
        asker(exchange, limit=1000).get("/x")
    assert SECRET not in str(raised.value)
    assert len(exchange.asked) == 1  # asking again would not help


def test_passing_troubles_are_asked_again_with_growing_pauses(exchange: Plain) -> None:
    exchange.first = [
        Answer(status=503),
        Answer(b"cut", headers={"Content-Length": "10"}),
        Answer(status=429, headers={"Retry-After": "7"}),
    ]
    pauses: list[float] = []
    assert asker(exchange, pause=pauses.append).get("/x").startswith(b"you asked")
    assert pauses == [1.0, 2.0, 7.0]


def test_who_asks_for_a_long_pause_is_left_alone(exchange: Plain) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for said, least, most in (("3600", 3600, 3600), (later, 3500, 3600), ("9" * 300, 86400, 86400)):
        exchange.first, exchange.asked = [Answer(status=503, headers={"Retry-After": said})], []
        with pytest.raises(Unreachable) as raised:
            asker(exchange).get("/x")
        assert least <= raised.value.after <= most
        assert raised.value.strained
        assert len(exchange.asked) == 1


def test_a_service_that_stays_down_is_unreachable(exchange: Plain) -> None:
    exchange.always = lambda _: Answer(status=500)
    with pytest.raises(Unreachable):
        asker(exchange).get("/x")
    assert len(exchange.asked) == 4


def test_nobody_there_is_unreachable() -> None:
    gone = Plain()
    with running(gone):
        service = asker(gone)
    with pytest.raises(Unreachable) as raised:
        service.get("/x")
    assert not raised.value.strained


def test_an_answer_that_drips_for_ever_is_hung_up_on(exchange: Plain) -> None:
    ended = threading.Event()

    def drip() -> Iterator[bytes]:
        while not ended.wait(0.02):
            yield b"."

    exchange.always = lambda _: Answer(pieces=drip)
    began = time.monotonic()
    with pytest.raises(Unreachable) as raised:
        asker(exchange, deadline=0.3, tries=1).get("/x")
    ended.set()
    assert raised.value.strained
    assert time.monotonic() - began < 60


def test_a_handshake_that_drips_for_ever_is_hung_up_on() -> None:
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            there, _ = server.accept()
            with there, suppress(OSError):
                there.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KB, byte by byte
                while not ended.wait(0.02):
                    there.sendall(b"\x02")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        service = Service.read(f"https://user:{SECRET}@127.0.0.1:{server.getsockname()[1]}")
        began = time.monotonic()
        with pytest.raises(Unreachable) as raised:
            Asker(service, {}, timeout=4, deadline=0.3, tries=1).get("/x")
        ended.set()
        thread.join(5)
    assert raised.value.strained
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("target", ["x", "//evil", "/a b", "/a\r\nHost: evil", "@evil.example/", "/ä", ""])
def test_a_next_page_is_a_path_on_the_same_server_or_nothing(exchange: Plain, target: str) -> None:
    """Whatever a server writes there, the host, the port and the headers are ours."""
    if target == "//evil":
        assert asker(exchange).get(target).endswith(b"/base//evil")
        return
    with pytest.raises(NotUnderstood):
        asker(exchange).get(target)
    assert exchange.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "http://user:pass@hashes.example/x",
        "https://hashes.example/x",
        "https://user@hashes.example/x",
        "ftp://user:pass@hashes.example/",
        "https://user:pass@/x",
        "https://user:pass@hashes.example/x?y=1",
        "https://user:pass@hashes.example:port/",
        "https://user:a%0Ab@hashes.example/",
        "pass",
    ],
)
def test_addresses_that_would_tell_the_password_or_nobody(address: str) -> None:
    with pytest.raises(BadAddress) as raised:
        Service.read(address)
    assert "pass@" not in str(raised.value)


def test_an_address_is_read_and_shown_without_its_secrets() -> None:
    service = Service.read("https://user%40x:p%3Aw%C3%A4%2F@hashes.example/base/")
    assert (service.host, service.port, service.path) == ("hashes.example", 443, "/base")
    assert (service.first, service.second) == ("user@x", "p:wä/")
    assert "user" not in repr(service)
    assert "p:w" not in repr(service)


def test_a_certificate_that_nobody_vouches_for_ends_it_before_a_word(tmp_path: Path) -> None:
    heard: list[bytes] = []

    class Request(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.raw_requestline)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        service = Service.read(f"https://user:{SECRET}@127.0.0.1:{server.server_port}")
        with pytest.raises(Unreachable, match="certificate"):
            Asker(service, {"Authorization": SECRET}, tries=1).get("/x")
    finally:
        server.shutdown()
        server.server_close()
    assert heard == []


def _self_signed(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path
