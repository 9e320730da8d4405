"""`amaan door keys`: what goes to the door's machine, and no secret on the screen."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner

from amaan.portal.commands import app
from amaan.portal.domain.receipts import key_id

run = CliRunner().invoke


def _keys() -> Path:
    return Path(settings.AMAAN_PORTAL_KEYS)


def test_it_says_ids_and_no_secret_and_writes_the_public_key_alone(tmp_path: Path) -> None:
    result = run(app, ["--to", str(tmp_path / "out")])
    assert result.exit_code == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["desk.pub"]
    assert (tmp_path / "out" / "desk.pub").read_text() == (_keys() / "desk.pub").read_text()
    assert key_id(base64.b64decode((_keys() / "desk.pub").read_text())) in result.output
    for secret in ("receipt.key", "code.salt", "code.pepper"):
        assert (_keys() / secret).read_text().strip() not in result.output
    assert run(app, ["--to", str(tmp_path / "out")]).exit_code == 0


def test_another_desks_key_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "desk.pub").write_text(base64.b64encode(bytes(32)).decode())
    result = run(app, ["--to", str(tmp_path)])
    assert result.exit_code == 2
    assert "another desk's" in result.output
    assert (tmp_path / "desk.pub").read_text() == base64.b64encode(bytes(32)).decode()


def test_the_doors_own_machine_is_told_what_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "AMAAN_DOORS", {"public"})
    result = run(app, [])
    assert "Back" in result.output
    assert "Never copy" not in result.output


def test_without_keys_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "AMAAN_PORTAL_KEYS", tmp_path)
    result = run(app, [])
    assert result.exit_code == 2
    assert "public-door" in result.output
