"""Words that would name a protected party wherever they stand, so that nothing unsealed holds one."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from amaan.reports.domain.drafts import IdentifierDraft, PartyDraft, PartyRole
from amaan.reports.domain.known import LONGEST, Known

SHORTEST = 4
"""Shorter names stand in too many words. Two short names together are long enough."""
_SHORTEST_NUMBER = 9
_SHORTEST_LINE = 9
"""Of an address: a town's name is no address, and its district stands among the facts."""
_FEW = 40
_REPORTER = PartyRole.REPORTER  # a member of an enumeration is looked up by a Python function (until 3.12)
_JOINTS = ("", " ", ".", "_", "-")


class Tokens:
    """The folded names, handles, contacts and schools of a report's protected parties.

    A reporter is mostly a platform's office: only its whole name and whole contacts count, or «safety» would seal
    half of all addresses.
    """

    def __init__(self, parties: list[PartyDraft], protected: list[bool]) -> None:
        self._tokens: set[str] = set()
        for party, sealed in zip(parties, protected, strict=True):
            if sealed:
                self._add(_words_of(party))
        # With thousands of names, looking each up in each text would take minutes. Of a very long one its beginning
        # is enough: sealing too much is the lesser fault.
        few = len(self._tokens) <= _FEW
        self._many = None if few else Known((token[:LONGEST] for token in self._tokens), SHORTEST)

    def _add(self, words: Iterable[str]) -> None:
        self._tokens.update(folded for w in words if len(folded := w.strip().casefold()) >= SHORTEST)

    def __bool__(self) -> bool:
        return bool(self._tokens)

    def name(self, text: str) -> bool:
        """Whether a text names one of them, percent-encoded or not."""
        if not self._tokens:
            return False
        folded = text.casefold()
        return self._stand_in(folded) or ("%" in folded and self._stand_in(unquote(folded).casefold()))

    def _stand_in(self, folded: str) -> bool:
        if self._many is None:
            for token in self._tokens:  # noqa: SIM110 - measured: any() with a generator takes twice as long
                if token in folded:
                    return True
            return False
        return next(self._many.found_in(folded), None) is not None


def _words_of(party: PartyDraft) -> Iterable[str]:
    whole = party.role is _REPORTER
    if len(party.names) > 1:
        yield from (joint.join(party.names) for joint in _JOINTS)
    if not whole:
        yield from party.names
        yield from party.school
        yield from (text for kind, text in party.texts if kind == "displayName")
    for place in party.places:
        yield from (line for line in (place.text, *place.text.split(", ")) if len(line) > _SHORTEST_LINE)
    for draft in party.identifiers:
        yield from _words_in(draft, whole=whole)


def _words_in(draft: IdentifierDraft, *, whole: bool) -> Iterable[str]:
    raw = draft.raw.strip()
    if draft.type == "phone":
        digits = "".join(str(int(c)) for c in raw if c.isdecimal())
        if len(digits) >= _SHORTEST_NUMBER:
            yield digits[-_SHORTEST_NUMBER:]
    elif draft.type == "email":
        yield raw if whole else raw.split("@")[0]
    elif whole:
        return
    elif draft.type in {"handle", "platform_account"}:
        yield raw.lstrip("@")
    elif draft.type == "url":
        last = raw.rstrip("/").split("/")[-1]
        page, _, query = last.partition("?")
        yield last if query and page.endswith(".php") else page
