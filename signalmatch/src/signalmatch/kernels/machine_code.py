"""Loops that were compiled once, called without numba.

`import numba` takes half a second, and a single photo's hash three milliseconds. So what a photo and a short list need
is kept as machine code in files of our own, made when the command first runs on a machine (`kernels.compiling`, which
is where numba is), and loaded by LLVM's linker alone. A file is believed only if it was made from these sources, by
this numba and for this processor, is whole, and belongs to whoever runs it, to root or to the sources' owner. So where
others can write into the folder, too, their code is not run; but numba, when it starts, runs what lies in its own.

Such a loop takes arrays and numbers, writes into arrays that it was given, makes none, and returns a whole number.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import json
import math
import os
import struct
import tempfile
import threading
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import llvmlite
import numpy as np
import numpy.typing as npt
from llvmlite import binding as llvm

_HERE = Path(__file__).parent
_MEANT = ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_ENABLE_AVX", "NUMBA_OPT", "NUMBA_BOUNDSCHECK")
"""What of the environment numba heeds when it compiles."""

Takes = tuple[np.dtype[Any], int, bool]
"""Of an array or number: (its kind, dimensions: 0 for a single number, whether it is written to)."""
_LINE = 64
_WHOLE, _REAL = struct.Struct("=q"), struct.Struct("=d")
_ARRAYS = [struct.Struct(f"={5 + 2 * dimensions}q") for dimensions in range(4)]
_BYTE = ctypes.c_char
_CALL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
"""(every argument in words of 64 bits, where the result goes) → 0, if all was well."""


class CannotRun(Exception):
    """Code that names what only numba has: a mistake in a kernel, never in what it is given."""


class Kernel:
    """One loop, the function of that name in that module, loaded when it is first called."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name
        self._lock = threading.Lock()
        self._takes: list[tuple[Takes, ...]] = []
        self._code: Any = None

    def load(self) -> None:
        """Have the code now: from its file, or else by compiling it, which takes some seconds."""
        with self._lock:
            if self._code is not None:
                return
            made = _kept(self._name)
            if made is None:
                from signalmatch.kernels import compiling  # where numba is

                made = compiling.made(self._module, self._name)
                _keep(self._name, *made)
            head, code = made
            takes = [[(np.dtype(kind), *told) for kind, *told in several] for several in head["takes"]]
            self._takes = [tuple(several) for several in takes]
            self._code = _CALL(_linked(head["symbol"], code))

    def __call__(self, *arguments: int | float | npt.NDArray[Any] | Rooms) -> int:
        """What it returns. TypeError where an argument is not of the kind that it was compiled for."""
        if self._code is None:
            self.load()
        words: list[bytes] = []
        for value, takes in zip(arguments, self._takes, strict=True):
            if isinstance(value, Rooms):
                if value.known is not takes:
                    value.learn(takes)
                words.append(value.words)
            else:
                if len(takes) != 1:
                    raise TypeError(f"{len(takes)} rooms are wanted, not {type(value).__name__}")
                words.append(_words(value, *takes[0]))
        result = ctypes.c_int64()
        if self._code(b"".join(words), ctypes.addressof(result)):
            raise RuntimeError(f"{self._name} failed")
        return result.value


class Rooms(tuple[npt.NDArray[Any], ...]):
    """Arrays that a loop writes to on its way, told to it as one argument, and quickly when they are used again."""

    known: tuple[Takes, ...] = ()
    words = b""

    def learn(self, takes: tuple[Takes, ...]) -> None:
        """TypeError where they are not of these kinds."""
        self.words = b"".join(_words(array, *kind) for array, kind in zip(self, takes, strict=True))
        self.known = takes

    @classmethod
    def of(cls, *wanted: tuple[Any, Any]) -> Rooms:
        """Rooms of (shape, kind), with anything in them, each on an address of whole cache lines: vectors that lie
        across two take twice the time."""
        sizes = [math.prod(shape) * np.dtype(kind).itemsize for shape, kind in wanted]
        ends = list(accumulate(-(-size // _LINE) * _LINE for size in sizes))
        whole = np.empty(ends[-1] + _LINE, np.uint8)
        whole = whole[-whole.ctypes.data % _LINE :]
        return cls(
            whole[end - -(-size // _LINE) * _LINE :][:size].view(kind).reshape(shape)
            for end, size, (shape, kind) in zip(ends, sizes, wanted, strict=True)
        )


def _words(array: Any, kind: np.dtype[Any], dimensions: int, changed: bool) -> bytes:
    """As numba's loops are told of an array: no owner, its size, where it is, shape and steps. Or of a number."""
    if not dimensions:
        return _REAL.pack(array) if kind == np.float64 else _WHOLE.pack(array)
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{kind} in {dimensions} dimensions is wanted, not {type(array).__name__}")
    flags = array.flags
    lies_well = flags.c_contiguous and flags.aligned and flags.writeable >= changed
    if array.dtype != kind or array.ndim != dimensions or not lies_well:
        raise TypeError(f"{kind} in {dimensions} dimensions, one after the other, is wanted")
    quick = flags.writeable and array.size  # then there is a quicker way to ask where it is
    where = ctypes.addressof(_BYTE.from_buffer(array)) if quick else array.ctypes.data  # type: ignore[arg-type]
    return _ARRAYS[dimensions].pack(0, 0, array.size, array.itemsize, where, *array.shape, *array.strides)


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
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            first, _, code = _trusted(folder / f"{name}.kernel").partition(b"\n")
            head = json.loads(first)
            if head["made_for"] == _made_for() and head["sha256"] == _sum_of(name, head, code):
                return head, code
    return None


def _trusted(file: Path) -> bytes:
    """What is in it. PermissionError if it belongs to somebody who has no say here."""
    with file.open("rb") as opened:
        if os.name == "posix" and os.fstat(opened.fileno()).st_uid not in _owners():
            raise PermissionError(f"{file} belongs to another user")
        return opened.read()


def _owners() -> set[int]:
    """Who could have run other code here anyway."""
    return {0, os.geteuid(), _HERE.stat().st_uid}


def _sum_of(name: str, head: dict[str, Any], code: bytes) -> str:
    """Over all that is believed of a file: what a loop takes decides what it may touch."""
    told = json.dumps([name, head["symbol"], head["takes"]])
    return hashlib.sha256(told.encode() + b"\n" + code).hexdigest()


def _keep(name: str, head: dict[str, Any], code: bytes) -> None:
    """Write it where that is possible; where it is not, it is compiled again at the next start."""
    head |= {"made_for": _made_for(), "sha256": _sum_of(name, head, code)}
    for folder in _folders():
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            number, written = tempfile.mkstemp(dir=folder, prefix=name)
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(json.dumps(head).encode() + b"\n" + code)
                Path(written).chmod(0o644)  # the code of a shared installation is everybody's to read
                Path(written).replace(folder / f"{name}.kernel")
            except BaseException:  # a full disk, or a stranger's file of that name
                Path(written).unlink(missing_ok=True)
                raise
            return


_linking = threading.Lock()
_linked_code: list[Any] = []


def _linked(symbol: str, code: bytes) -> int:
    """The address of a function of an object file, which stays loaded as long as the process."""
    with _linking:
        if not _linked_code:
            llvm.initialize_native_target()
            llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault", jit=True)
        engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        _linked_code.append(engine)
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        engine.finalize_object()
        return int(engine.get_function_address(symbol))
