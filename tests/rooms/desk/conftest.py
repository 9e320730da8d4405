"""The desk's pages run on SQLite; on PostgreSQL every one of them is asked for, in every way, by test_odd_texts.

What they show comes from the rooms' selectors, which are tested on both databases in their own folders.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
ON_BOTH = {"test_odd_texts.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and item.path.name not in ON_BOTH:
            item.add_marker("pure")
