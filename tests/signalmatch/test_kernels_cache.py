"""Compiled code is kept only for the sources that it was compiled from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from signalmatch.kernels import compiling, machine_code

ASK = """
from signalmatch.kernels.caller import call
print(call())
"""
CALLER = """from signalmatch.kernels.compiling import njit
from signalmatch.kernels.callee import value
@njit(cache=True)
def call():
    return value()
"""
CALLEE = """from signalmatch.kernels.compiling import njit
@njit
def value():
    return {}
"""


def test_a_kernel_is_compiled_anew_when_only_what_it_calls_has_changed(tmp_path: Path) -> None:
    folder = tmp_path / "signalmatch" / "kernels"
    folder.mkdir(parents=True)
    (tmp_path / "signalmatch" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    for needed in (compiling, machine_code):
        shutil.copy(needed.__file__, folder)
    (folder / "caller.py").write_text(CALLER)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    for value in ("1", "1", "2"):
        (folder / "callee.py").write_text(CALLEE.format(value))
        done = subprocess.run(
            [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == value, done.stderr
        assert list(folder.glob("__pycache__/*.nbi"))  # it was kept
