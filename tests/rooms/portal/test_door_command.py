"""`amaan door keys`: what goes to the door's machine, and no secret on the screen."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner

from amaan.portal.commands import app
from amaan.portal.domain.receipts import key_id
from amaan.portal.keys import mark_of, prepare_door_keys, read_door_keys

run = CliRunner().invoke


def _keys() -> Path:
    return Path(settings.AMAAN_PORTAL_KEYS)


def test_it_says_ids_and_no_secret_and_writes_what_a_door_needs_to_open_the_same_boxes(
    tmp_path: Path,
) -> None:
    result = run(app, ["--to", str(tmp_path / "out")])
    assert result.exit_code == 0
    written = sorted((tmp_path / "out").iterdir())
    assert [path.name for path in written] == ["code.pepper", "code.salt", "desk.pub"]
    for path in written:
        assert path.read_text() == (_keys() / path.name).read_text()
        assert path.stat().st_mode & 0o077 == 0
    prepare_door_keys(tmp_path / "out", None)
    theirs, ours = read_door_keys(tmp_path / "out"), read_door_keys(_keys())
    assert mark_of(theirs) == mark_of(ours)
    assert bytes(theirs.receipt) != bytes(ours.receipt)
    assert key_id(base64.b64decode((_keys() / "desk.pub").read_text())) in result.output
    for secret in ("receipt.key", "code.salt", "code.pepper"):
        assert (_keys() / secret).read_text().strip() not in result.output
    assert run(app, ["--to", str(tmp_path / "out")]).exit_code == 0


def test_another_desks_key_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "desk.pub").write_text(base64.b64encode(bytes(32)).decode())
    result = run(app, ["--to", str(tmp_path)])
    assert result.exit_code == 2
    assert "another installation's" in result.output
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
