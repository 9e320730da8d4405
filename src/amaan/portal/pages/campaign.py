"""The campaign: texts from Markdown files, the poster, and questions read aloud."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.safestring import mark_safe

from amaan.portal.domain.audio import TYPES, Recording, recording_of, recordings
from amaan.portal.domain.fallback import spoken_in
from amaan.portal.domain.poster import qr_picture
from amaan.portal.domain.texts import NAMES, CampaignText, NoTitle, is_name, read_text
from amaan.portal.languages import LANGUAGES
from amaan.portal.pages.own_files import own_file, shipped_file

_TEXTS: Final = "texts"
_AUDIO: Final = "audio"
_log = logging.getLogger("amaan.portal")


def text_in(language: str, name: str) -> tuple[str, CampaignText] | None:
    """The text and the language that it was found in; the operator's file goes before the one that ships."""
    if not is_name(name):
        return None
    for spoken in spoken_in(language):
        for found in (own_file, shipped_file):
            if (source := found(_TEXTS, spoken, f"{name}.md")) is None:
                continue
            try:
                return spoken, read_text(source)
            except NoTitle:
                _log.exception("texts/%s/%s.md is not used: it does not begin with a title", spoken, name)
    return None


def about(request: HttpRequest, language: str) -> HttpResponse:
    """`/en/about/`: what there is to read."""
    found = ((name, text_in(language, name)) for name in NAMES)
    texts = [(name, text[0], text[1].title) for name, text in found if text]
    return render(request, "portal/about.html", {"texts": texts})


def text(request: HttpRequest, language: str, name: str) -> HttpResponse:
    """`/en/about/children/` and its like. Raises Http404."""
    found = text_in(language, name)
    if found is None:
        raise Http404
    said_in, said = found
    # Safe: read_text lets nothing through but text and links (its tests hold it to that).
    body = mark_safe(said.body)  # noqa: S308
    context = {
        "title": said.title,
        "body": body,
        "said_in": said_in,
        "direction": "ltr" if said_in == "en" else "rtl",
    }
    return render(request, "portal/about_text.html", context)


def poster(request: HttpRequest, language: str) -> HttpResponse:
    """`/en/poster/`: one sheet of A4 with a code that leads here, in this language."""
    origin = str(settings.AMAAN_ORIGIN or f"{request.scheme}://{request.get_host()}").rstrip("/")
    address = f"{origin}/{language}/"
    context = {
        "qr": qr_picture(address),
        "address": address,
        "shown": address.partition("://")[2].rstrip("/"),
    }
    return render(request, "portal/poster.html", context)


def audio_folder() -> Path:
    return Path(settings.AMAAN_PORTAL_HOME) / _AUDIO


def spoken_question(language: str, question: str) -> Recording | None:
    """What portal/parts/audio.html takes as `recording`."""
    return recording_of(recordings(audio_folder()), language, question)


def audio(request: HttpRequest, language: str, question: str, ending: str) -> HttpResponseBase:
    """`/ur/audio/what-happened.ogg`: served only if it is one of the recordings that are there. Raises Http404."""
    if language not in LANGUAGES or (language, question, ending) not in recordings(audio_folder()):
        raise Http404
    path = audio_folder() / language / f"{question}.{ending}"
    return FileResponse(path.open("rb"), content_type=TYPES[ending])
