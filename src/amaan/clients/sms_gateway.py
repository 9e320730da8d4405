"""Sending a message by telephone through a gateway: one signed POST a message (docs/how-to/wake-someone.md).

The secret signs and is never sent: HMAC-SHA-256 over the time, a full stop and the body (RFC 2104), as hex.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

import orjson

from amaan.clients.asking import Asker, Service

LIMIT: Final = 64 * 1024
"""Bytes of a gateway's answer, which nobody reads."""


def signature(secret: str, at: int, body: bytes) -> str:
    """What stands in `Amaan-Signature`; `at` is in seconds since 1970, as in `Amaan-Time`."""
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()


def send_sms(service: Service, *, to: str, text: str, key: str, at: int, timeout: float = 20.0) -> None:
    """Hand one message to the gateway. `key` names it for good: a gateway that has had it sends nothing and says 200.

    Raises ServiceFault.
    """
    body = orjson.dumps({"id": key, "text": text, "to": to}, option=orjson.OPT_SORT_KEYS)
    headers = {
        "Content-Type": "application/json",
        "Amaan-Key": service.first,
        "Amaan-Time": str(at),
        "Amaan-Signature": signature(service.second, at, body),
        "Idempotency-Key": key,
    }
    Asker(service, {}, timeout=timeout, deadline=timeout, limit=LIMIT).post(body, headers)
