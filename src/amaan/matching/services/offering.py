"""Hashes that came by the public's door: into the survivors' list and out again; what became of each goes back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.db import transaction

from amaan.authority.actors import Actor
from amaan.correspondence.selectors import offered_hashes
from amaan.correspondence.services.hashes import note_hash_status
from amaan.formats.hash_lists.entries import is_blank
from amaan.matching.domain.errors import SurvivorNotFound
from amaan.matching.domain.frames import frames_that_stand_for
from amaan.matching.domain.lists import QUALITY
from amaan.matching.services.survivors import add_survivor_hash, withdraw_survivor_hash
from amaan.portal.domain.hashes import OfferedHash
from amaan.portal.domain.letters import HashStatus

MOST_FRAMES: Final = 30
"""Of one video: each frame is compared with whatever comes."""


@transaction.atomic
def bank_offered(actor: Actor, *, ids: Sequence[int]) -> None:
    """Put offered hashes that still wait into the survivors' list. Raises NotAllowed, ListWithdrawn."""
    for one in offered_hashes(ids, for_update=True):
        if one.status != HashStatus.WAITING or one.hash is None:
            continue
        status, reference = _bank(actor, one.hash)
        note_hash_status(actor, number=one.number, status=status, references=[reference] if reference else [])


@transaction.atomic
def take_back_offered(actor: Actor, *, ids: Sequence[int]) -> None:
    """Take them out of the list again; one that is gone already is no error. Raises NotAllowed."""
    for one in offered_hashes(ids, for_update=True):
        for reference in one.references:
            _take_back(actor, reference)
        note_hash_status(actor, number=one.number, status=HashStatus.WITHDRAWN)


def _bank(actor: Actor, offered: OfferedHash) -> tuple[HashStatus, str]:
    """What it is good for, and the reference with which it is taken back ("" where nothing of it is used)."""
    sha256 = None if is_blank(offered.sha256) else offered.sha256
    seen = [(offered.pdq, offered.quality), *((frame.pdq, frame.quality) for frame in offered.frames)]
    good = [
        (pdq, quality)
        for pdq, quality in seen
        if pdq is not None and quality is not None and quality >= QUALITY and not is_blank(pdq)
    ]
    frames = frames_that_stand_for(good, MOST_FRAMES)
    if not frames and sha256 is None:
        return HashStatus.NOT_USED, ""
    reference = add_survivor_hash(actor, sha256=sha256, frames=frames)
    return HashStatus.HELD if frames else HashStatus.EXACT_ONLY, reference


def _take_back(actor: Actor, reference: str) -> bool:
    try:
        withdraw_survivor_hash(actor, reference=reference)
    except SurvivorNotFound:
        return False
    return True


__all__ = ["MOST_FRAMES", "bank_offered", "take_back_offered"]
