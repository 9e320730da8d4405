"""The own list and the survivors': two people for each member, whatever anybody's roles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction
from tests.rooms.desk.arrivals import arrived
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import staff, value
from tests.rooms.referrals.reading import file_details, report

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.ledger.models import Entry
from amaan.matching.domain.errors import (
    AnsweredAlready,
    BadList,
    KnownAlready,
    NotDecided,
    NothingToCompare,
    NotInForceYet,
    ProposalNotFound,
    ProposedAlready,
    QualityTooLow,
    ReasonNeeded,
    SecondPersonNeeded,
    SurvivorNotFound,
)
from amaan.matching.domain.lists import OWN, SURVIVORS
from amaan.matching.models import Member, Proposal, Signal, SignalList
from amaan.matching.selectors import batches_of, list_line, lists_for, proposals_waiting, survivors_waiting
from amaan.matching.services import (
    add_survivor_hash,
    approve_list,
    confirm_known,
    confirm_survivor,
    propose_known,
    refuse_known,
    set_list,
    withdraw_members,
    withdraw_survivor_hash,
)
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import ContentItem
from amaan.reports.selectors import ReportNotFound
from amaan.reports.services import record_outcome

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
MD5 = "ab" * 16
FILE = file_details(f"<originalFileHash hashType='md5'>{MD5}</originalFileHash>")
WORDS = {"category": "csam", "reason": "Judged in the file of Amna"}


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def decided(unit: str = "lahore", *files: bytes) -> str:
    reference = arrived(report(), *(files or (FILE,)), unit=unit)
    record_outcome(SYSTEM, reference=reference, decision=Decision.CLOSED, reason="r")
    return reference


def analyst(number: int, unit: str = "lahore") -> Actor:
    return staff(Role.ANALYST, number, unit)


def proposed(by: int = 1) -> int:
    return propose_known(analyst(by), report_reference=decided(), content=0, **WORDS)


def counting() -> set[str]:
    """Members of the own list that count now."""
    if not any(line.slug == OWN and line.counts for line in lists_for(SYSTEM)):
        return set()
    held = Signal.objects.filter(
        member__list__slug=OWN, member__state="active", batch__ended_at__isnull=False
    )
    return set(held.values_list("member__name", flat=True))


def test_a_file_of_a_decided_report_is_known_when_a_second_person_says_so() -> None:
    number = proposed(by=1)
    assert counting() == set()
    (waiting,) = proposals_waiting(analyst(2))
    assert (waiting.content, waiting.own, waiting.reason) == (1, False, WORDS["reason"])
    confirm_known(analyst(2), proposal=number, reason="I agree")
    assert counting() == {MD5}
    member = Member.objects.get(name=MD5)
    assert (member.proposed_by, member.confirmed_by) == ("staff:1", "staff:2")
    line = list_line(SYSTEM, OWN)
    assert (line.proposed_by, line.approved_by, line.members) == ("system:amaan", "staff:2", 1)


def test_nobody_confirms_what_they_proposed() -> None:
    number = proposed(by=1)
    for alone in (staff(Role.SUPERVISOR, 1), analyst(1), SYSTEM):
        with pytest.raises(SecondPersonNeeded):
            confirm_known(alone, proposal=number, reason="me again")
    assert counting() == set()
    found = Proposal.objects.get()
    found.answer, found.answered_by, found.answered_at = "confirmed", found.by, found.at
    with pytest.raises(IntegrityError), transaction.atomic():
        found.save()
    Member.objects.update(proposed_by="staff:1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.update(confirmed_by="staff:1")


def test_a_process_neither_proposes_nor_confirms() -> None:
    with pytest.raises(SecondPersonNeeded):
        propose_known(SYSTEM, report_reference=decided(), content=0, **WORDS)


def test_what_nobody_decided_can_not_become_known_nor_what_was_told_again_since() -> None:
    reference = arrived(report(), FILE, unit="lahore")
    with pytest.raises(NotDecided):
        propose_known(analyst(1), report_reference=reference, content=0, **WORDS)
    record_outcome(SYSTEM, reference=reference, decision=Decision.CLOSED, reason="r")
    arrived(report("<additionalInfo>more</additionalInfo>"), FILE, unit="lahore")
    with pytest.raises(NotDecided):
        propose_known(analyst(1), report_reference=reference, content=0, **WORDS)


def test_a_file_without_a_hash_or_none_at_all() -> None:
    reference = decided("lahore", file_details(""))
    for content in (0, 7):
        with pytest.raises(NothingToCompare):
            propose_known(analyst(1), report_reference=reference, content=content, **WORDS)


def test_what_says_nothing_does_not_become_known() -> None:
    """The hash of no bytes, and a PDQ hash of a plain picture: both would find what they must not."""
    empty = "d41d8cd98f00b204e9800998ecf8427e"
    reference = decided(
        "lahore", file_details(f"<originalFileHash hashType='md5'>{empty}</originalFileHash>")
    )
    ContentItem.objects.update(pdq=value(1), pdq_quality=49)
    with pytest.raises(NothingToCompare):
        propose_known(analyst(1), report_reference=reference, content=0, **WORDS)
    ContentItem.objects.update(pdq_quality=50)
    confirm_known(
        analyst(2),
        proposal=propose_known(analyst(1), report_reference=reference, content=0, **WORDS),
        reason="so it is",
    )
    assert counting() == {value(1).hex()}
    assert [(one.type, one.quality) for one in Signal.objects.all()] == [(4, 50)]


def test_other_units_and_other_roles_do_not_learn_of_it() -> None:
    reference = decided()
    for stranger in (analyst(3, "karachi"), staff(Role.ADMINISTRATOR, 4), staff(Role.INTAKE_OFFICER, 5)):
        with pytest.raises(ReportNotFound):
            propose_known(stranger, report_reference=reference, content=0, **WORDS)
    number = propose_known(analyst(1), report_reference=reference, content=0, **WORDS)
    for stranger in (analyst(3, "karachi"), staff(Role.ADMINISTRATOR, 4)):
        assert proposals_waiting(stranger) == []
        for answer in (confirm_known, refuse_known):
            with pytest.raises(ProposalNotFound):
                answer(stranger, proposal=number, reason="x")


def test_once_refused_it_may_be_proposed_again_and_is_answered_once() -> None:
    number = proposed(by=1)
    reference = Proposal.objects.get().report.reference
    with pytest.raises(ProposedAlready):
        propose_known(analyst(3), report_reference=reference, content=0, **WORDS)
    with pytest.raises(ReasonNeeded):
        refuse_known(analyst(2), proposal=number, reason=" ")
    refuse_known(analyst(2), proposal=number, reason="not so")
    for answer in (confirm_known, refuse_known):
        with pytest.raises(AnsweredAlready):
            answer(analyst(2), proposal=number, reason="again")
    assert counting() == set()
    again = propose_known(analyst(2), report_reference=reference, content=0, **WORDS)
    confirm_known(analyst(1), proposal=again, reason="now it is")
    assert counting() == {MD5}
    assert list_line(SYSTEM, OWN).members == 1
    with pytest.raises(KnownAlready):
        propose_known(analyst(3), report_reference=reference, content=0, **WORDS)


def test_reasons_stand_nowhere_in_clear() -> None:
    confirm_known(analyst(2), proposal=proposed(), reason="Amna's teacher agrees")
    told = b"".join(bytes(one.leaf_bytes) for one in Entry.objects.all())
    assert b"Amna" not in told
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM matching_proposal")
        assert "Amna" not in repr([[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor])


# Survivors


def test_a_survivors_hash_waits_as_what_it_is() -> None:
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80, sha256=value(2))
    assert value(1).hex() not in name
    assert name not in everything()  # whoever reads the database can't take it back
    assert [one.number for one in survivors_waiting(staff(Role.EXAMINER, 1))[0]] == [stored(name)]
    line = list_line(SYSTEM, SURVIVORS)
    assert (line.kind, line.category, line.members, line.counts) == ("survivor", "survivor", 1, False)
    approve_list(staff(), slug=SURVIVORS)
    assert list_line(SYSTEM, SURVIVORS).counts
    assert counting() == set()


@pytest.mark.parametrize("quality", [0, 49, 101, -1])
def test_low_quality_is_refused(quality: int) -> None:
    with pytest.raises(QualityTooLow):
        add_survivor_hash(SYSTEM, pdq=value(1), quality=quality)
    assert not SignalList.objects.exists()


def test_a_value_of_the_wrong_length_and_who_may_not() -> None:
    for wrong in (b"short", bytes(32), b"\xff" * 32):
        with pytest.raises(BadList):
            add_survivor_hash(SYSTEM, pdq=wrong, quality=80)
    with pytest.raises(NotAllowed):
        add_survivor_hash(staff(Role.ADMINISTRATOR), pdq=value(1), quality=80)


def test_whoever_sent_it_takes_it_back_values_and_all() -> None:
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80)
    withdraw_survivor_hash(SYSTEM, reference=name)
    assert not Signal.objects.exists()
    assert list_line(SYSTEM, SURVIVORS).members == 0
    with pytest.raises(SurvivorNotFound):
        withdraw_survivor_hash(SYSTEM, reference=name)


def test_a_survivors_hash_needs_two_people_and_a_lawful_copy() -> None:
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80)
    examiner = staff(Role.EXAMINER, 1)
    with pytest.raises(SecondPersonNeeded):
        confirm_survivor(SYSTEM, number=stored(name), category="csam", compared_with="exhibit 9")
    with pytest.raises(ReasonNeeded):
        confirm_survivor(examiner, number=stored(name), category="csam", compared_with="")
    number = confirm_survivor(examiner, number=stored(name), category="csam", compared_with="exhibit 9")
    assert survivors_waiting(examiner) == ([], None)
    with pytest.raises(SecondPersonNeeded):
        confirm_known(examiner, proposal=number, reason="me")
    confirm_known(analyst(2, "karachi"), proposal=number, reason="seen too")
    assert counting() == {value(1).hex()}
    assert Proposal.objects.get().survivor_id == stored(name)
    withdraw_survivor_hash(SYSTEM, reference=name)
    assert counting() == {value(1).hex()}


def stored(reference: str) -> int:
    return Member.objects.get(name=sha256(reference.encode()).hexdigest()).pk


def everything() -> str:
    """All that stands in the room's tables."""
    with connection.cursor() as cursor:
        found = []
        for table in ("member", "signal", "proposal", "batch"):
            cursor.execute(f"SELECT * FROM matching_{table}")
            found += [
                bytes(v).hex() if isinstance(v, memoryview | bytes) else str(v) for r in cursor for v in r
            ]
    return " ".join(found)


@pytest.mark.parametrize("answered", [False, True])
def test_a_hash_that_a_survivor_takes_back_does_not_become_known_after_all(answered: bool) -> None:
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80, md5=b"m" * 16)
    examiner = staff(Role.EXAMINER, 1)
    number = confirm_survivor(examiner, number=stored(name), category="csam", compared_with="exhibit 9")
    if answered:
        refuse_known(analyst(2), proposal=number, reason="not convinced")
    withdraw_survivor_hash(SYSTEM, reference=name)
    assert Proposal.objects.get().answer == "refused"
    assert proposals_waiting(analyst(2)) == []
    with pytest.raises(AnsweredAlready):
        confirm_known(analyst(2), proposal=number, reason="too late")
    for hexed in (value(1).hex(), (b"m" * 16).hex()):
        assert hexed not in everything()


def test_what_waits_on_a_survivors_hash_is_not_confirmed_when_that_is_gone() -> None:
    """The service's own word, whatever became of the proposal."""
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80)
    number = confirm_survivor(
        staff(Role.EXAMINER, 1), number=stored(name), category="csam", compared_with="exhibit 9"
    )
    Member.objects.filter(list__slug=SURVIVORS).update(state="withdrawn")
    with pytest.raises(SurvivorNotFound):
        confirm_known(analyst(2), proposal=number, reason="x")
    assert counting() == set()


def test_what_is_known_from_a_report_too_stays_when_a_survivor_takes_theirs_back() -> None:
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80, md5=bytes.fromhex(MD5))
    number = confirm_survivor(
        staff(Role.EXAMINER, 1), number=stored(name), category="csam", compared_with="exhibit 9"
    )
    refuse_known(analyst(2), proposal=number, reason="not convinced")
    confirm_known(analyst(2), proposal=proposed(by=1), reason="from the report")
    withdraw_survivor_hash(SYSTEM, reference=name)
    assert counting() == {MD5}


def test_a_member_that_is_withdrawn_takes_its_proposal_with_it() -> None:
    number = proposed(by=1)
    reference = Proposal.objects.get().report.reference
    withdraw_members(SYSTEM, slug=OWN, names=[MD5], reason="a drawing")
    with pytest.raises(AnsweredAlready):
        confirm_known(analyst(2), proposal=number, reason="x")
    again = propose_known(analyst(1), report_reference=reference, content=0, **WORDS)
    confirm_known(analyst(2), proposal=again, reason="it is none")
    assert counting() == {MD5}
    withdraw_members(SYSTEM, slug=OWN, names=[MD5], reason="a drawing after all")
    again = propose_known(analyst(1), report_reference=reference, content=0, **WORDS)
    assert Member.objects.get().withdrawn_by == ""
    refuse_known(analyst(2), proposal=again, reason="no")
    name = add_survivor_hash(SYSTEM, pdq=value(1), quality=80)
    number = confirm_survivor(
        staff(Role.EXAMINER, 1), number=stored(name), category="csam", compared_with="exhibit 9"
    )
    withdraw_members(
        SYSTEM, slug=SURVIVORS, names=[sha256(name.encode()).hexdigest()], reason="sent by a machine"
    )
    assert Proposal.objects.get(pk=number).answer == "refused"


def test_who_reads_the_own_list_does_not_read_other_units_reports() -> None:
    reference = decided("lahore")
    confirm_known(
        analyst(2),
        proposal=propose_known(analyst(1), report_reference=reference, content=0, **WORDS),
        reason="I agree",
    )
    told = batches_of(staff(Role.INTAKE_OFFICER, 9, "karachi"), OWN)
    assert [one.origin for one in told] == ["decision"]
    about = [json.loads(bytes(one.leaf_bytes)) for one in Entry.objects.order_by("id")]
    assert [one["on"] for one in about if one["act"].startswith("known.")] == [reference, reference]


def test_the_first_member_approves_no_list_that_somebody_set_alone() -> None:
    number = proposed(by=1)
    with pytest.raises(NotInForceYet):
        set_list(staff(Role.SUPERVISOR, 1), slug=OWN, distance=63, quality=0)
    confirm_known(analyst(2), proposal=number, reason="I agree")
    line = list_line(SYSTEM, OWN)
    assert (line.distance, line.quality) == (31, 50)
