"""A text cut into words, sentences and clauses, each word with where it stands in the original. Pure.

Linear: one regular expression without nested repetition walks over the text once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from amaan.lexicon.domain.indicators import Indicator
from amaan.lexicon.domain.letters import Plain, key, plain, unmasked

_PIECE: Final = re.compile(
    rf"(?P<label>\b(?:{'|'.join(Indicator)})\b)"
    r"|(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<word>[^\W\d_](?:[^\W\d_]|[@$!013457'’‘`](?=[^\W\d_]))*)"
    r"|(?P<ends>[.!?؟۔\n]+)"
    r"|(?P<clause>[,;:،؛()\"“”«»\-–—…]+)",
)
_SPELT: Final = re.compile(r"(?<![^\W_])[^\W\d_](?:[ .\-*_~][^\W\d_]){2,}(?![^\W_])")
"""Single letters with something between each: s e n d, p-a-y."""
_LABEL: Final = "_"
"""The form of an indicator's own name: it stands in orders to a machine, and tells nothing of anybody."""
_AS_WORD: Final = {
    "2": (
        "to",
        """u ya him her us them my his your the b be c call come cut die disappear drown end escape get give go hang
        hurt jump keep kill leave make meet pay run see send share show sleep stay stop take talk tell vanish write""",
    ),
    "4": ("for", "u ya him her us them my his your the money pics ever"),
}
"""A digit that is read as a word before these: 4 her, 2 meet."""
_APOSTROPHES: Final = re.compile(r"['’‘`]")
_SHORT: Final = frozenset({"rs", "mr", "mrs", "dr", "no", "st", "ms", "pkr"})
_FUTURE: Final = frozenset({"ga", "gi", "ge", "gy", "gey", "gay", "gee", "gaa", "گا", "گی", "گے"})
_FUTURE_END: Final = re.compile(r"(?:n|o|e|y|i|a|u|ن|ے|ی|و|ا)$")


class Word(NamedTuple):
    """`form` is the word's key. `start` and `end` are offsets in the original; `sentence` and `clause` count from 0."""

    form: str
    start: int
    end: int
    sentence: int
    clause: int


class Text(NamedTuple):
    """`asked` are the sentences that end with a question mark."""

    words: list[Word]
    asked: frozenset[int]


class Joins:
    """Runs of word forms that are one word: black mail. `last` are the words that end one."""

    def __init__(self, made: Mapping[tuple[str, ...], str]) -> None:
        self.made = made
        self.last = frozenset(run[-1] for run in made)
        self.most = max(map(len, made), default=0)


_MOST_REMEMBERED: Final = 50_000
_forms: dict[str, str] = {}


def _form(word: str) -> str:
    """The key of a word as it stands in a plain text."""
    found = _forms.get(word)
    if found is None:
        if len(_forms) >= _MOST_REMEMBERED:
            _forms.clear()
        found = _forms[word] = key(unmasked(_APOSTROPHES.sub("", word)))
    return found


def _spelt(made: Plain) -> dict[int, tuple[int, str]]:
    """Where letters stand one by one: begin, and end with the word that they make."""
    if len(made.text) < 5:
        return {}
    found = {}
    for match in _SPELT.finditer(made.text):
        found[match.start()] = (match.end(), re.sub(r"[ .\-*_~]", "", match.group()))
    return found


def cut(text: str, joins: Joins) -> Text:
    """Never raises, whatever the text."""
    made = plain(text)
    spelt = _spelt(made)
    words: list[Word] = []
    asked: set[int] = set()
    sentence = clause = 0
    skip = 0
    for piece in _PIECE.finditer(made.text):
        start, end = piece.span()
        if start < skip:
            continue
        kind = piece.lastgroup
        if kind in {"word", "number", "label"}:
            form = _LABEL if kind == "label" else piece.group()
            if start in spelt:
                skip, form = spelt[start]
                end = skip
            if kind == "word":
                form = _form(form)
            if form in _FUTURE_KEYS and words and _joins_future(words[-1], start, made):
                before = words.pop()
                words.append(
                    Word(
                        before.form + _SPELT_FUTURE.get(form, form),
                        before.start,
                        made.end(end),
                        sentence,
                        clause,
                    )
                )
            else:
                _say(words, form, sentence)
                words.append(Word(form, made.start(start), made.end(end), sentence, clause))
                if form in joins.last:
                    _join(words, joins)
        elif kind == "clause":
            clause += 1
        elif piece.group() == "." and words and _is_short(words[-1], made, start):
            continue
        else:
            if "?" in piece.group() or "؟" in piece.group():
                asked.add(sentence)
            sentence += 1
            clause += 1
    return Text(words, frozenset(asked))


_FUTURE_KEYS: Final = frozenset(key(word) for word in _FUTURE)
_SPELT_FUTURE: Final = dict.fromkeys((key(word) for word in ("gy", "gey", "gay")), "ge")


def _joins_future(before: Word, start: int, made: Plain) -> bool:
    """Whether ga, gi or ge belongs to the verb right before it: bhej dun ga."""
    return made.text[start - 1 : start] == " " and _FUTURE_END.search(before.form) is not None


def _is_short(before: Word, made: Plain, at: int) -> bool:
    """Whether a full stop only shortens a word, as in Rs. 500."""
    return before.form in _SHORT or (
        len(before.form) == 1 and made.text[at + 1 : at + 2] not in {"", " ", "\n"}
    )


_SAID: Final = {
    digit: (key(said), frozenset(map(key, before.split()))) for digit, (said, before) in _AS_WORD.items()
}


def _say(words: list[Word], after: str, sentence: int) -> None:
    """Read a digit that stands last as the word that it sounds like, where what comes after it wants that."""
    if words and words[-1].form in _SAID and words[-1].sentence == sentence:
        said, wanted = _SAID[words[-1].form]
        if after in wanted:
            words[-1] = words[-1]._replace(form=said)


def _join(words: list[Word], joins: Joins) -> None:
    """Make one word of the last ones where they are one."""
    for count in range(min(joins.most, len(words)), 1, -1):
        run = words[-count:]
        made = joins.made.get(tuple(word.form for word in run))
        if made and run[0].sentence == run[-1].sentence:
            words[-count:] = [Word(made, run[0].start, run[-1].end, run[-1].sentence, run[-1].clause)]
            return
