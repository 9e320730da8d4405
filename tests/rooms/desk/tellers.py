"""Reporters at the public's door, in this process: they tell, write and come back with their code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from amaan.correspondence.services import carry_some, leave_letters
from amaan.outbox.services import deliver
from amaan.portal.domain.envelopes import Kind
from amaan.portal.services import open_box, send
from amaan.reports.models import Report

STORY = {
    "way": "me",
    "what_happened": "Somebody in a game asks me for pictures.",
    "accounts": ["game_friend"],
}


@dataclass(frozen=True)
class Teller:
    """Somebody who holds a code."""

    code: str
    reference: str
    submission: str

    def writes(self, text: str) -> None:
        self._sends(Kind.MESSAGE, text=text)

    def withdraws(self, safe: str) -> None:
        self._sends(Kind.WITHDRAW, safe=safe)

    def reads(self) -> list[dict[str, Any]]:
        """The letters that lie in their box by now."""
        while deliver():
            continue
        leave_letters()
        return [dict(letter) for letter in open_box(self.code).letters]

    def _sends(self, kind: Kind, **said: Any) -> None:
        send(kind, language="ur", box=open_box(self.code).keys, **said)
        carry_some()


def a_teller(**answers: Any) -> Teller:
    """A report through the door, carried across; the office that takes what names none has it."""
    sent = send(Kind.REPORT, language="ur", answers={**STORY, **answers})
    before = set(Report.objects.values_list("pk", flat=True))
    carry_some()
    (report,) = Report.objects.exclude(pk__in=before)
    return Teller(sent.code, report.reference, sent.submission)
