"""Which column of a table is what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from amaan.formats.hash_lists.entries import SIZES, clean, plain_word
from amaan.formats.reading import Unreadable

_MEANINGS: Final = {
    "md5": ("md5", "md5hash", "hashmd5", "md5sum", "md5hex", "md5value", "filemd5", "md5digest", "videomd5"),
    "sha1": (
        "sha1",
        "sha1hash",
        "hashsha1",
        "sha1sum",
        "sha1hex",
        "sha1value",
        "filesha1",
        "sha1digest",
        "sha",
    ),
    "sha256": (
        *("sha256", "sha256hash", "hashsha256", "sha256sum", "sha256hex", "sha256value", "filesha256"),
        *("sha256digest", "sha2", "sha2256"),
    ),
    "pdq": ("pdq", "pdqhash", "hashpdq", "pdqhex", "pdqvalue", "pdqhashvalue", "imagepdq", "pdqhashhex"),
    "hash": (
        *(
            "hash",
            "hashvalue",
            "hashhex",
            "hashes",
            "value",
            "signal",
            "signalvalue",
            "fingerprint",
            "digest",
        ),
        *("checksum", "filehash", "hashstring"),
    ),
    "type": (
        *("type", "hashtype", "signaltype", "algorithm", "hashalgorithm", "algo", "fingerprinttype", "kind"),
        *("hashname", "hashmethod", "digesttype", "checksumtype"),
    ),
    "id": (
        *("id", "imageid", "mediaid", "entryid", "contentid", "fileid", "externalid", "recordid", "itemid"),
        *("uuid", "guid", "reference", "ref", "hashid", "memberid", "assetid"),
    ),
    "category": (
        *(
            "category",
            "categorisation",
            "categorization",
            "classification",
            "class",
            "cat",
            "severity",
            "grade",
        ),
        *("categorycode", "contentcategory", "baseline"),
    ),
    "tags": ("tags", "tag", "labels", "keywords"),
    "quality": ("quality", "pdqquality", "hashquality", "qualityscore", "pdqhashquality"),
    "status": ("status", "state", "hashstatus", "entrystatus"),
    "victim_identified": ("victimidentified", "isvictimidentified"),
    "offender_identified": ("offenderidentified", "isoffenderidentified"),
    "distributed": ("isdistributed", "distributed"),
}
_COLUMNS: Final = {word: meaning for meaning, words in _MEANINGS.items() for word in words}
FLAGS: Final = ("victim_identified", "offender_identified", "distributed")
WITHDRAWN_WORDS: Final = frozenset({"withdrawn", "deleted", "removed", "revoked", "retracted"})


class UnknownHeader(Unreadable):
    """The table's first line names no column that holds hashes; the message says what it saw and what it wants."""

    def __init__(self, saw: Sequence[str], why: str = "") -> None:
        self.saw = tuple(clean(name)[:60] for name in saw[:40])
        seen = ", ".join(f"«{name}»" for name in self.saw) or "nothing"
        super().__init__(
            "header",
            (why or "No column of the first line names a hash.")
            + f" The first line holds: {seen}. Wanted: at least one column named md5, sha1, sha256 or pdq, or one "
            "named hash (with one named type, where a hash of 64 digits may be SHA-256 or PDQ). Optional: id, "
            "category, tags, quality, status. Columns stand between commas, semicolons, tabs or bars.",
        )


@dataclass(frozen=True)
class Columns:
    """Where what stands. `hashes` are (column, signal, hex digits); -1 is nowhere. `ignored` are the names not used."""

    width: int
    hashes: tuple[tuple[int, str, int], ...]
    hash: int
    type: int
    id: int
    category: int
    baseline: bool
    tags: int
    quality: int
    status: int
    flags: tuple[tuple[int, str], ...]
    understood: tuple[str, ...]
    ignored: tuple[str, ...]


def understood(names: Sequence[str]) -> int:
    """How many of the names mean something."""
    return sum(plain_word(name) in _COLUMNS for name in names)


def columns_of(names: Sequence[str]) -> Columns:
    """Raises UnknownHeader."""
    at: dict[str, int] = {}
    baseline = False
    for number, name in enumerate(names):
        meaning = _COLUMNS.get(plain_word(name))
        if meaning is None:
            continue
        if meaning in at:
            if meaning in SIZES:
                raise UnknownHeader(names, f"Two columns claim to be {meaning}: which one holds?")
            continue
        at[meaning] = number
        if meaning == "category":
            baseline = plain_word(name) == "baseline"
    hashes = tuple((at[kind], kind, 2 * size) for kind, size in SIZES.items() if kind in at)
    if not hashes and "hash" not in at:
        raise UnknownHeader(names)
    used = set(at.values())
    return Columns(
        width=len(names),
        hashes=hashes,
        hash=at.get("hash", -1),
        type=at.get("type", -1) if "hash" in at else -1,
        id=at.get("id", -1),
        category=at.get("category", -1),
        baseline=baseline,
        tags=at.get("tags", -1),
        quality=at.get("quality", -1),
        status=at.get("status", -1),
        flags=tuple((at[flag], flag.replace("_", "-")) for flag in FLAGS if flag in at),
        understood=tuple(clean(name) for number, name in enumerate(names) if number in used),
        ignored=tuple(clean(name) for number, name in enumerate(names) if number not in used),
    )
