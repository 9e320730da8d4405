"""Lists: proposed by one, approved by another, grown as if at once, withdrawn for good."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value

from amaan.authority.actors import Role
from amaan.authority.matrix import Action, NotAllowed
from amaan.formats.hash_lists import Invalid, ListEntry
from amaan.ledger.models import Entry
from amaan.matching.domain.errors import (
    BadList,
    ListExists,
    ListMovedOn,
    ListNotFound,
    ListWithdrawn,
    NotFilledThisWay,
    NothingToApprove,
    ReasonNeeded,
    SecondPersonNeeded,
)
from amaan.matching.domain.lists import CATEGORIES, Category, ListKind
from amaan.matching.models import Batch, Member, Proposal, Signal, SignalList
from amaan.matching.permissions import lists_where, may_on_list, may_on_proposal, proposals_where
from amaan.matching.selectors import faults_of, list_line, lists_for
from amaan.matching.services import (
    approve_list,
    grow_list,
    growing,
    propose_list,
    refuse_change,
    set_list,
    withdraw_list,
    withdraw_members,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def stored(slug: str = "partner") -> SignalList:
    return SignalList.objects.get(slug=slug)


def acts() -> list[str]:
    return [json.loads(bytes(one.leaf_bytes))["act"] for one in Entry.objects.order_by("id")]


def test_a_list_counts_only_when_a_second_person_approved_it() -> None:
    a_list(approved=False)
    assert not list_line(OPERATOR, "partner").counts
    with pytest.raises(SecondPersonNeeded):
        approve_list(OPERATOR, slug="partner")  # a process, and the one that proposed
    approve_list(staff(), slug="partner")
    line = list_line(OPERATOR, "partner")
    assert line.counts
    assert (line.proposed_by, line.approved_by) == ("system:test", "staff:1")
    assert acts() == ["list.proposed", "list.approved"]
    with pytest.raises(NothingToApprove):
        approve_list(staff(number=2), slug="partner")


def test_whoever_proposed_never_approves_whatever_their_roles() -> None:
    supervisor = staff(number=5)
    propose_list(supervisor, slug="mine", title="t", category="csam", source="s", ground="g")
    with pytest.raises(SecondPersonNeeded, match="second person"):
        approve_list(supervisor, slug="mine")
    assert stored("mine").approved_by == ""


def test_the_database_itself_refuses_one_person_alone() -> None:
    a_list(approved=False)
    held = stored()
    held.state, held.approved_by, held.approved_at = "approved", held.proposed_by, held.proposed_at
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save()
    held.approved_by, held.approved_at = "", None
    with pytest.raises(IntegrityError), transaction.atomic():
        held.save()


@given(st.text(max_size=20))
@examples(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_vocabulary_is_closed(category: str) -> None:
    if category not in CATEGORIES:
        with pytest.raises(BadList, match="no category of child sexual exploitation"):
            propose_list(OPERATOR, slug="x1", title="t", category=category, source="s", ground="g")
    with pytest.raises(BadList):
        propose_list(
            OPERATOR,
            slug="x1",
            title="t",
            category="csam",
            source="s",
            ground="g",
            categories={"a": category + "!"},
        )


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("slug", "Not a slug"),
        ("slug", "-x"),
        ("title", " "),
        ("source", ""),
        ("ground", ""),
        ("title", "x" * 121),
        ("distance", 64),
        ("distance", -1),
        ("quality", 101),
        ("category", Category.SURVIVOR.value),
    ],
)
def test_what_is_not_as_it_must_be_is_named(field: str, wrong: object) -> None:
    fields = {"slug": "x1", "title": "t", "category": "csam", "source": "s", "ground": "g", field: wrong}
    with pytest.raises(BadList) as refused:
        propose_list(OPERATOR, **fields)
    assert refused.value.field == field
    assert not SignalList.objects.exists()


def test_a_slug_names_one_list_for_ever() -> None:
    a_list()
    withdraw_list(OPERATOR, slug="partner", reason="wrong source")
    for slug in ("partner", "own", "survivors"):
        with pytest.raises(ListExists):
            propose_list(OPERATOR, slug=slug, title="t", category="csam", source="s", ground="g")
    for kind in (ListKind.OWN, ListKind.SURVIVOR):
        with pytest.raises(NotFilledThisWay):
            propose_list(OPERATOR, slug="x1", title="t", category="csam", source="s", ground="g", kind=kind)


@pytest.mark.parametrize("role", list(Role))
def test_one_and_many_agree_for_every_role(role: Role) -> None:
    a_list()
    actor = staff(role, unit="karachi")
    for action in (Action.VIEW_LISTS, Action.MANAGE_LISTS, Action.APPROVE_LIST):
        assert (
            may_on_list(actor, action, stored()) == lists_where(actor, action).filter(slug="partner").exists()
        )
    member = Member.objects.create(
        list=stored(),
        batch=Batch.objects.create(list=stored(), by="t", began_at=stored().proposed_at),
        name="n",
        category="csam",
    )
    for unit in ("karachi", "lahore", ""):
        proposal = Proposal.objects.create(
            member=member,
            survivor=member,
            unit=unit,
            reason=b"",
            by="staff:1",
            at=stored().proposed_at,
            answer="refused",
            answered_by="staff:2",
            answered_at=stored().proposed_at,
        )
        allowed = may_on_proposal(actor, Action.CONFIRM_KNOWN, proposal)
        found = proposals_where(actor, Action.CONFIRM_KNOWN)
        assert allowed == found.filter(pk=proposal.pk).exists()
        assert not (allowed and unit == "lahore")


def test_who_may_not_may_not() -> None:
    a_list(approved=False)
    intake, examiner, admin = (
        staff(Role.INTAKE_OFFICER),
        staff(Role.EXAMINER, 8),
        staff(Role.ADMINISTRATOR, 9),
    )
    with pytest.raises(NotAllowed):
        propose_list(intake, slug="x1", title="t", category="csam", source="s", ground="g")
    for call in (
        lambda: approve_list(intake, slug="partner"),
        lambda: approve_list(admin, slug="partner"),
        lambda: set_list(examiner, slug="partner", enabled=False),
        lambda: withdraw_list(examiner, slug="partner", reason="x"),
        lambda: grow_list(examiner, slug="partner", entries=[], origin="x"),
        lambda: withdraw_members(intake, slug="partner", names=[], reason="x"),
        lambda: approve_list(staff(), slug="absent"),
    ):
        with pytest.raises(ListNotFound):
            call()
    assert lists_for(intake)
    assert not lists_for(staff(Role.PROSECUTOR))


def test_narrower_holds_at_once_wider_waits_for_a_second_person() -> None:
    a_list()
    admin = staff(Role.ADMINISTRATOR, 3)
    assert set_list(admin, slug="partner", distance=20, quality=60) is False
    assert (stored().distance, stored().quality) == (20, 60)
    assert set_list(admin, slug="partner", distance=31) is True
    assert stored().distance == 20
    assert list_line(OPERATOR, "partner").counts  # it goes on as it was approved
    revision = stored().revision
    with pytest.raises(ListMovedOn):
        approve_list(staff(), slug="partner", revision=revision - 1)
    with pytest.raises(ListNotFound):
        approve_list(admin, slug="partner")
    approve_list(staff(), slug="partner", revision=revision)
    assert (stored().distance, stored().quality, stored().proposed_by) == (31, 60, "staff:3")
    supervisor = staff(number=4)
    assert set_list(supervisor, slug="partner", quality=0) is True
    with pytest.raises(SecondPersonNeeded):
        approve_list(supervisor, slug="partner")
    refuse_change(staff(number=6), slug="partner", reason="far too wide")
    assert (stored().quality, stored().wanted) == (60, "")
    with pytest.raises(NothingToApprove):
        refuse_change(staff(number=6), slug="partner", reason="again")


def test_off_and_on_and_away_for_good() -> None:
    a_list()
    set_list(OPERATOR, slug="partner", enabled=False)
    assert not list_line(OPERATOR, "partner").counts
    set_list(OPERATOR, slug="partner", enabled=True)
    assert list_line(OPERATOR, "partner").counts
    with pytest.raises(ReasonNeeded):
        withdraw_list(OPERATOR, slug="partner", reason="  ")
    withdraw_list(OPERATOR, slug="partner", reason="Sara asked for it")
    assert not list_line(OPERATOR, "partner").counts
    for call in (
        lambda: set_list(OPERATOR, slug="partner", enabled=True),
        lambda: approve_list(staff(), slug="partner"),
        lambda: grow_list(OPERATOR, slug="partner", entries=[], origin="x"),
        lambda: withdraw_list(OPERATOR, slug="partner", reason="again"),
        lambda: withdraw_members(OPERATOR, slug="partner", names=["x"], reason="x"),
    ):
        with pytest.raises(ListWithdrawn):
            call()
    assert not any(b"Sara" in bytes(one.leaf_bytes) for one in Entry.objects.all())


# Growing


def grown(*entries: ListEntry | Invalid, slug: str = "partner", **how: object) -> dict[str, int]:
    counts = grow_list(OPERATOR, slug=slug, entries=entries, origin="file.csv", **how).counts()  # type: ignore[arg-type]
    counts.pop("batch")
    return counts


def names(slug: str = "partner") -> set[str]:
    return set(Member.objects.filter(list__slug=slug, state="active").values_list("name", flat=True))


def test_growing_counts_everything_and_nothing_twice() -> None:
    a_list()
    first = [entry(1), entry(2), Invalid(3, "not_hex", "zz"), entry(1), entry(4, quality=77)]
    assert grown(*first) == {"read": 5, "added": 3, "known": 1, "withdrawn": 0, "invalid": 1}
    assert grown(*first) == {"read": 5, "added": 0, "known": 4, "withdrawn": 0, "invalid": 1}
    assert Signal.objects.count() == 3
    assert Signal.objects.get(value=value(4)).quality == 77
    assert list_line(OPERATOR, "partner").members == 3
    assert [(one.line, one.code, one.text) for one in faults_of(OPERATOR, "partner")] == [
        (3, "not_hex", "zz")
    ]


def test_a_known_member_gains_signals_in_the_batch_that_brought_them() -> None:
    a_list()
    grown(ListEntry(1, "77", {"md5": b"m" * 16}))
    grown(ListEntry(1, "77", {"md5": b"m" * 16, "pdq": value(1)}), ListEntry(2, "77", {"sha1": b"s" * 20}))
    batches = Batch.objects.order_by("pk")
    assert Member.objects.get().batch == batches[0]
    assert {(one.type, one.batch_id) for one in Signal.objects.all()} == {
        (3, batches[0].pk),
        (2, batches[1].pk),
        (4, batches[1].pk),
    }


def test_classes_of_the_source_become_our_categories() -> None:
    a_list(categories={"A1": "csam", "B2": "exploitative"}, category="csam_suspected")
    grown(
        entry(1, name="1", category="A1"), entry(2, name="2", category="B2"), entry(3, name="3", category="Z")
    )
    assert dict(Member.objects.values_list("name", "category")) == {
        "1": "csam",
        "2": "exploitative",
        "3": "csam_suspected",
    }


def test_tombstones_and_what_comes_back() -> None:
    a_list()
    grown(entry(1, name="1"), entry(2, name="2"))
    counts = grown(ListEntry(1, "1", {}, withdrawn=True), ListEntry(2, "9", {}, withdrawn=True))
    assert counts["withdrawn"] == 1
    assert names() == {"2"}
    assert list_line(OPERATOR, "partner").members == 1
    grown(entry(1, name="1"))  # an old file that is read again revives nobody
    assert names() == {"2"}
    grown(entry(1, name="1"), revive=True)
    assert names() == {"1", "2"}
    assert list_line(OPERATOR, "partner").members == 2
    assert withdraw_members(OPERATOR, slug="partner", names=["1", "1", "absent"], reason="wrong") == 1
    assert withdraw_members(OPERATOR, slug="partner", names=["1"], reason="wrong") == 0
    assert names() == {"2"}
    assert list_line(OPERATOR, "partner").members == 1


class _Killed(Exception):
    pass


def _until(number: int, entries: list[ListEntry]) -> Iterator[ListEntry]:
    yield from entries[:number]
    raise _Killed


@given(st.integers(0, 11), st.booleans())
@examples(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_run_that_was_killed_counts_for_nothing_and_goes_on(at: int, same_file: bool) -> None:
    slug = f"list-{next(_numbers)}"
    a_list(slug)
    entries = [entry(number, line=number) for number in range(12)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(growing, "CHUNK", 3)
        digest = b"d" * 32
        with pytest.raises(_Killed):
            grow_list(OPERATOR, slug=slug, entries=_until(at, entries), origin="f", digest=digest)
        assert list_line(OPERATOR, slug).members == 0
        assert list_line(OPERATOR, slug).unfinished
        done = grow_list(
            OPERATOR, slug=slug, entries=entries, origin="f", digest=digest if same_file else b"e" * 32
        )
    assert (done.read, done.added, done.known) == (12, 12, 0)
    ended = Batch.objects.filter(list__slug=slug).exclude(ended_at=None)
    assert Signal.objects.filter(batch__in=ended, member__list__slug=slug).count() == 12
    assert list_line(OPERATOR, slug).members == 12
    assert list_line(OPERATOR, slug).unfinished == (not same_file)


_numbers = count()


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.builds(
                    lambda number, name: entry(number, name=name),
                    st.integers(0, 8),
                    st.sampled_from(["", "a", "b", "c"]),
                ),
                st.builds(lambda name: ListEntry(1, name, {}, withdrawn=True), st.sampled_from("abc")),
                st.just(Invalid(1, "length", "abc")),
            ),
            max_size=12,
        ),
        max_size=4,
    )
)
@examples(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_files_is_what_a_plain_reading_says(files: list[list[ListEntry | Invalid]]) -> None:
    slug = f"list-{next(_numbers)}"
    a_list(slug)
    plain: dict[str, set[bytes]] = {}
    gone: set[str] = set()
    for file in files:
        told: dict[str, tuple[set[bytes], bool]] = {}
        for one in file:
            if isinstance(one, ListEntry):
                name = one.name or next(iter(one.signals.values())).hex()
                before = told.get(name, (set(), False))[0]
                told[name] = (before | set(one.signals.values()), one.withdrawn)
        for name, (values, withdrawn) in told.items():
            if withdrawn:
                gone |= {name} & plain.keys()
            elif name not in gone and values:
                plain[name] = plain.get(name, set()) | values
        counts = grow_list(OPERATOR, slug=slug, entries=file, origin="f")
        assert counts.read == len(file)
    assert names(slug) == plain.keys() - gone
    held = Signal.objects.filter(member__list__slug=slug)
    stands: dict[str, set[bytes]] = {}
    for name, found in held.values_list("member__name", "value"):
        stands.setdefault(name, set()).add(bytes(found))
    assert stands == plain
    assert list_line(OPERATOR, slug).members == len(names(slug))


def test_only_imported_and_exchanged_lists_are_filled_from_outside() -> None:
    SignalList.objects.create(
        slug="own",
        title="Own",
        kind="own",
        category="csam",
        source="s",
        ground="g",
        distance=31,
        quality=50,
        proposed_by="system:amaan",
        proposed_at="2026-01-01T00:00Z",
    )
    with pytest.raises(NotFilledThisWay):
        grown(entry(1), slug="own")


@pytest.mark.parametrize("said", [{"exchange": "stopncii"}, {"kind": ListKind.SURVIVOR}])
def test_the_database_itself_keeps_survivors_words_apart(said: dict[str, str]) -> None:
    a_list(approved=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        SignalList.objects.filter(slug="partner").update(**said)
    SignalList.objects.filter(slug="partner").update(category=Category.SURVIVOR, **said)
