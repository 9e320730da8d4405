"""A command that answers from an installation makes none: a mistyped home must not say that all is well."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure


def amaan(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith("AMAAN_")}
    told |= {"AMAAN_HOME": str(home / "home"), "AMAAN_KEYS": str(home / "keys")}
    command = [sys.executable, "-m", "amaan.cli", *arguments]
    return subprocess.run(command, env=told, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments", [("ledger", "verify"), ("rings", "list"), ("triage", "explain", "R-1")])
def test_what_only_answers_begins_no_installation(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    answer = amaan(tmp_path, *arguments)
    assert answer.returncode == 2
    assert f"There is no installation in {tmp_path / 'home'}" in answer.stderr
    assert answer.stdout == ""
    assert not (tmp_path / "home").exists()


def test_help_and_reading_texts_need_none(tmp_path: Path) -> None:
    assert amaan(tmp_path, "ledger", "verify", "--help").returncode == 0
    texts = tmp_path / "texts.csv"
    texts.write_text("id,lang,text\n1,en,hello\n", encoding="utf-8")
    answer = amaan(tmp_path, "triage", "text", "--csv", str(texts), "--json")
    assert (answer.returncode, answer.stdout) == (0, '{"id": "1", "indicators": []}\n')
    assert not (tmp_path / "home").exists()
