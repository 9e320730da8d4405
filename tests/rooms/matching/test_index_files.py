"""The index on the disk: absent, behind, damaged, or of another database, it makes matching slower and never blind."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value
from tests.rooms.matching.reported import a_report, near

import signalmatch
from amaan.authority.actors import Actor
from amaan.matching import index_files
from amaan.matching.domain.comparing import words_of
from amaan.matching.models import Batch, Match, Signal
from amaan.matching.selectors import index_state
from amaan.matching.services import (
    add_survivor_hash,
    grow_list,
    indexing,
    withdraw_list,
    withdraw_survivor_hash,
)
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
    index_files.look_again()
    hits = index_files.near(words_of(asked), 31)
    return sorted(zip(hits.value.tolist(), hits.distance.tolist(), strict=True))


def behind() -> int:
    index_files.look_again()
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


def _of_another_shape(file: Path) -> None:
    (file.parent / "pdq.json").write_text(json.dumps({"batches": [], "of_batch": {}}))


def _built_never(file: Path) -> None:
    told = json.loads((file.parent / "pdq.json").read_text())
    (file.parent / "pdq.json").write_text(json.dumps({**told, "built_at": "soon"}))


def _elsewhere(file: Path) -> None:
    told = json.loads((file.parent / "pdq.json").read_text())
    (file.parent / "pdq.json").write_text(json.dumps({**told, "file": "../../etc/passwd"}))


@pytest.mark.parametrize(
    "harm", [Path.unlink, _cut, _no_manifest, _garbled, _of_another_shape, _built_never, _elsewhere]
)
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


def test_a_folder_that_is_not_ours_hides_nothing_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it is when root built the index and the service runs as somebody else."""
    a_list()
    grown(1, 2)
    build_index(WORKER)

    def refused(*_given: object, **_how: object) -> object:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as there:
        for door in ("stat", "open", "unlink"):
            there.setattr(Path, door, refused)
        assert found(value(2)) == [(0, 0)]
        state = index_state()
        assert (state.behind, state.building, state.fault[:15]) == (2, False, "PermissionError")
        index_files.mistrust()
        assert found(value(2)) == [(0, 0)]
    assert (behind(), index_state().fault) == (0, "")


def test_a_survivors_hash_lies_in_no_file_and_goes_from_memory_when_taken_back(home: Path) -> None:
    a_list()
    grown(1)
    one, two = (add_survivor_hash(staff(), pdq=value(n), quality=90) for n in (7, 8))
    build_index(WORKER)
    (file,) = home.glob("*.index")
    index = signalmatch.HammingIndex.open(file)
    assert len(index.search(words_of([value(7), value(8)]), 31)[0]) == 0
    assert found(value(1), value(7), value(8)) == [(0, 0), (1, 0), (2, 0)]
    assert (index_state().rows, behind()) == (1, 0)
    withdraw_survivor_hash(staff(), reference=one)
    assert found(value(1), value(7), value(8)) == [(0, 0), (2, 0)]
    withdraw_survivor_hash(staff(), reference=two)
    assert found(value(1), value(7), value(8)) == [(0, 0)]


def test_a_batch_that_comes_while_another_goes_is_seen() -> None:
    """On PostgreSQL a lower number may be committed later, and leave count, number and moment as they were."""
    for slug in ("partner", "other", "third"):
        a_list(slug)
    grown(1)
    grown(2, slug="other")
    grown(3, slug="third")
    first, second, _ = Batch.objects.order_by("pk")
    Batch.objects.filter(pk=first.pk).update(ended_at=None)
    assert found(value(1), value(2), value(3)) == [(1, 0), (2, 0)]
    Batch.objects.filter(pk=first.pk).update(ended_at=second.ended_at)
    withdraw_list(OPERATOR, slug="other", reason="The agreement ended.")
    assert found(value(1), value(2), value(3)) == [(0, 0), (2, 0)]


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


def test_what_can_not_be_built_is_not_tried_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []

    class Failing:
        def __init__(self, _command: list[str], **_how: object) -> None:
            started.append(1)

        def poll(self) -> int:
            return 1

    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(index_files, "SIGNALS_BY_HAND", 1)
    monkeypatch.setattr(indexing, "_child", [])
    monkeypatch.setattr(indexing, "_not_before", [])
    a_list()
    grown(1, 2, 3)
    with monkeypatch.context() as there:
        there.setattr(index_files, "build", full)
        with pytest.raises(OSError, match="No space"):
            keep_index(WORKER)
        assert keep_index(WORKER) == 0
    monkeypatch.setattr(indexing, "_not_before", [])
    with monkeypatch.context() as there:
        there.setattr(indexing, "IN_PROCESS", 2)
        there.setattr(indexing.subprocess, "Popen", Failing)
        assert [keep_index(WORKER) for _ in range(4)] == [1, 0, 0, 0]
    assert started == [1]
    monkeypatch.setattr(indexing, "AFTER_A_FAULT", 0.0)
    monkeypatch.setattr(indexing, "_not_before", [0.0])
    assert keep_index(WORKER) == 1


def test_who_asks_whether_somebody_builds_keeps_nobody_from_it(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_list()
    grown(1)
    build_index(WORKER)
    with (home / "pdq.lock").open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        monkeypatch.setattr(index_files.time, "sleep", lambda _seconds: asking.close())
        assert build_index(WORKER) is not None


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
