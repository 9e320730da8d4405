"""Deciding on the telling that one has read: its number goes from the report's page through the form to the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django.http import HttpRequest

    from amaan.reports.models import Report

ASKED: Final = "telling"
"""The name in the address of a form that a report's page leads to: which telling stood on that page."""


class TellingForm(forms.Form):
    """A form that decides. `version` is the telling that whoever decides has read."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def telling_read(request: HttpRequest, report: Report) -> dict[str, int]:
    """A form's first values: the telling that the page behind it showed, or else the newest."""
    asked = request.GET.get(ASKED, "")
    known = asked.isascii() and asked.isdigit() and len(asked) < 6
    return {"version": int(asked) if known and 0 < int(asked) <= report.version else report.version}


def with_values(data: Mapping[str, Any], values: Mapping[str, str | Sequence[str]]) -> QueryDict:
    """What was sent, with some values others. A QueryDict spread into a dict would give lists, and fields show them."""
    sent = QueryDict(mutable=True)
    for name in data:
        sent.setlist(name, data.getlist(name) if isinstance(data, QueryDict) else [data[name]])
    for name, value in values.items():
        sent.setlist(name, [value] if isinstance(value, str) else list(value))
    return sent


def warn(form: TellingForm, report: Report, newest: int) -> None:
    """What was written stays in the form; only whoever has been warned decides on the new telling."""
    form.data = with_values(form.data, {form.add_prefix("version"): str(newest)})
    form.add_error(
        None,
        format_html(
            '{} <a href="{}">{}</a>',
            _(
                "This report was told again while you were writing. Nothing was decided. Read what is new, then decide."
            ),
            reverse("desk:report", args=[report.reference]),
            _("Read the report"),
        ),
    )
