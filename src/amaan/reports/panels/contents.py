"""Files as hashes and labels, and internet addresses."""

from __future__ import annotations

from itertools import islice

from amaan.reports import words
from amaan.reports.domain.veil import HELD
from amaan.reports.models import ContentItem
from amaan.reports.opening import Named, Opened
from amaan.reports.panels.shown import identifiers_of, marks_of, texts_of
from amaan.reports.panels.values import Address, Addresses, Content, Contents, Hash

MOST_ROWS = 200
"""Of one list. More are counted; all of them stand in the document."""


def contents_of(found: Opened, seen: dict[int, str]) -> Contents:
    named: dict[int, list[Named]] = {}
    for one in found.named:
        if one.mention.content is not None:
            named.setdefault(one.mention.content, []).append(one)
    items = tuple(
        _content(found, seen, item, named.get(item.number, [])) for item in found.contents[:MOST_ROWS]
    )
    return Contents(items, max(0, len(found.contents) - MOST_ROWS))


def _content(found: Opened, seen: dict[int, str], item: ContentItem, named: list[Named]) -> Content:
    kept, veil = found.kept_of_content[item.number], found.veil
    no_pdq = str(kept.get("details", {}).get("received", {}).get("no_pdq", ""))
    values = {one.identifier for one in named if one.type != "ip"}
    shown = tuple(islice(identifiers_of(found, named, seen), MOST_ROWS))
    hashes = (("SHA-256", item.sha256), ("SHA-1", item.sha1), ("MD5", item.md5), ("PDQ", item.pdq))
    return Content(
        number=item.number + 1,
        file_id=HELD if kept.get("file_id") else veil.over(item.file_id),
        hashes=tuple(Hash(kind, bytes(h).hex()[:12], bytes(h).hex()) for kind, h in hashes if h),
        no_pdq=words.word(words.NO_PDQ, no_pdq) if no_pdq else "",
        classification=item.classification,
        marks=marks_of(item.annotations.split()),
        labels=tuple(veil.over(label) for label in kept.get("labels", [])),
        viewed=words.word(words.SAID, item.viewed),
        public=words.word(words.SAID, item.public),
        uploaded_at=item.uploaded_at,
        names_held=len(kept.get("names", [])),
        addresses=shown,
        more_addresses=len(values) - len(shown),
        texts=tuple(texts_of(found, kept.get("texts", []), "content")),
    )


def addresses_of(found: Opened) -> Addresses:
    protected = {party.number for party in found.parties if party.protected}
    lines: list[Address] = []
    held = 0
    for one in found.named:
        if one.type != "ip":
            continue
        told = HELD if one.sealed else found.veil.over(one.value)
        if one.mention.party in protected or any(piece.covered for piece in told):
            held += 1
            continue
        lines.append(
            Address(
                told=told,
                copy=one.value,
                port=one.mention.port,
                event=words.word(words.EVENTS, one.mention.event) if one.mention.event else "",
                at=one.mention.seen_at,
                of=words.word(words.PARTIES, one.mention.role),
            )
        )
    lines.sort(key=lambda line: (line.at is None, line.at.timestamp() if line.at else 0))
    return Addresses(tuple(lines[:MOST_ROWS]), max(0, len(lines) - MOST_ROWS), held)
