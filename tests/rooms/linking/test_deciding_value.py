"""One value proves wrong: the links that rest on it alone are rejected in one act, and undone alone or together."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from tests.rooms.linking.rung import ANALYST, BOTH, COLLEAGUE, ELSEWHERE, WORKER, stands
from tests.rooms.reports.telling import HANDLE, PHONE, suspect, told, victim

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.ledger.models import About, Entry
from amaan.linking.domain.decisions import PairState
from amaan.linking.domain.errors import (
    DecidedMeanwhile,
    LinkingError,
    NotDecided,
    NothingRests,
    ReasonMissing,
    RingChanged,
    RingNotFound,
    UndoneAlready,
)
from amaan.linking.models import Decision, Ring, RingChange
from amaan.linking.panels.ring import thing_shown
from amaan.linking.selectors import resting
from amaan.linking.selectors.resting import Resting, left_without, resting_on
from amaan.linking.selectors.showing import seen_ring
from amaan.linking.selectors.states import links_among, state_of_pairs
from amaan.linking.services import (
    confirm_link,
    deciding,
    rebuild_links,
    reject_link,
    reject_resting,
    undo_decision,
    undo_together,
)
from amaan.reports.models import Report

pytestmark = pytest.mark.django_db
READER = Actor(ActorKind.STAFF, "staff:9", frozenset({Grant(Role.INTAKE_OFFICER, "lahore")}))
ALL = {(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)}


def lay(*bodies: str, units: Sequence[str] = ()) -> list[int]:
    references = [
        told(body, number=number, unit=units[number] if units else "lahore", days_ago=2 * number + 1)
        for number, body in enumerate(bodies)
    ]
    rebuild_links(WORKER)
    ids = dict(Report.objects.values_list("reference", "pk"))
    return [ids[reference] for reference in references]


@pytest.fixture
def held() -> list[int]:
    """Four of Lahore with one number; the first two share an account, too."""
    return lay(suspect(PHONE, handle=HANDLE), suspect(PHONE, handle=HANDLE), suspect(PHONE), suspect(PHONE))


def name() -> str:
    return Ring.objects.get(size__gt=0).reference


def asked(actor: Actor = ANALYST, mark: str = "T1") -> tuple[tuple[int, ...], Resting]:
    """The value's keys, and what rests on it."""
    seen = seen_ring(actor, name())
    thing = thing_shown(actor, seen, mark)
    assert thing is not None
    found = resting_on(actor, seen, thing.keys)
    assert found is not None
    return thing.keys, found


def reject(actor: Actor = ANALYST, reason: str = "a shop's number", mark: str = "T1") -> int:
    keys, found = asked(actor, mark)
    return reject_resting(actor, ring=name(), keys=keys, mark=mark, reason=reason, seen=found.token)


def pairs_of(held: Sequence[int], found: Resting) -> set[tuple[int, int]]:
    return {(held.index(one.low), held.index(one.high)) for one in found.links}


def rejected(held: Sequence[int]) -> set[tuple[int, int]]:
    return {
        (held.index(one.low), held.index(one.high))
        for one in links_among(held)
        if one.state is PairState.REJECTED
    }


def test_what_rests_on_a_value_alone_goes_in_one_act_and_what_else_holds_stays(held: list[int]) -> None:
    before = stands()
    _keys, found = asked()
    assert pairs_of(held, found) == ALL - {(0, 1)}, "those share an account, too"
    left = left_without(seen_ring(ANALYST, name()), {(one.low, one.high) for one in found.links})
    assert (left.rings, left.alone) == ((), 4)
    ring = name()
    act = reject()
    assert stands() == {}
    assert rejected(held) == ALL - {(0, 1)}
    rows = Decision.objects.order_by("pk")
    assert [(row.kind, row.together) for row in rows] == [("reject", act)] * 5
    assert all(row.weight and row.weight > 4 for row in rows), "what the machine proposed then"
    assert not any(b"shop" in bytes(row.reason) for row in rows)
    undo = undo_together(COLLEAGUE, act=act, reason="nobody's shop")
    assert stands() == before
    assert rejected(held) == set()
    undo_together(ANALYST, act=undo, reason="a shop's after all")
    assert stands() == {}
    assert rejected(held) == ALL - {(0, 1)}
    change = RingChange.objects.filter(ring__reference=ring, kind="gone").earliest("pk")
    assert change.decision_id == act


def test_each_is_undone_alone_and_all_of_these_takes_the_rest(held: list[int]) -> None:
    act = reject()
    one = state_of_pairs([(held[2], held[3])])[held[2], held[3]].decision
    assert one is not None
    undo_decision(ANALYST, decision=one, reason="these two are one matter")
    assert rejected(held) == ALL - {(0, 1), (2, 3)}
    undone = undo_together(ANALYST, act=act, reason="all of it was wrong")
    assert Decision.objects.filter(together=undone).count() == 4, "what was undone stays as it is"
    assert rejected(held) == set()
    with pytest.raises(UndoneAlready):
        undo_together(COLLEAGUE, act=act, reason="again")
    undo_together(ANALYST, act=undone, reason="no, right")
    assert rejected(held) == ALL - {(0, 1), (2, 3)}


def test_one_entry_names_the_count_and_the_pseudonym_and_never_the_value(held: list[int]) -> None:
    ring = name()
    reject()
    leaves = [json.loads(bytes(row.leaf_bytes)) for row in Entry.objects.order_by("id")]
    several = [leaf for leaf in leaves if leaf["act"] == "link.several_rejected"]
    assert [leaf["on"] for leaf in several].count(ring) == 1
    assert len(several) <= 1 + len(held), "never one for each link"
    assert not any(leaf["act"] == "link.rejected" for leaf in leaves)
    assert About.objects.filter(on=ring, act="link.several_rejected").count() == 1


def test_the_entry_holds_what_the_reader_needs_and_no_value(
    held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr(deciding, "append", lambda _actor, acts: written.extend(acts))
    ring = name()
    reject()
    act = next(act for act in written if act.on == ring)
    assert (act.body["links"], act.body["value"], len(act.body["reports"])) == (5, "T1", 4)
    assert act.body["reason"] == "a shop's number"
    assert not any("1234567" in json.dumps(act.body) for act in written)


def test_what_a_person_confirmed_stays_and_is_counted(held: list[int]) -> None:
    confirm_link(COLLEAGUE, low=held[2], high=held[3], reason="one man, two reports")
    _keys, found = asked()
    assert pairs_of(held, found) == ALL - {(0, 1), (2, 3)}
    assert found.confirmed == 1
    reject()
    assert state_of_pairs([(held[2], held[3])])[held[2], held[3]].state is PairState.CONFIRMED


def test_what_the_page_showed_of_a_value_no_longer_holds(held: list[int]) -> None:
    keys, found = asked()

    def again(seen: str) -> None:
        reject_resting(ANALYST, ring=name(), keys=keys, mark="T1", reason="x", seen=seen)

    one = reject_link(COLLEAGUE, low=held[0], high=held[3], reason="two people")
    with pytest.raises(DecidedMeanwhile):
        again(found.token)
    undo_decision(COLLEAGUE, decision=one, reason="no")
    with pytest.raises(DecidedMeanwhile):
        again(found.token)  # as it was, but somebody thought about it
    _keys, found = asked()
    told(suspect(PHONE), number=9, days_ago=20)
    rebuild_links(WORKER)
    with pytest.raises(RingChanged):
        again(found.token)
    with pytest.raises((RingChanged, DecidedMeanwhile)):  # another value than the page showed
        reject_resting(ANALYST, ring=name(), keys=[10**9], mark="T1", reason="x", seen=asked()[1].token)
    assert Decision.objects.count() == 2
    again(asked()[1].token)
    assert stands() == {}


def test_only_links_both_of_whose_reports_are_ones_to_decide() -> None:
    held = lay(
        *[suspect(PHONE, handle=HANDLE)] * 2,
        *[suspect(PHONE)] * 2,
        units=("lahore", "lahore", "lahore", "quetta"),
    )
    ring = name()
    assert pairs_of(held, asked()[1]) == {(0, 2), (1, 2)}
    assert pairs_of(held, asked(BOTH)[1]) == ALL - {(0, 1)}
    keys, found = asked(ELSEWHERE)
    assert found.links == ()
    with pytest.raises(NothingRests):
        reject_resting(ELSEWHERE, ring=ring, keys=keys, mark="T1", reason="x", seen=found.token)
    with pytest.raises(RingNotFound):
        reject_resting(READER, ring=ring, keys=keys, mark="T1", reason="x", seen=found.token)
    with pytest.raises(ReasonMissing):
        reject(reason="  ")
    act = reject(BOTH)
    assert stands() == {}
    units = {json.loads(bytes(row.leaf_bytes)).get("unit") for row in Entry.objects.all() if _several(row)}
    assert units == {"lahore", "quetta"}, "each office knows"
    for actor in (ANALYST, ELSEWHERE):
        with pytest.raises(NotDecided):
            undo_together(actor, act=act, reason="x")
    for number in (10**9, act + 1):
        with pytest.raises(NotDecided):
            undo_together(BOTH, act=number, reason="x")


def _several(row: Entry) -> bool:
    return b"link.several_rejected" in bytes(row.leaf_bytes)


def test_of_what_somebody_protected_uses_nothing_rests() -> None:
    held = lay(suspect(PHONE), suspect(PHONE), suspect(PHONE), victim(PHONE))
    seen = seen_ring(ANALYST, name())
    thing = thing_shown(ANALYST, seen, "T1")
    assert thing is not None
    assert thing.held
    found = resting_on(ANALYST, seen, thing.keys)
    assert found is not None
    assert found.links == ()
    with pytest.raises(LinkingError):
        reject_resting(ANALYST, ring=name(), keys=thing.keys, mark="T1", reason="x", seen=found.token)
    assert len(held) == 4
    assert not Decision.objects.exists()


def test_of_very_many_some_at_a_time_and_past_a_number_nobody_asks(
    held: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deciding, "MOST_AT_ONCE", 3)
    reject()
    assert rejected(held) == {(0, 2), (0, 3), (1, 2)}, "whole reports first"
    assert [len(members) for members in stands().values()] == [4]
    reject()
    assert rejected(held) == ALL - {(0, 1)}
    assert stands() == {}
    undo_together(ANALYST, act=Decision.objects.latest("pk").together or 0, reason="x")
    monkeypatch.setattr(resting, "MOST_WEIGHED", 2)
    seen = seen_ring(ANALYST, name())
    assert resting_on(ANALYST, seen, [1]) is None
    with pytest.raises(RingChanged):
        reject_resting(ANALYST, ring=name(), keys=[1], mark="T1", reason="x", seen="0.x")


@pytest.mark.parametrize("confirmed", [False, True])
def test_what_would_be_left_is_what_is_left(*, confirmed: bool) -> None:
    other = "0321-7654321"
    held = lay(
        *[suspect(PHONE, handle=HANDLE)] * 3,
        *[suspect(PHONE)] * 2,
        *[suspect(PHONE) + suspect(other)] * 3,
        *[suspect(other)] * 2,
    )
    if confirmed:
        confirm_link(ANALYST, low=held[3], high=held[0], reason="one matter")
    seen = seen_ring(ANALYST, name())
    found = asked()[1]
    left = left_without(seen, {(one.low, one.high) for one in found.links})
    assert len(left.rings) == 2
    reject()
    sizes = sorted((len(members) for members in stands().values()), reverse=True)
    assert (left.rings, left.alone) == (tuple(sizes), len(held) - sum(sizes))
