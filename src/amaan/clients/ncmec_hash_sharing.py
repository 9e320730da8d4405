"""NCMEC's hash sharing, version 2, as a reader: https://report.cybertip.org/hashsharing/v2/documentation.pdf.

Entries of a window of time come in pages, in no order; only when the last page of a window is stored is it known that
everything up to its newest timestamp is there. The next window begins there, by the service's clock, and a minute
earlier, for entries that were written down late. Deleted entries come as tombstones.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Final
from urllib.parse import urlencode

from amaan.clients.asking import Asker, NotUnderstood, Service, ServiceFault, TooLarge, Unreachable
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
from amaan.formats.hash_lists import Invalid, ListEntry, Unreadable
from amaan.formats.hash_lists.ncmec_xml import PageEnd, read_page

_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_BEGINNING: Final = datetime(2000, 1, 1, tzinfo=UTC)
OVERLAP: Final = timedelta(minutes=1)
_SHORTEST: Final = 24 * 3600
"""Seconds of the smallest window that is asked for where larger ones are too much for the service."""
_SETTLED: Final = timedelta(days=1)
"""A window that ended this long ago gets no more entries, however the clocks differ."""


class NcmecHashSharing:
    """One of NCMEC's databases, read by one member."""

    def __init__(self, service: Service, asker: Asker | None = None) -> None:
        basic = b64encode(f"{service.first}:{service.second}".encode()).decode()
        self._ask = asker or Asker(service, {"Authorization": f"Basic {basic}", "Accept": "application/xml"})

    def page(self, checkpoint: str, now: datetime) -> Page:
        """What follows a checkpoint. Raises ServiceFault."""
        parts = held(checkpoint)
        window = _open_window(parts, now)
        if not window.follow:
            parts = {**parts, "pages": 0, "newest": "", "since": int(now.timestamp())}
        try:
            body = self._ask.get(window.follow or window.query)
        except NotUnderstood as fault:
            restarts = number(parts, "restarts") + 1
            if window.follow and 400 <= fault.status < 500 and restarts <= MOST_RESTARTS:
                again = {**parts, "next": "", "restarts": restarts}
                return Page((), kept(again), more=True, window=window.words)
            raise
        except (TooLarge, Unreachable) as fault:
            if not window.follow and (isinstance(fault, TooLarge) or fault.strained):
                window.ask_for_less(fault, parts)
            raise
        entries, said = _read(body)
        return Page(entries, *_behind(window, parts, said, now), window=window.words)


@dataclass(frozen=True)
class _Window:
    """What is asked for: a time from and to, and where its next page is, "" for the first."""

    begin: datetime
    end: datetime
    follow: str

    @property
    def query(self) -> str:
        return "/v2/entries?" + urlencode(
            {"from": self.begin.strftime(_FORM), "to": self.end.strftime(_FORM)}
        )

    @property
    def words(self) -> str:
        return f"{self.begin.strftime(_FORM)} to {self.end.strftime(_FORM)}"

    def ask_for_less(self, fault: ServiceFault, parts: dict[str, object]) -> None:
        """Let the next run ask for half of it, if it is not the smallest already."""
        half = int((self.end - self.begin).total_seconds()) // 2
        if half >= _SHORTEST:
            fault.checkpoint = kept({"from": text(parts, "from"), "span": half})


def _open_window(parts: dict[str, object], now: datetime) -> _Window:
    """The window in whose pages the checkpoint stands, if that place still holds; or the next one."""
    begin = _time(text(parts, "from")) or _BEGINNING
    end, follow = _time(text(parts, "to")), text(parts, "next")
    if end and follow and 0 <= now.timestamp() - number(parts, "since") <= NEXT_LIVES:
        return _Window(begin, end, follow)
    end = max(now.replace(microsecond=0), begin + timedelta(seconds=1))
    if span := number(parts, "span"):
        end = min(end, begin + timedelta(seconds=span))
    return _Window(begin, end, "")


def _behind(window: _Window, parts: dict[str, object], said: PageEnd, now: datetime) -> tuple[str, bool]:
    """The checkpoint behind a page, and whether more waits now."""
    pages = number(parts, "pages") + 1
    refuse_circle(window.follow, said.next, pages)
    newest = max(filter(None, (_time(text(parts, "newest")), _stated(said.newest))), default=None)
    if said.next:
        after = {
            **parts,
            "from": window.begin.strftime(_FORM),
            "to": window.end.strftime(_FORM),
            "next": said.next,
            "pages": pages,
            "newest": newest.strftime(_FORM) if newest else "",
        }
        return kept(after), True
    settled = window.end < now - _SETTLED
    # What the service has not stated may still come; and no timestamp of the future shuts out the present.
    start = window.end if settled else window.begin
    if newest and not settled:
        start = max(window.begin, min(newest, window.end) - OVERLAP)
    span = 2 * number(parts, "span") if settled else 0
    return kept({"from": start.strftime(_FORM), "span": span}), settled


def _read(body: bytes) -> tuple[tuple[ListEntry | Invalid, ...], PageEnd]:
    entries: list[ListEntry | Invalid] = []
    said = PageEnd()
    try:
        for found in read_page(BytesIO(body)):
            if isinstance(found, PageEnd):
                said = found
            else:
                entries.append(found)
    except Unreadable as error:
        raise NotUnderstood(f"The page is not one of hash sharing ({error.code}).") from error
    return tuple(entries), said


def _time(said: str) -> datetime | None:
    try:
        return datetime.strptime(said, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def _stated(said: str) -> datetime | None:
    if not said:
        return None
    found = _time(said)
    if found is None:
        raise NotUnderstood("The page states a maxTimestamp that is none.")
    return found
