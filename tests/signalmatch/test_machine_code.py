"""Compiled loops without numba: which files are believed, and what a loop refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from signalmatch.kernels import compiling, machine_code
from signalmatch.kernels.compiling import kept, types
from signalmatch.kernels.machine_code import CannotRun, Kernel, Rooms

NUMBERS = types.Array(types.int64, 1, "C")


@kept(NUMBERS, types.intp, types.float64)
def added(numbers: np.ndarray[tuple[int], np.dtype[np.int64]], one: int, half: float) -> int:
    total = 0
    for i in range(numbers.size):
        total += numbers[i]
        numbers[i] = 0
    return total + one + int(2 * half)


@kept(types.Tuple([NUMBERS, NUMBERS]))
def in_two_rooms(rooms: tuple[np.ndarray[tuple[int], np.dtype[np.int64]], ...]) -> int:
    return int(rooms[0][0] + rooms[1][0])


@kept(types.intp)
def made_of_arrays(length: int) -> int:
    return len(np.empty(length)) + int(np.zeros(3).sum())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where code is kept for this test."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    return tmp_path / "signalmatch"


def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names that are compiled from now on."""
    names: list[str] = []
    made = compiling.made

    def noted(module: str, name: str) -> tuple[dict[str, object], bytes]:
        names.append(name)
        return made(module, name)

    monkeypatch.setattr(compiling, "made", noted)
    return names


def test_a_loop_is_compiled_once_and_damaged_code_is_not_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = compiled(monkeypatch)
    numbers = np.arange(5)
    assert Kernel(__name__, "added")(numbers, 7, 0.5) == 18
    assert (numbers == 0).all()
    assert Kernel(__name__, "added")(np.arange(4), -7, 1.0) == 1
    assert names == ["added"]
    file = folder / "added.kernel"
    assert file.stat().st_mode & 0o777 == 0o644
    whole = file.read_bytes()
    for bad in (
        b"",
        whole[:-9],
        whole[:-1] + bytes([whole[-1] ^ 1]),
        b"{}\n",
        b"[1]\n",
        b"no\xff",
        whole[:30],
        whole.replace(b'[["int64", 1, true]]', b'[["int64", 2, true]]'),
    ):
        assert bad != whole
        file.write_bytes(bad)
        assert Kernel(__name__, "added")(np.arange(3), 0, 0.0) == 3
        assert len(names) > 1
        assert names.pop() == "added"
        assert len(file.read_bytes()) > len(whole) - 200


def test_code_of_another_user_or_of_another_loop_is_not_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = compiled(monkeypatch)
    Kernel(__name__, "added").load()
    (folder / "added.kernel").rename(folder / "taken.kernel")
    (folder / "added.kernel").write_bytes((folder / "taken.kernel").read_bytes())
    assert machine_code._kept("added")
    assert machine_code._kept("taken") is None
    monkeypatch.setattr(machine_code, "_owners", lambda: {-1})
    Kernel(__name__, "added").load()
    assert names == ["added", "added"]


def test_code_for_other_sources_or_another_processor_is_not_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = compiled(monkeypatch)
    Kernel(__name__, "added").load()
    monkeypatch.setattr(machine_code, "_made_for", lambda: "another")
    Kernel(__name__, "added").load()
    assert names == ["added", "added"]
    assert json.loads((folder / "added.kernel").read_bytes().partition(b"\n")[0])["made_for"] == "another"


def test_where_nothing_can_be_written_it_runs_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled(monkeypatch)
    folder.write_text("a file where the folder should be")
    assert Kernel(__name__, "added")(np.arange(3), 0, 0.0) == 3


def test_nothing_half_written_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "replace", refuse)
    assert Kernel(__name__, "added")(np.arange(3), 0, 0.0) == 3
    assert list(folder.iterdir()) == []


def test_wrong_arguments_are_refused_before_any_code_runs(folder: Path) -> None:
    assert folder
    loop = Kernel(__name__, "added")
    locked = np.arange(3)
    locked.flags.writeable = False
    astray = np.zeros(25, np.uint8)[1:].view(np.int64)
    table = np.arange(4).reshape(2, 2)
    for wrong in (np.arange(3.0), table, np.arange(8)[::2], locked, astray, [1, 2], 3, None):
        with pytest.raises(TypeError):
            loop(wrong, 0, 0.0)
    with pytest.raises(ValueError, match="zip"):
        loop(np.arange(3))
    with pytest.raises(TypeError):
        loop(Rooms((np.arange(3.0),)), 0, 0.0)
    assert loop(Rooms((np.arange(3),)), 0, 0.0) == 3
    two = Kernel(__name__, "in_two_rooms")
    with pytest.raises(TypeError):
        two(np.arange(3))
    with pytest.raises(ValueError, match="zip"):
        two(Rooms((np.arange(3),)))
    assert two(Rooms((np.arange(1, 3), np.arange(2, 4)))) == 3


def test_a_loop_that_would_need_numba_is_refused_when_it_is_compiled(folder: Path) -> None:
    assert folder
    with pytest.raises(CannotRun, match="made_of_arrays can't run without numba"):
        Kernel(__name__, "made_of_arrays").load()
