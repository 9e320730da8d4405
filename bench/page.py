"""Somebody who works at the desk while an import runs: signs in, and opens the queue again and again."""

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


class Reader:
    """Opens the queue page, which is logged before it is rendered, and keeps how long each answer took."""

    def __init__(self, held: Installation) -> None:
        self._held = held
        self.seconds: list[float] = []
        self._stop = threading.Event()
        self._server = subprocess.Popen(
            [AMAAN, "serve", "--port", str(PORT)], env=held.environment, stdout=subprocess.PIPE, text=True
        )
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._sign_in()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{PORT}{path}"

    def _sign_in(self) -> None:
        for _ in range(100):
            try:
                page = self._open(self._url("/sign-in/"), timeout=10).read().decode()
                break
            except OSError:
                time.sleep(0.2)
        else:
            raise RuntimeError("the server did not answer")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        form = {
            "csrfmiddlewaretoken": token.group(1),
            "login": "intake@demo.example",
            "password": (Path(self._held.environment["AMAAN_KEYS"]) / "demo.password").read_text().strip(),
        }
        request = urllib.request.Request(
            self._url("/sign-in/"), urllib.parse.urlencode(form).encode(), {"Referer": self._url("/sign-in/")}
        )
        answer = self._open(request, timeout=30)
        assert answer.url.endswith("/desk/"), answer.url

    def start(self) -> None:
        self._thread.start()

    def _read(self) -> None:
        while not self._stop.wait(0.5):
            began = time.perf_counter()
            page = self._open(self._url("/desk/"), timeout=60).read()
            self.seconds.append(time.perf_counter() - began)
            assert b"R-" in page

    @property
    def pid(self) -> int:
        return self._server.pid

    def end(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(60)
        self._server.terminate()
        self._server.wait(20)
