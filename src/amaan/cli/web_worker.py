"""gunicorn's threaded worker, held up by nobody who is slow.

The head of a request has a time to come in: one byte of it now and then would hold a thread for ever. (Bodies have
theirs in `portal.bodies`.) What is left of a refused body is not waited for. And a connection is closed by the thread
that answered it: gunicorn's own loop would wait two seconds for each visitor who leaves theirs open, and answer nobody
meanwhile.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

from amaan.portal.bodies import DEADLINES

HEAD_SECONDS: Final = 15.0
"""From the moment when a thread turns to a connection; the first byte is awaited without a thread."""
LINGER_SECONDS: Final = 1.0
"""How long an answer may take to be fetched before its connection is closed (RFC 9112, 9.6)."""
_MOST_LEFT: Final = 64 * 1024


class PromptWorker(ThreadWorker):  # type: ignore[misc] # gunicorn is not typed
    def handle(self, conn: Any) -> Any:
        """What the connection becomes: False where it is at its end, and then nothing is left to wait for."""
        DEADLINES.set(conn.sock, HEAD_SECONDS)
        try:
            kept = super().handle(conn)
        finally:
            DEADLINES.lift(conn.sock)
        if kept is False:
            end(conn.sock, LINGER_SECONDS)
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Whether the connection may be used again."""
        DEADLINES.lift(conn.sock)
        kept = super().handle_request(req, conn)
        unread = getattr(getattr(req.body, "reader", None), "length", 0)
        return kept and not unread


def end(sock: socket.socket, seconds: float) -> None:
    """Says that nothing follows, and waits up to `seconds` for the other side to close. `sock` itself stays open, so
    that whoever owns it closes it."""
    until, left = time.monotonic() + seconds, _MOST_LEFT
    with suppress(OSError):  # the other side is gone already, or lets us wait: both end it
        sock.shutdown(socket.SHUT_WR)
        while left > 0 and (rest := until - time.monotonic()) > 0:
            sock.settimeout(rest)
            come = sock.recv(4096)
            if not come:
                break
            left -= len(come)
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
