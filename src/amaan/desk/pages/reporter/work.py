"""Working with a reporter. Each answers a form of the report's page and leads back to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from amaan.accounts.audience import audience, may
from amaan.authority.actors import Actor
from amaan.authority.matrix import Action
from amaan.correspondence import services
from amaan.correspondence.domain.words import CorrespondenceError
from amaan.correspondence.panels import conversation_of
from amaan.desk.pages.report import page
from amaan.desk.pages.reporter import forms
from amaan.desk.reading import recorded, shown_when_recorded
from amaan.reports.selectors import ReportNotFound, access_report

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Work:
    """A form of the report's page by its name there: who may send it, what it does, and what is told when it is done.

    `form` is made of what was sent and of the report's reference; `do` is given the actor, that reference, and what was
    written: the form's `message`, or its only field.
    """

    name: str
    action: Action
    form: Callable[[QueryDict, Actor, str], Form]
    do: Callable[[Actor, str, str], object]
    told: _StrPromise


WORKS: Final = (
    Work(
        "ask",
        Action.WRITE_TO_REPORTER,
        lambda sent, actor, reference: forms.AskReporterForm(
            sent, prefix="ask", language=language_of(actor, reference)
        ),
        lambda actor, reference, text: services.write_to_reporter(actor, reference=reference, text=text),
        gettext_lazy("It is on its way. The reporter reads it when they come back with their code."),
    ),
    Work(
        "note",
        Action.NOTE_REPORT,
        lambda sent, *_: forms.NoteForm(sent, prefix="note"),
        lambda actor, reference, text: services.note(actor, reference=reference, text=text),
        gettext_lazy("The note is kept, for the office alone."),
    ),
    Work(
        "hide",
        Action.HIDE_TEXT,
        lambda sent, *_: forms.HideForm(sent, prefix="hide"),
        lambda actor, reference, text: services.hide_text(actor, reference=reference, reason=text),
        gettext_lazy("The texts are hidden. Whoever must read them can."),
    ),
    Work(
        "show",
        Action.HIDE_TEXT,
        lambda sent, *_: forms.ShowForm(sent, prefix="show"),
        lambda actor, reference, text: services.show_text(actor, reference=reference, reason=text),
        gettext_lazy("The texts are shown again."),
    ),
)


def answering(work: Work) -> Callable[[HttpRequest, str], HttpResponse]:
    """The view that does it and goes back to the report, or shows it with the form and what is wrong there."""

    @audience(may(work.action))
    @require_POST
    @shown_when_recorded
    def view(request: HttpRequest, reference: str) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        written = _access(actor, reference, work.action)
        form = work.form(request.POST, actor, written)
        if form.is_valid():
            said = form.cleaned_data
            text = said["message"] if "message" in said else next(iter(said.values()))
            try:
                with recorded():
                    work.do(actor, written, text)
            except CorrespondenceError as refused:
                form.add_error(None, forms.refusal(refused))
            else:
                messages.success(request, str(work.told))
                return _back(written)
        return page(request, written, {work.name: form})

    return view


@audience(may(Action.WRITE_TO_REPORTER))
@require_POST
@shown_when_recorded
def seen(request: HttpRequest, reference: str) -> HttpResponse:
    """What the reporter wrote was read, and needs no answer."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    written = _access(actor, reference, Action.WRITE_TO_REPORTER)
    try:
        with recorded():
            services.mark_seen(actor, reference=written)
    except CorrespondenceError as refused:
        messages.error(request, forms.refusal(refused))
    else:
        messages.success(request, _("It waits for an answer no more."))
    return _back(written)


def language_of(actor: Actor, reference: str) -> str:
    """The reporter's, of a report that `access_report` gave; English where nobody is there to read."""
    panel = conversation_of(actor, reference)
    return panel.language if panel else "en"


def _access(actor: Actor, reference: str, action: Action) -> str:
    try:
        return access_report(actor, reference, action).reference
    except ReportNotFound as absent:
        raise Http404 from absent


def _back(reference: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:report', args=[reference])}#reporter")


urlpatterns = [
    *(
        path(f"reports/<str:reference>/reporter/{work.name}/", answering(work), name=f"reporter_{work.name}")
        for work in WORKS
    ),
    path("reports/<str:reference>/reporter/seen/", seen, name="reporter_seen"),
]
