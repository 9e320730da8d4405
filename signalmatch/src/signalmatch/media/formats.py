"""Which photo format some bytes announce. Needs nothing but the bytes: a server may ask before it loads a codec."""

from __future__ import annotations

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "HEIC")
_BEGINNINGS = {
    "JPEG": (b"\xff\xd8\xff",),
    "PNG": (b"\x89PNG\r\n\x1a\n",),
    "GIF": (b"GIF87a", b"GIF89a"),
    "TIFF": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "BMP": (b"BM",),
}
_AVIF = frozenset({b"avif", b"avis"})
_HEIC = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"})


def format_of(data: bytes | bytearray | memoryview) -> str | None:
    """The format that the first bytes announce, one of FORMATS, or None."""
    head = bytes(memoryview(data)[:64])
    if head[4:8] == b"ftyp":
        return _format_of_brands(head)
    if head[:4] == b"RIFF":
        return "WEBP" if head[8:12] == b"WEBP" else None
    return next((kind for kind, beginnings in _BEGINNINGS.items() if head.startswith(beginnings)), None)


def _format_of_brands(head: bytes) -> str | None:
    """An ISO media file's: the major brand decides, a general one asks the compatible ones."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length - 3, 4))]
    if brands[0] in _AVIF or (brands[0] in {b"mif1", b"msf1"} and _AVIF & set(brands)):
        return "AVIF"
    return "HEIC" if _HEIC & set(brands) else None
