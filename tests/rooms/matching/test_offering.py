"""From a device to the survivors' list and out of it again: what was offered at the door, by what carries it across."""

from __future__ import annotations

from typing import Any

import pytest
from tests.rooms.accounts.people import a_unit
from tests.rooms.matching.banks import staff, value
from tests.rooms.matching.reported import a_report
from tests.rooms.matching.test_matching import run

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.correspondence.models import OfferedHash
from amaan.correspondence.selectors import offered_hashes
from amaan.correspondence.services.carrying import carry_some
from amaan.correspondence.services.letters import leave_letters
from amaan.matching.domain.lists import SURVIVORS, MemberState, SignalType
from amaan.matching.models import Match, Member, Signal
from amaan.matching.services import approve_list, confirm_survivor, withdraw_survivor_hash
from amaan.matching.services.offering import MOST_FRAMES, bank_offered, take_back_offered
from amaan.outbox.services import deliver, pending
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.hashes import FileKind, OfferedFrame
from amaan.portal.domain.hashes import OfferedHash as Offer
from amaan.portal.domain.letters import HashStatus
from amaan.portal.services import Sent, open_box, send

pytestmark = pytest.mark.django_db(databases=["default", "portal"])
SYSTEM = Actor.system("matching")


@pytest.fixture(autouse=True)
def _office(db: None) -> None:
    a_unit("lahore")


def photo(number: int, quality: int | None = 80) -> Offer:
    pdq = value(number) if quality is not None else None
    return Offer(FileKind.PHOTO, value(number + 1_000), pdq, quality)


def video(number: int, frames: int, quality: int = 80) -> Offer:
    listed = tuple(OfferedFrame(n, quality, value(number + n), n * 1.0) for n in range(frames))
    return Offer(FileKind.VIDEO, value(number + 1_000), None, None, listed)


def sent(*offers: Offer, kind: Kind = Kind.HASHES, **more: Any) -> Sent:
    """Sent at the door and carried across; nothing is banked yet."""
    told = send(kind, language="en", hashes=[one.as_json() for one in offers], **more)
    carry_some()
    return told


def delivered() -> None:
    for _ in range(9):
        deliver()
    assert pending() == 0


def statuses() -> list[str]:
    return [one.status for one in offered_hashes(list(OfferedHash.objects.values_list("pk", flat=True)))]


def held() -> set[tuple[int, bytes, int | None]]:
    return {(one.type, bytes(one.value), one.quality) for one in Signal.objects.all()}


def test_a_photo_is_looked_for_by_its_bytes_and_its_look() -> None:
    told = sent(photo(1))
    delivered()
    assert held() == {(SignalType.PDQ, value(1), 80), (SignalType.SHA256, value(1_001), None)}
    assert Member.objects.get().list.slug == SURVIVORS
    assert statuses() == ["held"]
    leave_letters()
    letters = [one for one in open_box(told.code).letters if one["kind"] == "hash_status"]
    assert letters[-1]["status"] == "held"


def test_what_pdq_says_nothing_of_is_looked_for_by_its_bytes_alone() -> None:
    sent(photo(1, 49), photo(2, None), Offer(FileKind.OTHER, value(9), None, None), video(20, 3, quality=10))
    delivered()
    assert {kind for kind, _, _ in held()} == {SignalType.SHA256}
    assert statuses() == ["exact_only"] * 4


def test_a_picture_that_everybody_has_is_not_used() -> None:
    blank = Offer(FileKind.PHOTO, value(5), bytes(32), 90)
    sent(blank)
    delivered()
    assert statuses() == ["exact_only"]
    assert held() == {(SignalType.SHA256, value(5), None)}


def test_a_video_is_one_member_with_the_frames_that_stand_for_it() -> None:
    sent(video(100, 80))
    delivered()
    assert Member.objects.count() == 1
    frames = Signal.objects.filter(type=SignalType.PDQ)
    assert frames.count() == MOST_FRAMES
    approve_list(staff(number=90), slug=SURVIVORS)
    seen = bytes(frames.order_by("pk").last().value)  # type: ignore[union-attr]
    run(a_report({"pdq": seen}))
    assert Match.objects.get().list.slug == SURVIVORS


def test_the_first_frame_stands_for_a_video_that_somebody_compared_with_a_lawful_copy() -> None:
    sent(video(100, 20))
    delivered()
    examiner = staff(Role.EXAMINER)
    number = Member.objects.get().pk
    confirm_survivor(examiner, number=number, category="csam", compared_with="exhibit 9")
    copied = Signal.objects.exclude(member=number)
    assert {(one.type, bytes(one.value)) for one in copied} == {
        (SignalType.SHA256, value(1_100)),
        (SignalType.PDQ, value(100)),
    }


def test_taken_back_it_is_gone_here_and_there() -> None:
    told = sent(photo(1), video(50, 4))
    delivered()
    box = open_box(told.code).keys
    send(Kind.WITHDRAW_HASH, language="en", box=box, hash_=photo(1).sha256.hex())
    carry_some()
    delivered()
    assert sorted(statuses()) == ["held", "withdrawn"]
    assert Member.objects.filter(state=MemberState.ACTIVE).count() == 1
    assert value(1) not in {one for _, one, _ in held()}
    gone = OfferedHash.objects.get(status=HashStatus.WITHDRAWN)
    assert (gone.sealed, gone.references) == (None, None)


def test_another_box_takes_nothing_back() -> None:
    sent(photo(1))
    other = sent(photo(2))
    delivered()
    box = open_box(other.code).keys
    send(Kind.WITHDRAW_HASH, language="en", box=box, hash_=photo(1).sha256.hex())
    carry_some()
    delivered()
    assert statuses() == ["held", "held"]


def test_taken_back_before_it_was_banked_it_never_is() -> None:
    sent(photo(1))
    number = OfferedHash.objects.get().pk
    take_back_offered(SYSTEM, ids=[number])
    delivered()
    assert (statuses(), Member.objects.count()) == (["withdrawn"], 0)


def test_doing_it_again_changes_nothing() -> None:
    sent(photo(1))
    number = OfferedHash.objects.get().pk
    for _ in range(2):
        bank_offered(SYSTEM, ids=[number])
    assert Member.objects.count() == 1
    (one,) = offered_hashes([number])
    withdraw_survivor_hash(SYSTEM, reference=one.references[0])
    for _ in range(2):
        take_back_offered(SYSTEM, ids=[number])
    assert statuses() == ["withdrawn"]


def test_people_bank_nothing_by_hand() -> None:
    sent(photo(1))
    with pytest.raises(NotAllowed):
        bank_offered(Actor.platform(1, "lahore"), ids=[OfferedHash.objects.get().pk])
    assert not Member.objects.exists()
