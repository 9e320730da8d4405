"""References: the same for the same report, guessed by nobody, and a slip in one is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.reports.domain.references import NotAReference, derive_reference, read_reference

_KEY = b"k" * 32
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_names = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
references = st.builds(lambda entity, number: derive_reference(_KEY, entity, number), _names, _names)


@given(_names, _names)
def test_a_reference_is_the_same_each_time_and_reads_back(entity: str, number: str) -> None:
    reference = derive_reference(_KEY, entity, number)
    assert derive_reference(_KEY, entity, number) == reference
    assert read_reference(reference) == reference
    assert derive_reference(b"x" * 32, entity, number) != reference


@given(_names, _names, _names, _names)
def test_entity_and_number_do_not_run_together(one: str, two: str, three: str, four: str) -> None:
    if (one, two) != (three, four):
        assert derive_reference(_KEY, one, two) != derive_reference(_KEY, three, four)


@given(references, st.sampled_from((str.lower, str.upper, str.title)), st.sampled_from((" ", "", "-")))
def test_it_is_read_however_it_is_typed(reference: str, case: object, joint: str) -> None:
    typed = case(reference.replace("-", joint))  # type: ignore[operator]
    assert read_reference(f"  {typed} ") == reference
    assert read_reference(reference.removeprefix("R-")) == reference


@given(references)
def test_letters_that_look_like_digits_are_read_as_digits(reference: str) -> None:
    body = reference.removeprefix("R-").replace("0", "o").replace("1", "l")
    assert read_reference(body) == reference
    assert read_reference("R-" + body.replace("l", "I")) == reference


@given(references, st.integers(0, 11), st.sampled_from(_ALPHABET))
def test_one_wrong_character_is_noticed(reference: str, position: int, other: str) -> None:
    body = list(reference.removeprefix("R-").replace("-", ""))
    if body[position] == other:
        return
    body[position] = other
    with pytest.raises(NotAReference, match="slip"):
        read_reference("".join(body))


@given(references, st.integers(0, 10))
def test_two_neighbours_that_changed_places_are_noticed(reference: str, position: int) -> None:
    body = list(reference.removeprefix("R-").replace("-", ""))
    pair = body[position], body[position + 1]
    if pair[0] == pair[1] or set(pair) == {"0", "Z"}:
        return
    body[position], body[position + 1] = pair[1], pair[0]
    with pytest.raises(NotAReference):
        read_reference("".join(body))


@given(st.text(max_size=40))
def test_anything_else_is_no_reference_and_the_message_shows_one(typed: str) -> None:
    try:
        assert read_reference(typed).startswith("R-")
    except NotAReference as slip:
        assert "R-7K2M-9F3Q-XA4C" in str(slip) or "slip" in str(slip)
