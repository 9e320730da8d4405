"""`amaan triage text`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from amaan.triage.commands import app

pytestmark = pytest.mark.pure
run = CliRunner().invoke


def _file(folder: Path, text: str) -> str:
    path = folder / "sentences.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_one_json_line_a_row_in_their_order(tmp_path: Path) -> None:
    file = _file(tmp_path, 'id,lang,text\nb,en,"my daughter is missing since monday"\na,,hello\n')
    result = run(app, ["text", "--csv", file, "--json"])
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": "b", "indicators": ["missing_child"]},
        {"id": "a", "indicators": []},
    ]
    assert "missing.en.gone" in run(app, ["text", "--csv", file]).stdout


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("id,text\n1,x\n", "the column lang is missing"),
        ("id,lang,text\n1,en\n", "line 2: it has fewer columns"),
        ("id,lang,text\n1,en,x\n1,en,y\n", "line 3: the id '1'"),
        ("id,lang,text\n1,pa,x\n", "not 'pa'"),
        ("", "the column id is missing"),
    ],
)
def test_a_bad_file_is_refused_with_line_and_cause(tmp_path: Path, text: str, cause: str) -> None:
    result = run(app, ["text", "--csv", _file(tmp_path, text), "--json"])
    assert result.exit_code == 1
    assert cause in result.stderr
    assert result.stdout == ""
