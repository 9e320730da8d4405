"""A platform's client over HTTP, as simple as the documented one; journeys and the benchmark speak through it."""

from __future__ import annotations

import base64
import http.client
import re
from collections.abc import Iterable, Mapping

Body = bytes | Iterable[bytes]
XML = "text/xml; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
_BOUNDARY = "a-platforms-boundary"
MULTIPART = f"multipart/form-data; boundary={_BOUNDARY}"


def between(text: str, name: str) -> str:
    """The text of the first element of this name; an answer without it is a fault."""
    found = re.search(f"<{name}>([^<]+)</{name}>", text)
    assert found, text
    return found.group(1)


def upload_form(number: str, content: bytes) -> bytes:
    """The body of an upload, of the content type MULTIPART."""
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="id"\r\n\r\n{number}\r\n'
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()


class WireClient:
    """`given` is what `amaan platform add --json` told. A connection is opened for each request, unless `keep`."""

    def __init__(
        self, port: int, given: Mapping[str, str], *, keep: bool = False, patience: float = 30
    ) -> None:
        self.user, self.password = given["user"], given["password"]
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {pair}"}
        self._port, self._patience, self._keep = port, patience, keep
        self._kept: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Body = b"", kind: str = XML) -> tuple[int, str]:
        """Status and text. A body in pieces is sent chunked. Raises OSError, HTTPException."""
        connection = self._kept or http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._patience)
        headers = {**self._headers, "Content-Type": kind}
        chunked = not isinstance(body, bytes)
        connection.request(method, f"/ispws/{path}", body or None, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        text = answer.read().decode()
        if self._keep:
            self._kept = connection
        else:
            connection.close()
        if answer.status < 500:
            assert answer.headers["Request-ID"]
            assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
        return answer.status, text

    def post(self, path: str, body: Body, kind: str = XML) -> str:
        """The text of an answer that accepts what was sent."""
        status, text = self.ask("POST", path, body, kind)
        assert status == 200, f"{path}: {status} {text}"
        return text

    def submit(self, report: Body) -> str:
        """The number of the report that is open now."""
        return between(self.post("submit", report), "reportId")

    def upload(self, number: str, content: bytes) -> str:
        """The id of the file."""
        return between(self.post("upload", upload_form(number, content), MULTIPART), "fileId")

    def finish(self, number: str) -> str:
        return self.post("finish", f"id={number}".encode(), FORM)
