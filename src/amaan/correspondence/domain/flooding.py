"""Floods, the same story again, and accusations that stand on nothing, without following anybody. Pure.

A story is known again by MinHash (Broder 1997) over its three-word shingles, each hashed with a secret key: the numbers
that are kept say how alike two stories are, and nothing of what is in them to whoever lacks the key. Bands of a few
numbers find likely twins by equality alone (locality-sensitive hashing).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from struct import Struct
from typing import Any, Final

from amaan.keyring.domain import derive, keyed_digest

MIN_HASHES: Final = 30
BANDS: Final = 6
_A_BAND: Final = MIN_HASHES // BANDS
_BYTES: Final = 4
_A_DIGEST: Final = 16
_NUMBERS: Final = Struct(f">{_A_DIGEST}I")
_SHINGLE: Final = 3
LEAST_WORDS: Final = 10
"""A shorter story is like many others, and comparing it would say nothing."""
ALIKE: Final = 0.8
CAMPAIGN: Final = 5
CAMPAIGN_DAYS: Final = 7
_MOST_WORDS: Final = 2_000
_WORD: Final = re.compile(r"\w+")
_CHOSEN: Final = frozenset({"what_happened", "chat", "more"})


def story_key(references: bytes) -> bytes:
    """`references` is the installation's index key for references."""
    return derive(references, "amaan/correspondence/story/1")


def story_of(answers: Mapping[str, Any]) -> str:
    """The free texts that tell it, as one."""
    return "\n".join(
        text for key in sorted(answers) if key in _CHOSEN and isinstance(text := answers[key], str)
    )


def words_of(text: str) -> list[str]:
    """Folded words: case, marks, digits' script, spaces and punctuation do not count."""
    folded = text.casefold()
    if not folded.isascii():
        marked = unicodedata.normalize("NFKD", folded)
        folded = "".join(_plain(c) for c in marked if not unicodedata.combining(c))
    return _WORD.findall(folded)[:_MOST_WORDS]


def _plain(character: str) -> str:
    return str(unicodedata.digit(character)) if character.isdigit() else character


def signature(text: str, key: bytes) -> bytes | None:
    """MIN_HASHES numbers of four bytes, or None where the text is too short to be compared. `key` is 32 bytes."""
    words = words_of(text)
    if len(words) < LEAST_WORDS:
        return None
    shingles = {" ".join(words[n : n + _SHINGLE]) for n in range(len(words) - _SHINGLE + 1)}
    least: Iterable[int] = [2**32 - 1] * (2 * _A_DIGEST)
    for shingle in shingles:
        raw = shingle.encode("utf-8", "replace")
        # Two digests of 64 bytes are sixteen numbers each; thirty of them are used.
        numbers = [
            *_NUMBERS.unpack(blake2b(raw, key=key, salt=b"1").digest()),
            *_NUMBERS.unpack(blake2b(raw, key=key, salt=b"2").digest()),
        ]
        least = list(map(min, least, numbers))
    return b"".join(number.to_bytes(_BYTES, "big") for number in list(least)[:MIN_HASHES])


def bands(found: bytes, key: bytes) -> list[bytes]:
    """BANDS digests of 16 bytes; alike stories share one, mostly."""
    size = _A_BAND * _BYTES
    return [keyed_digest(key, bytes([n]) + found[n * size : (n + 1) * size])[:16] for n in range(BANDS)]


def likeness(one: bytes, other: bytes) -> float:
    """The share of numbers that agree: an estimate of how many shingles two stories share (0 to 1)."""
    if len(one) != len(other) or not one:
        return 0.0
    same = sum(one[n : n + _BYTES] == other[n : n + _BYTES] for n in range(0, len(one), _BYTES))
    return same / (len(one) // _BYTES)


def most_alike(found: bytes, others: Iterable[tuple[int, bytes]]) -> int | None:
    """The first of `others` (id, signature) that is the same story, or None."""
    return next((number for number, other in others if likeness(found, other) >= ALIKE), None)


def is_unsupported(answers: Mapping[str, Any], hashes: int) -> bool:
    """Whether somebody is accused and nothing stands behind it: no link, no chat, no hash, no child, not oneself.

    That makes nobody a liar: a person may know no more. It counts only where many of the kind name one account.
    """
    accused = any(answers.get(key) for key in ("accounts", "phones", "pay_numbers"))
    behind = hashes or any(
        answers.get(key)
        for key in ("links", "groups", "chat", "victim_age", "victim_sex", "victim_relation", "find_child")
    )
    return bool(accused and not behind and answers.get("way") not in {"me", "threat"})
