"""Names across scripts, and user names that were opened anew."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amaan.linking.domain.handles import claims, stem
from amaan.linking.domain.names import likeness, name_key, name_keys

pytestmark = pytest.mark.pure
GIVEN = (
    *(
        "Ayaz",
        "Naveed",
        "Imran",
        "Ghulam",
        "Waqas",
        "Tariq",
        "Shoaib",
        "Zulfiqar",
        "Abdul Rehman",
        "Salahuddin",
    ),
    *("نوید", "خالد", "عثمان", "ذوالفقار", "عبدالرحمن", "محمد", "صلاح الدین", "جاوید"),
)
names = st.lists(st.sampled_from(GIVEN), min_size=2, max_size=4, unique=True).map(" ".join)
invisible = st.sampled_from(["\u200c", "\u200d", "\u200f", "\u2066", "\u0640", "\u064e", "\u0651"])


@pytest.mark.parametrize(
    ("urdu", "others"),
    [
        ("محمد علی", ("Muhammad Ali", "Mohammed Aly", "ALI, Muhammad", "Mohd Ali", "محمّد عَلی", "محمد على")),
        ("عبدالرحمن خان", ("Abdul Rehman Khan", "Abdur Rahman Khan", "Abdulrehman Khan", "عبد الرحمن خان")),
        ("صلاح الدین ایوبی", ("Salahuddin Ayubi", "Salah ud Din Ayyubi")),
        ("نوید احمد", ("Naveed Ahmed", "Navid Ahmad", "Engr. Naveed Ahmad", "نويد أحمد")),
        ("ضیاء الحق قریشی", ("Zia ul Haq Qureshi", "Zia-ul-Haq Quraishi")),
        ("غلام حسین", ("Ghulam Hussain", "Gulam Husain", "غلام حسين")),
        ("ابوبکر صدیق", ("Abu Bakar Siddique", "Abubakar Siddiq")),
        ("ذوالفقار بھٹو", ("Zulfiqar Bhutto", "Zulfikar Bhuto")),
        ("محمد طارق جمیل", ("Tariq Jameel", "Ṭāriq Jamīl", "ＴＡＲＩＱ ＪＡＭＩＬ")),
    ],
)
def test_one_name_in_every_spelling_has_one_key(urdu: str, others: tuple[str, ...]) -> None:
    assert name_key([urdu])
    for other in others:
        assert name_key([other]) == name_key([urdu]), other
        assert likeness(other, urdu) >= 0.95


def test_other_names_have_other_keys() -> None:
    written = ("Muhammad Ali", "Imran Ali", "Khalid Mehmood", "Khalid Muhammad", "Tariq Jameel", "Tariq Aziz")
    assert len({name_key([name]) for name in written}) == len(written)


@pytest.mark.parametrize(
    "name", ["", "Ali", "محمد", "Dr. Hafiz Sahib", "Muhammad Muhammad", "A B", "😀 12 34", "M. Ali"]
)
def test_a_single_name_says_nothing(name: str) -> None:
    assert name_key([name]) is None


@given(names, st.randoms(use_true_random=False), invisible)
@settings(max_examples=60, deadline=None)
def test_order_case_and_what_nobody_sees_do_not_count(name: str, chance, mark: str) -> None:  # type: ignore[no-untyped-def]
    words = [word for word in name.split() if word not in {"Abdul", "Rehman", "صلاح", "الدین"}]
    whole = name_key(words)
    shuffled = chance.sample(words, len(words))
    assert name_key(shuffled) == whole
    at = chance.randrange(1, len(name))
    assert name_key([name[:at] + mark + name[at:]]) == name_key([name])
    assert name_key([name.upper()]) == name_key([name]) == name_key(name.split())


@given(st.text(max_size=30), st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_borne_and_likeness_is_fair(one: str, other: str) -> None:
    name_key([one, other])
    assert likeness(one, other) == likeness(other, one)
    assert 0 <= likeness(one, other) <= 1


@given(names)
@settings(max_examples=40, deadline=None)
def test_a_name_is_like_itself(name: str) -> None:
    assert likeness(name, name) == 1
    assert likeness(name, f"{name} Quill") < 1


def test_a_slip_of_the_keyboard_is_likeness_and_no_key() -> None:
    assert likeness("Jonathan Smith", "Jonathon Smyth") > 0.9
    assert likeness("Jonathan Smith", "Deborah Wilkins") < 0.6
    assert name_key(["Naveed Ahmed"]) != name_key(["Naveen Ahmed"])


def test_shown_names_are_compared_as_well() -> None:
    assert name_keys(("Naveed", "Ahmed"), ["نوید احمد", "Night Rider 99"]) == {
        name_key(["Naveed Ahmed"]),
        name_key(["Night Rider"]),
    }


# ---------------------------------------------------------------- user names

plain = st.text("bdfgjkquvz", min_size=7, max_size=14)  # no word that is left out is made of these


@given(plain, st.integers(2, 6), st.sampled_from("._-"), st.text("0123456789", max_size=4), st.integers(0, 3))
@settings(max_examples=80, deadline=None)
def test_a_stem_outlives_a_closed_account(name: str, at: int, mark: str, digits: str, lines: int) -> None:
    first = stem(f"instagram:{name}")
    halves = [part for part in (name[:at], name[at:]) if part]
    again = f"tiktok:{mark.join(halves)}{mark if digits else ''}{digits}{'_' * lines}"
    assert stem(again) == first
    assert stem(again.upper()) == first


def test_look_alikes_are_one_letter() -> None:
    written = (
        "a:ali.photos",
        "b:ali_ph0tos",
        "c:аli.photos",
        "d:real_ali.photos",
        "e:ALI.PHOTOS.official",
        "ali-photos99",
    )
    assert len({stem(handle) for handle in written}) == 1


@pytest.mark.parametrize(
    "handle", ["x:zafar_lali2x", "y:zafar.1a1i2x", "z:ZAFAR-LAIi2x", "ZafarLa1i2x_77", "asli.zafarlali2x"]
)
def test_one_stands_for_i_and_for_l(handle: str) -> None:
    assert stem(handle) == stem("zafarlali2x")


def test_a_digit_before_the_first_letter_is_a_letter() -> None:
    assert stem("x:0mar.lodhi") == stem("x:omar_lodhi")
    assert stem("x:7omar.lodhi") != stem("x:omar_lodhi")


@pytest.mark.parametrize(
    ("handle", "it_does"),
    [
        ("instagram:zafar.official", True),
        ("REAL_zafar", True),
        ("x:asli-zafar", True),
        ("x:zafar_real.1", True),
        ("x:zafar_new", False),
        ("x:realzafar", False),
        ("official:zafar", False),
    ],
)
def test_who_says_that_an_account_is_the_true_one(handle: str, it_does: bool) -> None:
    assert claims(handle) is it_does


@pytest.mark.parametrize(
    "handle", ["x:ali99", "x:user1234", "x:admin", "facebook:100012345", "x:___", "x:princess_12", ""]
)
def test_short_and_common_ones_have_no_stem(handle: str) -> None:
    assert stem(handle) is None
