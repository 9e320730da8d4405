"""The campaign's pages: readable in every language, replaced file by file, and a poster whose code leads here."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from django.test import Client, override_settings
from tests.rooms.portal.qr_reading import read_qr

from amaan.portal.domain.poster import QUIET, qr_picture
from amaan.portal.domain.texts import NAMES

ARTICLE = re.compile(r"<article(?P<attributes>[^>]*)><h1>(?P<title>[^<]*)</h1>")
DARK = re.compile(r"M(\d+),(\d+)h1v1h-1z")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "ur", "ps", "sd"])
def test_each_text_is_a_page_in_each_language(door: Client, language: str, name: str) -> None:
    answer = door.get(f"/{language}/about/{name}/")
    page = answer.content.decode()
    article = ARTICLE.search(page)
    assert answer.status_code == 200
    assert len(answer.content) < 50_000
    assert article
    stands_in = language in {"ps", "sd"}
    assert ('lang="ur" dir="rtl"' in article["attributes"]) is stands_in
    assert f"<title>{article['title']} " in page


def test_every_link_of_every_text_leads_to_a_page_of_the_door(door: Client) -> None:
    """Those of other rooms of the door (report, return, hash) are held to be there by the journeys."""
    mine = re.compile(r'href="((?:\.\./)+(?:help|poster|about)?/?[a-z-]*/?)"')
    for name in NAMES:
        page = door.get(f"/en/about/{name}/")
        for link in mine.findall(page.content.decode()):
            if link.strip("./").split("/")[0] in {"report", "return", "hash"}:
                continue
            address = Path("/en/about", name) / link
            parts: list[str] = []
            for part in address.parts[1:]:
                parts = parts[:-1] if part == ".." else [*parts, part]
            answer = door.get(f"/{'/'.join(parts)}/", headers={"Host": "localhost"})
            assert answer.status_code == 200, (name, link)


def test_the_list_names_every_text_and_the_poster(door: Client) -> None:
    page = door.get("/ur/about/").content.decode()
    assert all(f'href="{name}/"' in page for name in NAMES)
    assert 'href="/ur/poster/"' in page


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fsettings", "children.md", "-"])
def test_what_is_not_there_is_not_found(door: Client, name: str) -> None:
    assert door.get(f"/en/about/{name}/").status_code == 404


def test_an_operators_text_goes_first_file_by_file(door: Client, tmp_path: Path) -> None:
    def title(language: str, name: str) -> str:
        found = ARTICLE.search(door.get(f"/{language}/about/{name}/").content.decode())
        assert found
        return found["title"]

    for language in ("en", "ps"):
        (tmp_path / "texts" / language).mkdir(parents=True)
    (tmp_path / "texts" / "en" / "children.md").write_text("# Ours\n\nHello <b>there</b>.", "utf-8")
    (tmp_path / "texts" / "en" / "our-school.md").write_text("# Our school", "utf-8")
    (tmp_path / "texts" / "en" / "teachers.md").write_text("Without a title", "utf-8")
    (tmp_path / "texts" / "ps" / "children.md").write_text("# د ماشومانو لپاره", "utf-8")
    with override_settings(AMAAN_PORTAL_HOME=tmp_path):
        assert title("en", "children") == "Ours"
        assert title("ps", "children") == "د ماشومانو لپاره"
        assert "lang=" not in ARTICLE.search(door.get("/ps/about/children/").content.decode())["attributes"]  # type: ignore[index]
        assert title("en", "guardians") == "For parents and guardians"
        assert title("en", "teachers") == "For teachers"
        assert title("en", "our-school") == "Our school"
        assert "&lt;b&gt;there" in door.get("/en/about/children/").content.decode()


@pytest.mark.parametrize("origin", ["https://amaan.example.org", "https://amaan.example.org/", ""])
def test_the_poster_leads_to_this_installation_in_its_language(door: Client, origin: str) -> None:
    with override_settings(AMAAN_ORIGIN=origin):
        page = door.get("/ur/poster/", headers={"Host": "localhost:8000"}).content.decode()
    address = "https://amaan.example.org/ur/" if origin else "http://localhost:8000/ur/"
    picture = qr_picture(address)
    assert picture.path in page
    assert f'viewBox="0 0 {picture.size} {picture.size}"' in page
    assert address.partition("://")[2].rstrip("/") in page
    assert "style=" not in page


def test_another_address_gives_another_code() -> None:
    assert qr_picture("https://a.example.org/en/") != qr_picture("https://a.example.org/ur/")


def test_the_code_is_a_qr_code_with_white_around_it() -> None:
    picture = qr_picture("https://amaan.example.org/en/")
    modules = np.zeros((picture.size, picture.size), dtype=bool)
    for x, y in DARK.findall(picture.path):
        modules[int(y), int(x)] = True
    inside = modules[QUIET:-QUIET, QUIET:-QUIET]
    assert modules.sum() == inside.sum()  # nothing dark in the quiet zone
    assert (len(inside) - 17) % 4 == 0  # ISO/IEC 18004: 21, 25, 29 … modules
    finder = np.ones((7, 7), dtype=bool)
    finder[1:6, 1:6], finder[2:5, 2:5] = False, True
    for corner in (inside[:7, :7], inside[:7, -7:], inside[-7:, :7]):
        assert (corner == finder).all()
    assert read_qr(inside) == "https://amaan.example.org/en/"
