"""Public references: `R-7K2M-9F3Q-XA4C`. Crockford's base 32, the last character a check.

The first letter says what is named: R a report, C a case. A report's reference is derived from the reporting entity
and its report number under a secret key, so that the same report gets the same reference wherever and however often
it is read, and nobody can guess one.
"""

from __future__ import annotations

from amaan.keyring.domain import keyed_digest

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {c: i for i, c in enumerate(_ALPHABET)}
_DOUBLED = {c: 2 * i // 32 + 2 * i % 32 for c, i in _VALUES.items()}
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_CHARACTERS = 11
BITS = 5 * _CHARACTERS  # 55: what a reference's body holds


class NotAReference(ValueError):
    """What was typed is not a reference; the message says what one looks like."""


def check_character(body: str) -> str:
    """Luhn modulo 32: every wrong character and all swaps of neighbours but 0 with Z are noticed.

    Crockford's own check (modulo 37) needs signs such as ~ that nobody dictates well over a telephone.
    """
    total = sum([_DOUBLED[c] for c in body[::-2]]) + sum([_VALUES[c] for c in body[-2::-2]])
    return _ALPHABET[-total % 32]


def derive_reference(key: bytes, entity: str, number: str) -> str:
    """`key` is 32 bytes; `entity` the entity's key, `number` its report number."""
    name = entity.encode()
    digest = keyed_digest(key, len(name).to_bytes(4, "big") + name + number.encode())
    return write_reference(int.from_bytes(digest[:8], "big") >> 9)


def write_reference(value: int, letter: str = "R") -> str:
    """The written form of a body of `BITS` bits, 0 <= value < 2**BITS, with its check character."""
    body = "".join([_ALPHABET[value >> shift & 31] for shift in range(0, BITS, 5)])
    return _grouped(letter, body + check_character(body))


def value_of(reference: str) -> int:
    """The body of a written reference, the other way round."""
    value = 0
    for character in reversed(reference[2:].replace("-", "")[:_CHARACTERS]):
        value = value * 32 + _VALUES[character]
    return value


def _grouped(letter: str, text: str) -> str:
    return f"{letter}-{text[:4]}-{text[4:8]}-{text[8:]}"


def letter_of(typed: str) -> str | None:
    """The letter that a reference was typed with; None where it stands without one, or is none.

    Told by the length: a body may begin with any letter, also with one that names something.
    """
    text = _plain(typed)
    return text[0] if len(text) == _CHARACTERS + 2 else None


def _plain(typed: str) -> str:
    return typed.strip().upper().translate(_MISREAD)


def read_reference(typed: str, letter: str = "R") -> str:
    """The reference in its written form, from however it was typed, with or without its letter.

    Raises NotAReference, also for one that names something else.
    """
    text = _plain(typed)
    if letter_of(typed) == letter:
        text = text[1:]
    if len(text) != _CHARACTERS + 1 or any(c not in _VALUES for c in text):
        raise NotAReference(f"«{typed[:40]}» is not a reference; one looks like {letter}-7K2M-9F3Q-XA4C.")
    if check_character(text[:-1]) != text[-1]:
        raise NotAReference(
            f"«{typed[:40]}» has a slip in it: the last character does not fit. Compare it again."
        )
    return _grouped(letter, text)
