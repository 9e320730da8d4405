"""A gateway for messages by telephone, from docs/how-to/wake-someone.md and not from our client."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRETS = {"office": b"s3cret"}


class Gateway:
    """What was delivered, by id; the next `busy` answers are 503."""

    def __init__(self) -> None:
        self.delivered: dict[str, tuple[str, str]] = {}
        self.heard: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.busy = 0
        self.port = 0

    def hears(self, headers: dict[str, str], body: bytes) -> int:
        self.heard.append(headers)
        if self.busy:
            self.busy -= 1
            return 503
        secret = SECRETS.get(headers.get("amaan-key", ""), b"")
        signed = headers.get("amaan-time", "").encode() + b"." + body
        if not hmac.compare_digest(
            hmac.new(secret, signed, hashlib.sha256).hexdigest(), headers.get("amaan-signature", "")
        ):
            return 401
        message = json.loads(body)
        if set(message) != {"id", "to", "text"} or message["id"] != headers.get("idempotency-key"):
            return 400
        self.delivered.setdefault(message["id"], (message["to"], message["text"]))
        return 200


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    gateway = Gateway()

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            gateway.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = gateway.hears({name.casefold(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the log is `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads = True
    gateway.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
