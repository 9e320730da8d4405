"""Law: the project names no machine, no registry and no person's folder, and the old term only in quotes."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.laws.source import ROOT, tracked, where
from tests.laws.test_words import PROTOCOL, QUOTED, STATUTE

LOCKS = ("requirements.lock", "requirements-dev.lock")
FOLDER_OF_SOMEBODY = re.compile(r"/(?:home|Users)/[a-z][\w.-]*/|/root/|[A-Z]:\\Users\\")
# Names that every machine bears, or that words bear too.
COMMON_HOSTS = frozenset({"localhost", "ubuntu", "debian", "server", "desktop", "laptop", "amaan", "docker"})


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return "" if b"\0" in raw else raw.decode("utf-8", "replace")


def _of_this_machine() -> set[str]:
    """What would give this machine away: where the project lies on it, its name, and its package index."""
    found = {str(ROOT)} if len(ROOT.parts) > 2 else set()
    host = socket.gethostname().split(".")[0]
    if len(host) > 5 and host.lower() not in COMMON_HOSTS:
        found.add(host)
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        for address in os.environ.get(name, "").split():
            index = urlsplit(address).hostname
            if index and index not in {"pypi.org", "files.pythonhosted.org", "localhost", "127.0.0.1"}:
                found.add(index)
    return found


def test_no_tracked_file_names_a_machine() -> None:
    telling = _of_this_machine()
    named = []
    for path in tracked():
        text = _text(path)
        if path != Path(__file__) and FOLDER_OF_SOMEBODY.search(text):
            named.append(f"{where(path)}: a person's folder")
        named += [
            f"{where(path)}: {word}"
            for word in telling
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text)
        ]
    assert named == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_file_holds_versions_and_hashes_only(name: str) -> None:
    line = re.compile(
        r"[a-z0-9][a-z0-9._-]*==[\w.+!-]+(?: ; [^\\#]+)? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?|#.*|"
    )
    text = (ROOT / name).read_text("utf-8")
    assert [held for held in text.splitlines() if not line.fullmatch(held)] == []
    assert "://" not in text
    assert text.count("--hash=sha256:") > 20


def test_locks_that_hold_addresses_are_not_tracked() -> None:
    assert not {path.name for path in tracked()} & {
        "uv.lock",
        "pylock.toml",
        "poetry.lock",
        ".npmrc",
        "pip.conf",
    }


def test_nothing_that_a_run_leaves_is_tracked() -> None:
    left = (".sqlite3", ".pyc", ".log", ".db", ".key")
    assert [where(path) for path in tracked() if path.suffix in left] == []


def _loose(path: Path) -> list[int]:
    """Lines with the old term outside quotes. In Python and JSON a string is no quote; the protocol's own value is."""
    found = []
    for number, line in enumerate(_text(path).splitlines(), 1):
        rest = line.replace(PROTOCOL, "")
        rest = re.sub("“[^”]*”", "", rest) if path.suffix in {".py", ".json"} else QUOTED.sub("", rest)
        if STATUTE.search(rest):
            found.append(number)
    return found


def test_the_statutes_old_term_stands_nowhere_else() -> None:
    """test_words looks at prose; this looks at code, rows and everything else."""
    skipped = {ROOT / "tests" / "laws" / "test_words.py", Path(__file__)}
    catalogues = {".po"}  # their strings are framed by quotation marks: test_words reads them properly
    loose = [
        where(path, line)
        for path in tracked()
        if path not in skipped and path.suffix not in catalogues
        for line in _loose(path)
    ]
    assert loose == []


def test_the_search_can_fail(tmp_path: Path) -> None:
    term = "child " + "pornography"
    page = tmp_path / "x.py"
    page.write_text(f'a = "{term}"\nb = "“{term}” (s.22)"\nc = "{PROTOCOL}"\n')
    assert _loose(page) == [1]
    rows = tmp_path / "x.csv"
    rows.write_text(f'1,"""{term.capitalize()}"" (the heading)"\n2,{term}\n')
    assert _loose(rows) == [2]
