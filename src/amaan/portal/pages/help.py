"""`/en/help/`: whom to call, by what is the matter and by province. One page, no script, nothing asked."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from amaan.portal.domain.fallback import spoken_in
from amaan.portal.domain.helplines import (
    BadHelplines,
    Helpline,
    Kind,
    Need,
    by_need,
    for_danger,
    in_scope,
    out_of_date,
    read_helplines,
)
from amaan.portal.pages.own_files import own_file, shipped_file
from amaan.vocabulary.domain.places import COUNTRY, provinces

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

_FILE: Final = "helplines.csv"
_log = logging.getLogger("amaan.portal")

NEEDS: Final[Mapping[Need, _StrPromise]] = {
    Need.DANGER: _("Somebody is hurting you or a child now"),
    Need.SELF_HARM: _("You want to hurt yourself, or you do not want to live"),
    Need.CHILD: _("Somebody who listens and protects"),
    Need.ONLINE: _("Threats and crime on the internet"),
    Need.PICTURES: _("Stop a picture, or have it removed"),
    Need.MISSING: _("A child is missing"),
}


@dataclass(frozen=True)
class Card:
    """A helpline in one language. `said_in` is that language's code, `call` whether the link dials."""

    name: str
    what: str
    hours: str
    contact: str
    link: str
    call: bool
    checked: date | None
    said_in: str


@dataclass(frozen=True)
class Place:
    """A province and what it has of its own; `code` is its anchor on the page."""

    code: str
    name: str
    said_in: str
    cards: tuple[Card, ...]


def cards_of(lines: Iterable[Helpline], language: str) -> tuple[Card, ...]:
    return tuple(_card(line, language) for line in lines)


def _card(line: Helpline, language: str) -> Card:
    said_in = next(spoken for spoken in spoken_in(language) if spoken in line.names)
    return Card(
        name=line.names[said_in],
        what=line.whats[said_in],
        hours=line.hours[said_in],
        contact=line.contact.removeprefix("https://").removesuffix("/"),
        link=line.link,
        call=line.kind is Kind.PHONE,
        checked=line.checked,
        said_in=said_in,
    )


def current_helplines() -> tuple[Helpline, ...]:
    """The operator's `helplines.csv` if it is there and sound, else the one that ships.

    A slip in the operator's file must not take the numbers away from somebody in danger.
    """
    if (own := own_file(_FILE)) is not None:
        try:
            return _read(own)
        except BadHelplines:
            _log.exception("AMAAN_PORTAL_HOME/helplines.csv is not used")
    return _read(shipped_file("data", _FILE) or "")


_read = lru_cache(maxsize=4)(read_helplines)


def danger_cards(language: str) -> tuple[Card, ...]:
    """For the first page, where nobody was asked anything yet."""
    return cards_of(for_danger(current_helplines()), language)


def untried(cards: Iterable[Card]) -> tuple[Card, ...]:
    """What stands at the foot of a list (portal/parts/untried.html)."""
    return tuple(card for card in cards if not card.checked)


def helplines(request: HttpRequest, language: str) -> HttpResponse:
    lines = current_helplines()
    said_in = "en" if language == "en" else "ur"
    places = tuple(
        Place(
            province.code,
            province.name if said_in == "en" else province.name_ur,
            said_in,
            cards_of(in_scope(lines, province.code), language),
        )
        for province in provinces()
    )
    country = by_need(in_scope(lines, COUNTRY))
    groups = [(need, NEEDS[need], cards_of(group, language)) for need, group in country]
    return render(
        request,
        "portal/help.html",
        {
            "first": [group for group in groups if group[0] in {Need.DANGER, Need.SELF_HARM}],
            "groups": [group for group in groups if group[0] not in {Need.DANGER, Need.SELF_HARM}],
            "places": places,
            "old": cards_of(out_of_date(lines), language),
        },
    )
