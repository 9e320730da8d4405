"""The reporter on the desk: words both ways, notes that stay, hidden texts, and what is told at the end."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.desk.tellers import STORY, Teller, a_teller
from tests.rooms.portal.conftest import quick_codes  # noqa: F401 - a fixture
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import MATRIX, Action, Scope
from amaan.correspondence.domain.words import FlagKind
from amaan.correspondence.models import Conversation, Flag, Message, Note, TextMark
from amaan.correspondence.words import CONTACTS, FLAG_MEANINGS, READY, ready_text
from amaan.desk.pages.decisions import SENTENCES
from amaan.ledger.models import Entry
from amaan.portal.domain.letters import Became
from amaan.portal.letter_words import BECAME, STATUS
from amaan.reports.domain.outcomes import CloseReason, PublicStatus
from amaan.reports.models import Outcome, Report
from amaan.triage.services import prepare_rules, triage_reports

pytestmark = [
    pytest.mark.django_db(databases=["default", "portal"]),
    pytest.mark.usefixtures("quick_codes"),
]

SYSTEM = Actor.system("test")
CLOSING = {"code": "too_little", "reason": "No account, no time, no file.", "became": "fitting"}


def roles_for(action: Action) -> list[Role]:
    return sorted(role for role in Role if MATRIX[action][role] is not Scope.NONE)


@pytest.fixture
def officer() -> Client:
    a_unit("north")
    return signed_in(a_person(Role.ANALYST))


@pytest.fixture
def teller(officer: Client) -> Teller:
    return a_teller()


def page(client: Client, reference: str, **asked: str) -> str:
    answer = client.get(f"/desk/reports/{reference}/", asked)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def send(client: Client, reference: str, what: str, name: str = "text", **said: str) -> Any:
    fields = {f"{what}-{name}": text for text in said.values()}
    return client.post(f"/desk/reports/{reference}/reporter/{what}/", fields)


def panel(shown: str) -> str:
    found = re.search(r'<section class="panel span-12 reporter".*?</section>', shown, re.DOTALL)
    return found[0] if found else ""


def test_a_report_with_nobody_behind_it_has_no_reporter(officer: Client) -> None:
    reference = arrived(report())
    shown = page(officer, reference)
    assert panel(shown) == ""
    assert "Notes of the office" in shown
    assert (
        "What the reporter is told" not in officer.get(f"/desk/reports/{reference}/close/").content.decode()
    )
    assert send(officer, reference, "ask", text="Where was it?").status_code == 422


def test_what_the_reporter_is_told_stands_in_the_words_that_they_read(
    officer: Client, teller: Teller
) -> None:
    shown = panel(page(officer, teller.reference))
    assert str(STATUS[PublicStatus.RECEIVED]) in shown
    assert teller.submission in shown
    assert "Nobody has written yet." in shown


def test_who_told_it_learns_that_somebody_reads_it_and_not_who(officer: Client, teller: Teller) -> None:
    prepare_rules()
    triage_reports(SYSTEM, report_ids=[Report.objects.get().pk])
    officer.post(f"/desk/reports/{teller.reference}/claim/")
    assert str(STATUS[PublicStatus.READ]) in panel(page(officer, teller.reference))
    letters = teller.reads()
    assert [one["status"] for one in letters] == ["received", "read"]
    assert "Sample Person" not in json.dumps(letters)


def test_words_go_both_ways(officer: Client, teller: Teller) -> None:
    answer = send(officer, teller.reference, "ask", text="When did it begin?")
    assert answer.headers["Location"] == f"/desk/reports/{teller.reference}/#reporter"
    assert "on its way" in panel(page(officer, teller.reference))
    assert [letter["text"] for letter in teller.reads() if letter["kind"] == "message"] == [
        "When did it begin?"
    ]
    assert "on its way" not in panel(page(officer, teller.reference))
    teller.writes("Last week, in the evening.")
    shown = panel(page(officer, teller.reference))
    assert shown.index("When did it begin?") < shown.index("Last week, in the evening.")
    assert "It waits for an answer" in shown


def test_ready_sentences_reach_the_reporter_in_their_own_language(officer: Client, teller: Teller) -> None:
    Conversation.objects.update(language="ur")
    shown = panel(page(officer, teller.reference))
    assert "Or sentences that are ready" in shown
    assert "They read them in اردو" in shown
    officer.post(
        f"/desk/reports/{teller.reference}/reporter/ask/",
        {"ask-ready": ["age", "safe"], "ask-text": "کب سے؟"},
    )
    (text,) = [letter["text"] for letter in teller.reads() if letter["kind"] == "message"]
    with translation.override("ur"):
        assert text.split("\n") == [str(READY["safe"]), str(READY["age"]), "کب سے؟"]
    assert "How old" not in text


@pytest.mark.parametrize("said", [{}, {"ask-ready": "no_such"}, {"ask-text": " "}, {"ask-text": "y" * 4001}])
def test_without_words_or_with_unknown_ones_nothing_is_sent(
    officer: Client, teller: Teller, said: dict[str, str]
) -> None:
    assert officer.post(f"/desk/reports/{teller.reference}/reporter/ask/", said).status_code == 422
    assert not [letter for letter in teller.reads() if letter["kind"] == "message"]


def test_a_language_without_ready_sentences_gets_them_in_urdu() -> None:
    with translation.override("ur"):
        assert ready_text(["age"], "ps") == str(READY["age"])
    with pytest.raises(KeyError, match="no_such"):
        ready_text(["no_such"], "en")


def test_a_note_stays_in_the_office(officer: Client, teller: Teller) -> None:
    assert send(officer, teller.reference, "note", text="The same handle as in March.").status_code == 302
    assert "The same handle as in March." in page(officer, teller.reference)
    assert "The same handle as in March." not in panel(page(officer, teller.reference))
    assert "The same handle" not in json.dumps(teller.reads())


def test_a_note_needs_no_reporter(officer: Client) -> None:
    reference = arrived(report())
    send(officer, reference, "note", text="Look at it together.")
    assert "Look at it together." in page(officer, reference)


@pytest.mark.parametrize(("safe", "alarm"), [("no", True), ("yes", False), ("not_said", False)])
def test_who_wants_to_withdraw_and_is_not_safe_stands_out(
    officer: Client, teller: Teller, safe: str, alarm: bool
) -> None:
    teller.withdraws(safe)
    for where in ("", "close/", "refer/"):
        shown = officer.get(f"/desk/reports/{teller.reference}/{where}").content.decode()
        assert ("say that they are not safe" in shown) is alarm, where
    assert "They ask to withdraw the report" in page(officer, teller.reference)
    waiting = officer.get("/desk/").content.decode()
    assert teller.reference in waiting
    assert ("not safe" in waiting) is alarm
    assert Report.objects.count() == 1


def test_who_wrote_waits_on_the_first_page_until_somebody_looked(officer: Client, teller: Teller) -> None:
    def wait() -> bool:
        return "Reporters who wrote" in officer.get("/desk/").content.decode()

    assert not wait()
    teller.writes("Is anybody there?")
    assert wait()
    officer.post(f"/desk/reports/{teller.reference}/reporter/seen/")
    assert not wait()
    teller.writes("I remember more.")
    assert wait()
    send(officer, teller.reference, "ask", text="Thank you.")
    assert not wait()


def test_what_was_seen_stands_with_what_is_told(officer: Client) -> None:
    teller = a_teller(
        way="saw", links=["https://pictures.example/board/17"], accounts=[], place="Behind the mill"
    )
    shown = page(officer, teller.reference)
    told = re.search(r'aria-labelledby="summary".*?</section>', shown, re.DOTALL)
    assert told is not None
    assert "pictures.example/board/17" in told[0]
    assert "Behind the mill" in panel(shown)


def test_how_to_reach_them_stays_sealed(officer: Client) -> None:
    teller = a_teller(
        contact="yes", contact_how=["call"], contact_to="0300 7654321", contact_when="after four"
    )
    shown = page(officer, teller.reference)
    assert "7654321" not in shown
    assert str(CONTACTS["yes"]) in panel(shown)
    found = re.search(r'href="(/desk/reports/[^"]*\?part=party-\d+)"', panel(shown))
    assert found is not None
    assert re.search(r'<input type="radio"[^>]* checked', officer.get(found[1]).content.decode())


@pytest.mark.parametrize("kind", list(FlagKind))
def test_a_flag_says_what_it_means(officer: Client, teller: Teller, kind: FlagKind) -> None:
    assert str(FLAG_MEANINGS[kind]) not in panel(page(officer, teller.reference))
    Flag.objects.create(
        report=Report.objects.get(), kind=kind, detail=None, at=Report.objects.get().received_at
    )
    assert html.unescape(str(FLAG_MEANINGS[kind])) in panel(page(officer, teller.reference))


def test_hostile_texts_are_hidden_with_a_reason_and_shown_again(officer: Client, teller: Teller) -> None:
    teller.writes("A hostile line.")
    told = str(STORY["what_happened"])
    assert told in page(officer, teller.reference)
    assert send(officer, teller.reference, "hide", "reason", text="It only insults.").status_code == 302
    shown = page(officer, teller.reference)
    assert told not in shown
    assert "A hostile line." not in shown
    assert "It only insults." in shown
    assert "game_friend" in shown, "identifiers are no texts"
    documents = f"/desk/reports/{teller.reference}/document/"
    assert f'href="{documents}?texts=shown"' in officer.get(documents).content.decode()
    assert "What was asked and answered" in officer.get(documents, {"texts": "shown"}).content.decode()
    shown = page(officer, teller.reference, texts="shown")
    assert told in shown
    assert "A hostile line." in shown
    send(officer, teller.reference, "show", "reason", text="It names a place after all.")
    shown = page(officer, teller.reference)
    assert told in shown
    assert "It only insults." not in shown
    acts = [json.loads(bytes(entry.leaf_bytes))["act"] for entry in Entry.objects.all()]
    assert {"report.text_hidden", "report.text_shown"} <= set(acts)


@pytest.mark.parametrize(
    ("what", "name", "model"),
    [("ask", "text", Message), ("note", "text", Note), ("hide", "reason", TextMark)],
)
def test_what_can_not_be_taken_is_not_lost(
    officer: Client, teller: Teller, what: str, name: str, model: Any
) -> None:
    before = model.objects.count()
    empty = send(officer, teller.reference, what, name, text="  ")
    assert empty.status_code == 422
    long = send(officer, teller.reference, what, name, text="long words " * 1000)
    shown = long.content.decode()
    assert long.status_code == 422
    assert "Please look at this again" in shown
    assert "long words long words" in shown
    assert model.objects.count() == before


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(
    ("what", "name", "action"),
    [
        ("ask", "text", Action.WRITE_TO_REPORTER),
        ("note", "text", Action.NOTE_REPORT),
        ("hide", "reason", Action.HIDE_TEXT),
        ("seen", "", Action.WRITE_TO_REPORTER),
    ],
)
def test_who_may_may_and_nobody_else(
    role: Role, what: str, name: str, action: Action, teller: Teller
) -> None:
    answer = send(signed_in(a_person(role)), teller.reference, what, name, text="x y z")
    assert answer.status_code == (302 if role in roles_for(action) else 404)


def test_another_office_neither_reads_nor_writes(teller: Teller) -> None:
    stranger = signed_in(a_person(Role.SUPERVISOR, unit="south"))
    for what, name in (("ask", "text"), ("note", "text"), ("hide", "reason"), ("seen", "")):
        assert send(stranger, teller.reference, what, name, text="x").status_code == 404
    assert teller.reference not in stranger.get("/desk/").content.decode()
    assert not Message.objects.exists()
    assert not Note.objects.exists()


def test_closing_tells_what_became_of_it(officer: Client, teller: Teller) -> None:
    said = {**CLOSING, "version": "1", "told": "Write again if he comes back."}
    answer = officer.post(f"/desk/reports/{teller.reference}/close/", said, follow=True)
    assert str(BECAME[Became.TOO_LITTLE]) in html.unescape(answer.content.decode())
    letters = teller.reads()
    (closing,) = [one for one in letters if one["kind"] == "closing"]
    assert (closing["became"], closing["text"]) == ("too_little", "Write again if he comes back.")
    assert [one["status"] for one in letters if one["kind"] == "status"][-1] == "closed"
    assert CLOSING["reason"] not in json.dumps(letters)
    shown = panel(page(officer, teller.reference))
    assert html.unescape(str(BECAME[Became.TOO_LITTLE])) in shown
    assert str(STATUS[PublicStatus.CLOSED]) in shown


def test_referring_tells_that_it_was_passed_on(officer: Client, teller: Teller) -> None:
    said = {"to": "Multan circle", "reason": "The account belongs there.", "version": "1"}
    officer.post(f"/desk/reports/{teller.reference}/refer/", {**said, "became": "passed_on", "told": ""})
    letters = teller.reads()
    assert [one["became"] for one in letters if one["kind"] == "closing"] == ["passed_on"]
    assert "Multan" not in json.dumps(letters)


def test_nothing_is_told_where_that_could_harm(officer: Client, teller: Teller) -> None:
    said = {**CLOSING, "version": "1", "became": "nothing"}
    contradicted = officer.post(f"/desk/reports/{teller.reference}/close/", {**said, "told": "Hello."})
    assert contradicted.status_code == 422
    assert "Hello." in contradicted.content.decode()
    assert not Outcome.objects.exists()
    officer.post(f"/desk/reports/{teller.reference}/close/", said)
    assert Outcome.objects.exists()
    assert [one for one in teller.reads() if one["kind"] == "closing"] == []


def test_what_was_told_again_meanwhile_is_neither_decided_nor_told(officer: Client, teller: Teller) -> None:
    teller.writes("He knows where I live.")
    answer = officer.post(f"/desk/reports/{teller.reference}/close/", {**CLOSING, "version": "1"})
    assert answer.status_code == 422
    assert "told again while you were writing" in answer.content.decode()
    assert not Outcome.objects.exists()
    assert [one for one in teller.reads() if one["kind"] == "closing"] == []


def test_every_reason_has_its_sentence() -> None:
    assert set(SENTENCES) == set(CloseReason)
    assert set(SENTENCES.values()) <= set(BECAME)
