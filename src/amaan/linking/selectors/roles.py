"""How the spine's words for roles and types become numbers, in SQL and in numpy, alike for one report and for all.

Who a thing is told of decides what it can do. A reported person's or account's own things link; an associated account's
too, unless it belongs to a child. What a victim or a recipient is told with only supports, even where the same report
tells it of the reported person. What a report gives to nobody (the incident's, a file's) only supports, since it may be
the victim's own; but where money was asked to go belongs to who asked, and the page or the group in which it happened
to whoever runs it; a group that somebody belongs to, or invites to, only supports. A reporter's things are never read.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from amaan.linking.domain.evidence import Stance
from amaan.linking.domain.kinds import HAPPENS_IN, KINDS, OF_MENTIONS, PAYS, EvidenceKind

_UNSAID: Final = 1
_REPORTED: Final = 2
_ASSOCIATED: Final = 3
_GUARDED: Final = 4
_INCIDENTS: Final = 5

ROLE_SQL: Final = (
    f"CASE t.role WHEN 'reported' THEN {_REPORTED} WHEN 'associated' THEN {_ASSOCIATED}"
    f" WHEN 'victim' THEN {_GUARDED} WHEN 'recipient' THEN {_GUARDED}"
    f" WHEN 'incident' THEN {_INCIDENTS} ELSE {_UNSAID} END"
)
NOT_READ_SQL: Final = "t.role <> 'reporter'"
_WHENS: Final = " ".join(f"WHEN '{type_}' THEN {int(kind)}" for type_, kind in OF_MENTIONS.items())
SITE_SQL: Final = "(t.type = 'url' AND t.clear IS NOT NULL AND t.clear NOT LIKE '%://%/_%')"
_KEPT: Final = "(t.type = 'url' AND EXISTS (SELECT 1 FROM linking_kept k WHERE k.identifier_id = t.id))"
KIND_SQL: Final = f"CASE WHEN {SITE_SQL} OR {_KEPT} THEN 0 ELSE CASE t.type {_WHENS} ELSE 0 END END"
"""The kind of an identifier, 0: none. An address that says no more than whose site it is is none, and
stays none once it is sealed (`models.Kept`)."""

_OF_KIND: Final = len(EvidenceKind) + 1
_KIND_LINKS: Final = np.zeros(64, dtype=np.bool_)
_PAYS: Final = np.zeros(64, dtype=np.bool_)
_PAGE: Final = np.arange(64) == EvidenceKind.URL
_INVITES: Final = np.arange(64) == EvidenceKind.INVITATION
_WHERE: Final = np.isin(np.arange(64), [int(kind) for kind in HAPPENS_IN])
for _kind, _told in KINDS.items():
    _KIND_LINKS[_kind] = _told.links
    _PAYS[_kind] = _kind in PAYS
_STANCES: Final = np.array([Stance.SUPPORTS, Stance.BESIDE, Stance.LINKS, Stance.SUPPORTS], dtype=np.uint8)
"""By rank."""


def rank_of(
    role: NDArray[np.int64], kind: NDArray[np.uint8], links: NDArray[np.bool_], of_child: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """0 supports, 1 links and is told of an account beside, or is the page on which it happened, 2 links, 3 supports
    whatever else is said; the greatest of a report's rows counts.

    `links`: the identifier's own, as a user name without its platform links nobody; where it happened it is asked of
    the role alone. `of_child`: whether the telling has an associated account of somebody whose identity is sealed.
    """
    nobodys = (role == _UNSAID) | (role == _INCIDENTS)
    theirs = (role == _REPORTED) | ((role == _ASSOCIATED) & ~of_child) | (nobodys & _PAYS[kind])
    theirs &= (links & ~_INVITES[kind]) | _PAGE[kind]
    theirs |= (role == _INCIDENTS) & _WHERE[kind]
    beside = (role == _ASSOCIATED) | ((role == _INCIDENTS) & _PAGE[kind])
    rank = np.where(theirs & _KIND_LINKS[kind], np.where(beside, 1, 2), 0)
    return np.where(role == _GUARDED, 3, rank)


def stance_of(rank: NDArray[np.int64]) -> NDArray[np.uint8]:
    return _STANCES[rank]
