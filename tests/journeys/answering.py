"""What somebody answers at the public's door: to every question, from the questions' own data. Nobody is named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from tests.journeys.phones import Phone

from amaan.portal.domain.answers import input_names, read_field
from amaan.portal.domain.questions import ABROAD, DISTRICTS, FIELDS, NONE, Answer, Field, FieldKind

LONG: Final = "لاہور اور nobody.at-all_4417 " * 12 + "https://chat.example/" + "a" * 60
_FIRST: Final = {"contact": "yes"}
"""A choice that asks on; of all others the first option."""
_TEXTS: Final = {
    "phones": "0300 5550187\n0300 5550189",
    "links": "https://chat.example/nobody/4417",
    "what_happened": f"They ask for money. {LONG}",
    "more": LONG,
}


def _typed(field: Field) -> dict[str, list[str]]:
    """Values by the names of the field's inputs: everything that can be said, or ticked beside another."""
    today = datetime.now(UTC).date()
    if field.kind is FieldKind.CHOICE:
        return {field.key: [_FIRST.get(field.key, field.options[0])]}
    if field.kind is FieldKind.CHOICES:
        return {field.key: [option for option in field.options if option != NONE]}
    if field.kind is FieldKind.DISTRICT:
        return {field.key: [min(DISTRICTS - {ABROAD})]}
    if field.kind in {FieldKind.DATE, FieldKind.COMING}:
        day = today + timedelta(days=2 if field.kind is FieldKind.COMING else -2)
        return {
            name: [str(part)]
            for name, part in zip(input_names(field), (day.day, day.month, day.year), strict=True)
        }
    lines = field.kind is FieldKind.LINES
    text = (
        f"nobody.{field.key}.4417\nnobody.else.0018" if lines else f"About {field.key}: نیلا گیٹ, number 7."
    )
    return {field.key: [_TEXTS.get(field.key, text)]}


TYPED: Final = {name: values for field in FIELDS.values() for name, values in _typed(field).items()}
ANSWERS: Final[dict[str, Answer]] = {
    field.key: read_field(field, TYPED, date.today()) for field in FIELDS.values()
}


def answer(
    phone: Phone, *, leaving_out: frozenset[str] = frozenset(), typed: Mapping[str, list[str]] = TYPED
) -> set[str]:
    """What this page asks for as far as it is `typed`, but for the fields left out; the keys of those answered."""
    page, answered = phone.page, set()
    asked = page.locator("main form").locator("input, textarea, select")
    for name, kind in dict(asked.evaluate_all("all => all.map(one => [one.name, one.type])")).items():
        key = str(name).partition("-")[0]
        if key not in FIELDS or kind in {"hidden", "file"} or name not in typed or key in leaving_out:
            continue
        answered.add(key)
        for value in typed[name]:
            if kind in {"radio", "checkbox"}:
                box = page.locator(f'main input[name="{name}"][value="{value}"]')
                if box.count():
                    box.check()
            elif kind == "select-one":
                page.select_option(f'main [name="{name}"]', value)
            else:
                page.fill(f'main [name="{name}"]', value)
    return answered
