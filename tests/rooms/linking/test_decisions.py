"""What people decided, replayed: any sequence equals what survives of it, in states, splits and rings."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from amaan.linking.domain.communities import CONFIRMED_FIRST, Edge, edges_of, rings_of
from amaan.linking.domain.decisions import (
    NOTHING_DECIDED,
    Decided,
    DecisionKind,
    PairState,
    State,
    chain_of,
    more_since,
    pair_of,
    replay,
    surviving,
    undoing,
)
from amaan.linking.domain.strength import STRONG_AT

REPORTS = range(1, 9)
_pairs = st.tuples(st.sampled_from(REPORTS), st.sampled_from(REPORTS)).filter(lambda p: p[0] < p[1])
_links = st.dictionaries(_pairs, st.floats(0, 20).map(lambda w: round(w, 1)), max_size=16).map(
    lambda held: [(low, high, weight) for (low, high), weight in held.items()]
)


@st.composite
def sequences(draw: st.DrawFn) -> list[Decided]:
    """What services write: an undo names an earlier decision that nothing undid. Some acts reject several pairs, some
    undo all of an earlier act that still counts."""
    found: list[Decided] = []
    undone: set[int] = set()
    for _act in range(draw(st.integers(0, 9))):
        number = len(found) + 1
        acts = sorted({one.together for one in found if one.together is not None})
        if draw(st.integers(0, 3)) == 0:
            several = draw(st.lists(_pairs, min_size=1, max_size=4, unique=True))
            found += [
                Decided(n, DecisionKind.REJECT, pair, weight=5.0, together=number)
                for n, pair in enumerate(several, start=number)
            ]
            continue
        if acts and draw(st.booleans()):
            undos = undo_all(found, draw(st.sampled_from(acts)))
            undone.update(one.undoes for one in undos if one.undoes is not None)
            found += undos
            continue
        open_ = [one.number for one in found if one.number not in undone]
        kind = draw(st.sampled_from([kind for kind in DecisionKind if open_ or kind != "undo"]))
        if kind is DecisionKind.UNDO:
            undoes = draw(st.sampled_from(open_))
            undone.add(undoes)
            found.append(Decided(number, kind, undoes=undoes))
        elif kind is DecisionKind.SPLIT:
            sides = draw(st.lists(st.sampled_from(REPORTS), min_size=2, unique=True))
            cut = draw(st.integers(1, len(sides) - 1))
            found.append(Decided(number, kind, apart=frozenset(sides[:cut]), others=frozenset(sides[cut:])))
        else:
            found.append(Decided(number, kind, draw(_pairs), weight=5.0))
    return found


def undo_all(decisions: Sequence[Decided], act: int) -> list[Decided]:
    """The undos of everything of an act that counts, as one act."""
    number = len(decisions) + 1
    of_act = [one.number for one in decisions if one.together == act]
    last = undoing(undos_in(decisions), of_act)
    return [
        Decided(n, DecisionKind.UNDO, undoes=undoes, together=number) for n, undoes in enumerate(last, number)
    ]


def undos_in(decisions: Sequence[Decided]) -> dict[int, int]:
    return {one.undoes: one.number for one in decisions if one.undoes is not None}


def _rings(links: Sequence[tuple[int, int, float]], state: State) -> list[frozenset[int]]:
    return rings_of(edges_of(links, state), state).rings


@given(sequences(), _links)
def test_any_sequence_equals_a_replay_of_the_surviving_decisions(
    decisions: list[Decided], links: list[tuple[int, int, float]]
) -> None:
    whole, alone = replay(decisions), replay(surviving(decisions))
    assert all(one.kind is not DecisionKind.UNDO for one in surviving(decisions))
    assert whole == alone
    assert _rings(links, whole) == _rings(links, alone)


@given(sequences(), _links)
def test_undoing_whatever_counts_gives_the_machines_own_rings_back(
    decisions: list[Decided], links: list[tuple[int, int, float]]
) -> None:
    """And an undo takes out one decision only: the others count as if that one had never been."""
    undone_by = undos_in(decisions)
    held = surviving(decisions)
    for one in held:
        last = chain_of(undone_by, one.number)[-1]
        undone = [*decisions, Decided(199, DecisionKind.UNDO, undoes=last)]
        assert surviving(undone) == [other for other in held if other is not one]
        redone = [*undone, Decided(200, DecisionKind.UNDO, undoes=199)]
        assert replay(redone) == replay(decisions)
    every = list(decisions)
    for number, one in enumerate(held, start=300):
        every.append(Decided(number, DecisionKind.UNDO, undoes=chain_of(undone_by, one.number)[-1]))
    assert replay(every) == NOTHING_DECIDED
    assert _rings(links, replay(every)) == _rings(links, NOTHING_DECIDED)


@given(sequences(), _links, st.data())
def test_undoing_all_of_an_act_takes_out_just_that_and_undoing_it_brings_just_that_back(
    decisions: list[Decided], links: list[tuple[int, int, float]], data: st.DataObject
) -> None:
    acts = sorted({one.together for one in decisions if one.kind is DecisionKind.REJECT and one.together})
    if not acts:
        return
    act = data.draw(st.sampled_from(acts))
    held = surviving(decisions)
    undos = undo_all(decisions, act)
    undone = [*decisions, *undos]
    left = [one for one in held if one.together != act]
    assert surviving(undone) == left
    assert len(undos) == len(held) - len(left)
    assert _rings(links, replay(undone)) == _rings(links, replay(left))
    assert undo_all(undone, act) == []
    if undos:
        redone = [*undone, *undo_all(undone, undos[0].number)]
        assert replay(redone) == replay(decisions)
        assert undo_all(redone, undos[0].number) == []


@given(sequences(), _links)
def test_no_ring_holds_both_sides_of_a_split_or_rests_on_what_was_rejected(
    decisions: list[Decided], links: list[tuple[int, int, float]]
) -> None:
    state = replay(decisions)
    edges = edges_of(links, state)
    for ring in rings_of(edges, state).rings:
        assert not any(ring & split.apart and ring & split.others for split in state.splits)
        reached = {min(ring)}
        while (
            more := {
                end for e in edges for end in (e.low, e.high) if {e.low, e.high} & reached and end in ring
            }
            - reached
        ):
            reached |= more
        assert reached == ring
    assert all(state.of(edge.low, edge.high) is not PairState.REJECTED for edge in edges)


def test_the_last_decision_about_a_pair_holds_and_an_undo_brings_the_one_before_back() -> None:
    confirm = Decided(1, DecisionKind.CONFIRM, (1, 2))
    reject = Decided(2, DecisionKind.REJECT, (1, 2), weight=5.0)
    assert replay([confirm]).of(1, 2) is PairState.CONFIRMED
    assert replay([confirm, reject]).of(1, 2) is PairState.REJECTED
    assert replay([confirm, reject, Decided(3, DecisionKind.UNDO, undoes=2)]).of(1, 2) is PairState.CONFIRMED
    assert replay([confirm]).of(1, 3) is PairState.PROPOSED
    assert [more_since(reject, weight) for weight in (None, 5.5, 6.0)] == [False, False, True]
    assert not more_since(confirm, 99.0)


def test_a_confirmed_pair_binds_though_the_machine_saw_little_and_a_split_is_stronger() -> None:
    confirmed = [Decided(n, DecisionKind.CONFIRM, pair) for n, pair in enumerate([(1, 2), (2, 3)], start=1)]
    assert _rings([], replay(confirmed)) == [frozenset({1, 2, 3})]
    split = Decided(3, DecisionKind.SPLIT, apart=frozenset({3}), others=frozenset({1, 2}))
    state = replay([*confirmed, split])
    assert _rings([(1, 3, 20.0), (1, 4, 9.0)], state) == [frozenset({1, 2, 4})]
    between = state.split_between(3, 1)
    assert between is not None
    assert between.number == 3
    assert edges_of([(1, 3, 20.0)], state) == [Edge(1, 2, STRONG_AT + CONFIRMED_FIRST, binds=True)]
    assert pair_of(3, 1) == (1, 3)
