"""Where numba is: compiled loops that are called through it, and those that are kept as machine code of our own.

numba keeps compiled code beside these files, or in the user's cache folder, or where NUMBA_CACHE_DIR says. Where none
of these can be written (a service with a read-only home) it would refuse to import them at all: then the code goes to
a folder of this process's own and is compiled at every start. Such a folder is never shared: who can write there can
run code here.

numba keeps a function's code until the text of the function's own file changes, whatever becomes of those that it
calls. So all is forgotten here when any of these files, or numba, is another than when the folder was filled.

Every module of compiled loops takes `njit` or `kept` from here, so that this has been done before.
"""

# mypy: disable-error-code="no-untyped-call,assignment,misc"
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
from llvmlite import binding as llvm
from llvmlite import ir
from numba import njit, types
from numba.core.compiler import Flags, compile_extra
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target

from signalmatch.kernels.machine_code import CannotRun, digest_of

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


@global_compiler_lock  # as numba holds it: two threads may want their first loop at once
def made(module: str, name: str) -> tuple[dict[str, Any], bytes]:
    """(what `Kernel` must know of it, object file) of a function that is `kept`."""
    function = getattr(importlib.import_module(module), name)
    signature = _signatures[function]
    flags = Flags()  # without what counts who uses an array: then numba refuses a loop that makes one
    flags.no_cpython_wrapper = flags.no_cfunc_wrapper = True
    flags.noalias = True  # what a loop is given lies apart
    context = cpu_target.target_context
    try:
        result = compile_extra(
            cpu_target.typing_context, context, function, signature.args, signature.return_type, flags, {}
        )
    except NumbaError as why:
        raise CannotRun(f"{name} can't run without numba: {why}") from why
    code = result.library._final_module
    entry = f"signalmatch_{name}"
    kind = context.call_conv.get_function_type(signature.return_type, signature.args)
    code.link_in(llvm.parse_assembly(_entry(kind, result.fndesc.llvm_func_name, entry)))
    process = ctypes.CDLL(None)
    named = [*code.functions, *code.global_variables]
    outside = {one.name for one in named if one.is_declaration and not one.name.startswith("llvm.")}
    absent = sorted(one for one in outside if not hasattr(process, one))
    if absent:
        raise CannotRun(f"{name} can't run without numba: it names {', '.join(absent)}")
    takes = [
        [_told(one) for one in (several if _is_tuple(several) else [several])] for several in signature.args
    ]
    return {"symbol": entry, "takes": takes}, context.codegen()._tm.emit_object(code)


def _entry(kind: ir.FunctionType, inner: str, name: str) -> str:
    """LLVM's text of a function that takes the address of the arguments, each a word of 64 bits, and that of the
    result, and calls the loop as numba wants it called: (result, error, arguments one by one)."""
    module, word = ir.Module(), ir.IntType(64)
    loop = ir.Function(module, kind, inner)
    outer = ir.Function(module, ir.FunctionType(ir.IntType(32), [word.as_pointer()] * 2), name)
    builder = ir.IRBuilder(outer.append_basic_block())
    words, result = outer.args
    given = [builder.bitcast(result, kind.args[0]), builder.alloca(kind.args[1].pointee)]
    for at, one in enumerate(kind.args[2:]):
        place = builder.gep(words, [word(at)])
        given.append(builder.load(builder.bitcast(place, one.as_pointer())))
    builder.ret(builder.call(loop, given))
    return str(module)


def _is_tuple(kind: Any) -> bool:
    return isinstance(kind, types.BaseTuple)


def _told(kind: Any) -> tuple[str, int, bool]:
    """(kind of number, dimensions, 0 for a number, whether it is written to)."""
    if isinstance(kind, types.Array):
        return str(kind.dtype), kind.ndim, kind.mutable
    return str(kind), 0, False


_load_without_blas()
_keep_compiled_code()
