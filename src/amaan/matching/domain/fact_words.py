"""Every fact of a match in a sentence: part of docs/reference/facts.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_CATEGORIES = "list of `csam` `csam_suspected` `exploitative` `self_generated` `generated`"
_FLAG, _NUMBER = "true or false", "number"

MATCH_FACT_WORDS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "match.exact": (
            _CATEGORIES,
            "Categories of known material whose very bytes the report tells of; widely known material is left out.",
        ),
        "match.near": (
            _CATEGORIES,
            "Categories of known pictures that a file is near to: no proof; widely known ones are left out.",
        ),
        "match.known": (_NUMBER, "Files that a list holds byte for byte."),
        "match.alike": (_NUMBER, "Files that are near a list's picture and no list holds byte for byte."),
        "match.unknown": (
            _NUMBER,
            "Files with a hash that no list knows, in a report of which others are known.",
        ),
        "match.viral": (_FLAG, "A list's own tags say that the material goes round widely."),
        "match.lists": (_NUMBER, "How many lists know something of the report; survivors' own hashes aside."),
        "match.own": (_FLAG, "The own list knows it: two people here decided so, of an earlier report."),
        "match.survivor": (
            _FLAG,
            "A file is like what somebody sent from their own device; not confirmed, and told nowhere else.",
        ),
    }
)
