"""A ring's time line and map as a browser lays them out, in both languages, on a telephone and at a desk."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override
from playwright.sync_api import Browser, Page
from tests.browser import chromium

import amaan.ui
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.sharing import Thing
from amaan.linking.panels.picturing import Named, map_of, picture_of, time_line_of
from amaan.linking.panels.values import Map, ThingShown
from amaan.vocabulary.domain import places

__all__ = ["chromium"]

CSS = Path(amaan.ui.__file__).parent / "static" / "ui" / "amaan.css"
TELEPHONE, DESK = 320, 678
NEWEST = date(2026, 11, 20)
LAID = """() => [...document.querySelectorAll('svg text, svg rect, svg circle.told')]
  .filter(one => one.getClientRects().length && getComputedStyle(one).display !== 'none')
  .map(one => { const {left, right, top, bottom} = one.getBoundingClientRect();
    const kind = one.getAttribute('class') ?? '', text = one.firstChild?.data ?? '';
    return {tag: one.tagName, kind, text, left, right, top, bottom}; })"""
FRAME = """() => { const {left, right, top} = document.querySelector('svg').getBoundingClientRect();
  return {left, right, top}; }"""
ORDER = """() => [...document.querySelectorAll('.label')].filter(one => one.getNumberOfChars()).map(one =>
  [one.getStartPositionOfChar(0).x, one.getEndPositionOfChar(one.getNumberOfChars() - 1).x])"""


def _shown(page: Page, template: str, language: str, width: int, **given: Any) -> list[dict[str, Any]]:
    with override(language):
        part = render_to_string(template, given)
    side = "rtl" if language == "ur" else "ltr"
    page.set_viewport_size({"width": 1280 if width == DESK else 390, "height": 900})
    page.set_content(
        f"<!doctype html><html lang={language} dir={side}><style>{CSS.read_text('utf-8')}</style>"
        f'<body><div style="width:{width}px;margin:30px">{part}</div>'
    )
    found: list[dict[str, Any]] = page.evaluate(LAID)
    return found


def _weeks(*back: int) -> list[date]:
    return [NEWEST - timedelta(weeks=n) for n in back]


@pytest.mark.browser
@pytest.mark.parametrize("width", [TELEPHONE, DESK])
@pytest.mark.parametrize("language", ["en", "ur"])
def test_a_time_line_fits_and_its_labels_stand_apart(chromium: Browser, language: str, width: int) -> None:
    page = chromium.new_page()
    spans = [
        (0,),
        (0, 1),
        (0, 2),
        (0, 3),
        (0, 4),
        (0, 5),
        (0, 7),
        (0, 8, 8, 8),
        (0, 24, *([3] * 12)),
        (0, 39),
    ]
    for back in spans:
        with override(language):
            line = time_line_of(_weeks(*back))
        laid = _shown(page, "linking/parts/time_line.html", language, width, line=line)
        frame = page.evaluate(FRAME)
        told = [bar for bar in line.bars if bar.count]
        assert [told[0], told[-1]] == [line.bars[0], line.bars[-1]]
        assert len([one for one in laid if one["tag"] == "rect"]) == len(told)
        wide = [one for one in laid if one["left"] < frame["left"] - 1 or one["right"] > frame["right"] + 1]
        assert wide == [], back
        labels = sorted((one for one in laid if one["kind"].startswith("label")), key=lambda one: one["left"])
        said = [one["text"] for one in labels]
        assert [said[0], said[-1]] == [line.bars[0].label, line.bars[-1].label]
        meet = [(a["text"], b["text"]) for a, b in pairwise(labels) if a["right"] >= b["left"]]
        assert meet == [], back
        assert [one["text"] for one in labels if one["top"] < frame["top"] + 150] == []
        for begin, end in page.evaluate(ORDER):
            assert (begin > end) is (language == "ur"), "an Urdu date is read from its right"
    page.close()


def _counts(*names: str) -> dict[str, int]:
    codes = {one.name: one.pcode for one in places.districts()}
    return {codes[name]: len(names) - n for n, name in enumerate(names)}


SPREAD = ("Multan", "Lahore", "Quetta", "Peshawar", "Sukkur")
CLOSE = ("Lahore", "Kasur", "Sheikhupura", "Gujranwala", "Nankana Sahib", "Faisalabad", "Okara")


@pytest.mark.parametrize("language", ["en", "ur"])
@pytest.mark.parametrize("names", [("Multan",), SPREAD, CLOSE])
def test_no_name_in_the_map_lies_upon_a_circle(names: tuple[str, ...], language: str) -> None:
    with override(language):
        shown = map_of(_counts(*names))
    assert len(shown.told) == len(names)
    assert shown.told[0].label, "what most reports tell of has its name"
    assert len([one for one in shown.told if one.label]) >= min(len(names), 3)
    assert _upon(shown) == []


def _upon(shown: Map) -> list[tuple[str, str]]:
    return [
        (one.name, other.name)
        for one in shown.told
        for other in shown.told
        if one.label and hypot(one.label.x - other.x, one.label.y - other.y) < other.radius + 9
    ]


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "ur"])
def test_names_in_the_map_are_read(chromium: Browser, language: str) -> None:
    page = chromium.new_page()
    for names in (SPREAD, CLOSE):
        with override(language):
            shown = map_of(_counts(*names))
        laid = _shown(page, "linking/parts/map.html", language, TELEPHONE, map=shown)
        frame = page.evaluate(FRAME)
        texts = [one for one in laid if one["tag"] == "text"]
        circles = [one for one in laid if one["tag"] == "circle"]
        assert len(circles) == len(names)
        assert [one for one in texts if one["left"] < frame["left"] or one["right"] > frame["right"]] == []
        # A line of Nastaliq is much higher than what is written in it: of that, the middle half.
        slack = {"en": 0.1, "ur": 0.28}[language]
        met = [
            (a["text"], b["text"])
            for a in texts
            for b in [*circles, *texts]
            if b is not a and _meet(a, b, slack)
        ]
        assert met == []
    page.close()


def _meet(one: dict[str, Any], other: dict[str, Any], slack: float) -> bool:
    top, bottom = (
        (one["bottom"] - one["top"]) * slack + one["top"],
        one["bottom"] - (one["bottom"] - one["top"]) * slack,
    )
    aside = one["right"] < other["left"] or other["right"] < one["left"]
    return not (aside or bottom < other["top"] or other["bottom"] < top)


def _thing(key: int, kind: EvidenceKind, reports: set[int], *, links: bool = True) -> Thing:
    return Thing(key, (key,), kind, frozenset(reports), links, 20.0, len(reports))


def _told(mark: str, kind: str) -> ThingShown:
    return ThingShown(mark, (), kind, "", True, 20, (), False, False, False, False, None)


def test_a_box_names_all_that_stands_in_it() -> None:
    things = [
        _thing(1, EvidenceKind.PHONE, {1, 2, 3}),
        _thing(2, EvidenceKind.WORDING, {1, 2, 3}, links=False),
        _thing(3, EvidenceKind.PHONE, {3, 4, 5}),
    ]
    shown = {
        1: _told("T1", "Phone number"),
        2: _told("W1", "The same wording"),
        3: _told("T2", "Phone number"),
    }
    reports = [1, 2, 3, 4, 5]
    named = Named({n: n for n in reports}, {n: f"Report {n}" for n in reports}, shown)
    picture = picture_of(reports, things, named, [])
    first, other = picture.boxes
    assert (first.mark, first.more, other.more) == ("T1", 1, 0)
    assert "W1: The same wording" in first.name
    assert other.name == "T2: Phone number"
    assert picture.folds
    cards = {card.thing.mark: card for card in picture.cards}
    assert cards["T1"].others == (("W1", "The same wording"),)
    assert cards["W1"].within == "T1"
    assert (cards["T2"].others, cards["T2"].within) == ((), "")
