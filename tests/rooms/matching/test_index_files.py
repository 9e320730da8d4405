"""The index on the disk: absent, behind, damaged, or of another database, it makes matching slower and never blind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, value
from tests.rooms.matching.reported import a_report, near

from amaan.authority.actors import Actor
from amaan.matching import index_files
from amaan.matching.domain.comparing import words_of
from amaan.matching.models import Batch, Match, Signal
from amaan.matching.selectors import index_state
from amaan.matching.services import grow_list, indexing, withdraw_list
from amaan.matching.services.indexing import build_index, keep_index
from amaan.matching.services.matching import match_reports

pytestmark = pytest.mark.django_db
WORKER = Actor.system("matching")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> Iterator[Path]:
    settings.AMAAN_HOME = tmp_path  # type: ignore[attr-defined]
    for _ in fresh_ledger():
        yield tmp_path / "matching"


def grown(*numbers: int, slug: str = "partner") -> None:
    grow_list(OPERATOR, slug=slug, entries=[entry(n) for n in numbers], origin="a file")


def found(*asked: bytes) -> list[tuple[int, int]]:
    """(which was asked, distance), by the index alone."""
    index_files._held.looked = float("-inf")
    hits = index_files.near(words_of(asked), 31)
    return sorted(zip(hits.value.tolist(), hits.distance.tolist(), strict=True))


def behind() -> int:
    index_files._held.looked = float("-inf")
    return index_state().behind


@pytest.mark.parametrize("count", [0, 1, 30])
def test_with_and_without_a_file_the_same_is_found(count: int, home: Path) -> None:
    a_list()
    grown(*range(count))
    asked = [near(n, 5) for n in range(40)]
    before = found(*asked)
    assert before == [(n, 5) for n in range(count)]
    assert behind() == count
    build_index(WORKER)
    assert (found(*asked), behind()) == (before, 0)
    assert [path.name for path in home.glob("*.index")] == ["pdq-000001.index"]


def test_what_came_later_is_searched_beside_the_file_and_a_new_file_takes_the_olds_place(home: Path) -> None:
    a_list()
    grown(1)
    build_index(WORKER)
    grown(2)
    grown(3)
    assert (found(value(1), value(2), value(3)), behind()) == ([(0, 0), (1, 0), (2, 0)], 2)
    build_index(WORKER)
    assert (found(value(1), value(2), value(3)), behind()) == ([(0, 0), (1, 0), (2, 0)], 0)
    assert [path.name for path in home.glob("*.index")] == ["pdq-000002.index"]


def test_a_batch_counts_from_its_end() -> None:
    a_list()
    grown(1)
    Batch.objects.update(ended_at=None)
    build_index(WORKER)
    assert found(value(1)) == []
    Batch.objects.update(ended_at="2026-03-01T00:00:00Z")
    assert found(value(1)) == [(0, 0)]


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5000])


def _no_manifest(file: Path) -> None:
    (file.parent / "pdq.json").unlink()


def _garbled(file: Path) -> None:
    (file.parent / "pdq.json").write_text("{")


def _elsewhere(file: Path) -> None:
    told = json.loads((file.parent / "pdq.json").read_text())
    (file.parent / "pdq.json").write_text(json.dumps({**told, "file": "../../etc/passwd"}))


@pytest.mark.parametrize("harm", [Path.unlink, _cut, _no_manifest, _garbled, _elsewhere])
def test_a_file_that_cannot_be_used_hides_nothing_and_says_so(harm: object, home: Path) -> None:
    a_list()
    grown(*range(9))
    build_index(WORKER)
    (file,) = home.glob("*.index")
    harm(file)  # type: ignore[operator]
    assert found(value(3)) == [(0, 0)]
    state = index_state()
    assert state.behind == 9
    assert bool(state.fault) == (harm is not _no_manifest)
    build_index(WORKER)
    assert (found(value(3)), behind(), index_state().fault) == ([(0, 0)], 0, "")


def test_a_changed_byte_is_found_when_the_worker_begins(home: Path) -> None:
    a_list()
    grown(*range(9))
    build_index(WORKER)
    (file,) = home.glob("*.index")
    raw = bytearray(file.read_bytes())
    raw[5000] ^= 1
    file.write_bytes(raw)
    assert "damaged" in index_files.verify() or found(*(value(n) for n in range(9)))
    assert found(*(value(n) for n in range(9))) == [(n, 0) for n in range(9)]


def test_a_file_that_speaks_for_another_database_is_not_believed() -> None:
    """A copy of an older database came back: the same ids stand for other values."""
    a_list()
    grown(1, 2)
    build_index(WORKER)
    for signal, number in zip(Signal.objects.order_by("id"), (7, 8), strict=True):
        Signal.objects.filter(pk=signal.pk).update(value=value(number))
    report = a_report({"pdq": value(1)}, {"pdq": near(7, 4)})
    match_reports(WORKER, report_ids=[report.pk])
    assert list(Match.objects.values_list("content", "distance")) == [(1, 4)]
    Batch.objects.update(ended_at="2026-03-01T00:00:00Z")
    assert found(value(7), value(1)) == [(0, 0)]


def test_the_worker_builds_when_much_came_in_and_lets_go_of_withdrawn_lists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_files, "SIGNALS_BY_HAND", 4)
    a_list()
    a_list("other")
    grown(*range(4))
    assert keep_index(WORKER) == 0
    grown(9, slug="other")
    assert (keep_index(WORKER), keep_index(WORKER)) == (1, 0)
    withdraw_list(OPERATOR, slug="partner", reason="The agreement ended.")
    assert index_state().needless == 4
    monkeypatch.setattr(index_files, "SIGNALS_BY_HAND", 3)
    assert keep_index(WORKER) == 1
    state = index_state()
    assert (state.rows, state.needless, state.behind) == (1, 0, 0)


def test_many_hashes_are_indexed_by_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    class Child:
        def __init__(self, command: list[str], **how: object) -> None:
            started.append(command[-3:])

        def poll(self) -> int | None:
            return None

    monkeypatch.setattr(index_files, "SIGNALS_BY_HAND", 1)
    monkeypatch.setattr(indexing, "IN_PROCESS", 2)
    monkeypatch.setattr(indexing.subprocess, "Popen", Child)
    monkeypatch.setattr(indexing, "_child", [])
    a_list()
    grown(1, 2, 3)
    assert (keep_index(WORKER), keep_index(WORKER)) == (1, 0)
    assert started == [["lists", "index", "--build"]]


def test_two_builders_at_once_are_one(home: Path) -> None:
    a_list()
    grown(1)
    home.mkdir()
    with index_files._lock() as mine:
        assert mine
        assert index_state().building
        assert build_index(WORKER) is None
    assert build_index(WORKER) is not None
    assert not index_state().building
