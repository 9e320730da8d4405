"""Sentences of the triage rules, which are written in both languages, as the reader reads them."""

from __future__ import annotations

from django.utils.translation import get_language

from amaan.triage.domain.ruleset import Words


def said(words: Words) -> str:
    """A sentence in the reader's language."""
    return words.ur if get_language() == "ur" else words.en
