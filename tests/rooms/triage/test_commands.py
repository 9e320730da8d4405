"""`amaan triage`, and the page that is written from the rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.environment import ROOT
from tests.rooms.triage.conftest import Lay
from typer.testing import CliRunner

from amaan.triage.commands import app
from amaan.triage.rendering import rules_page
from amaan.triage.rulebook import SHIPPED
from amaan.triage.tasks import band_reports

PAGE = ROOT / "docs" / "reference" / "triage-rules.md"
run = CliRunner().invoke


@pytest.fixture
def reference(lay: Lay) -> str:
    report = lay({"incident.type": "enticement", "victim.school": True, "reported.in_country": "not_said"})
    band_reports([report.pk])
    return report.reference


def test_explain_prints_one_json_object(reference: str) -> None:
    result = run(app, ["explain", reference, "--json"])
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert told["reference"] == reference
    assert (told["band"], told["floor"], told["rules_version"]) == ("one_day", "one_day", "pk-2026.4")
    assert told["due_at"] == "2026-03-02T09:00:00+00:00"
    assert list(told["axes"]) == ["danger", "actionability", "novelty", "quality", "clock"]
    known = next(r for r in told["reasons"] if r["rule"] == "enticement-child-known")
    assert (known["axis"], known["weight"], known["floor"]) == ("danger", 8, "one_day")
    assert known["facts"] == {"incident.type": "enticement", "victim.school": True}
    assert known["reason_en"]
    assert known["reason_ur"]
    assert known["source"]
    assert any("belongs to this country" in gap["en"] for gap in told["missing"])
    gap = told["missing"][0]
    assert set(gap) == {"en", "ur", "gap", "fact", "answer", "band", "danger"}
    assert gap["danger"] == max(one["danger"] for one in told["missing"])
    (section,) = told["sections"]
    assert (section["id"], section["section"], section["cognizable"]) == ("peca-22a", "22A", "yes")
    assert section["reason_en"]
    assert section["reason_ur"]
    assert (told["children_first"], told["sections_held_back"]) == (None, False)
    assert "a person decides" in told["sections_note"]["en"]


def test_explain_reads_well(reference: str) -> None:
    result = run(app, ["explain", reference])
    assert result.exit_code == 0
    for words in (
        reference,
        "1 day",
        "Danger",
        "Can we act",
        "Not told, and it would matter",
        "22A (cognizable)",
    ):
        assert words in result.stdout


def test_an_unknown_reference_ends_with_an_error(db: None) -> None:
    result = run(app, ["explain", "R-7K2M-9F3Q-XA4C", "--json"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "R-7K2M-9F3Q-XA4C" in result.stderr or "reference" in result.stderr


def test_a_rule_file_can_be_checked(tmp_path: Path) -> None:
    good = run(app, ["rules", "check", str(SHIPPED)])
    assert good.exit_code == 0
    assert "pk-2026.4" in good.stdout
    bad = tmp_path / "bad.toml"
    bad.write_text(
        SHIPPED.read_text(encoding="utf-8").replace("weight = 42", "weight = -42", 1), encoding="utf-8"
    )
    refused = run(app, ["rules", "check", str(bad)])
    assert refused.exit_code == 1
    assert "rule live-streaming (line " in refused.stderr
    assert "nothing lowers danger" in refused.stderr
    assert run(app, ["rules", "check", str(tmp_path / "absent.toml")]).exit_code == 1


def test_the_rules_in_force_can_be_shown(db: None) -> None:
    result = run(app, ["rules", "show"])
    assert result.exit_code == 0
    assert "pk-2026.4" in result.stdout


def test_the_page_of_rules_is_the_one_in_the_docs() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_page(), "write it anew: amaan triage rules page"
