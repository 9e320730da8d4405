"""Loops that were compiled once, called without numba.

`import numba` takes half a second, and a single photo's hash three milliseconds. So what a photo and a short list need
is kept as machine code in files of our own, made when the command first runs on a machine (`kernels.compiling`, which
is where numba is), and loaded by LLVM's linker alone. A file is believed only if it was made from these sources, by
this numba and for this processor, and is whole. Who can write into the folder can run code, as with numba's own.

Such a loop takes arrays and numbers, writes into arrays that it was given, makes none, and returns a whole number.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib
import importlib.util
import json
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numpy as np
import numpy.typing as npt
from llvmlite import binding as llvm

_HERE = Path(__file__).parent
_MEANT = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_ENABLE_AVX", "NUMBA_OPT", "NUMBA_BOUNDSCHECK")
"""What of the environment numba heeds when it compiles."""
NEVER_CALLED = ("NRT_MemInfo_call_dtor",)
"""numba's own functions that code may name where an array could own memory. None of ours does: they never run."""

Argument = int | float | npt.NDArray[Any] | tuple[Any, ...]


class Kernel:
    """One loop, loaded when it is first called: `kernels.<module>.<name>`."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name
        self._lock = threading.Lock()
        self._takes: list[tuple[str, int, bool]] = []
        self._code: Any = None

    def load(self) -> None:
        """Have the code now: from its file, or else by compiling it, which takes some seconds."""
        with self._lock:
            if self._code is not None:
                return
            made = _kept(self._name)
            if made is None:
                compiling = importlib.import_module("signalmatch.kernels.compiling")
                made = compiling.made(self._module, self._name)
                _keep(self._name, *made)
            head, code = made
            self._takes = [(kind, dimensions, changed) for kind, dimensions, changed in head["takes"]]
            words: list[Any] = [ctypes.c_void_p, ctypes.c_void_p]
            for kind, dimensions, _ in self._takes:
                if dimensions:
                    words += [ctypes.c_void_p] * 2 + [ctypes.c_ssize_t] * 2 + [ctypes.c_void_p]
                    words += [ctypes.c_ssize_t] * (2 * dimensions)
                else:
                    words.append(ctypes.c_double if kind == "float64" else ctypes.c_ssize_t)
            address = _linked(head["symbol"], code)
            self._code = ctypes.CFUNCTYPE(ctypes.c_int, *words)(address)

    def __call__(self, *arguments: Argument) -> int:
        """What it returns. TypeError where an argument is not of the kind that it was compiled for."""
        if self._code is None:
            self.load()
        words: list[Any] = []
        for value, (kind, dimensions, changed) in zip(_flat(arguments), self._takes, strict=True):
            if not dimensions:
                words.append(value)
                continue
            flags = value.flags
            if (
                value.dtype != kind
                or value.ndim != dimensions
                or not flags.c_contiguous
                or (changed and not flags.writeable)
            ):
                raise TypeError(f"{self._name} wants {kind} in {dimensions} dimensions, one after the other")
            words += (None, None, value.size, value.itemsize, value.ctypes.data, *value.shape, *value.strides)
        result, error = ctypes.c_ssize_t(), ctypes.c_void_p()
        if self._code(ctypes.addressof(result), ctypes.addressof(error), *words):
            raise RuntimeError(f"{self._name} failed")
        return result.value


def _flat(arguments: Sequence[Argument]) -> Iterator[Any]:
    for one in arguments:
        if isinstance(one, tuple):
            yield from one
        else:
            yield one


def digest_of(folder: Path, *others: str) -> str:
    """Of every source file in the folder, and of what else code depends on."""
    found = hashlib.sha256("\0".join(others).encode())
    for file in sorted(folder.glob("*.py")):
        found.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


@cache
def _made_for() -> str:
    """A digest of the sources, the compiler and the processor."""
    numba = importlib.util.find_spec("numba")
    # Its version, without loading it.
    told = Path(next(iter((numba and numba.submodule_search_locations) or [""]))) / "_version.py"
    return digest_of(
        _HERE,
        told.read_text("utf-8") if told.is_file() else "",
        llvmlite.__version__,
        llvm.get_process_triple(),
        llvm.get_host_cpu_name(),
        llvm.get_host_cpu_features().flatten(),
        *(os.environ.get(name, "") for name in _MEANT),
    )


def _folders() -> list[Path]:
    """Where code is looked for and kept: as numba does, beside the sources or in the user's folder."""
    told = os.environ.get("NUMBA_CACHE_DIR")
    if told:
        return [Path(told) / "signalmatch"]
    mine = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    with contextlib.suppress(RuntimeError):  # no home
        return [_HERE / "__pycache__", Path(mine).expanduser() / "signalmatch"]
    return [_HERE / "__pycache__"]


def _kept(name: str) -> tuple[dict[str, Any], bytes] | None:
    """(what was written about it, object file), if there is one that may be used."""
    for folder in _folders():
        with contextlib.suppress(OSError, ValueError, KeyError):
            first, _, code = (folder / f"{name}.kernel").read_bytes().partition(b"\n")
            head = json.loads(first)
            if head["made_for"] == _made_for() and head["sha256"] == hashlib.sha256(code).hexdigest():
                return head, code
    return None


def _keep(name: str, head: dict[str, Any], code: bytes) -> None:
    """Write it where that is possible; where it is not, it is compiled again at the next start."""
    head |= {"made_for": _made_for(), "sha256": hashlib.sha256(code).hexdigest()}
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder, prefix=name, delete=False) as file:
                file.write(json.dumps(head).encode() + b"\n" + code)
            Path(file.name).replace(folder / f"{name}.kernel")
            return


_linking = threading.Lock()
_linked_code: list[Any] = []


def _linked(symbol: str, code: bytes) -> int:
    """The address of a function of an object file, which stays loaded as long as the process."""
    with _linking:
        if not _linked_code:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
            abort = ctypes.cast(ctypes.CDLL(None).abort, ctypes.c_void_p).value
            for name in NEVER_CALLED:
                llvm.add_symbol(name, abort)
        machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault", jit=True)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        _linked_code.append(engine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return int(engine.get_function_address(symbol))


