"""Our own document in a package of the wire: which files came with a report, and what we hashed of them.

It lies beside the platform's documents as the last exhibit, so that what is known of the bytes survives the bytes,
and a retry from quarantine knows it too. It is read only where the package came over the wire: a document of that
name in an import is nobody's word.

    {"amaan": "received/1", "reportId": 15 digits, "flags": [rule ids], "files": [
        {"fileId": …, "size": bytes, "md5": hex, "sha1": hex, "sha256": hex, "exhibit": number or null}]}
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Final

from amaan.formats.reading import Unreadable
from amaan.referrals.domain.wire import Arrived
from amaan.reports.domain.drafts import ContentDraft, ReportDraft

NAME: Final = "received.json"
_MARK: Final = "received/1"
_HASHES: Final = ("md5", "sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Received:
    """`flags` are what checking the documents noted, and how the report ended if it was not finished."""

    flags: tuple[str, ...]
    files: tuple[Arrived, ...]


def write_received(number: int, received: Received) -> bytes:
    files = [
        {"fileId" if name == "file_id" else name: value for name, value in asdict(file).items()}
        for file in received.files
    ]
    held = {"amaan": _MARK, "reportId": str(number), "flags": list(received.flags), "files": files}
    return json.dumps(held, separators=(",", ":")).encode()


def read_received(raw: bytes) -> Received:
    """Raises Unreadable, where it is not what `write_received` wrote."""
    try:
        held: dict[str, Any] = json.loads(raw)
        if held["amaan"] != _MARK:
            raise Unreadable("newer", "The list of received files is of a newer Amaan.")
        files = tuple(
            Arrived(f["fileId"], f["size"], f["md5"], f["sha1"], f["sha256"], f["exhibit"])
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
    draft.flags.extend(received.flags)


def _replace_hashes(content: ContentDraft, file: Arrived) -> bool:
    """Whether the platform's hash of any kind differs from ours."""
    differs = False
    for name in _HASHES:
        said, ours = getattr(content, name), getattr(file, name)
        if said:
            content.details.setdefault("originalFileHash", []).append({"hashType": name, "value": said})
            differs = differs or said.strip().lower() != ours
        setattr(content, name, ours)
    return differs
