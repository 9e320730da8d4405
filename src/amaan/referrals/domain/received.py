"""Our own document in a package of the wire: which files came with a report, and what we hashed of them.

It lies beside the platform's documents as the last exhibit, so that what is known of the bytes survives the bytes,
and a retry from quarantine knows it too. It is read only where the package came over the wire: a document of that
name in an import is nobody's word.

    {"amaan": "received/2", "reportId": 15 digits, "flags": [rule ids], "files": [
        {"fileId": …, "size": bytes, "md5": hex, "sha1": hex, "sha256": hex, "exhibit": number or null,
         "pdq": hex or "", "pdqQuality": 0 to 100 or null, "noPdq": why there is none, or ""}]}

Documents of `received/1` know of no PDQ.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from amaan.formats.reading import Unreadable
from amaan.referrals.domain.wire import Arrived
from amaan.reports.domain.drafts import ContentDraft, ReportDraft

NAME: Final = "received.json"
_MARK: Final = "received/2"
_OLDER: Final = frozenset({"received/1"})
_HASHES: Final = ("md5", "sha1", "sha256")


_NAMES: Final = {"file_id": "fileId", "pdq_quality": "pdqQuality", "no_pdq": "noPdq"}
CLOSE: Final = 31
"""Bits by which two PDQ hashes of one picture may differ: other programs decode and scale a little otherwise."""


@dataclass(frozen=True, slots=True)
class Received:
    """`flags` are what checking the documents noted, and how the report ended if it was not finished."""

    flags: tuple[str, ...]
    files: tuple[Arrived, ...]


def write_received(number: int, received: Received) -> bytes:
    files = [
        {_NAMES.get(name, name): value for name, value in asdict(file).items()} for file in received.files
    ]
    held = {"amaan": _MARK, "reportId": str(number), "flags": list(received.flags), "files": files}
    return json.dumps(held, separators=(",", ":")).encode()


def read_received(raw: bytes) -> Received:
    """Raises Unreadable, where it is not what `write_received` wrote."""
    try:
        held: dict[str, Any] = json.loads(raw)
        if held["amaan"] != _MARK and held["amaan"] not in _OLDER:
            raise Unreadable("newer", "The list of received files is of a newer Amaan.")
        files = tuple(
            Arrived(
                file_id=f["fileId"],
                size=f["size"],
                md5=f["md5"],
                sha1=f["sha1"],
                sha256=f["sha256"],
                exhibit=f["exhibit"],
                pdq=f.get("pdq", ""),
                pdq_quality=f.get("pdqQuality"),
                no_pdq=f.get("noPdq", ""),
            )
            for f in held["files"]
        )
        return Received(tuple(held["flags"]), files)
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("malformed", "The list of received files is not as Amaan writes it.") from error


def add_received(draft: ReportDraft, received: Received) -> None:
    """What we hashed becomes the content items' hashes; what the platform told of the originals stays beside it.

    A platform hashes what its user uploaded and may send something else: `hash_differs` says where they part.
    """
    told = {content.file_id: content for content in draft.contents}
    for file in received.files:
        content = told.get(file.file_id)
        if content is None:
            content = ContentDraft(file_id=file.file_id)
            draft.contents.append(content)
        if _replace_hashes(content, file):
            draft.flags.append("hash_differs")
        content.details["received"] = {"size": file.size, "exhibit": file.exhibit} | {
            name: getattr(file, name) for name in _HASHES
        }
        if file.no_pdq:
            content.details["received"]["no_pdq"] = file.no_pdq
    draft.flags.extend(received.flags)


def _replace_hashes(content: ContentDraft, file: Arrived) -> bool:
    """Whether the platform's hash of any kind differs from ours. Where we have no PDQ, theirs stays."""
    differs = False
    for name in (*_HASHES, *(["pdq"] if file.pdq else [])):
        said, ours = getattr(content, name), getattr(file, name)
        if said:
            content.details.setdefault("originalFileHash", []).append({"hashType": name, "value": said})
            differs = differs or not _same(name, said.strip().lower(), ours)
        setattr(content, name, ours)
    if file.pdq:
        content.pdq_quality = file.pdq_quality
    return differs


def _same(name: str, said: str, ours: str) -> bool:
    if name != "pdq" or len(said) != len(ours):
        return said == ours
    try:
        return (int(said, 16) ^ int(ours, 16)).bit_count() <= CLOSE
    except ValueError:
        return False
