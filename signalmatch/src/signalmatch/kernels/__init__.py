"""Compiled inner loops, each with a plain twin `<name>_reference`.

numba keeps compiled code beside these files, or in the user's cache folder, or where NUMBA_CACHE_DIR says. Where none
of these can be written (a service with a read-only home) it would refuse to import them at all: then the code goes to
a folder of this process's own and is compiled at every start. Such a folder is never shared: who can write there can
run code here.

numba keeps a function's code until the text of the function's own file changes, whatever becomes of those that it
calls. So all is forgotten here when any of these files, or numba, is another than when the folder was filled.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import importlib
import shutil
import sys
import tempfile
from pathlib import Path

import numba


def _load_without_blas() -> None:
    """Where scipy is installed numba reads its linear algebra when its array functions load: 0.2 s of each start, to
    know whether a matrix product would compile. No kernel has one. Afterwards scipy is there as before."""
    blas = "scipy.linalg.cython_blas"
    if blas in sys.modules or "numba.np.arraymath" in sys.modules:
        return
    vars(sys)["modules"][blas] = None  # as Python's import takes a module that is known to be absent
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        sys.modules.pop(blas, None)


def _probe() -> None:
    """Compiled by nobody: only to ask whether its code could be kept."""


def _digest(folder: Path) -> str:
    found = hashlib.sha256(numba.__version__.encode())
    for file in sorted(folder.glob("*.py")):
        found.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _forget_other_code(kept: Path, digest: str) -> None:
    """Remove numba's indices from the folder unless they are of these sources; it then compiles anew."""
    note = kept / "kernels.sha256"
    # Others may start at the same time: what they removed, or wrote meanwhile, is only compiled once more.
    with contextlib.suppress(OSError):
        if note.is_file() and note.read_text() == digest:
            return
        for index in kept.glob("*.nbi"):
            index.unlink(missing_ok=True)
        kept.mkdir(parents=True, exist_ok=True)
        note.write_text(digest)


def _keep_compiled_code() -> None:
    try:
        kept = numba.njit(cache=True)(_probe).stats.cache_path
        if kept is not None:
            _forget_other_code(Path(kept), _digest(Path(__file__).parent))
    except RuntimeError:
        folder = tempfile.mkdtemp(prefix="signalmatch-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        vars(numba.config)["CACHE_DIR"] = folder


_load_without_blas()
_keep_compiled_code()
