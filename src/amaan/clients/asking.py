"""Asking a service over HTTPS: certificates verified, everything bounded, no redirect followed, no secret told.

Sources: RFC 9110 (Retry-After, content codings), RFC 7617 (Basic).
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import unquote, urlsplit

TIMEOUT: Final = 30.0
"""Seconds that a service may be silent."""
DEADLINE: Final = 120.0
"""Seconds that an answer may take as a whole, however busily it drips."""
LIMIT: Final = 32 * 1024 * 1024
"""Bytes of an answer: a page of a thousand entries has one or two million."""
TRIES: Final = 4
MOST_WAIT: Final = 30.0
"""Seconds waited between two tries. Who asks for more is asked again by a later run."""
MOST_AFTER: Final = 24 * 3600.0
"""Seconds for which a service may send us away."""
_AGAIN: Final = frozenset({429, 500, 502, 503, 504})
_TARGET: Final = re.compile(r"/[!-~]*")


class BadAddress(Exception):
    """The address of a service is not one; the message says what it must look like, and repeats none of it."""


class ServiceFault(Exception):
    """A service can't be used now. The message is for the operator and holds no credential.

    `checkpoint`, if any, is where to go on next time, when a client knows something better than where it stood.
    """

    code = "fault"

    def __init__(self, message: str, *, checkpoint: str = "") -> None:
        super().__init__(message)
        self.checkpoint = checkpoint


class CredentialRefused(ServiceFault):
    """The service does not accept the user and password, or the keys."""

    code = "refused"


class Unreachable(ServiceFault):
    """No answer, or none worth the name. `after`: seconds that the service asks to wait; `strained`: it answered
    that it can't, or too late, so asking for less may help."""

    code = "unreachable"

    def __init__(self, message: str, *, after: float = 0.0, strained: bool = False) -> None:
        super().__init__(message)
        self.after, self.strained = after, strained


class NotUnderstood(ServiceFault):
    """An answer came that is not what the protocol says. `status` is its HTTP status."""

    code = "not_understood"

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class TooLarge(ServiceFault):
    """An answer came that is larger than any real one."""

    code = "too_large"


@dataclass(frozen=True)
class Service:
    """Where a service is, and the two secrets by which it knows us: user and password, or two keys.

    Its repr tells neither.
    """

    host: str
    port: int
    path: str
    encrypted: bool
    first: str = field(repr=False)
    second: str = field(repr=False)

    @classmethod
    def read(cls, text: str) -> Service:
        """`https://FIRST:SECOND@host/path`, odd characters percent-encoded. http only for this machine itself.

        Raises BadAddress.
        """
        form = "It must read https://USER:PASSWORD@host/path, with odd characters percent-encoded."
        try:
            parts = urlsplit(text.strip())
            port = parts.port
        except ValueError:
            raise BadAddress(form) from None
        host = parts.hostname or ""
        first, second = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme not in {"https", "http"} or not host or parts.query or parts.fragment:
            raise BadAddress(form)
        if not first or not second or not (first + second).isprintable():
            raise BadAddress(f"It names no user or no password. {form}")
        if parts.path and not _TARGET.fullmatch(parts.path):
            raise BadAddress(form)
        encrypted = parts.scheme == "https"
        if not encrypted and not _is_this_machine(host):
            raise BadAddress(f"A password goes over the network by https only. {form}")
        return cls(host, port or (443 if encrypted else 80), parts.path.rstrip("/"), encrypted, first, second)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass
class Asker:
    """Asks one service. `pause` waits between tries."""

    service: Service
    headers: Mapping[str, str]
    timeout: float = TIMEOUT
    deadline: float = DEADLINE
    limit: int = LIMIT
    tries: int = TRIES
    pause: Callable[[float], None] = time.sleep

    def get(self, target: str) -> bytes:
        """The body behind `target`, which is appended to the service's path as it is. Raises ServiceFault."""
        if not _TARGET.fullmatch(target):
            raise NotUnderstood("The service names a next page that is no path on itself.")
        for attempt in range(1, self.tries + 1):
            try:
                return self._get(self.service.path + target)
            except Unreachable as fault:
                wait = max(fault.after, 0.5 * 2**attempt)
                if attempt == self.tries or wait > MOST_WAIT:
                    raise
                self.pause(wait)
        raise AssertionError("the last attempt returns or raises")

    def post(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """The answer to one POST at the service's own path, tried once: whoever sends decides when to try again.

        Raises ServiceFault.
        """
        return self._ask("POST", self.service.path or "/", body, headers)

    def _get(self, target: str) -> bytes:
        return self._ask("GET", target, None, {})

    def _ask(self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        service, late = self.service, threading.Event()
        # Only where it is used: it reads the machine's certificates each time.
        context = ssl.create_default_context() if service.encrypted else None
        connection = (
            HTTPSConnection(service.host, service.port, timeout=self.timeout, context=context)
            if context
            else HTTPConnection(service.host, service.port, timeout=self.timeout)
        )
        watch: threading.Timer | None = None
        try:
            HTTPConnection.connect(connection)
            socket = connection.sock
            if context:
                socket = context.wrap_socket(
                    socket, server_hostname=service.host, do_handshake_on_connect=False
                )
                connection.sock = socket

            def hang_up() -> None:
                late.set()
                try:
                    socket.shutdown(2)
                except OSError:
                    late.set()  # it ended by itself at this moment

            watch = threading.Timer(self.deadline, hang_up)
            watch.daemon = True
            watch.start()
            if isinstance(socket, ssl.SSLSocket):
                socket.do_handshake()  # within the deadline too: a server may drip here as well
            connection.request(method, target, body=body, headers={**self.headers, **headers, **_ASK_PLAINLY})
            answer = self._body(connection)
            if late.is_set():
                raise Unreachable(f"{service.host} was too slow.", strained=True)
            return answer
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(
                f"{service.host} shows no valid certificate ({error.verify_message}), so nothing was said to it."
            ) from None
        except TimeoutError:
            raise Unreachable(f"{service.host} did not answer in time.", strained=True) from None
        except (OSError, HTTPException, ValueError) as error:
            # The kind alone: a message may quote the request.
            if late.is_set():
                raise Unreachable(f"{service.host} was too slow.", strained=True) from None
            raise Unreachable(f"{service.host} can't be reached ({type(error).__name__}).") from None
        finally:
            if watch is not None:
                watch.cancel()
            connection.close()

    def _body(self, connection: HTTPConnection) -> bytes:
        response = connection.getresponse()
        status, host = response.status, self.service.host
        if status in {401, 403}:
            raise CredentialRefused(
                f"{host} does not accept the credential, or not from here (HTTP {status})."
            )
        if status in _AGAIN:
            raise Unreachable(
                f"{host} answers that it can't now (HTTP {status}).",
                after=_seconds(response.getheader("Retry-After")),
                strained=True,
            )
        if 300 <= status < 400:
            raise NotUnderstood(f"{host} sends us elsewhere (HTTP {status}), and we don't go.", status=status)
        if status != 200:
            raise NotUnderstood(f"{host} answers HTTP {status}.", status=status)
        if (response.getheader("Content-Encoding") or "identity").casefold() != "identity":
            raise NotUnderstood(f"{host} packs its answer, which was not asked for.")
        said = response.getheader("Content-Length") or ""
        length = int(said) if said.isdecimal() else -1
        parts: list[bytes] = []
        held = 0
        while held <= self.limit and length <= self.limit and (part := response.read1(64 * 1024)):
            parts.append(part)
            held += len(part)
        if held > self.limit or length > self.limit:
            raise TooLarge(f"{host} answers with more than {self.limit:,} bytes.")
        if 0 <= held < length:
            raise Unreachable(f"{host} broke off its answer.")
        return b"".join(parts)


_ASK_PLAINLY: Final = {"Accept-Encoding": "identity", "User-Agent": "Amaan", "Connection": "close"}


def _seconds(said: str | None) -> float:
    """What Retry-After asks for: seconds or a date. Nothing, or what can't be read, asks for nothing."""
    if not said:
        return 0.0
    if said.strip().isdecimal():
        return min(float(said), MOST_AFTER)
    try:
        return min(max(0.0, parsedate_to_datetime(said).timestamp() - time.time()), MOST_AFTER)
    except ValueError:
        return 0.0
