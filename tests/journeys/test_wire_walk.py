"""A platform's client and the real server: the documented walk, in chunks too, and four clients at once."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.journeys.installation import Installation, kill_all
from tests.rooms.referrals.platform import a_report, details
from tests.wire_client import FORM, MULTIPART, WireClient, between, upload_form

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]

CONTENT = b"these bytes are no picture" * 1000
CLIENTS, REPORTS = 4, 6
ROOT = Path(__file__).resolve().parent.parent.parent


class Served(WireClient):
    """An installation that is served, and one platform's client."""

    def __init__(self, folder: Path) -> None:
        self.held = Installation.prepared(folder)
        given = json.loads(self.held.run("platform", "add", "Pix Board", "--json").splitlines()[-1])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        super().__init__(self.port, given)
        self.process = self.held.start("serve", "--port", str(self.port))
        for stream in (self.process.stdout, self.process.stderr):
            threading.Thread(target=lambda s=stream: s and s.read(), daemon=True).start()
        self.wait(lambda: self.ask("GET", "status")[0] == 200)

    def wait(self, done: object, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(OSError, http.client.HTTPException):
                if done():  # type: ignore[operator]
                    return
            time.sleep(0.1)
        pytest.fail("The server did not come so far.")

    def walk(self, *, chunked: bool = False) -> str:
        """One report with a file, from submit to finish; its number."""
        number = self.submit(_pieces(a_report()) if chunked else a_report())
        form = upload_form(number, CONTENT)
        uploaded = self.post("upload", _pieces(form) if chunked else form, MULTIPART)
        assert between(uploaded, "hash") == hashlib.md5(CONTENT).hexdigest()
        file_id = between(uploaded, "fileId")
        self.post("fileinfo", details(number, file_id))
        done = self.finish(number)
        assert "<reportDoneResponse>" in done
        assert between(done, "fileId") == file_id
        return number


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 4000):
        yield body[start : start + 4000]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("wire") / "here")
    yield served
    kill_all(served.process)


def _banded(served: Served, numbers: list[str]) -> int:
    listed = ", ".join(f"'{number}'" for number in numbers)
    return int(
        served.held.rows(
            "SELECT count(DISTINCT r.id) FROM reports_report r JOIN triage_assessment a ON a.report_id = r.id"
            f" WHERE r.number IN ({listed})"
        )[0][0]
    )


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
def test_the_documented_walk_ends_in_a_report_with_a_band(served: Served, chunked: bool) -> None:
    number = served.walk(chunked=chunked)
    served.wait(lambda: _banded(served, [number]) == 1)
    status, text = served.ask("POST", "finish", f"id={number}".encode(), FORM)
    assert (status, between(text, "responseCode")) == (409, "5102")


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands want curl")
def test_the_how_to_goes_as_it_is_told(served: Served, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / "connect-a-platform.md").read_text("utf-8")
    settings, *steps = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    given = {
        "BASE": f"http://127.0.0.1:{served.port}/ispws",
        "USER_OF_PLATFORM": served.user,
        "PASSWORD_OF_PLATFORM": served.password,
    }
    assert re.findall(r"export (\w+)=", settings) == list(given)
    told = subprocess.run(
        ["bash", "-eu", "-c", "\necho\n".join(steps)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"<responseCode>(\d+)<", told) == ["0"] * 5
    assert "<reportDoneResponse>" in told
    served.wait(lambda: _banded(served, [between(told, "reportId")]) == 1)


def test_nothing_of_an_upload_is_left_on_the_disk(served: Served) -> None:
    served.walk()
    needle = CONTENT[:200]
    held = [path for path in served.held.home.rglob("*") if path.is_file()]
    assert held
    assert [path.name for path in held if needle in path.read_bytes()] == []


def test_an_upload_that_is_cut_is_no_file(served: Served) -> None:
    number = served.submit(a_report())
    form = upload_form(number, CONTENT)[:-2000]
    status, text = served.ask("POST", "upload", _pieces(form), MULTIPART)
    assert (status, between(text, "responseCode")) == (400, "1111")
    assert "<fileId>" not in served.finish(number)


def test_outside_the_wire_the_server_refuses_endless_bodies_and_goes_on(served: Served) -> None:
    for headers, body, refused in (
        ({"Transfer-Encoding": "chunked"}, _pieces(bytes(20_000)), 411),
        ({"Content-Length": str(10**9)}, bytes(1000), 413),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.putrequest("POST", "/sign-in/")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(body, encode_chunked=refused == 411)
        assert connection.getresponse().status == refused
        connection.close()
    assert served.ask("GET", "status")[0] == 200


def test_a_content_type_that_nobody_can_read_is_no_fault_of_ours(served: Served) -> None:
    status, text = served.ask("POST", "submit", a_report(), "text/xml; charset*=bogus''x")
    assert (status, between(text, "responseCode")) == (200, "0")


def test_four_clients_at_once_lose_nothing_and_double_nothing(served: Served) -> None:
    numbers: list[str] = []
    faults: list[BaseException] = []

    def work() -> None:
        try:
            numbers.extend(served.walk() for _ in range(REPORTS))
        except BaseException as fault:  # noqa: BLE001 - a thread's assertion must reach the test
            faults.append(fault)

    clients = [threading.Thread(target=work) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    assert faults == []
    assert len(set(numbers)) == CLIENTS * REPORTS
    served.wait(lambda: _banded(served, numbers) == CLIENTS * REPORTS)
    assert "The ledger verifies" in served.held.run("ledger", "verify")


def test_two_who_finish_the_same_report_at_once_make_one(served: Served) -> None:
    for _ in range(5):
        number = served.submit(a_report())
        codes: list[str] = []

        def finish(number: str = number, codes: list[str] = codes) -> None:
            form = f"id={number}".encode()
            codes.append(between(served.ask("POST", "finish", form, FORM)[1], "responseCode"))

        both = [threading.Thread(target=finish) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        assert sorted(codes) == ["0", "5102"]
        count = served.held.rows(
            "SELECT count(*) FROM reports_version v JOIN reports_report r ON r.id = v.report_id"
            f" WHERE r.number = '{number}'"
        )
        assert count[0][0] == 1
