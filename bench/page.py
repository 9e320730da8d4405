"""A server, people who are signed in to it, and one who reads the queue while an import runs."""

from __future__ import annotations

import re
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from bench.world import AMAAN, Installation

PORT = 8642


def _url(path: str) -> str:
    return f"http://127.0.0.1:{PORT}{path}"


class Server:
    """`amaan serve` of an installation; answers when this returns."""

    def __init__(self, held: Installation) -> None:
        self._server = subprocess.Popen(
            [AMAAN, "serve", "--port", str(PORT)], env=held.environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(150):
            try:
                urllib.request.urlopen(_url("/healthz"), timeout=10).close()
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the server did not answer")

    @property
    def pid(self) -> int:
        return self._server.pid

    def end(self) -> None:
        self._server.terminate()
        self._server.wait(20)


class Person:
    """Somebody of the demo world, signed in."""

    def __init__(self, held: Installation, role: str) -> None:
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        form = {
            "csrfmiddlewaretoken": self.token("/sign-in/"),
            "login": f"{role}@demo.example",
            "password": (Path(held.environment["AMAAN_KEYS"]) / "demo.password").read_text().strip(),
        }
        assert "/sign-in/" not in self._sent("/sign-in/", form).url

    def get(self, path: str) -> str:
        return str(self._open(_url(path), timeout=60).read().decode())

    def post(self, path: str, form: dict[str, str]) -> str:
        return str(self._sent(path, form).read().decode())

    def token(self, path: str) -> str:
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(path))
        assert found
        return found.group(1)

    def _sent(self, path: str, form: dict[str, str]):  # type: ignore[no-untyped-def]
        body = urllib.parse.urlencode(form).encode()
        return self._open(urllib.request.Request(_url(path), body, {"Referer": _url(path)}), timeout=60)


class Reader:
    """Opens the queue page, which is logged before it is rendered, and keeps how long each answer took."""

    def __init__(self, held: Installation) -> None:
        self.seconds: list[float] = []
        self._stop = threading.Event()
        self._server = Server(held)
        self._person = Person(held, "intake")
        self._thread = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _read(self) -> None:
        while not self._stop.wait(0.5):
            began = time.perf_counter()
            page = self._person.get("/desk/")
            self.seconds.append(time.perf_counter() - began)
            assert "R-" in page

    @property
    def pid(self) -> int:
        return self._server.pid

    def end(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(60)
        self._server.end()
