"""Law: the threat model names only tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "threat-model" / "README.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py|test_\w+)`")
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)\(", re.MULTILINE)


def missing(page: str) -> list[str]:
    """Tests and test files that a page names and nobody wrote."""
    tests = (ROOT / "tests").rglob("test_*.py")
    names = {name for file in tests for name in DEFINED.findall(file.read_text(encoding="utf-8"))}
    return [
        named
        for named in NAMED.findall(page)
        if (not (ROOT / named).is_file() if named.startswith("tests/") else named not in names)
    ]


def test_every_test_that_the_threat_model_names_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(NAMED.findall(page)) > 50
    assert missing(page) == []


def test_a_test_that_nobody_wrote_would_be_found() -> None:
    assert missing("`test_pigs_fly` `tests/laws/test_pigs.py`") == [
        "test_pigs_fly",
        "tests/laws/test_pigs.py",
    ]


def test_every_row_names_a_test_or_says_that_there_is_none() -> None:
    rows = [
        line
        for line in PAGE.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| .* \| .* \| .* \|$", line)
    ]
    silent = [
        row
        for row in rows
        if "threat | answer" not in row and not (NAMED.search(row) or row.endswith("| – |"))
    ]
    assert silent == []
