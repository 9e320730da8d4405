"""One hash a line: `pdq <hex>`, or the hex alone, as md5sum and its sisters write it too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from amaan.formats.hash_lists.entries import SIZES, Invalid, ListEntry, is_blank, value_of
from amaan.formats.hash_lists.tables import Blocks, kind_of

LINE: Final = re.compile(
    r"""\s*(?: (?P<word>[A-Za-z][A-Za-z0-9_-]{1,15}) \s*[\s:,;=|]\s* )?
        ["']?(?P<hex>[0-9A-Fa-f]{16,128})["']?
        (?: [\s,;|] .* )?$""",
    re.VERBOSE | re.DOTALL,
)
"""A hash, perhaps with its type before it and anything behind it, such as the name of a file."""


def read_plain(blocks: Blocks, bare: str) -> Iterator[ListEntry | Invalid]:
    """`bare` says what 64 digits are where no word says it. Empty lines and those behind a # are nothing."""
    fromhex = bytes.fromhex
    for block in blocks:
        if isinstance(block, Invalid):
            yield block
            continue
        number = block[0] - 1
        for line in block[1]:
            number += 1
            if len(line) == 68 and line.startswith("pdq "):
                try:
                    value = fromhex(line[4:])
                except ValueError:
                    value = b""
                if len(value) == 32 and not is_blank(value):
                    yield ListEntry(number, "", {"pdq": value})
                    continue
            text = line.strip()
            if text and not text.startswith("#"):
                yield _of(number, text, bare)


def _of(number: int, line: str, bare: str) -> ListEntry | Invalid:
    if (kind := kind_of(line, "", bare)) in SIZES and isinstance(value := value_of(line, kind), bytes):
        return ListEntry(number, "", {kind: value})
    found = LINE.match(line)
    if found is None:
        return Invalid(number, "not_hex", "")
    digits = found["hex"]
    kind = kind_of(digits, found["word"] or "", bare)
    if kind not in SIZES:
        return Invalid(number, kind, digits)
    value = value_of(digits, kind)
    return (
        ListEntry(number, "", {kind: value}) if isinstance(value, bytes) else Invalid(number, value, digits)
    )
