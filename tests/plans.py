"""How SQLite would find the rows of each statement that a test executes.

A table that grows with the reports is never read whole: at a million reports that takes the better part of a second,
and a claim or a fold waits for it. `-p tests.plans` writes what a run found to the file that AMAAN_TEST_PLANS names;
tests/laws/test_plans.py holds the most important paths to it.
"""

from __future__ import annotations

import json
import os
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

SOURCE = str(Path(__file__).resolve().parent.parent / "src" / "amaan")
_ASKED = re.compile(r"\s*(SELECT|UPDATE|DELETE|INSERT|WITH|REPLACE)\b", re.IGNORECASE)
_MANY = re.compile(r"%s(?:, ?%s)+")
_ROWS = re.compile(r"\(%s…\)(?:, ?\(%s…\))+")
_NAMED = re.compile(r'\b(?:FROM|JOIN|UPDATE|INTO)\s+"?(\w+)"?(?:\s+(?:AS\s+)?"?([a-z]|[A-Z]\d+)\b"?)?')


class Step(NamedTuple):
    """One table of one statement: how its rows are found, and what line of Amaan's asked."""

    table: str
    how: str  # SQLite's words: `SCAN reports_report USING INDEX …`
    sql: str
    asked: str  # file:line of src/amaan, the nearest three


class Plans:
    """What was asked, each statement once."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._seen: set[str] = set()

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        if _ASKED.match(sql):
            key = _ROWS.sub("(%s…), …", _MANY.sub("%s…", sql))
            if key not in self._seen:
                self._seen.add(key)
                self._explain(context["connection"], sql, key, next(iter(params), ()) if many else params)
        return execute(sql, params, many, context)

    def _explain(self, connection: Any, sql: str, key: str, params: Any) -> None:
        cursor = connection.connection.cursor(factory=SQLiteCursorWrapper)
        names = {alias or table: table for table, alias in _NAMED.findall(sql)}
        asked = _nearest()
        for *_, how in cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall():
            told = re.match(r"(?:SCAN|SEARCH) (\w+)", how)
            if told:
                self.steps.append(Step(str(names.get(told[1], told[1])), how, key, asked))
            elif "TEMP B-TREE" in how:
                self.steps.append(Step("", how, key, asked))


def _nearest() -> str:
    ours = [f for f in traceback.extract_stack() if f.filename.startswith(SOURCE)]
    return " < ".join(f"{f.filename[len(SOURCE) + 1 :]}:{f.lineno}" for f in reversed(ours[-3:]))


@contextmanager
def plans_of(*connections: Any) -> Iterator[Plans]:
    """The plans of what is executed meanwhile on these connections."""
    plans = Plans()
    for connection in connections:
        connection.execute_wrappers.append(plans)
    try:
        yield plans
    finally:
        for connection in connections:
            connection.execute_wrappers.remove(plans)


_whole = Plans()


def _listen(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite" and _whole not in connection.execute_wrappers:
        connection.execute_wrappers.append(_whole)


def pytest_configure(config: pytest.Config) -> None:
    if "AMAAN_TEST_PLANS" in os.environ:
        connection_created.connect(_listen, dispatch_uid="plans", weak=False)


def pytest_unconfigure(config: pytest.Config) -> None:
    if to := os.environ.get("AMAAN_TEST_PLANS"):
        Path(to).write_text(json.dumps([step._asdict() for step in _whole.steps]), "utf-8")
