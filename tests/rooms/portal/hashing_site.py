"""The hashing page as the door serves it, under the door's own policy, by a server that remembers every byte it got.

`/bare` is a page without a policy, on which tests import single modules.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

import amaan.portal
from amaan.config import door

STATIC = Path(amaan.portal.__file__).parent / "static"
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html; charset=utf-8"}
BARE = b'<!doctype html><html lang="en"><title>Bare</title><link rel="icon" href="data:,"><input type="file" multiple>'


def policy_of(directives: Mapping[str, Any]) -> str:
    """The header that django-csp writes of these."""
    return "; ".join(f"{name} {' '.join(map(str, sources))}" for name, sources in directives.items())


@dataclass
class Site:
    """`pages` by path; `seen` is all that ever came in: request line, headers, body."""

    address: str
    policy: str
    pages: dict[str, bytes]
    seen: list[bytes] = field(default_factory=list)
    posted: list[bytes] = field(default_factory=list)


@contextmanager
def serving(pages: dict[str, str], policy: str) -> Iterator[Site]:
    site = Site("", policy, {path: html.encode() for path, html in pages.items()})

    class Answers(BaseHTTPRequestHandler):
        def _answer(self, body: bytes) -> None:
            self.site_saw(body)
            found, kind = self._found()
            self.send_response(200 if found is not None else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(found or b"")))
            if self.path.endswith(".js"):
                headers = Headers()
                door.WHITENOISE_ADD_HEADERS_FUNCTION(headers, "", self.path)
                self.send_header("Content-Security-Policy", headers["Content-Security-Policy"])
            elif self.path != "/bare":
                self.send_header("Content-Security-Policy", site.policy)
            self.end_headers()
            self.wfile.write(found or b"")

        def site_saw(self, body: bytes) -> None:
            site.seen.append(self.requestline.encode() + bytes(self.headers) + body)

        def _found(self) -> tuple[bytes | None, str]:
            if self.path == "/bare":
                return BARE, KINDS[".html"]
            if self.path in site.pages:
                return site.pages[self.path], KINDS[".html"]
            file = STATIC / self.path.removeprefix("/door/")
            if file.is_file() and file.suffix in KINDS:
                return file.read_bytes(), KINDS[file.suffix]
            return None, KINDS[".html"]

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            site.posted.append(body)
            self._answer(body)

        def log_message(self, *arguments: object) -> None:
            """Nothing on the test's output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        site.address = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield site
        server.shutdown()
