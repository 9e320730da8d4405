"""Coming back with a code: what became of it, messages both ways, and taking things back.

Every step is a POST to one address. The box travels in the form (`services.opening`); the story is never shown again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from amaan.portal.domain.answers import clean_text
from amaan.portal.domain.boxes import Contents, HeldHash, Said, is_sha256, read_box
from amaan.portal.domain.codes import BoxKeys
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.hashes import MOST_FILES, BadHash, OfferedHash, read_hashes
from amaan.portal.domain.once import is_nonce, new_nonce
from amaan.portal.keys import DoorNotReady
from amaan.portal.letter_words import BECAME, FILES, HASH_STATUS, ON_ITS_WAY, STATUS
from amaan.portal.padding import padded
from amaan.portal.pages.held_box import (
    BoxShut,
    HeldBox,
    Opening,
    held_box,
    hold_box,
    keep_text,
    kept_text,
    seconds_left,
)
from amaan.portal.services import NoSuchBox, OpenBox, open_box, send
from amaan.portal.services.leaving import was_left, way_out
from amaan.portal.services.opening import reopen_box
from amaan.portal.services.pacing import TooManyAtOnce

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_log = logging.getLogger("amaan.portal")
MOST_TEXT: Final = 10_000
"""Characters of one message."""
_STEP: Final = 16 * 1024
"""Bytes: every page here is a whole number of these, so that its size doesn't tell whether a box is open or how much
lies in it. The filler is made by a hash, so that no compression on the way takes it out again."""
_SAFE: Final = ("yes", "no", "not_said")

_SENT: Final = _("It was sent. An answer comes here; look again in a day or two.")
_ASKED: Final = _(
    "We have noted that you want to take it back. Nothing is deleted. Come again whenever you like."
)
_TAKEN_BACK: Final = _("We take it out. That can last a few minutes; then you see it here.")
_EMPTY: Final = _("Write something first.")
_TOO_LONG: Final = _("That is too long for one message. Please send it in parts.")
_NO_HASH: Final = _("Choose a picture first.")
_NOT_SENT: Final = _("The fault is ours: it could not be sent just now. Please try again in a few minutes.")


@dataclass(frozen=True)
class Line:
    """One letter, in the words of the page's language."""

    on: object
    sentence: _StrPromise | None
    text: str


@dataclass(frozen=True)
class HashLine:
    held: HeldHash
    file: _StrPromise
    status: _StrPromise


@dataclass(frozen=True)
class _Step:
    """Where somebody stands: an open box, and the form's own fields."""

    request: HttpRequest
    language: str
    held: HeldBox
    opened: OpenBox

    def field(self, name: str) -> str:
        return self.request.POST.get(name, "")


@require_http_methods(["GET", "HEAD", "POST"])
def returning(request: HttpRequest, language: str) -> HttpResponse:
    do = request.POST.get("do", "open") if request.method == "POST" else "ask"
    if do == "ask":
        return _ask(request, kept=request.POST.get("kept", ""))
    if do == "open":
        return _open(request)
    try:
        held = held_box(request.POST.get("box", ""))
        step = _Step(request, language, held, reopen_box(held.keys))
    except (BoxShut, NoSuchBox) as shut:
        text = clean_text(request.POST.get("text", "")).strip()
        address = getattr(shut, "address", b"")
        return _ask(request, shut=True, kept=keep_text(address, text) if text and address else "")
    return _STEPS.get(do, _look)(step)


def _ask(request: HttpRequest, *, kept: str = "", **said: bool) -> HttpResponse:
    """The page that asks for the code. Nothing on it depends on which wrong code was typed."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if said.get("busy") else HTTPStatus.OK
    form = new_nonce() if said.get("shut") else _form(request)
    context = {"kept": kept, "form": form, "way_out": way_out(form), **said}
    return padded(render(request, "portal/return/code.html", context, status=status), _STEP)


def _form(request: HttpRequest) -> str:
    """The nonce of the form that asks for a code."""
    told = request.POST.get("form", "")
    return told if is_nonce(told) else new_nonce()


def _open(request: HttpRequest) -> HttpResponse:
    kept, form = request.POST.get("kept", ""), _form(request)
    if was_left(form):
        return _ask(request, shut=True)
    try:
        opened = open_box(request.POST.get("code", ""))
    except NoSuchBox:
        return _ask(request, kept=kept, wrong=True)
    except TooManyAtOnce:
        return _ask(request, kept=kept, busy=True)
    text = kept_text(opened.keys.address, kept) if kept else ""
    return _box(request, opened, Opening(timezone.now(), form), text=text)


def _look(step: _Step) -> HttpResponse:
    return _box(step.request, step.opened, step.held.opening, text=step.field("text"))


def _write(step: _Step) -> HttpResponse:
    text = clean_text(step.field("text")).strip()
    if not text or len(text) > MOST_TEXT:
        wrong = _TOO_LONG if text else _EMPTY
        return _box(step.request, step.opened, step.held.opening, text=text, wrong=wrong)
    if not _send(step, Kind.MESSAGE, text=text):
        return _box(step.request, step.opened, step.held.opening, text=text, wrong=_NOT_SENT)
    return _box(step.request, step.opened, step.held.opening, done=_SENT)


def _ask_withdraw(step: _Step, wrong: _StrPromise | None = None) -> HttpResponse:
    return _page(step, "withdraw", {"safe": step.field("safe"), "wrong": wrong})


def _withdraw(step: _Step) -> HttpResponse:
    safe = step.field("safe")
    if not _send(step, Kind.WITHDRAW, safe=safe if safe in _SAFE else "not_said"):
        return _ask_withdraw(step, _NOT_SENT)
    # The same page whatever was answered: whoever forces somebody to do this may be looking on.
    return _box(step.request, step.opened, step.held.opening, text=step.field("text"), done=_ASKED)


def _ask_hashes(step: _Step, wrong: _StrPromise | None = None) -> HttpResponse:
    lines = [line for line in _hash_lines(read_box(step.opened.letters)) if line.held.can_be_withdrawn]
    offered = [one.as_text() for one in _made_again(step)]
    listed = step.request.POST.getlist("listed")
    return _page(step, "hashes", {"lines": lines, "listed": listed, "offered": offered, "wrong": wrong})


def _withdraw_hashes(step: _Step) -> HttpResponse:
    """Those that were chosen from the list, and those that the device made again of the same files."""
    listed = [text for text in step.request.POST.getlist("listed") if is_sha256(text)]
    again = [one.sha256.hex() for one in _made_again(step)]
    chosen = list(dict.fromkeys([*listed, *again]))[:MOST_FILES]
    if not chosen:
        return _ask_hashes(step, _NO_HASH)
    if not all(_send(step, Kind.WITHDRAW_HASH, n, hash_=sha256) for n, sha256 in enumerate(chosen)):
        return _ask_hashes(step, _NOT_SENT)
    return _box(step.request, step.opened, step.held.opening, text=step.field("text"), done=_TAKEN_BACK)


def _made_again(step: _Step) -> list[OfferedHash]:
    """What the device made of files; nothing where the fields are none of ours."""
    try:
        return read_hashes(step.request.POST.getlist("hash"))
    except BadHash:
        return []


_STEPS: Final = {
    "look": _look,
    "write": _write,
    "withdraw": _ask_withdraw,
    "withdraw-send": _withdraw,
    "hashes": _ask_hashes,
    "hashes-send": _withdraw_hashes,
}


def _send(step: _Step, kind: Kind, number: int = 0, **told: Any) -> bool:
    """Whether it is kept. `number` tells apart what one press sends; a form that comes again sends nothing twice."""
    try:
        send(kind, language=step.language, box=step.held.keys, once=f"{step.held.nonce}-{number}", **told)
    except (DoorNotReady, DatabaseError):
        _log.exception("what somebody wrote into a box could not be sent")
        return False
    return True


def _box(
    request: HttpRequest, opened: OpenBox, opening: Opening, *, text: str = "", **said: Any
) -> HttpResponse:
    contents = read_box(opened.letters)
    shown = {
        "status": STATUS[contents.status] if contents.status else ON_ITS_WAY,
        "since": contents.since,
        "lines": [_line(said) for said in contents.said],
        "hashes": _hash_lines(contents),
        "text": text,
    }
    return _held(request, "look", opened.keys, opening, {**shown, **said})


def _page(step: _Step, name: str, shown: Mapping[str, Any]) -> HttpResponse:
    """A page beside the box; what was being written goes along, and is there again on the way back."""
    shown = {"text": step.field("text"), **shown}
    return _held(step.request, name, step.held.keys, step.held.opening, shown)


def _held(
    request: HttpRequest, page: str, keys: BoxKeys, opening: Opening, shown: Mapping[str, Any]
) -> HttpResponse:
    """A page of an open box. It leaves by itself when the box shuts, so that a phone that is put down shows nothing."""
    out = way_out(opening.form)
    context = {"page": page, "box": hold_box(keys, opening), "way_out": out, **shown}
    template = "box" if page == "look" else page
    status = HTTPStatus.SERVICE_UNAVAILABLE if shown.get("wrong") is _NOT_SENT else HTTPStatus.OK
    response = padded(render(request, f"portal/return/{template}.html", context, status=status), _STEP)
    away = reverse("exit", kwargs={"language": translation.get_language()})
    response.headers["Refresh"] = f"{seconds_left(opening.at)}; url={away}?f={out}"
    return response


def _line(said: Said) -> Line:
    return Line(said.on, BECAME[said.became] if said.became else None, said.text)


def _hash_lines(contents: Contents) -> list[HashLine]:
    return [HashLine(held, FILES[held.file], HASH_STATUS[held.status]) for held in contents.hashes]
