"""A few planted rings through the real doors: labels stay outside, and what comes out is measured against them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from amaan.cli.evaluation.rings import inside
from amaan.demo import planting
from amaan.demo.generator.rings.world import RingWorld, few_rings
from amaan.demo.people import passphrase_file
from amaan.keyring.services import prepare_keys
from amaan.reports.selectors import report_count


def small(seed: int, reports: int, *, until: datetime) -> RingWorld:
    """A few rings and a family in hardly any noise; the star comes by every door."""
    world = few_rings(seed, reports, until=until)
    for place, (_, tale) in enumerate(world.planted):
        if tale.shape == "star":
            tale.door = ("csv", "told", "json", "xml")[place % 4]
    return world


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.AMAAN_HOME = tmp_path / "home"
    settings.AMAAN_HOME.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(planting, "ring_world", small)
    monkeypatch.setattr(inside, "installed", lambda: False)
    yield
    passphrase_file().unlink(missing_ok=True)


@pytest.mark.django_db(transaction=True, databases=["default", "portal"])
@pytest.mark.slow
def test_what_was_planted_is_found_and_measured(tmp_path: Path) -> None:
    prepare_keys()
    read = inside.planted(5, 12, tmp_path / "labels.jsonl")
    assert len(read) == report_count()
    assert {"star", "number_change", "carrier", "family"} <= {one.shape for one in read}
    found = inside.measured(read)
    assert set(found["measured"]) == {
        "amaan",
        "shared_identifier",
        "shared_without_hubs",
        "components_of_links",
    }
    assert "pip install splink" in found["left_out"]["splink"]
    ours = found["measured"]["amaan"]
    assert ours["precision"] == 1
    assert ours["recall"] > 0.8, found["shapes"]["amaan"]
    assert found["innocents"]["amaan"] == {"family": 0}
    assert found["rings_joined"]["amaan"] == 0
    assert found["strong"]["precision"] == 1
