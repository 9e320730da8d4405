"""Reports that staff take down: every question of the door, one report a form, a code that stands once."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.portal.conftest import quick_codes  # noqa: F401 - a fixture

from amaan.accounts.services import grant_role
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.correspondence.models import Conversation
from amaan.ledger.models import Entry
from amaan.portal.domain.answers import input_names
from amaan.portal.domain.codes import digits_of, is_whole
from amaan.portal.domain.questions import QUESTIONS, WAYS, Way, fields_of
from amaan.reports.models import Report, Version

pytestmark = [
    pytest.mark.django_db(databases=["default", "portal"]),
    pytest.mark.usefixtures("quick_codes"),
]

ADDRESS = "/desk/take-down/"
TAKERS = sorted(role for role in Role if MATRIX[Action.ENTER_REPORT][role] is not Scope.NONE)
CALL = {
    "way": "child",
    "once": "first-call-of-the-day-1",
    "unit": "north",
    "channel": "telephone",
    "language": "ur",
    "what_happened": "A man waits at the gate of the park.",
    "accounts": "waiting_man\nsecond_name",
    "danger": ["meeting"],
    "meeting_date-day": "24",
    "meeting_date-month": "12",
    "contact": "code",
}
LETTER = {
    **CALL,
    "once": "letter-of-the-bureau-01",
    "channel": "letter",
    "letter_sender": "interpol_ncb",
    "letter_name": "National Central Bureau",
    "letter_number": "NCB/77-2026",
    "letter_dated": "2026-03-01",
}


@pytest.fixture
def taker() -> Client:
    return signed_in(a_person(Role.INTAKE_OFFICER))


def said(**changes: Any) -> dict[str, Any]:
    return {**CALL, **changes}


def code_on(page: str) -> str:
    found = re.findall(r'<p class="big-code"><bdi[^>]*>([0-9]{4}(?:-[0-9]{4}){3})</bdi>', page)
    return digits_of(found[0]) if found else ""


def test_the_way_is_chosen_first(taker: Client) -> None:
    shown = taker.get(ADDRESS).content.decode()
    for way in WAYS:
        assert f'href="{ADDRESS}?way={way}"' in shown
    assert "<textarea" not in shown
    assert "<textarea" not in taker.get(ADDRESS, {"way": "nobody"}).content.decode()


@pytest.mark.parametrize("way", WAYS)
def test_every_question_of_the_door_is_asked_in_its_words(taker: Client, way: Way) -> None:
    shown = taker.get(ADDRESS, {"way": str(way)}).content.decode()
    asked = [
        name for one in QUESTIONS.values() for field in fields_of(way, one) for name in input_names(field)
    ]
    missing = [name for name in asked if f'name="{name}"' not in shown]
    left_out = {"promised", "promised_about", "demanded", "demanded_about"} if way is Way.SAW else set()
    assert set(missing) == left_out


def test_a_call_becomes_a_report_with_a_code_to_read_out(taker: Client) -> None:
    page = taker.post(ADDRESS, CALL)
    shown = page.content.decode()
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store, private"
    code = code_on(shown)
    assert is_whole(code)
    report = Report.objects.get()
    assert report.reference in shown
    assert Version.objects.get().source == "staff"
    talk = Conversation.objects.get()
    assert (talk.channel, talk.language, talk.report_id) == ("telephone", "ur", report.pk)
    on_page = html.unescape(taker.get(f"/desk/reports/{report.reference}/").content.decode())
    assert "A man waits at the gate of the park." in on_page
    assert "waiting_man" in on_page
    assert code not in re.sub(r"[^0-9]", "", on_page)


def test_the_code_is_kept_nowhere(taker: Client) -> None:
    code = code_on(taker.post(ADDRESS, CALL).content.decode())
    for model in apps.get_models():
        for row in model._default_manager.values_list():
            assert code not in repr(row), model
    assert code not in str(dict(taker.session))


def test_a_form_that_is_sent_twice_is_one_report_and_its_code_stands_once(taker: Client) -> None:
    first = taker.post(ADDRESS, CALL).content.decode()
    again = taker.post(ADDRESS, CALL).content.decode()
    assert Report.objects.count() == 1
    assert code_on(first)
    assert not code_on(again)
    assert Report.objects.get().reference in again
    taker.post(ADDRESS, said(once="second-call-of-the-day", what_happened="Somebody else, elsewhere."))
    assert Report.objects.count() == 2


def test_a_letter_is_tied_to_its_number(taker: Client) -> None:
    taker.post(ADDRESS, LETTER)
    report = Report.objects.get()
    assert Conversation.objects.get().channel == "letter"
    shown = html.unescape(taker.get(f"/desk/reports/{report.reference}/").content.decode())
    for words in ("NCB/77-2026", "National Central Bureau", "2026-03-01"):
        assert words in shown
    assert "NCB/77-2026" not in json.dumps(
        [bytes(entry.leaf_bytes).decode() for entry in Entry.objects.all()]
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": ""},
        {"channel": "pigeon"},
        {"channel": "door"},
        {"language": "xx"},
        {"unit": "south"},
        {"once": "x"},
        {"once": ""},
        {"meeting_date-day": "31", "meeting_date-month": "2"},
        {"when_date-year": "2999"},
        {"accounts": "\n".join("x" * 31)},
        {"phones": "1" * 101},
        {"what_happened": "y" * 10_001},
        {"district": "Nowhere"},
        {"happening": ["not_a_kind"]},
        {"contact_to": "0300 0000000"},
        {"letter_number": "7"},
        {**LETTER, "letter_number": ""},
        {**LETTER, "letter_sender": ""},
        {**LETTER, "letter_dated": "yesterday"},
        {"what_happened": "", "accounts": ""},
        {"what_happened": "a\0b"},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(taker: Client, wrong: dict[str, Any]) -> None:
    sent = said(**wrong)
    page = taker.post(ADDRESS, sent)
    shown = html.unescape(page.content.decode())
    assert page.status_code == 422
    assert "Please look at this again" in shown
    assert not Report.objects.exists()
    for name in ("what_happened", "accounts", "contact_to", "letter_name"):
        assert sent.get(name, "") in shown
    assert re.search(r'<input[^>]*name="danger"[^>]*value="meeting"[^>]*checked', shown)


def test_in_other_words_what_was_typed_stays_and_nothing_is_taken_down(taker: Client) -> None:
    page = taker.post(ADDRESS, said(again="saw", promised=["job"], victim_relation="pupil"))
    shown = html.unescape(page.content.decode())
    assert page.status_code == 200
    assert not Report.objects.exists()
    assert "I saw something" in shown
    assert "Please look at this again" not in shown
    assert str(CALL["what_happened"]) in shown
    assert re.search(r'<input[^>]*name="promised"[^>]*value="job"[^>]*checked', shown)
    assert re.search(r'<option value="pupil" selected', shown)
    assert 'name="way" value="saw"' in shown


def test_who_goes_on_writing_loses_nothing_and_takes_nothing_down(taker: Client) -> None:
    assert re.search(
        r'<button[^>]*name="again" value="child"', taker.get(ADDRESS, {"way": "child"}).content.decode()
    )
    shown = html.unescape(taker.post(ADDRESS, said(again="child", letter_number="7/b")).content.decode())
    assert not Report.objects.exists()
    for text in (CALL["what_happened"], CALL["once"], "second_name", "7/b"):
        assert str(text) in shown
    assert re.search(r'<input[^>]*name="channel"[^>]*value="telephone"[^>]*checked', shown)
    assert re.search(r'<input[^>]*name="meeting_date-day"[^>]*value="24"', shown)


@pytest.mark.parametrize("role", list(Role))
def test_who_may_take_reports_down_may_and_nobody_else(role: Role) -> None:
    client = signed_in(a_person(role))
    assert client.get(ADDRESS).status_code == (200 if role in TAKERS else 404)
    client.post(ADDRESS, CALL)
    assert Report.objects.exists() is (role in TAKERS)


def test_somebody_of_two_offices_says_for_which() -> None:
    person = a_person(Role.INTAKE_OFFICER)
    a_unit("south")
    grant_role(Actor.system("test"), person=person, unit="south", role=Role.ANALYST)
    client = signed_in(person)
    shown = client.get(ADDRESS, {"way": "me"}).content.decode()
    assert re.search(r'<select name="unit"', shown)
    assert client.post(ADDRESS, said(unit="")).status_code == 422
    client.post(ADDRESS, said(unit="south"))
    assert Report.objects.get().unit.code == "south"
