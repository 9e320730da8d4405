"""`signalmatch hash`, and what a start of the command costs."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.signalmatch.command import run
from tests.signalmatch.pictures import a_jpeg

from signalmatch import cli, photo_signals
from signalmatch.kernels import photo


def test_hash_prints_what_the_library_says(tmp_path: Path) -> None:
    path = tmp_path / "a photo.jpg"
    path.write_bytes(a_jpeg())
    told = run(["hash", "--json", str(path)])
    assert told.exit_code == 0
    (row,) = json.loads(told.stdout)
    found = photo_signals(a_jpeg())
    assert found.pdq is not None
    assert (row["file"], row["pdq"], row["quality"]) == (str(path), found.pdq.hex(), found.quality)
    assert row["sha256"] == hashlib.sha256(a_jpeg()).hexdigest()
    plain = run(["hash", str(path)])
    assert found.pdq.hex() in plain.stdout


def test_a_file_that_is_no_photo_or_is_not_there_is_told_and_the_others_are_hashed(tmp_path: Path) -> None:
    good, text = tmp_path / "good.jpg", tmp_path / "text.txt"
    good.write_bytes(a_jpeg())
    text.write_text("no photo")
    told = run(["hash", "--json", str(text), str(tmp_path / "absent"), str(good)])
    rows = json.loads(told.stdout)
    assert told.exit_code == 1
    assert rows[0]["why_no_pdq"] == "UndecodablePicture"
    assert rows[0]["sha256"] == hashlib.sha256(b"no photo").hexdigest()
    assert rows[1]["error"]
    assert rows[2]["pdq"]
    plain = run(["hash", str(text), str(tmp_path / "absent")])
    assert "UndecodablePicture" in plain.stdout


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv.pop(1)); sys.argv = ['signalmatch', '--help']\n"
        "from signalmatch.cli import main\n"
        "try: main()\n"
        "except SystemExit: assert not {'numba', 'numpy', 'PIL'} & set(sys.modules)"
    )
    subprocess.run(
        [sys.executable, "-c", code, json.dumps(sys.path)], check=True, stdout=subprocess.DEVNULL, timeout=60
    )


def test_a_second_start_loads_neither_numba_nor_what_draws_bars(tmp_path: Path) -> None:
    """Half a second, for three milliseconds of hashing. The code that was compiled is loaded by itself."""
    photo, known = tmp_path / "a.jpg", tmp_path / "known.txt"
    photo.write_bytes(a_jpeg())
    known.write_text(f"pdq {'0f' * 32}\n")
    code = (
        "import sys, json; sys.path[:] = json.loads(sys.argv.pop(1)); from signalmatch import cli\n"
        "assert cli.run(sys.argv[1:]) == 0\n"
        "assert not {'numba', 'scipy', 'rich', 'pi_heif', 'av'} & set(sys.modules), sorted(sys.modules)"
    )
    for arguments in (["hash", str(photo), "--json"], ["match", "--list", str(known), str(photo), "--json"]):
        cli.run(arguments)  # the first start compiles
        subprocess.run(
            [sys.executable, "-c", code, json.dumps(sys.path), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


def test_warm_has_every_loop_of_a_photo_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    for one in photo.ALL:
        monkeypatch.setattr(one, "_code", None)
    assert cli.run(["warm"]) == 0
    assert all(one._code for one in photo.ALL)


def test_where_no_cache_can_be_written_it_is_compiled_for_this_run_and_nothing_is_left(
    tmp_path: Path,
) -> None:
    """numba would refuse to import; the folder of compiled code is this process's own and goes with it."""
    code = (
        "import sys, json, os; sys.path[:] = json.loads(sys.argv[1])\n"
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = [caching.UserProvidedCacheLocator]\n"
        "import signalmatch.kernels.compiling, numba; print(numba.config.CACHE_DIR)"
    )
    kept = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    told = subprocess.run(
        [sys.executable, "-c", code, json.dumps(sys.path)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
        env={**kept, "TMPDIR": str(tmp_path)},
    )
    assert Path(told.stdout.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == []
