"""The rules of a case, without a database: references, and who works and leads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.cases import domain
from amaan.cases.domain import AlreadyAtWork, NotAtWork, NothingWritten, NotToOneself, TooLong
from amaan.reports.domain.references import BITS, NotAReference, derive_reference

values = st.integers(0, 2**BITS - 1)
references = st.builds(domain.new_reference, values)
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(references)
def test_a_reference_reads_back_however_it_is_typed(reference: str) -> None:
    assert reference.startswith("C-")
    for typed in (reference, reference.lower(), reference.replace("-", " "), f" {reference[2:]} "):
        assert domain.read_case_reference(typed) == reference


@given(values, values)
def test_two_numbers_are_two_references(one: int, other: int) -> None:
    assert (domain.new_reference(one) == domain.new_reference(other)) is (one == other)


@given(references, st.integers(2, 15), st.sampled_from(_ALPHABET))
def test_a_slip_is_noticed(reference: str, position: int, character: str) -> None:
    if reference[position] in {"-", character}:
        return
    slipped = reference[:position] + character + reference[position + 1 :]
    with pytest.raises(NotAReference):
        domain.read_case_reference(slipped)


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_reports_reference_is_no_cases(entity: str, number: str) -> None:
    with pytest.raises(NotAReference, match="C-7K2M"):
        domain.read_case_reference(derive_reference(b"k" * 32, entity, number))


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_reference_or_refused(typed: str) -> None:
    try:
        read = domain.read_case_reference(typed)
    except NotAReference:
        return
    assert domain.read_case_reference(read) == read


steps = st.lists(
    st.one_of(
        st.tuples(st.just("assign"), st.integers(1, 4), st.booleans()),
        st.tuples(st.just("hand"), st.integers(1, 4), st.integers(1, 4)),
        st.tuples(st.just("end"), st.integers(1, 4), st.just(0)),
    ),
    max_size=30,
)


@given(steps)
def test_however_work_moves_at_most_one_leads(moves: list[tuple[str, int, int]]) -> None:
    work: dict[int, bool] = {1: True}
    for verb, person, other in moves:
        before = dict(work)
        try:
            if verb == "assign":
                work = domain.assigned(work, person, lead=bool(other))
                assert work[person] is bool(other)
                assert set(work) == {*before, person}
            elif verb == "hand":
                work = domain.handed_over(work, person, other)
                assert person not in work
                assert work[other] is (before[person] or before.get(other, False))
                assert any(work.values()) is any(before.values()), "handing over never loses the lead"
            else:
                work = domain.ended(work, person)
                assert person not in work
        except (AlreadyAtWork, NotAtWork, NotToOneself):
            assert work == before
        assert sum(work.values()) <= 1


def test_texts_are_needed_and_have_an_end() -> None:
    assert domain.checked("  found \n", 10) == "found"
    assert domain.checked("  ", 10, needed=False) == ""
    for empty in ("", " \n\t"):
        with pytest.raises(NothingWritten):
            domain.checked(empty, 10)
    with pytest.raises(TooLong, match="at most 10"):
        domain.checked("x" * 11, 10)


@pytest.mark.parametrize(
    ("key", "person"), [("staff:12", 12), ("system:import", None), ("platform:3", None), ("staff:x", None)]
)
def test_behind_staff_stands_a_person(key: str, person: int | None) -> None:
    assert domain.person_of(key) == person
