"""A real server and real sockets: files stream through it, and its processes hold and write nothing in clear."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.journeys.installation import Installation, children_of, kill_all
from tests.photos import grain
from tests.rooms.referrals.platform import a_report

pytestmark = (
    pytest.mark.slow
)  # bytes meet sockets, memory and the vault here; rows are tested on both databases

BLOCK = os.urandom(1 << 20)
BLOCKS = 40
# Three letters are in one of sixteen such blocks.
BOUNDARY = "----a-boundary-that-random-bytes-do-not-contain"
TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


def _open_for_writing(process: Path) -> Iterator[str]:
    for link in (process / "fd").iterdir():
        told = (process / "fdinfo" / link.name).read_text()
        flags = re.search(r"^flags:\s*([0-7]+)", told, re.MULTILINE)
        if flags and int(flags[1], 8) & (os.O_WRONLY | os.O_RDWR):
            yield str(link.readlink())


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


class Server:
    """`amaan serve` in processes of its own, and a platform that speaks to it over bare sockets."""

    def __init__(self, place: Installation, port: int, process: subprocess.Popen[str], basic: str) -> None:
        self.place, self.port, self.process, self.basic = place, port, process, basic
        self.most = 0
        self.open_files: set[str] = set()

    def look(self) -> None:
        """Memory of every process of this server, and the files that they hold open for writing."""
        resident = 0
        for pid in [self.process.pid, *children_of(self.process.pid)]:
            folder = Path(f"/proc/{pid}")
            try:
                resident += int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
                self.open_files |= set(_open_for_writing(folder))
            except OSError:  # gone by now
                continue
        self.most = max(self.most, resident)

    def settled(self) -> int:
        """Bytes, once the processes have read what they read at their start; `most` counts from here on."""
        before, still = -1, 0
        for _ in range(40):
            self.most = 0
            self.look()
            still = still + 1 if self.most - before < 1 << 18 else 0
            if still == 3:
                break
            before = self.most
            time.sleep(1)
        return self.most

    def send(self, path: str, content_type: str, pieces: Iterator[bytes], length: int | None) -> str:
        """`length` None sends chunks. Returns the whole answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as wire:
            size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
            wire.sendall(
                f"POST /ispws/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {self.basic}\r\n"
                f"Content-Type: {content_type}\r\nConnection: close\r\n{size}\r\n\r\n".encode()
            )
            for piece in pieces:
                wire.sendall(b"%x\r\n%b\r\n" % (len(piece), piece) if length is None else piece)
            if length is None:
                wire.sendall(b"0\r\n\r\n")
            answer = b""
            while part := wire.recv(65_536):
                answer += part
        return answer.decode()

    def submit(self) -> str:
        document = a_report()
        answer = self.send("submit", "text/xml", iter([document]), len(document))
        found = re.search("<reportId>([0-9]+)<", answer)
        assert found, answer
        return found[1]

    def upload_photo(self, number: str, photo: bytes) -> str:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.bmp"\r\n\r\n'
        ).encode()
        body = head + photo + TAIL
        return self.send("upload", f"multipart/form-data; boundary={BOUNDARY}", iter([body]), len(body))

    def upload(self, number: str, blocks: int, *, chunked: bool = False, stop: int | None = None) -> str:
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
        ).encode()

        def body() -> Iterator[bytes]:
            yield head
            for n in range(blocks):
                if n == stop:
                    raise BrokenOff
                if n % 8 == 7:
                    self.look()
                yield BLOCK
            yield TAIL

        length = None if chunked else len(head) + blocks * len(BLOCK) + len(TAIL)
        return self.send("upload", f"multipart/form-data; boundary={BOUNDARY}", body(), length)


class BrokenOff(Exception):
    """The platform's connection ends here."""


@contextmanager
def _serving(place: Installation) -> Iterator[Server]:
    issued = json.loads(place.run("platform", "add", "Pix Board", "--json").strip().splitlines()[-1])
    basic = "Basic " + base64.b64encode(f"{issued['user']}:{issued['password']}".encode()).decode()
    port = _free_port()
    process = place.start("serve", "--port", str(port))
    try:
        assert process.stdout is not None
        assert "answers on" in process.stdout.readline()
        _until_it_listens(port)
        yield Server(place, port, process, basic)
    finally:
        kill_all(process)


def _until_it_listens(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert time.monotonic() < until, "the server never listened"
            time.sleep(0.05)


def _hashed(place: Installation) -> int:
    return int(place.rows("SELECT count(*) FROM referrals_openfile WHERE pdq IS NOT NULL")[0][0])


@pytest.mark.parametrize("policy", ["hash-only", "sealed"])
def test_files_stream_through_the_server(policy: str, tmp_path: Path) -> None:
    place = Installation.prepared(tmp_path / "server")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    place.environment |= {"AMAAN_MEDIA": policy, "TMPDIR": str(temporary), "AMAAN_DOORS": "desk,api"}
    key = tmp_path / "examiner.key"
    if policy == "sealed":
        made = place.run("media", "key", "--out", key)
        found = re.search("^amaan-media-1:.*$", made, re.MULTILINE)
        assert found
        place.run("media", "trust", found[0])
    md5 = hashlib.md5(BLOCK * BLOCKS).hexdigest()
    with _serving(place) as server:
        number = server.submit()
        assert "<responseCode>0<" in server.upload(number, 8)
        before = server.settled()
        for chunked in (False, True):
            assert md5 in server.upload(number, BLOCKS, chunked=chunked)
        assert server.most - before < 24 << 20, "a file of 40 MB must not be held"
        for chunked in (False, True):
            with pytest.raises(BrokenOff):
                server.upload(number, BLOCKS, chunked=chunked, stop=12)
        assert "<responseCode>0<" in server.upload(number, 8)  # it serves on
        photo = grain(1000)
        for _ in range(40):  # the decoder starts with the first photo
            assert hashlib.md5(photo).hexdigest() in server.upload_photo(number, photo)
            if _hashed(place):
                break
        assert _hashed(place)
        server.look()
    vault = str(place.home / "vault")
    strange = {
        name
        for name in server.open_files
        if name.startswith("/")
        and not name.startswith(("/dev/", vault, str(place.home / "amaan.sqlite3")))
        # The worker's: the public door's database, and the turn of the ledger's sequencer.
        and not name.startswith(
            (str(place.home / "portal" / "door.sqlite3"), str(place.home / "ledger.lock"))
        )
        and "wgunicorn" not in name  # its heartbeat, which holds nothing
    }
    assert strange == set()
    assert [file for file in temporary.rglob("*") if file.is_file()] == []
    rows = place.rows("SELECT id, size FROM evidence_exhibit WHERE recipient IS NOT NULL ORDER BY size")
    if policy == "hash-only":
        assert rows == []
        assert not Path(vault, "incoming").exists()
        return
    assert [size for _, size in rows] == [len(photo), 8 << 20, BLOCKS << 20]
    assert "Every exhibit is whole." in place.run("vault", "check")
    carried, plain = tmp_path / "carried", tmp_path / "plain"
    place.run("media", "export", str(rows[-1][0]), "--out", carried, "--reason", "Order 7")
    elsewhere = Installation(tmp_path / "examiner")  # another machine: no database, no keys of the server
    elsewhere.run("media", "open", "--key", key, carried, "--out", plain)
    assert hashlib.md5(plain.read_bytes()).hexdigest() == md5
    assert not elsewhere.home.exists()
