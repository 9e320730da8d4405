"""The committed reference page is the one that the types write."""

from __future__ import annotations

from pathlib import Path

import pytest

from amaan.reports.domain.identifiers import TYPES
from amaan.reports.domain.identifiers.rendering import identifiers_page

pytestmark = pytest.mark.pure
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "identifiers.md"


def test_the_committed_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == identifiers_page(), (
        "docs/reference/identifiers.md is out of date: write identifiers_page() over it"
    )


def test_every_type_has_its_section() -> None:
    page = identifiers_page()
    for name in TYPES:
        assert f"\n## {name}\n" in page
