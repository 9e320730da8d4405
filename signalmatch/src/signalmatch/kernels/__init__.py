"""Compiled inner loops, each with a plain twin `<name>_reference`.

numba keeps compiled code beside these files, or in the user's cache folder, or where NUMBA_CACHE_DIR says. Where none
of these can be written (a service with a read-only home) it would refuse to import them at all: then the code goes to
a folder of this process's own and is compiled at every start. Such a folder is never shared: who can write there can
run code here.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile

import numba


def _probe() -> None:
    """Compiled by nobody: only to ask whether its code could be kept."""


def _keep_compiled_code() -> None:
    try:
        numba.njit(cache=True)(_probe)
    except RuntimeError:
        folder = tempfile.mkdtemp(prefix="signalmatch-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        vars(numba.config)["CACHE_DIR"] = folder


_keep_compiled_code()
