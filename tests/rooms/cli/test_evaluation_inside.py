"""A small planted world through the real doors: labels stay outside, and the queue orders every report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from amaan.cli.evaluation import inside
from amaan.demo.people import passphrase_file
from amaan.reports.selectors import report_count
from amaan.triage.models import Assessment


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A home of its own: the demo's marker changes how the whole installation treats people."""
    settings.AMAAN_HOME = tmp_path / "home"
    settings.AMAAN_HOME.mkdir()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    passphrase_file().unlink(missing_ok=True)


@pytest.mark.django_db(transaction=True, databases=["default", "portal"])
@pytest.mark.slow
def test_what_was_planted_is_found_again_by_its_place_alone(tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    labels.mkdir()
    read = inside._planted(7, 100, labels)
    assert len(read) == report_count() == 100
    world = json.loads((labels / "labels.json").read_text("utf-8"))["reports"]
    told = json.loads((labels / "told.json").read_text("utf-8"))
    assert sorted(one.kind for one in read) == sorted(one["kind"] for one in (*world, *told))
    assert (len(world), len(told)) == (99, 1)
    order = inside._queue(read)
    assert {one.report_id for one in order} == {one.report_id for one in read}
    folded = set(Assessment.objects.filter(current=True, folded=True).values_list("report_id", flat=True))
    bands = dict(Assessment.objects.filter(current=True).values_list("report_id", "band"))
    first = [one for one in order if one.report_id not in folded]
    assert {one.report_id for one in order[len(first) :]} == folded
    assert [bands[one.report_id] for one in first] == sorted(bands[one.report_id] for one in first)
