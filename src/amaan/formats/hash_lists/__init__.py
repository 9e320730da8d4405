"""Lists of known signals, as their sources write them: plain text, CSV, ICSE's CSV, VICS JSON, NCMEC's XML.

Enters: a binary file, of any length. Leaves, one after the other and in constant memory: a `ListEntry` for whatever
can be used, an `Invalid` for whatever can't; or `Unreadable` where the document as a whole can't be trusted.
docs/reference/hash-lists.md says what is understood.
"""

from amaan.formats.hash_lists.choosing import Found, read, sniff
from amaan.formats.hash_lists.entries import SIZES, Invalid, ListEntry
from amaan.formats.hash_lists.headers import UnknownHeader
from amaan.formats.reading import Unreadable

__all__ = ["SIZES", "Found", "Invalid", "ListEntry", "UnknownHeader", "Unreadable", "read", "sniff"]
