"""Proposing, approving, setting, switching and withdrawing a list."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.desk.pages.lists.forms import ProposeForm, ReasonForm, RevisionForm, ThresholdForm
from amaan.matching import services
from amaan.matching.domain.errors import BadList, ListError, ListNotFound
from amaan.matching.domain.lists import ListKind
from amaan.matching.selectors import ListLine, list_line
from amaan.matching.words import refusal


@audience(may(Action.MANAGE_LISTS))
@require_http_methods(["GET", "HEAD", "POST"])
def propose_list(request: HttpRequest) -> HttpResponse:
    """A new list; it waits for a second person."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = ProposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kind = ListKind.EXCHANGE if form.cleaned_data["exchange"] else ListKind.IMPORTED
            slug = services.propose_list(actor, kind=kind, **form.cleaned_data)
        except BadList as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refusal(refused))
        except ListError as refused:
            form.add_error("slug", refusal(refused))
        else:
            messages.success(
                request, _("The list is proposed. It matches nothing until a second person approves it.")
            )
            return HttpResponseRedirect(reverse("desk:list", args=[slug]))
    return _page(request, "desk/lists/propose.html", form)


@audience(may(Action.APPROVE_LIST))
@require_POST
def approve_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Approve what stood on the list's page."""
    return _done(
        request,
        slug,
        lambda actor, revision: services.approve_list(actor, slug=slug, revision=revision),
        _("The list is approved. What was reported before is compared with it now."),
    )


@audience(may(Action.MANAGE_LISTS))
@require_POST
def switch_list(request: HttpRequest, slug: str) -> HttpResponse:
    """On or off, as the button said."""
    on = request.POST.get("enabled") == "yes"
    return _done(
        request,
        slug,
        lambda actor, revision: services.set_list(actor, slug=slug, enabled=on, revision=revision),
        _("The list is switched on.") if on else _("The list is switched off: it matches nothing."),
    )


@audience(may(Action.MANAGE_LISTS))
@require_http_methods(["GET", "HEAD", "POST"])
def set_list(request: HttpRequest, slug: str) -> HttpResponse:
    """What counts as near."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    line = _line(actor, slug)
    first = {"revision": line.revision, "distance": line.distance, "quality": line.quality}
    form = ThresholdForm(request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            waits = services.set_list(actor, slug=slug, **form.cleaned_data)
        except ListNotFound as absent:
            raise Http404 from absent
        except ListError as refused:
            form.add_error(None, refusal(refused))
        else:
            said = (
                _("It is wider than before, so it waits for a second person.") if waits else _("It is set.")
            )
            messages.success(request, said)
            return HttpResponseRedirect(reverse("desk:list", args=[slug]))
    return _page(request, "desk/lists/set.html", form, line)


@audience(may(Action.MANAGE_LISTS))
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Away, for good, with a reason."""
    return _with_reason(
        request,
        slug,
        "desk/lists/withdraw.html",
        lambda actor, reason: services.withdraw_list(actor, slug=slug, reason=reason),
        _("The list is withdrawn. What it matched stays known as from a withdrawn list."),
    )


@audience(may(Action.APPROVE_LIST))
@require_http_methods(["GET", "HEAD", "POST"])
def refuse_change(request: HttpRequest, slug: str) -> HttpResponse:
    """The list stays as narrow as it is."""
    return _with_reason(
        request,
        slug,
        "desk/lists/refuse.html",
        lambda actor, reason: services.refuse_change(actor, slug=slug, reason=reason),
        _("It stays as it was."),
    )


def _with_reason(
    request: HttpRequest, slug: str, template: str, act: Callable[[Actor, str], object], said: str
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    line = _line(actor, slug)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            act(actor, form.cleaned_data["reason"])
        except ListNotFound as absent:
            raise Http404 from absent
        except ListError as refused:
            form.add_error(None, refusal(refused))
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("desk:list", args=[slug]))
    return _page(request, template, form, line)


def _done(request: HttpRequest, slug: str, act: Callable[[Actor, int], object], said: str) -> HttpResponse:
    """A button of the list's page: done or refused, the same page says which."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = RevisionForm(request.POST)
    try:
        _line(actor, slug)
        if form.is_valid():
            act(actor, form.cleaned_data["revision"])
            messages.success(request, said)
        else:
            messages.error(request, _("That request can't be read"))
    except ListNotFound as absent:
        raise Http404 from absent
    except ListError as refused:
        messages.error(request, refusal(refused))
    return HttpResponseRedirect(reverse("desk:list", args=[slug]))


def _line(actor: Actor, slug: str) -> ListLine:
    try:
        return list_line(actor, slug)
    except ListNotFound as absent:
        raise Http404 from absent


def _page(
    request: HttpRequest, template: str, form: forms.Form, line: ListLine | None = None
) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, template, {"form": form, "line": line}, status=status)


urlpatterns = [
    path("propose-list/", propose_list, name="propose_list"),
    path("lists/<slug:slug>/approve/", approve_list, name="approve_list"),
    path("lists/<slug:slug>/switch/", switch_list, name="switch_list"),
    path("lists/<slug:slug>/set/", set_list, name="set_list"),
    path("lists/<slug:slug>/withdraw/", withdraw_list, name="withdraw_list"),
    path("lists/<slug:slug>/refuse/", refuse_change, name="refuse_change"),
]
