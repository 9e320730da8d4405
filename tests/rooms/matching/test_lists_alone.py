"""What one person alone can't do to a list: fill it unseen, widen it unseen, approve it, end it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value

from amaan.authority.actors import Role
from amaan.formats.hash_lists import Invalid, ListEntry, Unreadable
from amaan.ledger.models import Entry
from amaan.matching.domain.errors import AlwaysThere, NotInForceYet, SecondPersonNeeded
from amaan.matching.domain.lists import OWN, SURVIVORS
from amaan.matching.models import Batch, Member, Signal, SignalList
from amaan.matching.selectors import faults_of, list_line, public_lists
from amaan.matching.services import (
    approve_list,
    grow_list,
    growing,
    propose_list,
    set_list,
    withdraw_list,
    withdraw_members,
)
from amaan.matching.services.listing import standing_list
from amaan.outbox.models import Delivery

pytestmark = pytest.mark.django_db
EVIL, GOOD = value(666), value(1)


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def broken_off(*entries: ListEntry | Invalid) -> Iterator[ListEntry | Invalid]:
    """A file that ends in the middle."""
    yield from entries
    raise Unreadable("broken_off", "The document ends inside a text.")


def read(
    *entries: ListEntry | Invalid, digest: bytes = b"b" * 32, origin: str = "b.csv", **how: bool
) -> None:
    grow_list(OPERATOR, slug="partner", entries=entries, origin=origin, digest=digest, **how)


def killed(*entries: ListEntry | Invalid, digest: bytes = b"a" * 32, origin: str = "a.csv") -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "CHUNK", 1)  # so that what came before the end is written
        with pytest.raises(Unreadable):
            grow_list(OPERATOR, slug="partner", entries=broken_off(*entries), origin=origin, digest=digest)


def counting() -> set[bytes]:
    found = Signal.objects.filter(member__state="active", batch__ended_at__isnull=False)
    return {bytes(one) for one in found.values_list("value", flat=True)}


def acts() -> list[str]:
    return [json.loads(bytes(one.leaf_bytes))["act"] for one in Entry.objects.order_by("id")]


def test_what_a_killed_import_brought_does_not_count_by_another_files_end() -> None:
    """A hash smuggled under a name that the partner's own file is known to use."""
    a_list(categories={"hard": "csam", "soft": "exploitative"})
    smuggled = ListEntry(1, "X-1", {"sha256": EVIL, "md5": b"m" * 16, "pdq": GOOD}, 100, "hard", ("worst",))
    killed(smuggled)
    assert acts()[-1] == "list.growing"  # even what never ended is told
    read(ListEntry(1, "X-1", {"sha256": GOOD, "md5": b"m" * 16, "pdq": GOOD}, 50, "soft"))
    assert counting() == {GOOD, b"m" * 16}
    member = Member.objects.get()
    assert (member.category, member.tags) == ("exploitative", "")
    assert Signal.objects.get(type=4).quality == 50
    read(smuggled, digest=b"a" * 32, origin="a.csv")  # run again to its end it counts, by its own digest
    assert EVIL in counting()
    assert acts().count("list.grew") == 2


def test_an_exchange_that_takes_something_up_again_takes_nothing_else_with_it() -> None:
    a_list()
    read(ListEntry(1, "X-1", {"sha256": GOOD}))
    killed(ListEntry(1, "X-1", {"sha256": EVIL}))
    read(ListEntry(1, "X-1", {}, withdrawn=True), digest=b"c" * 32)
    read(ListEntry(1, "X-1", {"sha256": GOOD}), digest=b"d" * 32, revive=True)
    assert counting() == {GOOD}


def test_a_file_that_breaks_off_takes_nothing_back() -> None:
    a_list()
    read(entry(1, name="m1"), entry(2, name="m2"))
    Delivery.objects.all().delete()
    killed(ListEntry(1, "m1", {}, withdrawn=True), entry(3, name="m3"))
    assert counting() == {value(1), value(2)}
    assert list_line(OPERATOR, "partner").members == 2
    assert not Delivery.objects.exists()
    read(ListEntry(1, "m1", {}, withdrawn=True), entry(3, name="m3"), digest=b"a" * 32, origin="a.csv")
    assert counting() == {value(2), value(3)}
    assert list_line(OPERATOR, "partner").members == 2
    assert Delivery.objects.exists()


def test_what_a_file_says_last_of_a_member_holds_however_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    a_list()
    read(entry(1, name="m1"), entry(2, name="m2"))
    monkeypatch.setattr(growing, "CHUNK", 1)
    gone = ListEntry(1, "m1", {}, withdrawn=True)
    read(gone, entry(1, name="m1"), entry(2, name="m2"), gone._replace(name="m2"), digest=b"c" * 32)
    assert counting() == {value(1)}


def test_the_same_file_read_otherwise_is_another_one() -> None:
    a_list()
    killed(ListEntry(1, "", {"pdq": EVIL}), digest=b"f" * 32, origin="sums.txt --bare pdq")
    read(ListEntry(1, "", {"sha256": EVIL}), digest=b"f" * 32, origin="sums.txt --bare sha256")
    ended = Signal.objects.filter(batch__ended_at__isnull=False)
    assert [one.type for one in ended] == [1]


def test_a_number_that_was_taken_back_and_means_another_file_now_is_said() -> None:
    a_list()
    read(ListEntry(1, "1", {"sha256": GOOD}))
    withdraw_members(OPERATOR, slug="partner", names=["1"], reason="wrong")
    read(ListEntry(1, "1", {"sha256": GOOD}), digest=b"c" * 32)
    assert not faults_of(OPERATOR, "partner")  # an old file read again
    read(ListEntry(7, "1", {"sha256": EVIL}), digest=b"d" * 32)
    assert [(one.line, one.code, one.text) for one in faults_of(OPERATOR, "partner")] == [
        (7, "taken_back", EVIL.hex())
    ]
    assert (Batch.objects.latest("pk").known, Batch.objects.latest("pk").invalid) == (0, 1)


def test_one_name_has_neither_tags_nor_values_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    a_list()
    monkeypatch.setattr(growing, "MOST_VALUES", 3)
    read(*(entry(n, name="one", tags=tuple(f"t{n}-{k}" for k in range(16))) for n in range(5)))
    assert len(Member.objects.get().tags.split()) == 16
    assert Signal.objects.count() == 3
    assert [one.code for one in faults_of(OPERATOR, "partner")] == ["too_many", "too_many"]


@pytest.mark.parametrize("slug", [OWN, SURVIVORS])
def test_the_lists_that_come_with_the_program_are_neither_set_before_they_hold_nor_ended(slug: str) -> None:
    standing_list(slug)
    for wider in ({"distance": 63}, {"quality": 0}):
        with pytest.raises(NotInForceYet):
            set_list(staff(number=1), slug=slug, **wider)
    set_list(staff(number=1), slug=slug, enabled=False)
    with pytest.raises(AlwaysThere):
        withdraw_list(staff(number=1), slug=slug, reason="I want it so")
    approve_list(staff(number=1), slug=slug)
    assert set_list(staff(number=1), slug=slug, distance=63)  # waits
    with pytest.raises(AlwaysThere):
        withdraw_list(staff(number=1), slug=slug, reason="I want it so")


def test_who_proposed_never_approves_though_another_changed_it_and_neither_does_that_one() -> None:
    first, other, third = staff(number=5), staff(number=6), staff(number=7)
    propose_list(first, slug="mine", title="t", category="csam", source="s", ground="g")
    set_list(other, slug="mine", distance=30)
    for one in (first, other):
        with pytest.raises(SecondPersonNeeded):
            approve_list(one, slug="mine")
    held = SignalList.objects.get(slug="mine")
    assert (held.proposed_by, held.set_by) == ("staff:5", "staff:6")
    held.state, held.approved_by, held.approved_at = "approved", "staff:6", held.proposed_at
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save()
    approve_list(third, slug="mine")
    set_list(third, slug="mine", distance=40)
    approve_list(
        other, slug="mine"
    )  # what is wanted now is the third's, and the other one's agreement counts
    assert SignalList.objects.get(slug="mine").distance == 40


def test_what_is_so_already_changes_nothing() -> None:
    a_list()
    before = (SignalList.objects.get().revision, len(acts()))
    Delivery.objects.all().delete()
    set_list(staff(Role.ADMINISTRATOR, 3), slug="partner", enabled=True, distance=31, quality=50)
    assert (SignalList.objects.get().revision, len(acts())) == before
    assert not Delivery.objects.exists()


def test_the_public_is_told_nothing_that_one_person_alone_wrote() -> None:
    a_list(source="A partner")
    a_list("slander", approved=False, source="Somebody is a thief")
    a_list("gone", approved=False, source="And so is another")
    withdraw_list(OPERATOR, slug="gone", reason="x")
    found = public_lists()
    assert [one.source for one in found.lists] == ["A partner"]
    assert (found.in_force, found.others, found.proposed) == (1, 0, 1)


def test_what_earlier_versions_kept_in_clear_is_forgotten() -> None:
    earlier = import_module("amaan.matching.migrations.0005_nothing_of_reports_or_lines")
    a_list()
    read(Invalid(3, "no_signal", "Amna Bibi"))
    held = standing_list(OWN)
    Batch.objects.create(list=held, origin="AMN-2026-000001", by="staff:1", began_at=held.proposed_at)
    sent = standing_list(SURVIVORS)
    batch = Batch.objects.create(list=sent, origin="survivor", by="system:test", began_at=held.proposed_at)
    Member.objects.create(list=sent, batch=batch, name="ab" * 16, category="survivor")
    for _ in range(2):  # safe to run again
        earlier.forget(apps, None)
    assert [(one.line, one.code, one.text) for one in faults_of(OPERATOR, "partner")] == [
        (3, "no_signal", "")
    ]
    assert set(Batch.objects.values_list("origin", flat=True)) == {"b.csv", "decision", "survivor"}
    assert Member.objects.get().name == sha256(("ab" * 16).encode()).hexdigest()
