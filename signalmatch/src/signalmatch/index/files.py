"""The file of an index: named arrays after a header, so that opening it is mapping it.

    0   8   magic, b"SIGMIDX\\n"
    8   4   version of the format, uint32, little-endian like everything here (1)
    12  4   length of the header, uint32
    16  32  SHA-256 of the header
    48  ..  the header: JSON, UTF-8: {"facts": {...}, "arrays": [{"name", "kind", "shape", "at", "crc32"}, ...]}
    ..      the arrays, each at a multiple of 4096 bytes (`at`, from the file's start), C order, `kind` as numpy writes
            it ("<u4")

Nothing in it is code: no pickle. A file appears whole or not at all (written beside, flushed to the disk, renamed).
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from signalmatch.errors import BadIndexFile

MAGIC = b"SIGMIDX\n"
VERSION = 1
_PAGE = 4096
_KINDS = frozenset({"<u1", "|u1", "<u2", "<u4", "<u8", "<i8"})
_HEADER_MOST = 1 << 20
_SLICE = 1 << 24

Arrays = dict[str, npt.NDArray[Any]]


def write(path: str | os.PathLike[str], facts: dict[str, Any], arrays: Arrays) -> None:
    """Save, atomically: readers of an older file of that name keep what they have mapped."""
    target = Path(path)
    entries, at = [], 0
    for name, array in arrays.items():
        if not array.flags.c_contiguous or array.dtype.str not in _KINDS:
            raise BadIndexFile(f"the array {name} can't be written: {array.dtype.str}")
        entries.append(
            {
                "name": name,
                "kind": array.dtype.str,
                "shape": list(array.shape),
                "at": at,
                "crc32": _crc(array),
            }
        )
        at += -(-array.nbytes // _PAGE) * _PAGE
    # The header's length decides where the first array begins; its numbers are padded, so one more pass settles it.
    begin = -(-(len(_header(facts, entries, 1 << 50)) + 48) // _PAGE) * _PAGE
    header = _header(facts, entries, begin)
    number, beside = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(MAGIC + VERSION.to_bytes(4, "little") + len(header).to_bytes(4, "little"))
            file.write(hashlib.sha256(header).digest() + header)
            for entry, array in zip(entries, arrays.values(), strict=True):
                file.seek(begin + int(str(entry["at"])))
                for part in _slices(array):
                    file.write(part)
            file.truncate(begin + at)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o640)
        Path(beside).replace(target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: str | os.PathLike[str], *, verify: bool = False) -> tuple[dict[str, Any], Arrays]:
    """Map the file: (facts, arrays). `verify` also reads every byte and compares the arrays' checksums.

    BadIndexFile for anything that isn't such a file, is of another version, is cut short or has a changed header.
    """
    with Path(path).open("rb") as file:
        first = file.read(48)
        if len(first) < 48 or first[:8] != MAGIC:
            raise BadIndexFile(f"{path} is no index file")
        version = int.from_bytes(first[8:12], "little")
        if version != VERSION:
            raise BadIndexFile(f"{path} is of version {version} of the format; this is for version {VERSION}")
        length = int.from_bytes(first[12:16], "little")
        header = file.read(min(length, _HEADER_MOST))
        if len(header) != length or hashlib.sha256(header).digest() != first[16:48]:
            raise BadIndexFile(f"the header of {path} is damaged")
        # Private and copy-on-write: pages stay shared as long as nobody writes, and nobody does. (numba would
        # compile every kernel once more for arrays that are read-only.)
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    try:
        told = json.loads(header)
        facts, entries = dict(told["facts"]), list(told["arrays"])
        arrays = {str(entry["name"]): _array(mapped, entry) for entry in entries}
    except (ValueError, KeyError, TypeError, OverflowError) as wrong:
        raise BadIndexFile(f"the header of {path} makes no sense: {wrong}") from wrong
    if verify:
        for entry in entries:
            if _crc(arrays[entry["name"]]) != entry["crc32"]:
                raise BadIndexFile(f"the array {entry['name']} of {path} is damaged")
    return facts, arrays


def _array(mapped: mmap.mmap, entry: dict[str, Any]) -> npt.NDArray[Any]:
    shape = [int(side) for side in entry["shape"]]
    at = int(entry["at"])
    if entry["kind"] not in _KINDS or at < 0 or any(side < 0 for side in shape):
        raise ValueError(f"array {entry['name']}")
    count = 1
    for side in shape:
        count *= side
    if at + count * np.dtype(entry["kind"]).itemsize > len(mapped):
        raise ValueError(f"array {entry['name']} lies beyond the end of the file")
    if not count:
        return np.zeros(shape, entry["kind"])
    return np.frombuffer(mapped, entry["kind"], count, at).reshape(shape)


def _header(facts: dict[str, Any], entries: list[dict[str, Any]], begin: int) -> bytes:
    arrays = [{**entry, "at": entry["at"] + begin} for entry in entries]
    return json.dumps({"facts": facts, "arrays": arrays}, sort_keys=True).encode()


def _slices(array: npt.NDArray[Any]) -> list[memoryview]:
    flat = array.reshape(-1).view(np.uint8) if array.size else np.empty(0, np.uint8)
    return [flat[start : start + _SLICE].data for start in range(0, len(flat), _SLICE)]


def _crc(array: npt.NDArray[Any]) -> int:
    value = 0
    for part in _slices(array):
        value = zlib.crc32(part, value)
    return value
