"""The parts: safe in both directions, honest without colour, and bound to the fields they explain."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import translation

import amaan.ui

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
CSS = Path(amaan.ui.__file__).parent / "static" / "ui" / "amaan.css"


def render(source: str, **values: object) -> str:
    return Template("{% load ui %}" + source).render(Context(values))


def test_text_of_unknown_direction_is_isolated_and_escaped() -> None:
    assert render("{{ x|bdi }}", x="<b>") == "<bdi>&lt;b&gt;</bdi>"
    assert render("{{ x|reference }}", x="R-1") == '<bdi class="code" dir="ltr">R-1</bdi>'
    assert render("{{ x|num }}", x=2904) == '<bdi class="num">2\u202f904</bdi>'
    assert render("{{ x|num }}", x=None) == "–"


@pytest.mark.parametrize(
    ("hours", "name", "shape", "words"),
    [
        (-1, "overdue", "▲", "overdue by 1 h"),
        (2, "soon", "◆", "due in 2 h"),
        (48, "later", "○", "due in 2 days"),
    ],
)
def test_a_band_chip_says_it_in_shape_and_words(hours: int, name: str, shape: str, words: str) -> None:
    html = render_to_string(
        "ui/parts/band.html", {"band": "1 day", "due_at": NOW + timedelta(hours=hours), "now": NOW}
    )
    assert f'class="band {name}"' in html
    assert shape in html
    assert words in html
    assert "1 day" in html


def test_a_bar_only_repeats_its_number() -> None:
    assert 'width="100"' in render("{% bar 400 %}")
    assert '<bdi class="num">60</bdi>' in render("{% bar 30 50 %}").replace("30", "60")
    assert 'width="60"' in render("{% bar 30 50 %}")
    assert 'aria-hidden="true"' in render("{% bar 5 %}")


class Question(forms.Form):
    phone = forms.CharField(label="Phone", help_text="With the area code.")
    agreed = forms.BooleanField(label="I agree")


def test_errors_stand_on_top_and_beside_the_field() -> None:
    with translation.override("en"):
        html = render_to_string("ui/parts/form.html", {"form": Question({})})
    assert 'role="alert"' in html
    assert 'href="#id_phone"' in html
    described = re.search(r'<input[^>]*name="phone"[^>]*aria-describedby="([^"]*)"', html)
    assert described is not None
    for part in described[1].split():
        assert f'id="{part}"' in html
    assert 'aria-invalid="true"' in html


def test_a_form_without_errors_has_no_summary() -> None:
    assert "error-summary" not in render_to_string("ui/parts/form.html", {"form": Question()})


def test_a_field_is_labelled_once_and_says_when_it_is_optional() -> None:
    class Optional(forms.Form):
        note = forms.CharField(label="Note", required=False)

    with translation.override("en"):
        html = render_to_string("ui/parts/form.html", {"form": Optional()})
    assert html.count('<label for="id_note">') == 1
    assert "(optional)" in html


def test_a_masked_value_says_whom_to_ask() -> None:
    with translation.override("en"):
        assert "held; ask the custodian" in render_to_string("ui/parts/masked.html")


def test_the_style_sheet_knows_no_left_or_right() -> None:
    """Physical sides would not mirror for Urdu."""
    text = re.sub(r"/\*.*?\*/", "", CSS.read_text("utf-8"), flags=re.DOTALL)
    physical = re.findall(
        r"[;{ ](?:(?:margin|padding|border)-)?(?:left|right)\s*:|text-align:\s*(?:left|right)|float:",
        text,
    )
    assert physical == []


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _themes() -> dict[str, dict[str, str]]:
    text = CSS.read_text("utf-8")
    light = text[text.index(":root {") : text.index("@media (prefers-color-scheme: dark)")]
    dark = text[text.index(':root[data-theme="dark"] {') :]
    dark = dark[: dark.index("}")]
    device = text[text.index(':root:not([data-theme="light"]) {') :]
    device = device[: device.index("}")]
    tokens = re.compile(r"--([a-z-]+): (#[0-9a-f]{6})")
    return {
        name: dict(tokens.findall(block))
        for name, block in {"light": light, "dark": dark, "device": device}.items()
    }


def test_both_ways_to_the_dark_theme_show_the_same_colours() -> None:
    themes = _themes()
    assert themes["dark"] == themes["device"]
    assert set(themes["light"]) == set(themes["dark"])


TEXT = [
    (ink, ground)
    for ground in ("paper", "sheet", "wash")
    for ink in ("ink", "soft", "accent")
] + [
    *((ink, f"{ink}-wash") for ink in ("danger", "due", "done")),
    *(("ink", f"{wash}-wash") for wash in ("danger", "due", "done")),
    *((ink, ground) for ink in ("danger", "due", "done") for ground in ("paper", "sheet")),
    ("on-accent", "accent"),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_has_the_contrast_of_wcag_aa(theme: str, ink: str, ground: str) -> None:
    tokens = _themes()[theme]
    assert contrast(tokens[ink], tokens[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("line", ["edge", "accent", "danger", "due"])
def test_edges_of_controls_stand_out(theme: str, line: str) -> None:
    tokens = _themes()[theme]
    assert min(contrast(tokens[line], tokens[g]) for g in ("paper", "sheet")) >= 3
