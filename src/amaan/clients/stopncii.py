"""StopNCII.org's hash exchange, version 1, as a reader of FetchHashes.

People hash intimate pictures of themselves on their own device and may take a hash back: such records come with the
status Withdrawn or Deleted, and are tombstones.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from amaan.clients.asking import Asker, NotUnderstood, Service
from amaan.clients.exchanging import (
    MOST_RESTARTS,
    NEXT_LIVES,
    Page,
    held,
    kept,
    number,
    refuse_circle,
    text,
)
from amaan.formats.hash_lists import Invalid, ListEntry
from amaan.formats.hash_lists.entries import value_of

_BEGINNING: Final = 10  # the protocol's own word for everything
_PAGE: Final = 800
_KINDS: Final = {"ImagePDQ": "pdq", "VideoMD5": "md5"}
_TAKEN_BACK: Final = frozenset({"withdrawn", "deleted"})
_DAY: Final = 24 * 3600


class StopNcii:
    """The exchange, read by one subscriber: the function's key, then the subscription's."""

    def __init__(self, service: Service, asker: Asker | None = None) -> None:
        keys = {"x-functions-key": service.first, "Ocp-Apim-Subscription-Key": service.second}
        self._ask = asker or Asker(service, {**keys, "Accept": "application/json"})

    def page(self, checkpoint: str, now: datetime) -> Page:
        """What follows a checkpoint. Raises ServiceFault."""
        parts = held(checkpoint)
        start, token = number(parts, "start", _BEGINNING), text(parts, "token")
        if not 0 <= now.timestamp() - number(parts, "since") <= NEXT_LIVES:
            token = ""
        if not token:
            parts = {**parts, "pages": 0, "since": int(now.timestamp())}
        query = {"startTimestamp": str(start), "pageSize": str(_PAGE)}
        if token:
            query["nextPageToken"] = token
        window = f"from {start}"
        try:
            answer = _answer(self._ask.get("/FetchHashes?" + urlencode(query)))
        except NotUnderstood as fault:
            if token and 400 <= fault.status < 500 and number(parts, "restarts") < MOST_RESTARTS:
                again = {**parts, "start": start, "token": "", "restarts": number(parts, "restarts") + 1}
                return Page((), kept(again), more=True, window=window)
            raise
        entries = tuple(
            _entry(line, record) for line, record in enumerate(answer.get("hashRecords") or (), start=1)
        )
        follow = str(answer.get("nextPageToken") or "")
        if answer.get("hasMoreRecords") is True:
            if not follow:
                raise NotUnderstood("The answer says that more follows, but not where.")
            pages = number(parts, "pages") + 1
            refuse_circle(token, follow, pages)
            after = {**parts, "start": start, "token": follow, "pages": pages}
            return Page(entries, kept(after), more=True, window=window)
        stated = answer.get("nextSetTimestamp")
        known = isinstance(stated, int) and start <= stated <= now.timestamp() + _DAY
        return Page(entries, kept({"start": stated if known else start}), more=False, window=window)


def _answer(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NotUnderstood("The answer is not JSON.") from error
    if not isinstance(answer, dict) or not isinstance(answer.get("hashRecords") or [], list):
        raise NotUnderstood("The answer is JSON, but not of FetchHashes.")
    if "hashRecords" not in answer and "nextSetTimestamp" not in answer:
        raise NotUnderstood("The answer is JSON, but not of FetchHashes.")
    return answer


def _entry(line: int, record: object) -> ListEntry | Invalid:
    if not isinstance(record, dict):
        return Invalid(line, "not_a_record", "")
    said, value = str(record.get("signalType", "")), str(record.get("hashValue", ""))
    kind = _KINDS.get(said)
    if kind is None:  # a text or an address may be the thing itself: only its type is repeated
        return Invalid(line, "type", "".join(filter(str.isalnum, said))[:40])
    signal = value_of(value, kind)
    if isinstance(signal, str):
        return Invalid(line, signal, said)
    name = f"{said}:{signal.hex()}"
    if _taken_back(record):
        return ListEntry(line, name, {}, withdrawn=True)
    return ListEntry(line, name, {kind: signal})


def _taken_back(record: dict[str, Any]) -> bool:
    """By the record's status, or because everybody who handed it in took it back."""
    if str(record.get("hashStatus", "")).casefold() in _TAKEN_BACK:
        return True
    cases = record.get("caseNumbers")
    if not isinstance(cases, dict) or not cases:
        return False
    return all(str(status).casefold() in _TAKEN_BACK for status in cases.values())
