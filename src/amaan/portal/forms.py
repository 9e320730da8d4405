"""What travels in a page's hidden field `sealed`, under the day's key, so that the server keeps nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from amaan.portal.domain.sealing import open_form, seal_form
from amaan.portal.keys import form_keys


def seal_state(purpose: str, value: object) -> str:
    """`value` (JSON-able) for the hidden field; `purpose` keeps one kind of page from opening another's."""
    today = timezone.now().date()
    keys = form_keys(Path(settings.AMAAN_PORTAL_KEYS), today)
    return seal_form(today.toordinal(), keys[today.toordinal()], purpose, value)


def open_state(purpose: str, text: str) -> Any:
    """Raises NotOpened for what is too old, cut, or not ours."""
    return open_form(form_keys(Path(settings.AMAAN_PORTAL_KEYS), timezone.now().date()), purpose, text)
