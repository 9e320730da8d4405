"""The report: one question a page, all answers sealed in the form, nothing kept until "send".

Every page posts to its own question's address with `do`: next, skip, back, check (the answers), stay (the same page in
another language, with what was typed), change:QUESTION, send. What comes next is the answer to that request.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from amaan.portal.domain.answers import Typed, Unreadable, read_question, typed_into
from amaan.portal.domain.codes import in_groups
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.hashes import BadHash, TooManyHashes, read_hashes
from amaan.portal.domain.helplines import for_danger
from amaan.portal.domain.questions import (
    NEEDED,
    ORDER,
    QUESTIONS,
    WAYS,
    Answers,
    Question,
    Way,
    in_danger,
    is_asked,
    next_question,
    question_before,
    questions_of,
    standing,
)
from amaan.portal.domain.sealing import NotOpened
from amaan.portal.domain.told import NotTold, Told, read_told
from amaan.portal.forms import open_state, seal_state
from amaan.portal.keys import DoorNotReady
from amaan.portal.padding import padded
from amaan.portal.pages.campaign import spoken_question
from amaan.portal.pages.help import Card, cards_of, current_helplines, untried
from amaan.portal.services import send
from amaan.portal.services.leaving import left_or_sent, shut_sent, way_out
from amaan.portal.services.proving import proof_of
from amaan.portal.showing import show_answers, show_question, typed_of
from amaan.portal.words import WAY_WORDS, question_words, recording_name

_log = logging.getLogger("amaan.portal")
PURPOSE: Final = "answers"
CHECK: Final = "check"
_STEP: Final = 2048
"""Bytes. A slip, an option more or a short answer change no page's length; the sealed field has steps of its own."""
_NOTHING: Final[Mapping[str, Unreadable]] = {}


class StartAgain(Exception):
    """The answers came too late, not whole, or after the way out was taken. There is no second copy of them."""


class SentAlready(StartAgain):
    """They were sent, and nothing but the page with the code is shown of them any more. `told` is what was sent."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self.told = told


def _page(
    request: HttpRequest, template: str, shown: Mapping[str, Any] | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    return padded(render(request, template, shown and dict(shown), status=status), _STEP)


def ways(request: HttpRequest, language: str) -> HttpResponse:
    """`/en/report/`: who is speaking."""
    return _page(request, "portal/report/ways.html", {"ways": _ways()})


def _ways() -> list[tuple[str, Any]]:
    return [(str(way), WAY_WORDS[way]) for way in WAYS]


def begin(request: HttpRequest, language: str, way: str) -> HttpResponse:
    """`/en/report/me/`: the first question of this way."""
    return _question(request, Told(_way(way)), QUESTIONS[ORDER[_way(way)][0]])


def question(request: HttpRequest, language: str, way: str, key: str) -> HttpResponse:
    """`/en/report/me/links/`. Raises Http404."""
    asked = QUESTIONS.get(key)
    if asked is None or key not in ORDER[_way(way)]:
        raise Http404
    if request.method != "POST":
        return _question(request, Told(_way(way)), asked)
    try:
        told = _told(request, _way(way))
    except StartAgain as shut:
        return _start_again(request, shut)
    return _answered(request, told, asked, request.POST.get("do", "next"))


def check(request: HttpRequest, language: str, way: str) -> HttpResponse:
    """`/en/report/me/check/`: all answers at once, what becomes of them, and "send". Raises Http404."""
    if request.method != "POST":
        return _check(request, Told(_way(way)))
    try:
        told = _told(request, _way(way))
    except StartAgain as shut:
        return _start_again(request, shut)
    do, _colon, key = request.POST.get("do", CHECK).partition(":")
    if do == "change" and key in ORDER[told.way]:
        return _question(request, replace(told, checking=True), QUESTIONS[key])
    if do == "back":
        before = question_before(told.way, None, told.answers)
        return _question(request, told, before) if before else ways(request, language)
    if do == "send":
        return _send(request, language, told) if told.is_enough else _check(request, told, wanting=True)
    return _check(request, told)


def _way(name: str) -> Way:
    try:
        return Way(name)
    except ValueError:
        raise Http404 from None


def _told(request: HttpRequest, way: Way) -> Told:
    """Raises StartAgain."""
    try:
        told = replace(read_told(open_state(PURPOSE, request.POST.get("sealed", ""))), way=way)
    except (NotOpened, NotTold) as fault:
        raise StartAgain from fault
    left, sent = left_or_sent(told.nonce)
    if left:
        raise StartAgain
    if sent and request.POST.get("do") != "send":
        raise SentAlready(told)
    return told


def _answered(request: HttpRequest, told: Told, asked: Question, do: str) -> HttpResponse:
    typed = typed_into(asked, {name: request.POST.getlist(name) for name in request.POST})
    offered = request.POST.getlist("hash")
    if do == "stay":
        return _question(request, told, asked, typed=typed, offered=offered)
    if do == "skip":
        return _onward(request, told, told.without(asked), asked)
    read = read_question(told.way, asked, typed, timezone.now().date())
    after = told.with_answers(asked, read, typed)
    wrong = ""
    if asked.hashes:
        try:
            after = replace(after, hashes=tuple(one.as_json() for one in read_hashes(offered)))
        except TooManyHashes:
            wrong = _("These are too many files for one report. Please remove some.")
        except BadHash:
            wrong = _("A number of a picture did not arrive whole. Please choose the picture again.")
    if do == "back":
        before = question_before(told.way, asked.key, after.answers)
        return _question(request, after, before) if before else ways(request, "")
    if read.faults or wrong:
        return _question(request, told, asked, typed=typed, faults=read.faults, offered=offered, wrong=wrong)
    return _check(request, after) if do == CHECK else _onward(request, told, after, asked)


def _onward(request: HttpRequest, before: Told, after: Told, asked: Question) -> HttpResponse:
    """The next question; for whoever came from the check, the check, unless the answer raised a new question."""
    following = next_question(after.way, asked.key, after.answers)
    if after.checking:
        known = set(questions_of(before.way, before.answers)) | {asked}
        following = next((one for one in questions_of(after.way, after.answers) if one not in known), None)
    return _question(request, after, following) if following else _check(request, after)


def _question(
    request: HttpRequest,
    told: Told,
    asked: Question,
    *,
    typed: Typed | None = None,
    faults: Mapping[str, Unreadable] = _NOTHING,
    offered: list[str] | None = None,
    wrong: str = "",
) -> HttpResponse:
    language = request.path_info.lstrip("/").partition("/")[0]
    helped = asked.key == "danger_help" or (asked.key == "danger" and in_danger(told.answers))
    cards = cards_for(told.answers, language) if helped else ()
    typed = typed_of(asked, told.answers, told.typed) if typed is None else typed
    return _page(
        request,
        "portal/report/question.html",
        {
            "way": str(told.way),
            "question": show_question(told.way, asked, told.answers, typed, faults),
            "page": f"report/{told.way}/{asked.key}/",
            "sealed": seal_state(PURPOSE, told.as_json()),
            "way_out": way_out(told.nonce),
            "enough": told.is_enough,
            "checking": told.checking,
            "cards": cards,
            "untried": untried(cards),
            "recording": spoken_question(language, recording_name(asked.key, told.way)),
            "offered": [orjson.dumps(one).decode() for one in told.hashes] if offered is None else offered,
            "wrong": wrong,
        },
    )


def cards_for(answers: Answers, language: str) -> tuple[Card, ...]:
    """The country's helplines that fit the danger which was told."""
    return cards_of(for_danger(current_helplines(), danger=answers.get("danger", ())), language)


def _check(request: HttpRequest, told: Told, *, wanting: bool = False, failed: bool = False) -> HttpResponse:
    told = replace(told, checking=False)
    said, left_out = show_answers(told.way, standing(told.way, told.answers), told.typed, len(told.hashes))
    needed = [key for key in NEEDED if key in ORDER[told.way] and is_asked(told.way, key, told.answers)]
    return _page(
        request,
        "portal/report/check.html",
        {
            "way": str(told.way),
            "said": said,
            "left_out": left_out,
            "page": f"report/{told.way}/check/",
            "sealed": seal_state(PURPOSE, told.as_json()),
            "way_out": way_out(told.nonce),
            "enough": told.is_enough,
            "wanting": wanting,
            "failed": failed,
            "needed": [(key, question_words(key, told.way).title) for key in needed],
            "reachable": told.answers.get("contact") == "yes",
        },
        status=HTTPStatus.SERVICE_UNAVAILABLE if failed else HTTPStatus.OK,
    )


def _send(request: HttpRequest, language: str, told: Told) -> HttpResponse:
    """A fault leaves everything in the form, to be sent again; what did arrive after all is not doubled by that."""
    try:
        sent = send(
            Kind.REPORT, language=language, answers=told.to_send(), hashes=told.hashes, once=told.nonce
        )
    except (DoorNotReady, DatabaseError):
        _log.exception("a report could not be sent")
        return _check(request, told, failed=True)
    shut_sent(told.nonce)
    earlier = told.proof if sent.submission in told.proof else ""
    told = replace(told, proof=proof_of(sent) or earlier)
    return _page(
        request,
        "portal/report/sent.html",
        {
            "code": in_groups(sent.code),
            "proof": told.proof,
            "page": f"report/{told.way}/check/",
            "sealed": seal_state(PURPOSE, told.as_json()),
            "way_out": way_out(told.nonce),
            "danger": in_danger(told.answers),
        },
    )


def _start_again(request: HttpRequest, shut: StartAgain) -> HttpResponse:
    shown: dict[str, Any] = {}
    if isinstance(shut, SentAlready):
        # For whoever lost the page with the code on the way; what was told is shown no more.
        told = shut.told
        shown = {"sent": f"report/{told.way}/check/", "sealed": seal_state(PURPOSE, told.as_json())}
        shown["way_out"] = way_out(told.nonce)
    return _page(request, "portal/report/again.html", shown, status=HTTPStatus.GONE)
