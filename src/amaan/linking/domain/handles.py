"""User names that differ only in what people change when an account is closed. Pure.

Whoever loses `ali.photos` opens `Ali_Photos2`, `ali-ph0tos__` or `аli.photos` with a Cyrillic letter.
The stem is what stays: lower case, letters that look alike made one, separators, digits at the end and words such as
new or official taken away. i, l and 1 are one letter, since 1 stands for either.

Some of those words say that there is another account which is not the true one (official, real, asli): an imitator adds
them, and so does who is imitated. `claims` finds them.
"""

from __future__ import annotations

import re
from typing import Final

from amaan.lexicon.domain.letters import as_compared

_SEPARATORS: Final = re.compile(r"[\W_]+")
_AT_THE_END: Final = re.compile(r"(?<=\D)\d+$")
_FOR_LETTERS: Final = re.compile(r"(?:^|(?<=[^\W\d_]))[013457](?=[^\W\d_])")
"""Digits between letters, and one before the first."""
_LOOKS: Final = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t"}
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")
_CLAIMS: Final = frozenset(
    {"official", "offical", "oficial", "real", "original", "orignal", "asli", "verified"}
)
_ADDED: Final = _CLAIMS | frozenset(
    {
        *(
            "the",
            "its",
            "im",
            "iam",
            "mr",
            "miss",
            "new",
            "old",
            "backup",
            "back",
        ),
        *("second", "2nd", "again", "pk", "x", "xx", "xo", "acc", "account", "page", "id", "only"),
    }
)
_FEWEST: Final = 6
"""Letters. A shorter stem is a first name, which thousands use."""
_COMMON: Final = frozenset(
    {
        *(
            "admin",
            "support",
            "system",
            "instagram",
            "facebook",
            "tiktok",
            "snapchat",
            "whatsapp",
            "username",
        ),
        *(
            "princess",
            "prince",
            "student",
            "unknown",
            "anonymous",
            "pakistan",
            "pakistani",
            "islamabad",
            "lahore",
        ),
        *("karachi", "prettygirl", "badboy", "goodboy", "muhammad", "mohammad", "mohammed", "muhammadali"),
        *("facebookuser", "instagramuser", "deleted", "deletedaccount", "noname", "privateaccount"),
    }
)


def stem(handle: str) -> str | None:
    """Of a user name as it is normalised (`platform:name`); None where too little is left to say anything."""
    name = as_compared(handle.partition(":")[2] or handle)
    words = [word for word in _SEPARATORS.split(name) if word]
    kept = [word for word in words if word not in _ADDED] or words
    whole = _FOR_LETTERS.sub(_looks, _AT_THE_END.sub("", "".join(kept)))
    whole = _DRAWN_OUT.sub(r"\1", whole)
    if sum(map(str.isalpha, whole)) < _FEWEST or whole in _COMMON:
        return None
    return whole.replace("l", "i")


def platform_of(handle: str) -> str:
    """ "" where none is told."""
    platform, told, _name = handle.rpartition(":")
    return platform if told else ""


def claims(handle: str) -> bool:
    """Whether a user name says that it is the true one."""
    return not _CLAIMS.isdisjoint(_SEPARATORS.split(as_compared(handle.partition(":")[2] or handle)))


def _looks(match: re.Match[str]) -> str:
    return _LOOKS[match[0]]
