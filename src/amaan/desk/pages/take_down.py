"""A report that staff take down: somebody calls, comes by, or writes a letter."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from amaan.accounts.audience import audience, may
from amaan.accounts.selectors import unit_names
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, units_where
from amaan.correspondence.domain.words import Channel
from amaan.correspondence.services import TakenDown, receive_by_staff
from amaan.desk.reading import recorded, shown_when_recorded
from amaan.desk.taking_down import TakeDownForm, way_of, ways
from amaan.portal.domain.codes import in_groups
from amaan.reports.selectors import ReportNotFound, access_report
from amaan.store.rows import durable

REMEMBERED: Final = 24 * 60 * 60
"""Seconds in which a form that is sent again is still the same report."""


@audience(may(Action.ENTER_REPORT))
@require_http_methods(["GET", "HEAD", "POST"])
@shown_when_recorded
def take_down(request: HttpRequest) -> HttpResponse:
    """`?way=` says whose story it is; without it that is asked first.

    `again` is the way in whose words the questions are asked from now on: then nothing is taken down yet.
    """
    actor: Actor = request.actor  # type: ignore[attr-defined]
    sent = request.method == "POST"
    again = way_of(request.POST.get("again", ""))
    way = again or way_of(request.POST.get("way", "") if sent else request.GET.get("way", ""))
    if way is None:
        return render(request, "desk/take_down/way.html", {"ways": ways()})
    units = units_where(actor, Action.ENTER_REPORT)
    offices = {code: name for code, name in unit_names().items() if code in units}
    if again is not None:
        return _page(request, TakeDownForm(way, offices, kept=request.POST))
    form = TakeDownForm(way, offices, request.POST if sent else None)
    if sent and form.is_valid():
        return _taken(request, actor, form)
    return _page(request, form)


def _taken(request: HttpRequest, actor: Actor, form: TakeDownForm) -> HttpResponse:
    """The code stands in this answer and nowhere else: no redirect could carry it without keeping it."""
    held = form.cleaned_data
    key = f"taken-down:{actor.key}:{held['once']}"
    taken: TakenDown | None = None
    with recorded(), durable(), transaction.atomic():
        if cache.add(key, "", timeout=REMEMBERED):
            taken = receive_by_staff(
                actor,
                answers=held["answers"],
                language=held["language"],
                channel=Channel(held["channel"]),
                letter=form.letter(),
                unit=held["unit"],
            )
            cache.set(key, taken.reference, timeout=REMEMBERED)
    context = {
        "reference": taken.reference if taken else cache.get(key, ""),
        "submission": taken.submission if taken else "",
        "code": in_groups(taken.code) if taken and taken.code else "",
        "again": taken is None,
        "earlier": [one for one in taken.earlier if _may_read(actor, one)] if taken else [],
        "letter": held["channel"] == Channel.LETTER,
        "telephone": held["channel"] == Channel.TELEPHONE,
        "return_address": request.build_absolute_uri(f"/{door_language(held['language'])}/return/"),
    }
    return render(request, "desk/take_down/taken.html", context)


def _may_read(actor: Actor, reference: str) -> bool:
    try:
        access_report(actor, reference)
    except ReportNotFound:
        return False
    return True


def door_language(spoken: str) -> str:
    """The language of the public's pages for somebody who speaks this one."""
    return spoken if spoken in {"en", "ps", "sd"} else "ur"


def _page(request: HttpRequest, form: TakeDownForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {"form": form, "groups": list(form.groups()), "ways": ways(), "way": str(form.way)}
    return render(request, "desk/take_down/form.html", context, status=status)


urlpatterns = [path("take-down/", take_down, name="take_down")]
