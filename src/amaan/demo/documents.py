"""A world on disk: documents in folders or archives, labels in a file of their own. No Django."""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO

from amaan.demo.generator.broken import FOLDER as BROKEN
from amaan.demo.generator.broken import broken_documents
from amaan.demo.generator.known import HEADER, known_files, strangers
from amaan.demo.generator.world import AGAIN, FIRST, Package, generate

# A fixed moment in every archive, so that the same world is the same bytes.
_ARCHIVE_MOMENT = (2025, 7, 1, 0, 0, 0)
LABELS_FORMAT = "amaan-demo-labels-1"

Save = Callable[[str, bytes], None]


class LabelsAmongDocuments(Exception):
    """The labels would lie where the importer reads."""


@dataclass
class Expected:
    """What a complete import of these documents must count; `quarantined` with the broken ones."""

    received: int = 0
    stored: int = 0
    versions: int = 0
    duplicates: int = 0
    quarantined: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def count(self, package: Package) -> None:
        self.received += 1
        if package.folder == FIRST:
            self.stored += 1
            self.kinds[str(package.labels["kind"])] += 1
        elif package.labels["again"] == "changed":
            self.versions += 1
        else:
            self.duplicates += 1


@dataclass(frozen=True)
class Written:
    """`paths` in the order in which they are to be imported: first, again, broken. `known` is a list of known files."""

    paths: list[Path]
    expected: Expected
    known: Path


class Labels:
    """The labels file, written as the world streams by: `{"reports": [one line each], "rings": …}`."""

    def __init__(self, path: Path | None, world: dict[str, object]) -> None:
        self._path, self._world = path, world
        self._file: IO[str] | None = None
        self._lines = 0
        self._groups: dict[str, dict[str, list[str]]] = {"rings": {}, "pairs": {}}

    def __enter__(self) -> Labels:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8")
            head = {"format": LABELS_FORMAT, "demo": True, **self._world}
            self._file.write(json.dumps(head, ensure_ascii=False)[:-1] + ',\n"reports": [')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, package: Package) -> None:
        if self._file is None or package.folder != FIRST:
            return
        self._file.write((",\n" if self._lines else "\n") + json.dumps(package.labels, ensure_ascii=False))
        self._lines += 1
        for group, name in (("rings", "ring"), ("pairs", "pair")):
            if name in package.labels:
                members = self._groups[group].setdefault(str(package.labels[name]), [])
                members.append(f"{package.entity}/{package.number}")

    def finish(self, expected: Expected, broken: list[dict[str, str]]) -> None:
        if self._file is None:
            return
        tail: dict[str, object] = {
            **self._groups,
            "broken": broken,
            "expected": {**vars(expected), "kinds": dict(sorted(expected.kinds.items()))},
        }
        self._file.write("\n],\n" + json.dumps(tail, ensure_ascii=False)[1:] + "\n")


def write_world(
    *,
    seed: int,
    reports: int,
    until: datetime,
    folder: Path,
    labels: Path | None = None,
    with_broken: bool = False,
    archives: bool = False,
    progress: Callable[[], None] = lambda: None,
) -> Written:
    """Write all documents below `folder` (or, with `archives`, into one ZIP a folder), and the labels to
    `labels`.

    A list of known files lies beside the folder, because it is no document that the importer reads. Memory stays
    flat. Raises LabelsAmongDocuments, OSError.
    """
    if labels is not None and folder.resolve() in labels.resolve().parents:
        raise LabelsAmongDocuments(
            f"The labels ({labels}) would lie among the documents ({folder}), where the importer reads. "
            "Choose a file outside that folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    expected = Expected()
    world: dict[str, object] = {"seed": seed, "until": until.isoformat()}
    with ExitStack() as stack:
        book = stack.enter_context(Labels(labels, world))
        shelves = _Shelves(folder, archives, stack)
        known = folder / "known.csv" if archives else folder.parent / f"{folder.name}-known.csv"
        listed = stack.enter_context(known.open("w", encoding="ascii"))
        listed.write("\n".join((HEADER, *strangers(seed))) + "\n")
        for package in generate(seed, reports, until=until):
            for name, document in package.documents:
                shelves.save(package.path(name), document)
            if package.folder == FIRST:
                listed.writelines(
                    f"{line}\n" for line in known_files(document for _, document in package.documents)
                )
            expected.count(package)
            book.add(package)
            progress()
        broken: list[dict[str, str]] = []
        for path, document, wrong in _broken(with_broken):
            shelves.save(path, document)
            broken.append({"path": path, "wrong": wrong})
            expected.received += 1
            expected.quarantined += 1
        book.finish(expected, broken)
    return Written(shelves.paths(), expected, known)


def _broken(wanted: bool) -> Iterator[tuple[str, bytes, str]]:
    if wanted:
        yield from broken_documents()


class _Shelves:
    """Below `folder`, one folder or one archive for each of first, again and broken."""

    def __init__(self, folder: Path, archives: bool, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self._archives: dict[str, zipfile.ZipFile] | None = {} if archives else None
        self._seen: set[str] = set()
        self._made: Path | None = None

    def save(self, path: str, document: bytes) -> None:
        shelf, _, rest = path.partition("/")
        self._seen.add(shelf)
        if self._archives is None:
            file = self._folder / path
            if file.parent != self._made:
                file.parent.mkdir(parents=True, exist_ok=True)
                self._made = file.parent
            file.write_bytes(document)
            return
        archive = self._archives.get(shelf)
        if archive is None:
            archive = self._stack.enter_context(zipfile.ZipFile(self._folder / f"{shelf}.zip", "w"))
            self._archives[shelf] = archive
        archive.writestr(zipfile.ZipInfo(rest, _ARCHIVE_MOMENT), document, zipfile.ZIP_DEFLATED, 1)

    def paths(self) -> list[Path]:
        suffix = "" if self._archives is None else ".zip"
        return [self._folder / f"{shelf}{suffix}" for shelf in (FIRST, AGAIN, BROKEN) if shelf in self._seen]


def write_archive(packages: Iterable[Package], path: Path) -> int:
    """Pack packages into one ZIP, as a platform might hand them over. Gives how many there were."""
    count = 0
    with zipfile.ZipFile(path, "w") as archive:
        for count, package in enumerate(packages, start=1):  # noqa: B007
            for name, document in package.documents:
                entry = zipfile.ZipInfo(f"{package.entity}/{package.number}/{name}", _ARCHIVE_MOMENT)
                archive.writestr(entry, document, zipfile.ZIP_DEFLATED, 1)
    return count
