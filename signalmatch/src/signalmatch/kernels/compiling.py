"""Where numba is: compiled loops that are called through it, and those that are kept as machine code of our own.

numba keeps compiled code beside these files, or in the user's cache folder, or where NUMBA_CACHE_DIR says. Where none
of these can be written (a service with a read-only home) it would refuse to import them at all: then the code goes to
a folder of this process's own and is compiled at every start. Such a folder is never shared: who can write there can
run code here.

numba keeps a function's code until the text of the function's own file changes, whatever becomes of those that it
calls. So all is forgotten here when any of these files, or numba, is another than when the folder was filled.

Every module of compiled loops takes `njit` or `kept` from here, so that this has been done before.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import importlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
from numba import njit, types
from numba.core.registry import cpu_target

from signalmatch.kernels.machine_code import NEVER_CALLED, digest_of

__all__ = ["kept", "made", "njit", "types"]

Function = TypeVar("Function", bound=Callable[..., int])


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
            _forget_other_code(Path(kept), digest_of(Path(__file__).parent, numba.__version__))
    except RuntimeError:
        folder = tempfile.mkdtemp(prefix="signalmatch-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        vars(numba.config)["CACHE_DIR"] = folder


_signatures: dict[Callable[..., int], Any] = {}


def kept(*takes: Any) -> Callable[[Function], Function]:
    """A loop that `machine_code.Kernel` calls, of arguments of these numba types. It returns a whole number, and makes
    no array: that would need numba where it runs."""

    def noted(function: Function) -> Function:
        _signatures[function] = types.intp(*takes)
        return function

    return noted


def made(module: str, name: str) -> tuple[dict[str, Any], bytes]:
    """(what `Kernel` must know of it, object file) of a function that is `kept`."""
    function = getattr(importlib.import_module(f"signalmatch.kernels.{module}"), name)
    signature = _signatures[function]
    compiled = njit(signature, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)
    ((_, result),) = compiled.overloads.items()
    code = result.library._final_module
    process = ctypes.CDLL(None)
    named = [*code.functions, *code.global_variables]
    outside = {one.name for one in named if one.is_declaration and not one.name.startswith("llvm.")}
    absent = sorted(one for one in outside - set(NEVER_CALLED) if not hasattr(process, one))
    if absent:
        raise TypeError(f"{name} can't run without numba: it names {', '.join(absent)}")
    machine = cpu_target.target_context.codegen()._tm
    takes = [_told(kind) for one in signature.args for kind in (one if _is_tuple(one) else [one])]
    head = {"symbol": result.fndesc.llvm_func_name, "takes": takes}
    return head, machine.emit_object(code)


def _is_tuple(kind: Any) -> bool:
    return isinstance(kind, types.BaseTuple)


def _told(kind: Any) -> tuple[str, int, bool]:
    """(kind of number, dimensions, 0 for a number, whether it is written to)."""
    if isinstance(kind, types.Array):
        return str(kind.dtype), kind.ndim, kind.mutable
    return str(kind), 0, False


_load_without_blas()
_keep_compiled_code()
