"""Many people at one door at once: each reads, thinks, and sends; how long each answer took is kept.

One event loop speaks for all of them, so that the load itself takes little of the cores that it shares with the server.
A connection is opened for each request, as it is for people whose proxy keeps none.
"""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from tests.reporter import CODE, FORM, NUMBER, Answers, Reporter

from bench.page import PORT

THINKS: Final = (4.0, 8.0)
"""Seconds between an answer and the next request, drawn evenly: the shortest that a person needs for one question."""
_SEALED: Final = re.compile(r'name="sealed" value="([^"]*)"')


class NotAnswered(Exception):
    """An answer that is none, or of another status than 200."""


@dataclass(frozen=True)
class Step:
    """One request of a report: what is posted besides what the page before it sealed. Empty: a page is only read."""

    name: str
    path: str
    posted: Sequence[tuple[str, str]] = ()


@dataclass
class Measured:
    """Seconds of each answer by the step's name, and what came back at the end of each report."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    took: float = 0.0

    def at(self, share: float, *names: str) -> int:
        """Milliseconds, over these steps or all."""
        found = sorted(s for name, all_ in self.seconds.items() if not names or name in names for s in all_)
        return round(found[min(len(found) - 1, int(len(found) * share))] * 1000)

    @property
    def requests(self) -> int:
        return sum(len(one) for one in self.seconds.values())


def learnt(way: str, answers: Answers, language: str) -> list[Step]:
    """The requests of one whole report: a person's walk from the first page to the code, written down."""
    steps: list[Step] = []

    class Noting(Reporter):
        def ask(self, method, path, body=b""):  # type: ignore[no-untyped-def]
            seen = super().ask(method, path, body)
            posted = [pair for pair in self.last if pair[0] != "sealed"] if body else []
            name = "send" if ("do", "send") in posted else "question" if body else "page"
            steps.append(Step(name, path, posted))
            return seen

        def press(self, page, word, answers={}):  # type: ignore[no-untyped-def]  # noqa: B006
            form, button = page.button(word)
            self.last = form.filled(answers, button)
            return super().press(page, word, answers)

    person = Noting(PORT, language=language)
    person.go(f"/{language}/")
    assert person.report(way, answers).code
    return steps


async def _ask(port: int, step: Step, sealed: str) -> str:
    """The text of an answer. Raises NotAnswered, OSError."""
    body = urlencode([*step.posted, ("sealed", sealed)]).encode() if step.posted else b""
    method = "POST" if body else "GET"
    head = f"{method} {step.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    if body:
        head += f"Content-Type: {FORM}\r\nContent-Length: {len(body)}\r\nSec-Fetch-Site: same-origin\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()
        raw = await reader.read()
    finally:
        writer.close()
    status, _, rest = raw.partition(b"\r\n")
    if b" 200 " not in status + b" ":
        raise NotAnswered(f"{step.path}: {status.decode()[:80]}")
    return rest.partition(b"\r\n\r\n")[2].decode()


async def _walk(
    port: int, steps: Sequence[Step], into: Callable[[], Measured], think: Callable[[], float]
) -> None:
    sealed = ""
    for step in steps:
        await asyncio.sleep(think())
        measured, began = into(), time.perf_counter()
        text = await _ask(port, step, sealed)
        measured.seconds.setdefault(step.name, []).append(time.perf_counter() - began)
        found = _SEALED.search(text)
        sealed = found.group(1) if found else sealed
        if step.name == "send":
            words = re.sub(r"<[^>]*>", "", text)
            measured.codes += [code.group() for code in [CODE.search(words)] if code]
            measured.numbers += NUMBER.findall(words)[:1]


def at_once(
    port: int,
    people: int,
    steps: Sequence[Step],
    seconds: float,
    *,
    seed: int = 1,
    begin: Callable[[], None] = lambda: None,
) -> Measured:
    """`people` each report again and again, thinking before each request; they begin spread over one report's length.

    What is kept is from when all of them are at it, for `seconds`; `begin` is called at its start. Of codes and
    numbers, all that were shown.
    """
    chance = random.Random(seed)
    whole = len(steps) * sum(THINKS) / 2
    warming, measured = Measured(), Measured()
    began = time.perf_counter()

    def now() -> Measured:
        return measured if time.perf_counter() - began > whole else warming

    async def one() -> None:
        await asyncio.sleep(chance.uniform(0, whole))
        while True:
            try:
                await _walk(port, steps, now, lambda: chance.uniform(*THINKS))
            except (NotAnswered, OSError, UnicodeDecodeError) as fault:
                measured.faults.append(f"{type(fault).__name__}: {fault}")

    async def everybody() -> None:
        at_work = [asyncio.ensure_future(one()) for _ in range(people)]
        await asyncio.sleep(whole)
        begin()
        await asyncio.sleep(seconds)
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)

    asyncio.run(everybody())
    measured.took = seconds
    measured.codes += warming.codes
    measured.numbers += warming.numbers
    return measured


def as_fast_as_it_goes(port: int, people: int, steps: Sequence[Step], seconds: float) -> Measured:
    """The same pages without a thought between them and without the last, again and again: what the machine gives."""
    measured = Measured()
    asked = [step for step in steps if step.name != "send"]

    async def one(until: float) -> None:
        while time.perf_counter() < until:
            await _walk(port, asked, lambda: measured, lambda: 0.0)

    async def everybody() -> None:
        await asyncio.gather(*(one(began + seconds) for _ in range(people)))

    began = time.perf_counter()
    asyncio.run(everybody())
    measured.took = time.perf_counter() - began
    return measured
