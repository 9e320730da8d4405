"""Pashto and Sindhi at the door: what is written is shown, the rest in Urdu, string by string."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tools import compile_words as words

ARABIC = re.compile("[\u0600-\u06ff]")

pytestmark = pytest.mark.parametrize("language", list(words.DOOR_LANGUAGES))


def test_what_is_written_is_asked_for_by_the_door_and_is_no_english(language: str) -> None:
    asked = {(use.singular, use.context) for use in words.door_uses()}
    entries = [message for message in words.door_written(language) if message.id]
    assert entries
    stale = [entry.id for entry in entries if (words.singular_of(entry), entry.context) not in asked]
    assert stale == [], f"take them out of src/amaan/portal/locale/{language}, or bring them up to date"
    assert [entry.id for entry in entries if entry.fuzzy] == []
    for entry in entries:
        for form in words.forms(entry):
            assert ARABIC.search(form)
            assert set(words.PLACEHOLDER.findall(form)) == set(
                words.PLACEHOLDER.findall(words.singular_of(entry))
            )


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
