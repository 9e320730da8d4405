"""`{% load ui %}`: times, numbers, bands and names as people read them, safe in both writing directions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from amaan.ui import covering, moments, words

register = template.Library()


@register.simple_tag
def when(moment: datetime | None, now: datetime | None = None) -> str:
    """`{% when report.received_at %}`: people's words in <time>, the exact time in its title."""
    if moment is None:
        return "–"
    said = moments.when_words(moment, now or timezone.now())
    exact, machine = moments.exact_words(moment), moments.machine_words(moment)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, said)


@register.simple_tag
def exact(moment: datetime | None) -> str:
    """`12 November 2026, 14:05 PKT`, for what must be written into a letter; the machine's form in <time>."""
    if moment is None:
        return "–"
    machine, said = moments.machine_words(moment), moments.exact_words(moment)
    return format_html('<time datetime="{}">{}</time>', machine, said)


@register.simple_tag
def due(due_at: datetime, now: datetime | None = None) -> moments.DueState:
    return moments.due_state(due_at, now or timezone.now())


@register.simple_tag
def due_words(due_at: datetime, now: datetime | None = None) -> str:
    """`due in 2 h 10 min` or `overdue by 3 h 5 min` in <time>, the exact time in its title."""
    said = moments.due_words(due_at, now or timezone.now())
    exact, machine = moments.exact_words(due_at), moments.machine_words(due_at)
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, exact, said)


@register.filter
def num(value: int | None) -> SafeString | str:
    """`2 904`: Western digits in groups of three, kept together, isolated from text around them."""
    if value is None:
        return "–"
    return format_html('<bdi class="num">{}</bdi>', words.grouped(value))


@register.filter
def sender(entity: str) -> str:
    """A reporting entity's name; of Amaan's own ways in, in the reader's language."""
    return str(words.SENDERS.get(entity, entity))


@register.filter
def bdi(value: object) -> SafeString:
    """Text of unknown direction (a name, a handle, a path), isolated from the sentence around it."""
    return format_html("<bdi>{}</bdi>", value)


@register.filter
def told(pieces: Iterable[covering.Covered]) -> SafeString:
    """A text whose covered stretches are marked as held."""
    return covering.told(pieces)


@register.filter
def reference(value: object) -> SafeString:
    """A public reference or another code: left to right in every language, never broken over two lines."""
    return format_html('<bdi class="code" dir="ltr">{}</bdi>', value)


@register.simple_tag
def bar(score: int, cap: int = 100) -> SafeString:
    """A strength from 0 to `cap`: the number, and beside it a bar that only repeats it."""
    width = max(0, min(100, round(100 * int(score) / max(1, cap))))
    return format_html(
        '<bdi class="num">{}</bdi> <svg class="bar" width="{}" height="8" aria-hidden="true">'
        '<rect width="100%" height="100%"/></svg>',
        int(score),
        width,
    )
