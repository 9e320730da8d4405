"""Lines of a text of any length and encoding, in blocks: bounded memory, whatever the text does."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO, Final

from amaan.formats.hash_lists.entries import Invalid

LINE_LIMIT: Final = 64 * 1024
"""Signs of a line. Real ones have at most some thousands."""
_BLOCK: Final = 256 * 1024


def encoding_of(head: bytes) -> str:
    """`utf-8-sig`, or UTF-16 or -32 by its mark, or UTF-16 without one by the zeros between its letters."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = head[:64]
    if len(start) >= 8 and len(start) % 2 == 0:
        even, odd = start[::2].count(0), start[1::2].count(0)
        if odd == len(start) // 2 and not even:
            return "utf-16-le"
        if even == len(start) // 2 and not odd:
            return "utf-16-be"
    return "utf-8-sig"


def line_blocks(file: BinaryIO, head: bytes) -> Iterator[tuple[int, list[str]] | Invalid]:
    """(number of its first line, lines without their ends); an Invalid `too_long` for a line past the limit.

    `head` is what was read of the file already. Bytes that are not in the encoding become U+FFFD.
    """
    number, rest, passing = 1, "", False  # passing: the rest of a line that is too long
    end, texts = _texts(file, head)
    stray = "\r" if end == "\n" else "\n"  # ends no line here; the csv module would stumble over it
    for text, last in texts:
        if passing:
            _, found, text = text.partition(end)  # noqa: PLW2901 - what is left of it
            number += bool(found)
            passing = not found
        text = rest + text  # noqa: PLW2901
        if end == "\n" and "\r" in text:
            text = text.replace("\r\n", "\n")  # noqa: PLW2901
        lines = text.split(end)
        rest = lines.pop()
        if last and rest:
            lines.append(rest)
        if stray in text:
            lines = [line.replace(stray, " ") for line in lines]
        if lines and max(map(len, lines)) > LINE_LIMIT:
            for offset, line in enumerate(lines):
                if len(line) > LINE_LIMIT:
                    yield Invalid(number + offset, "too_long", "")
                    lines[offset] = ""
        if lines:
            yield number, lines
            number += len(lines)
        if len(rest) > LINE_LIMIT and not last:
            yield Invalid(number, "too_long", "")
            rest, passing = "", True


def _texts(file: BinaryIO, head: bytes) -> tuple[str, Iterator[tuple[str, bool]]]:
    """What ends a line, and the text piece by piece; the last one says that it is."""
    decode = codecs.getincrementaldecoder(encoding_of(head))("replace").decode
    first = decode(head)

    def pieces() -> Iterator[tuple[str, bool]]:
        yield first, False
        while chunk := file.read(_BLOCK):
            yield decode(chunk), False
        yield decode(b"", True), True

    return "\r" if "\r" in first and "\n" not in first else "\n", pieces()
