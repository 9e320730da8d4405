"""Somebody who reports over HTTP, as a browser without JavaScript would: reads a form, fills it, presses a button.

Journeys and the benchmark walk through the door with it. It knows no address but the first: it follows the pages.
"""

from __future__ import annotations

import http.client
import re
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from http import HTTPStatus
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode, urljoin, urlsplit

FORM: Final = "application/x-www-form-urlencoded"
CODE: Final = re.compile(r"(?<!\d)(\d{4})-(\d{4})-(\d{4})-(\d{4})(?!\d)")
NUMBER: Final = re.compile(r"\bS-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
"""A submission's, as its receipt names it."""
MOST_PAGES: Final = 60
Answers = Mapping[str, str | list[str]]
_NONE: Final[Answers] = MappingProxyType({})
_TICKED: Final = {"checkbox", "radio"}
_PRESSED: Final = {"submit", "image", "button", "reset", "file"}


@dataclass(frozen=True)
class Button:
    name: str
    value: str
    action: str


@dataclass
class Form:
    """`fields` is what the browser would send if nothing was touched; `open` what a person could fill, by type."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    open: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def button(self, word: str) -> Button | None:
        """The one of this value or name."""
        return next((one for one in self.buttons if word in {one.value, one.name}), None)

    def filled(self, answers: Answers, button: Button) -> list[tuple[str, str]]:
        """What is sent with `answers` in those of its open fields that they name, and the button pressed."""
        sent = [pair for pair in self.fields if pair[0] not in answers]
        for name, said in answers.items():
            if name in self.open:
                sent += [(name, one) for one in ([said] if isinstance(said, str) else said)]
        return [*sent, (button.name, button.value)] if button.name else sent


class _Reading(HTMLParser):
    """The forms of a page, and links and words of its <main>."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self._by_id: dict[str, Form] = {}
        self._inside = 0
        self._form: Form | None = None
        self._area: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "main":
            self._inside += 1
        if tag == "a" and "href" in said and self._inside:
            self.links.append(said["href"])
        if tag == "form":
            self._form = Form(said.get("action", ""))
            self._by_id[said.get("id", "")] = self._form
            self.forms.append(self._form)
        form = self._by_id.get(said["form"]) if "form" in said else self._form
        if form is not None:
            self._part(form, tag, said)

    def _part(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, kind = said.get("name", ""), said.get("type", "text" if tag == "input" else "submit")
        if tag == "button" or (tag == "input" and kind in _PRESSED):
            if kind == "submit":
                form.buttons.append(Button(name, said.get("value", ""), said.get("formaction", "")))
        elif tag == "input" and name:
            if kind != "hidden":
                form.open[name] = kind
            if kind in _TICKED:
                form.options.setdefault(name, []).append(said.get("value", "on"))
            if kind not in _TICKED or "checked" in said:
                form.fields.append((name, said.get("value", "")))
        elif tag == "textarea" and name:
            form.open[name], self._area = "textarea", form
            form.fields.append((name, ""))
        elif tag == "select" and name:
            form.open[name], self._select = "select", name
        elif tag == "option" and self._select:
            form.options.setdefault(self._select, []).append(said.get("value", ""))
            if "selected" in said:
                form.fields.append((self._select, said.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "main":
            self._inside -= 1
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            name, before = self._area.fields[-1]
            self._area.fields[-1] = (name, before + (data if before else data.removeprefix("\n")))
        elif self._inside:
            self.words.append(data)


@dataclass(frozen=True)
class Seen:
    """A page as it was answered. `path` is where it lies after what was followed."""

    path: str
    status: int
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _read(self) -> _Reading:
        reading = _Reading()
        reading.feed(self.text)
        return reading

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def links(self) -> list[str]:
        return self._read.links

    @property
    def words(self) -> str:
        """The words of <main>, on one line."""
        return " ".join(" ".join(self._read.words).split())

    @property
    def code(self) -> str:
        """The code on this page, in its groups, or nothing."""
        found = CODE.search(self.words)
        return found.group() if found else ""

    def has(self, word: str) -> bool:
        """Whether there is a button of this value or name."""
        return any(form.button(word) for form in self.forms)

    def button(self, word: str) -> tuple[Form, Button]:
        """The first such button with its form."""
        found = next(((form, one) for form in self.forms if (one := form.button(word))), None)
        assert found, f"no button {word} on {self.path} ({self.status}): {self.words[:300]}"
        return found


class Reporter:
    """One person. `where` is a port of this machine, or a path of the door's socket; `come_from` a loopback address."""

    def __init__(
        self, where: int | str, *, language: str = "en", come_from: str = "", patience: float = 30
    ) -> None:
        self.where, self.language, self._from, self._patience = where, language, come_from, patience
        self.headers: dict[str, str] = {}

    def ask(self, method: str, path: str, body: bytes = b"") -> Seen:
        """One request on a connection of its own, nothing followed. Raises OSError, HTTPException."""
        source = (self._from, 0) if self._from else None
        port = self.where if isinstance(self.where, int) else 0
        connection = http.client.HTTPConnection(
            "127.0.0.1", port, timeout=self._patience, source_address=source
        )
        if isinstance(self.where, str):
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(self._patience)
            connection.sock.connect(self.where)
        try:
            headers = {"Sec-Fetch-Site": "same-origin", **self.headers}
            connection.request(method, path, body or None, headers | ({"Content-Type": FORM} if body else {}))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        return Seen(path, answer.status, text, dict(answer.getheaders()))

    def go(self, path: str) -> Seen:
        seen = self.ask("GET", path)
        while seen.status in {301, 302, 303}:
            path = urlsplit(urljoin(path, seen.headers["Location"])).path
            seen = self.ask("GET", path)
        return seen

    def press(self, page: Seen, word: str, answers: Answers = _NONE) -> Seen:
        """Fill the form of `page` that has a button of this value or name, and press it."""
        form, button = page.button(word)
        path = urlsplit(urljoin(page.path, button.action or form.action or page.path)).path
        return self.ask("POST", path, urlencode(form.filled(answers, button)).encode())

    def begin(self, way: str) -> Seen:
        """The first question, by the pages before it."""
        ways = self.go(f"/{self.language}/report/")
        return self.go(next(link for link in ways.links if link.endswith(f"/report/{way}/")))

    def onward(self, page: Seen, answers: Answers) -> Iterator[Seen]:
        """Each next page, from `page` to the one where the answers are checked. Skips nothing, leaves empty."""
        for _ in range(MOST_PAGES):
            page = self.press(page, "next", answers)
            assert page.status == HTTPStatus.OK, (page.path, page.words[:500])
            yield page
            if page.has("send"):
                return
        raise AssertionError(f"a report that does not end: {page.path}")

    def report(self, way: str, answers: Answers) -> Seen:
        """A whole report, a page after the other; the page with the code."""
        *_, check = self.onward(self.begin(way), answers)
        return self.press(check, "send")
