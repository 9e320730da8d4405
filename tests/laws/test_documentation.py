"""Law: what the documents say is there, is there: links, commands, variables, facts, generated pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from amaan.cli.assembly import app
from amaan.cli.command_page import commands_of, commands_page
from amaan.triage.domain.facts import FACTS

pytestmark = pytest.mark.pure

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:^ {4}|^|`|bin/|&& )amaan ((?:[a-z][a-z-]* ?)+)", re.MULTILINE)
VARIABLE = re.compile(r"AMAAN_[A-Z_]+")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _heads(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def broken_links(page: Path, text: str) -> list[str]:
    broken = []
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, head = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        if not target.exists() or (head and head not in _heads(_text(target))):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page, _text(page)) == []


def test_a_broken_link_would_be_found() -> None:
    text = "[a](docs/nowhere.md) [b](README.md#no-such-head) [c](https://example.org)"
    assert broken_links(ROOT / "README.md", text) == ["docs/nowhere.md", "README.md#no-such-head"]


def unknown_commands(text: str) -> list[str]:
    known = [name for name, _ in commands_of(app)]
    groups = {" ".join(name.split()[:n]) for name in known for n in range(1, len(name.split()))}
    return [
        said.strip()
        for said in COMMAND.findall(text)
        if not any(f"{said.strip()} ".startswith(f"{name} ") for name in known) and said.strip() not in groups
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    assert unknown_commands(_text(page)) == []


def test_an_unknown_command_would_be_found() -> None:
    assert unknown_commands("`amaan ledger verify` `amaan ledger burn`\n    amaan fly away") == [
        "ledger burn",
        "fly away",
    ]


def test_the_page_of_commands_is_the_one_in_the_docs() -> None:
    assert _text(ROOT / "docs/reference/commands.md") == commands_page(app), "run: amaan docs"


def test_the_page_of_the_environment_names_what_is_read_and_nothing_else() -> None:
    read = set(VARIABLE.findall(_text(ROOT / "src/amaan/config/environment.py")))
    said = set(VARIABLE.findall(_text(ROOT / "docs/reference/environment.md")))
    assert said - {"AMAAN_TEST_DATABASE"} == read
    everywhere = {name for page in PAGES for name in VARIABLE.findall(_text(page))}
    assert everywhere - read - {"AMAAN_TEST_DATABASE"} == set()


def test_the_page_of_facts_lists_every_fact_and_word() -> None:
    rows = dict(
        re.findall(r"^\| `([a-z_.]+)` \| (.*?) \|", _text(ROOT / "docs/reference/facts.md"), re.MULTILINE)
    )
    assert set(rows) == set(FACTS)
    for name, spec in FACTS.items():
        assert set(re.findall(r"`([^`]+)`", rows[name])) == set(spec.words), name


def test_the_index_leads_to_every_page() -> None:
    listed = {
        (ROOT / "docs" / link.partition("#")[0]).resolve()
        for link in LINK.findall(_text(ROOT / "docs/index.md"))
    }
    decisions = {
        (ROOT / "docs/decisions" / link).resolve()
        for link in LINK.findall(_text(ROOT / "docs/decisions/README.md"))
    }
    lost = [page for page in (ROOT / "docs").rglob("*.md") if page not in listed | decisions]
    assert [str(page.relative_to(ROOT)) for page in lost if page.name != "index.md"] == []


def test_every_locked_choice_stands_in_the_table_of_dependencies() -> None:
    import tomllib

    project = tomllib.loads(_text(ROOT / "pyproject.toml"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    names = {re.split(r"[\[<>=]", one)[0].lower() for one in wanted}
    page = _text(ROOT / "docs/decisions/0003-dependencies.md").lower()
    assert [name for name in sorted(names) if name not in page] == []
