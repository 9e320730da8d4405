"""`/en/hash/`, "Stop it spreading": numbers made on the device come in, a code goes out. No picture comes this way."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amaan.portal.domain.codes import in_groups
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.hashes import MOST_FILES, BadHash, OfferedHash, TooManyHashes, read_hashes
from amaan.portal.domain.once import new_nonce
from amaan.portal.keys import DoorNotReady
from amaan.portal.services import send
from amaan.portal.services.proving import proof_of

_log = logging.getLogger("amaan.portal")
_NONCE: Final = re.compile(r"[0-9a-f]{32}")


@require_http_methods(["GET", "HEAD", "POST"])
def hashing(request: HttpRequest, language: str) -> HttpResponse:
    """Asks for files, hashed where they are; takes the hashes; shows the code, once."""
    if request.method != "POST":
        return _asked(request)
    try:
        offered = read_hashes(request.POST.getlist("hash"))
    except TooManyHashes:
        return _asked(request, wrong=_("At most %(number)s files at once.") % {"number": MOST_FILES})
    except BadHash:
        return _asked(request, wrong=_("The numbers did not arrive whole. Please choose the files again."))
    if "show" in request.POST:  # the same page in another language
        return _asked(request, offered)
    if not offered:
        return _asked(request, wrong=_("Choose at least one photo or video first."))
    return _send(request, language, offered)


def _send(request: HttpRequest, language: str, offered: Sequence[OfferedHash]) -> HttpResponse:
    """A fault leaves the numbers in the page, to be sent again."""
    hashes = [one.as_json() for one in offered]
    try:
        sent = send(Kind.HASHES, language=language, hashes=hashes, once=_nonce(request) or new_nonce())
    except (DoorNotReady, DatabaseError):
        _log.exception("numbers of pictures could not be sent")
        again = _("The fault is ours: it could not be sent just now. Please try again in a few minutes.")
        return _asked(request, offered, again, HTTPStatus.SERVICE_UNAVAILABLE)
    shown = {"code": in_groups(sent.code), "number": len(offered), "proof": proof_of(sent)}
    return render(request, "portal/hash_sent.html", shown)


def _asked(
    request: HttpRequest,
    offered: Sequence[OfferedHash] = (),
    wrong: str = "",
    status: HTTPStatus = HTTPStatus.BAD_REQUEST,
) -> HttpResponse:
    nonce = _nonce(request) or new_nonce()
    context = {"offered": [one.as_text() for one in offered], "wrong": wrong, "nonce": nonce}
    return render(request, "portal/hash.html", context, status=status if wrong else HTTPStatus.OK)


def _nonce(request: HttpRequest) -> str:
    """What makes this form one form; empty where it came without."""
    told = request.POST.get("nonce", "")
    return told if _NONCE.fullmatch(told) else ""
