"""Files that are carried in and out by hand: keys, sealed exhibits, and what an examiner opened."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path


class FileInTheWay(Exception):
    """Nothing is written over."""


def write_new(path: Path, pieces: Iterable[bytes]) -> int:
    """A new file, 0600 and on the disk, of all pieces or none. Returns its bytes.

    What is there until the last piece came is called NAME.partial; it goes away when a piece raises. Raises
    FileInTheWay, OSError and what `pieces` raises.
    """
    partial = path.with_name(f"{path.name}.partial")
    if path.exists():
        raise FileInTheWay(f"{path} is there already; nothing was written.")
    try:
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise FileInTheWay(f"{partial} is left from another try. Look at it, and remove it.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        partial.rename(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return size


def blocks_of(path: Path, first: int, size: int) -> Iterator[bytes]:
    """A file's first `first` bytes, then the rest in pieces of `size`. Raises OSError."""
    with path.open("rb") as file:
        piece = file.read(first)
        while piece:
            yield piece
            piece = file.read(size)
