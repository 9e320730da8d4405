"""Places, ages and terms: every name finds its own, and nothing is guessed."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amaan.vocabulary import domain
from amaan.vocabulary.domain import AGE_BANDS, age_band, district, districts, find_district, find_province
from amaan.vocabulary.domain.rows import rows

pytestmark = pytest.mark.pure
DATA = Path(domain.__file__).parent.parent / "data"
AMBIGUOUS = {row["name"] for row in rows("district_ambiguous")}
NAMES = [
    *[(place.name, place.pcode) for place in districts()],
    *[(place.name_ur, place.pcode) for place in districts()],
    *[(place.pcode, place.pcode) for place in districts()],
    *[(row["alias"], row["pcode"]) for row in rows("district_aliases")],
]


def pcode(text: str) -> str | None:
    found = find_district(text)
    return found.pcode if found else None


@pytest.mark.parametrize(("name", "code"), NAMES)
def test_every_name_finds_its_district(name: str, code: str) -> None:
    assert pcode(name) == code


@pytest.mark.parametrize("name", sorted(AMBIGUOUS))
def test_a_name_of_several_districts_finds_none(name: str) -> None:
    assert find_district(name) is None
    assert find_district(f"{name} District") is None
    assert all(district(code) for code in domain.ambiguous_names()[name])


@given(
    st.sampled_from(NAMES),
    st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    st.sampled_from([" ", "-", "  ", "\u200c", ". ", "\u00a0"]),
    st.sampled_from(["{}", "District {}", "{} district", " {} ", "ضلع {}", "{}, Pakistan", "\u200f{}\u200e"]),
)
def test_case_spaces_and_the_word_district_do_not_count(name, change, space, frame):  # type: ignore[no-untyped-def]
    text, code = name
    assert pcode(frame.format(space.join(change(text).split()))) == code


@given(st.sampled_from(NAMES))
def test_arabic_letter_forms_do_not_count(name: tuple[str, str]) -> None:
    text, code = name
    assert pcode(text.replace("ی", "ي").replace("ک", "ك").replace("ہ", "ه")) == code
    assert pcode("".join(letter + "\u064e" if letter > "\u0600" else letter for letter in text)) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Kasur, Punjab, Pakistan", "PK614"),
        ("Kasur, Sindh", None),
        ("Hyderabad, Telangana, India", None),
        ("Lahor", None),
        ("Lahore Cantt", None),
        ("Mirpur", "PK106"),
        ("Mirpur Khas", "PK716"),
        ("Jhelum", "PK613"),
        ("Jhelum Valley", "PK103"),
        ("", None),
        (" ,, ", None),
        ("\ud800", None),
        ("Kasur" * 100, None),
        ("pk617", "PK617"),
        ("PK999", None),
        ("Punjab", None),
    ],
)
def test_nothing_is_guessed(text: str, code: str | None) -> None:
    assert pcode(text) == code


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    found = find_district(text)
    assert found is None or district(found.pcode) == found


def test_the_map_is_whole() -> None:
    assert len(districts()) == 155
    assert Counter(place.province.code for place in districts()) == Counter(
        {"AJK": 10, "BA": 34, "GB": 10, "ICT": 1, "KP": 35, "PB": 36, "SD": 29}
    )
    assert all(60 < place.lon < 78 and 23 < place.lat < 38 for place in districts())
    assert all(
        find_province(name) for name in ("Punjab", "سندھ", "KPK", "Azad Kashmir", "balochistan", "ICT", "GB")
    )
    kasur = domain.province_of("PK614")
    assert kasur is not None
    assert kasur.code == "PB"
    assert domain.province_of("nowhere") is None
    assert domain.is_country("Pakistan")
    assert domain.is_country("پاکستان")
    assert not domain.is_country("IN")


@given(st.integers(min_value=0, max_value=125))
def test_an_age_lies_in_its_band(age: int) -> None:
    band = next(band for band in AGE_BANDS if band.id == age_band(age, None, date(2026, 11, 21)))
    assert band.from_age is not None
    assert band.from_age <= age
    assert band.to_age is None or age <= band.to_age
    assert (age < 18) == (band.id != "18+")


@given(st.dates(date(1950, 1, 1), date(2026, 1, 1)), st.integers(0, 20_000))
def test_a_birth_date_outweighs_the_age_told(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    years = max(
        year
        for year in range(60)
        if (birth.year + year, birth.month, birth.day) <= (on.year, on.month, on.day)
    )
    assert age_band(99, birth, on) == age_band(years, None, on)


@pytest.mark.parametrize(
    ("age", "birth", "band"),
    [
        (None, None, "not_said"),
        (-1, None, "not_said"),
        (900, None, "not_said"),
        (17, date(2030, 1, 1), "16-17"),
        (None, date(2030, 1, 1), "not_said"),
        (None, date(2008, 11, 22), "16-17"),
        (None, date(2008, 11, 21), "18+"),
        (None, date(1700, 1, 1), "not_said"),
    ],
)
def test_an_impossible_age_is_not_said(age: int | None, birth: date | None, band: str) -> None:
    assert age_band(age, birth, date(2026, 11, 21)) == band


def test_offences_fit_known_situations() -> None:
    situations = {
        "production",
        "possession_distribution",
        "grooming",
        "sextortion",
        "hidden_camera",
        "trafficking",
    }
    for offence in domain.offences().values():
        assert offence.fits <= situations
        assert offence.cognizable in {"yes", "no", "not_confirmed"}
        assert offence.bailable in {"yes", "no", "not_confirmed"}
    assert domain.offences()["peca-22a"].cognizable == "yes"
    assert not domain.offences()["ppc-292b"].in_force


def test_the_statutes_old_term_stands_in_quotes_beside_its_section() -> None:
    old = "child " + "pornography"
    for file in DATA.glob("*.csv"):
        for row in csv.DictReader(file.open(encoding="utf-8")):
            for value in row.values():
                if old in value.lower():
                    assert row.get("section"), file.name
                    assert f'"{old}"' in value.lower()


def test_every_row_says_where_it_comes_from() -> None:
    files = sorted(DATA.glob("*.csv"))
    assert len(files) == 7
    for file in files:
        for row in csv.DictReader(file.open(encoding="utf-8")):
            assert row["source"], (file.name, row)
            date.fromisoformat(row["as_of"])


def test_numbers_in_urdu_words_are_in_the_digits_of_the_pages() -> None:
    """Counts, days and codes are in Western digits everywhere: two kinds on one page are read as two things."""
    said = [row["name_ur"] for file in DATA.glob("*.csv") for row in rows(file.stem) if row.get("name_ur")]
    assert len(said) > 100
    assert any("16 سے 17" in words for words in said)
    assert [words for words in said if any(sign.isdigit() and not sign.isascii() for sign in words)] == []


def test_bands_types_and_languages_are_complete() -> None:
    assert [band.id for band in AGE_BANDS] == ["0-5", "6-10", "11-13", "14-15", "16-17", "18+", "not_said"]
    assert set(domain.incident_types()) == {
        "csam",
        "sex_trafficking",
        "sex_tourism",
        "molestation",
        "misleading_domain",
        "misleading_words",
        "enticement",
        "obscene_to_child",
        "other",
        "not_said",
    }
    assert domain.languages()["ur"].direction == "rtl"
