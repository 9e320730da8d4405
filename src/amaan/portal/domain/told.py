"""What somebody has told so far. It travels sealed in the form and stands nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from amaan.portal.domain.answers import Read, Typed, clean_text, known_answers
from amaan.portal.domain.hashes import BadHash, read_hash
from amaan.portal.domain.once import new_nonce
from amaan.portal.domain.questions import QUESTIONS, Answer, Question, Way, is_enough, standing

_VERSION: Final = 1
MOST_UNREAD: Final = 60_000
"""Characters kept of an answer that is too long, so that the form itself can still be sent back (`bodies`)."""


class NotTold(Exception):
    """This is not what `Told.as_json` wrote."""


@dataclass(frozen=True, slots=True)
class Told:
    """`typed`: by question, what could not be read and waits to be put right. `checking`: came back from the check.

    `hashes` as `domain.hashes` writes them; `nonce` as `domain.once` made it. `proof`: of what was sent, so that the
    page can be shown again, in another language too, once the desk has fetched the envelope.
    """

    way: Way
    nonce: str = field(default_factory=new_nonce)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    hashes: tuple[Mapping[str, Any], ...] = ()
    typed: Mapping[str, Mapping[str, list[str]]] = field(default_factory=dict)
    checking: bool = False
    proof: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "v": _VERSION,
            "way": str(self.way),
            "nonce": self.nonce,
            "answers": dict(self.answers),
            "hashes": [dict(one) for one in self.hashes],
            "typed": {key: dict(typed) for key, typed in self.typed.items()},
            "checking": self.checking,
            "proof": self.proof,
        }

    @property
    def is_enough(self) -> bool:
        return is_enough(standing(self.way, self.answers), len(self.hashes))

    def without(self, question: Question) -> Told:
        """The question skipped: what was said to it before is taken back."""
        keys = {field.key for field in question.fields}
        return replace(
            self,
            answers={key: answer for key, answer in self.answers.items() if key not in keys},
            typed={key: typed for key, typed in self.typed.items() if key != question.key},
            hashes=() if question.hashes else self.hashes,
        )

    def with_answers(self, question: Question, read: Read, typed: Typed) -> Told:
        """What was read of `typed` in place of what was said before; what was not read is kept as it was typed."""
        told = self.without(question)
        kept = {name: [value[:MOST_UNREAD] for value in values] for name, values in typed.items()}
        unread = {question.key: kept} if read.faults else {}
        return replace(
            told,
            answers={**told.answers, **read.answers},
            typed={**told.typed, **unread},
            hashes=self.hashes,
        )

    def to_send(self) -> dict[str, Any]:
        """The answers of an envelope: the way, what still stands, and as `unread` what nobody could read."""
        answers: dict[str, Any] = {"way": str(self.way)}
        for key, answer in standing(self.way, self.answers).items():
            answers[key] = answer if isinstance(answer, str) else list(answer)
        unread = [
            f"{name}: {clean_text(value)}"
            for typed in self.typed.values()
            for name, values in typed.items()
            if name not in answers
            for value in values
        ]
        return {**answers, "unread": unread} if unread else answers


def read_told(value: object) -> Told:
    """Raises NotTold."""
    if not isinstance(value, Mapping) or value.get("v") != _VERSION:
        raise NotTold("Another version of Amaan wrote this.")
    try:
        told = Told(
            way=Way(value["way"]),
            nonce=str(value["nonce"]),
            answers=known_answers(value["answers"]),
            hashes=tuple(read_hash(one).as_json() for one in value["hashes"]),
            typed={
                key: {str(name): [str(one) for one in values] for name, values in typed.items()}
                for key, typed in value["typed"].items()
                if key in QUESTIONS
            },
            checking=bool(value["checking"]),
            proof=str(value.get("proof", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, BadHash) as fault:
        raise NotTold("This does not hold what it should.") from fault
    return told
