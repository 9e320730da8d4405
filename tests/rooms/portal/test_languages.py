"""Pashto and Sindhi at the door: what is written is shown, the rest in Urdu, string by string."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from tools import compile_words as words

ARABIC = re.compile("[\u0600-\u06ff]")

pytestmark = pytest.mark.parametrize("language", list(words.DOOR_LANGUAGES))


def test_what_is_written_is_whole_and_no_english(language: str) -> None:
    entries = [message for message in words.door_written(language) if message.id]
    assert entries
    assert [entry.id for entry in entries if entry.fuzzy] == []
    for entry in entries:
        for form in words.forms(entry):
            assert ARABIC.search(form)
            held = set(words.PLACEHOLDER.findall(form))
            assert held == set(words.PLACEHOLDER.findall(words.singular_of(entry)))


def test_what_the_door_no_longer_says_is_kept_and_listed_but_not_used(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "django.po"
    text = words.door_po(language).read_text("utf-8")
    old.write_text(f'{text}\nmsgid "What the door said once"\nmsgstr "امان"\n', "utf-8")
    monkeypatch.setattr(words, "door_po", lambda _: old)
    assert "What the door said once" in words.no_longer_asked_for(language)
    assert words.door_catalogue(language, words.catalogue()).get("What the door said once") is None
    assert "What the door said once" in words.awaiting_page(words.catalogue())


def test_the_compiled_catalogue_is_the_written_one_over_the_urdu(language: str) -> None:
    whole = words.door_catalogue(language, words.catalogue())
    compiled = words.door_po(language).with_suffix(".mo").read_bytes()
    assert compiled == words.compiled(whole), "run tools/compile_words.py"


def test_a_page_falls_back_string_by_string(door: Client, language: str) -> None:
    own = words.door_written(language)
    urdu = words.catalogue()
    page = door.get(f"/{language}/help/").content.decode()
    written, lacking = "Help now", "Threats and crime on the internet"
    assert own.get(lacking) is None, "choose another string that nobody has written yet"
    assert own[written].string in page
    assert urdu[written].string not in page
    assert urdu[lacking].string in page
    assert lacking not in page
    assert f'<html lang="{language}" dir="rtl">' in page


def test_a_translator_is_given_what_is_missing(language: str) -> None:
    lacking = words.missing(language)
    assert 'msgid "Threats and crime on the internet"\nmsgstr ""' in lacking
    assert 'msgid "Help now"\n' not in lacking
