"""Similar user names that one hand was seen to carry from account to account. Pure.

A user name that reads like another one may be its owner's next account, anybody's who likes the same words, or an
imitator's: by itself it joins nobody. It says more once it was *seen* whose habit it is. Where at least three accounts,
told by three independent sources, bear it and one telephone, mailbox, wallet or card is told of them all; where most
reports that tell the name tell that value too, so that it is no name of thousands; and most that tell the value tell
the name, so that it is one person's and not what many are paid to: there the name is that hand's, and the next account
under it is too, until somebody shows that it is not.

But not where a second hand bears the name: two reports outside that share a telephone or an account of their own. One
of the two may imitate the other. And not where all of it happens at one platform: whoever wants to be taken for
somebody goes where that one is known, and comes back there; a name that is carried from platform to platform is one's
own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Evidence, Stance, Trust
from amaan.linking.domain.frequency import MOST, Told, told_of
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import FEWEST_ACCOUNTS, FEWEST_SOURCES

_NAMES_ONE: Final = (
    EvidenceKind.PHONE,
    EvidenceKind.EMAIL,
    EvidenceKind.BANK,
    EvidenceKind.MOBILE_WALLET,
    EvidenceKind.CRYPTO,
    EvidenceKind.CNIC,
)
"""What has one holder whatever accounts they open; a user name or an account number is the account itself."""
_ACCOUNTS: Final = (EvidenceKind.PLATFORM_ACCOUNT, EvidenceKind.HANDLE)
_OWN: Final = (*_NAMES_ONE, *_ACCOUNTS)
_Ints = NDArray[np.int64]


class Hand(NamedTuple):
    """A name, by its key, and the reports (ids) that show whose it is."""

    stem: int
    reports: frozenset[int]


def hands_of(evidence: Evidence) -> list[Hand]:
    """All that the evidence shows; how and where names are written it does not hold (`selectors.hands`). What only
    supports counts nowhere, nor does a report whose account may be another's."""
    told = told_of(evidence)
    fit = (told.reports >= FEWEST_ACCOUNTS) & (told.reports <= MOST[told.kind])
    stems = _rows(evidence, told, fit & (told.kind == EvidenceKind.HANDLE_STEM))
    values = _rows(evidence, told, fit & np.isin(told.kind, [int(kind) for kind in _NAMES_ONE]))
    stem, value, report = _met(*stems, *values, len(evidence.reports))
    order = np.lexsort((value, stem))
    stem, value, report = stem[order], value[order], report[order]
    first, reports = _runs(stem, value)
    most = (2 * reports > told.reports[stem[first]]) & (2 * reports > told.reports[value[first]])
    kept = np.repeat(most & (reports >= FEWEST_ACCOUNTS), reports)  # few are left, of which more is asked
    stem, value, report = stem[kept], value[kept], report[kept]
    first, reports = _runs(stem, value)
    of = np.repeat(np.arange(len(first)), reports)
    several = _accounts(evidence, of, report, len(first)) >= FEWEST_ACCOUNTS
    independent = _different(of, evidence.source[report], len(first)) >= FEWEST_SOURCES
    hands = [
        (int(stem[first[n]]), set(report[first[n] : first[n] + reports[n]].tolist()))
        for n in np.flatnonzero(several & independent)
    ]
    others = _Others(evidence, told) if hands else None
    return [
        Hand(int(told.keys[name]), frozenset(evidence.reports[sorted(hand)].tolist()))
        for name, hand in hands
        if others and not others.second_hand(name, hand)
    ]


class _Others:
    """Who else tells a name."""

    def __init__(self, evidence: Evidence, told: Told) -> None:
        self._evidence, self._told = evidence, told
        fit = (told.reports <= MOST[told.kind]) & np.isin(told.kind, [int(kind) for kind in _OWN])
        fit_rows = np.repeat(fit, told.reports) & (evidence.stance >= Stance.LINKS)
        rows = np.flatnonzero(fit_rows)
        self._rows = rows[np.argsort(evidence.report[rows], kind="stable")]
        self._start = np.searchsorted(evidence.report[self._rows], np.arange(len(evidence.reports) + 1))

    def second_hand(self, stem: int, hand: set[int]) -> bool:
        """Whether two of them tell one thing that none of the hand's reports tells."""
        tellers = self._evidence.report[self._told.start[stem] : self._told.start[stem + 1]].tolist()
        theirs = {key for report in hand for key in self._keys(report)}
        met: set[int] = set()
        for report in tellers:
            if report not in hand:
                own = set(self._keys(report)) - theirs
                if own & met:
                    return True
                met |= own
        return False

    def _keys(self, report: int) -> list[int]:
        found: list[int] = self._evidence.key[
            self._rows[self._start[report] : self._start[report + 1]]
        ].tolist()
        return found


def _rows(evidence: Evidence, told: Told, fit: NDArray[np.bool_]) -> tuple[_Ints, _Ints]:
    """Of these values' rows that link, and of reports that are not in doubt: value, report."""
    group = np.repeat(np.arange(len(told.keys)), told.reports)
    rows = fit[group] & (evidence.stance >= Stance.LINKS)
    rows &= (evidence.trust[evidence.report] & Trust.COMPROMISED) == 0
    return group[rows], evidence.report[rows].astype(np.int64)


def _met(stem: _Ints, named: _Ints, value: _Ints, told: _Ints, reports: int) -> tuple[_Ints, _Ints, _Ints]:
    """Each stem with each value that one report tells: stem, value, report."""
    order = np.argsort(told, kind="stable")
    many = np.bincount(told, minlength=reports)
    first = np.cumsum(many) - many
    times = many[named]
    at = np.arange(int(times.sum())) - np.repeat(np.cumsum(times) - times, times)
    return np.repeat(stem, times), value[order][np.repeat(first[named], times) + at], np.repeat(named, times)


def _runs(stem: _Ints, value: _Ints) -> tuple[_Ints, _Ints]:
    """Of sorted pairs where each one begins, and its length."""
    first = np.flatnonzero(np.diff(stem, prepend=-1) | np.diff(value, prepend=-1))
    return first, np.diff(first, append=len(stem))


def _accounts(evidence: Evidence, of: _Ints, report: _Ints, pairs: int) -> _Ints:
    """By pair, how many accounts its reports tell of at least. Whose user name and account number no other report tells
    tells of an account of its own; the others by their numbers, or by their names if those are more."""
    alone = np.ones(len(evidence.reports), dtype=np.bool_)
    more = np.zeros(pairs, dtype=np.int64)
    for kind in _ACCOUNTS:
        rows = evidence.kind == kind
        label = np.full(len(evidence.reports), -1, dtype=np.int64)
        label[evidence.report[rows]] = evidence.key[rows].astype(np.int64)
        alone[evidence.report[rows]] = False
        known = label[report] >= 0
        more = np.maximum(more, _different(of[known], label[report][known], pairs))
    return more + np.bincount(of, weights=alone[report], minlength=pairs).astype(np.int64)


def _different(of: _Ints, what: _Ints, pairs: int) -> _Ints:
    """By pair, how many different ones."""
    if not len(of):
        return np.zeros(pairs, dtype=np.int64)
    order = np.lexsort((what, of))
    of, what = of[order], what[order]
    new = (np.diff(of, prepend=-1) != 0) | (np.diff(what, prepend=what[0]) != 0)
    return np.bincount(of[new], minlength=pairs)
