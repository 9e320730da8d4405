"""A reporter and an office write to each other; what colleagues write for each other goes nowhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.rooms.correspondence.door import (
    LINK,
    THREAT,
    box_of,
    carry_all,
    conversation_of,
    letters,
    reference_of,
    staff,
    tell,
)

from amaan.authority.actors import Role
from amaan.correspondence.domain import places
from amaan.correspondence.domain.words import MOST_MESSAGE, MOST_NOTE, NoConversation, NothingWritten, TooLong
from amaan.correspondence.models import Conversation, Message, Note, Outgoing
from amaan.correspondence.panels import conversation_of as panel_of
from amaan.correspondence.panels import notes_of
from amaan.correspondence.selectors import conversations_waiting, hidden_text
from amaan.correspondence.services import (
    hide_text,
    mark_seen,
    note,
    show_text,
    tell_outcome,
    write_to_reporter,
)
from amaan.keyring.services import opener
from amaan.outbox.services import deliver
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.letters import Became
from amaan.portal.services import send
from amaan.reports.domain.outcomes import CloseReason, Decision, PublicStatus
from amaan.reports.models import Report
from amaan.reports.selectors import ReportNotFound
from amaan.reports.services import ToldAgain, close_out
from amaan.triage.models import Assessment
from amaan.triage.services import prepare_rules

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]


def _text(told: Any) -> str:
    return "".join(piece.text for piece in told)


def _delivered() -> None:
    carry_all()
    while deliver():
        continue
    carry_all()


def test_a_question_reaches_the_box_and_the_answer_reaches_the_desk() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    assert write_to_reporter(analyst, reference=reference, text="  Which app was it?\n") == 1
    (waits,) = panel_of(analyst, reference).messages  # type: ignore[union-attr]
    assert waits.waits
    carry_all()
    assert letters(sent)[-1] | {"at": ""} == {
        "v": 1,
        "kind": "message",
        "at": "",
        "number": 1,
        "text": "Which app was it?",
    }
    assert conversations_waiting(analyst) == []
    send(Kind.MESSAGE, language="ur", box=box_of(sent), text="انسٹاگرام")
    carry_all()
    panel = panel_of(analyst, reference)
    assert panel is not None
    assert [(m.direction, _text(m.text), m.waits) for m in panel.messages] == [
        ("out", "Which app was it?", False),
        ("in", "انسٹاگرام", False),
    ]
    assert [one.reference for one in conversations_waiting(analyst)] == [reference]
    assert len(letters(sent)) == 2  # what a reporter wrote is never shown to whoever holds the code
    mark_seen(analyst, reference=reference)
    assert conversations_waiting(analyst) == []


def test_who_is_not_safe_comes_first() -> None:
    calm, unsafe = tell(), tell(LINK)
    send(Kind.WITHDRAW, language="en", box=box_of(calm), safe="yes")
    carry_all()
    send(Kind.WITHDRAW, language="en", box=box_of(unsafe), safe="no")
    carry_all()
    found = conversations_waiting(staff(Role.SUPERVISOR))
    assert [(one.reference, one.asks_to_withdraw, one.not_safe) for one in found] == [
        (reference_of(unsafe), True, True),
        (reference_of(calm), True, False),
    ]
    assert Report.objects.count() == 2


def test_the_status_and_what_became_of_it_reach_the_box() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    with transaction.atomic():
        close_out(
            analyst,
            reference=reference,
            decision=Decision.CLOSED,
            reason="the account is gone",
            version=1,
            stage=CloseReason.OUT_OF_REACH,
        )
        tell_outcome(analyst, reference=reference, became=Became.TAKEN_DOWN, text="The page is gone.")
    _delivered()
    said = letters(sent)
    assert {one["kind"] for one in said} == {"status", "closing"}
    assert [one["status"] for one in said if one["kind"] == "status"] == ["received", "closed"]
    closing = next(one for one in said if one["kind"] == "closing")
    assert (closing["became"], closing["text"]) == ("taken_down", "The page is gone.")
    assert Report.objects.get(reference=reference).public_status == PublicStatus.CLOSED
    assert "the account is gone" not in json.dumps(said)


def test_what_a_reporter_writes_after_the_decision_brings_the_report_back() -> None:
    prepare_rules()
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    _delivered()
    close_out(analyst, reference=reference, decision=Decision.CLOSED, reason="done", version=1)
    _delivered()
    assert not Assessment.objects.get(current=True).waiting
    send(Kind.MESSAGE, language="en", box=box_of(sent), text="He wrote again today")
    _delivered()
    now = Assessment.objects.get(current=True)
    assert (now.waiting, now.told_again) == (True, True)
    with pytest.raises(ToldAgain):
        close_out(analyst, reference=reference, decision=Decision.CLOSED, reason="done", version=1)


def test_whoever_wrote_again_hears_again_and_a_second_click_tells_nobody() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)

    def closed(version: int) -> list[str]:
        close_out(analyst, reference=reference, decision=Decision.CLOSED, reason="done", version=version)
        _delivered()
        return [one["status"] for one in letters(sent) if one["kind"] == "status"]

    assert closed(1) == closed(1) == ["received", "closed"]
    send(Kind.MESSAGE, language="en", box=box_of(sent), text="He wrote again today")
    _delivered()
    assert closed(2) == closed(2) == ["received", "closed", "closed"]


def test_whoever_wrote_again_hears_that_it_was_passed_on_after_all() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    close_out(analyst, reference=reference, decision=Decision.CLOSED, reason="done", version=1)
    send(Kind.MESSAGE, language="en", box=box_of(sent), text="He wrote again today")
    _delivered()
    close_out(
        analyst, reference=reference, decision=Decision.REFERRED, reason="police", version=2, stage="nccia"
    )
    _delivered()
    said = [one["status"] for one in letters(sent) if one["kind"] == "status"]
    assert said == ["received", "closed", "passed_on"]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["note", "write", "close", "hide", "status"]), st.text("abcxyz ", max_size=9)
        ),
        max_size=6,
    )
)
def test_no_note_and_no_reason_is_ever_in_a_letter(verbs: list[tuple[str, str]]) -> None:
    """Whatever is done in whatever order: a letter holds only what was written for the reporter."""
    with transaction.atomic(), transaction.atomic(using="portal"):
        sent = tell()
        both = staff(Role.ANALYST, Role.SUPERVISOR)
        reference, for_them = reference_of(sent), []
        for number, (verb, text) in enumerate(verbs):
            mark = f"INNER{number}{text}"
            if verb == "note":
                note(both, reference=reference, text=mark)
            elif verb == "hide":
                hide_text(both, reference=reference, reason=mark)
            elif verb == "close":
                close_out(both, reference=reference, decision=Decision.CLOSED, reason=mark, version=1)
            elif verb == "write":
                for_them.append(f"hello{number}{text}".strip())
                write_to_reporter(both, reference=reference, text=for_them[-1])
            else:
                tell_outcome(both, reference=reference, became=Became.KNOWN, text="")
        going = [
            json.loads(opener().open(places.outgoing(bytes(row.number)), bytes(row.sealed or b"")))
            for row in Outgoing.objects.filter(sealed__isnull=False)
        ]
        carry_all()
        said = letters(sent)
        assert "INNER" not in json.dumps([said, going])
        assert [one["text"] for one in said if one["kind"] == "message"] == for_them
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="portal")


def test_notes_are_read_by_colleagues_and_stay_as_they_were_written() -> None:
    sent = tell()
    reference = reference_of(sent)
    note(staff(Role.INTAKE_OFFICER), reference=reference, text="Call the school first")
    assert [_text(one.text) for one in notes_of(staff(Role.ANALYST), reference)] == ["Call the school first"]
    row = Note.objects.get()
    row.by = "staff:99"
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM correspondence_note")


def test_hidden_texts_are_hidden_with_a_reason_and_shown_again() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    hide_text(analyst, reference=reference, reason="threats against the reader")
    found = hidden_text(analyst, reference)
    assert found is not None
    assert found.reason == "threats against the reader"
    show_text(staff(Role.SUPERVISOR), reference=reference, reason="the threat names an address")
    assert hidden_text(analyst, reference) is None


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CUSTODIAN, Role.ADMINISTRATOR, Role.STATISTICIAN])
def test_who_may_not_gets_the_answer_of_what_does_not_exist(role: Role) -> None:
    reference = reference_of(tell())
    verbs: list[Any] = [
        lambda who: write_to_reporter(who, reference=reference, text="x"),
        lambda who: note(who, reference=reference, text="x"),
        lambda who: hide_text(who, reference=reference, reason="x"),
        lambda who: tell_outcome(who, reference=reference, became=Became.KNOWN),
        lambda who: mark_seen(who, reference=reference),
    ]
    for verb in verbs:
        for who in (staff(role), staff(Role.SUPERVISOR, unit="elsewhere")):
            with pytest.raises(ReportNotFound):
                verb(who)
    assert not Message.objects.exists()
    assert not Note.objects.exists()


def test_limits_are_named() -> None:
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    with pytest.raises(NothingWritten):
        write_to_reporter(analyst, reference=reference, text=" \n ")
    with pytest.raises(TooLong):
        write_to_reporter(analyst, reference=reference, text="x" * (MOST_MESSAGE + 1))
    with pytest.raises(TooLong):
        note(analyst, reference=reference, text="x" * (MOST_NOTE + 1))
    Conversation.objects.update(address=None, public=None)
    with pytest.raises(NoConversation):
        write_to_reporter(analyst, reference=reference, text="hello")


def test_the_page_shows_answers_in_order_and_holds_back_how_to_reach_anybody() -> None:
    sent = tell(
        {
            **THREAT,
            "contact": "yes",
            "contact_how": ["call"],
            "contact_to": "0311-7654321",
            "odd": ["a later answer"],
            "more": "Call me at 0311 7654321",
            "find_child": "the blue gate behind the mill",
        }
    )
    panel = panel_of(staff(Role.ANALYST), reference_of(sent))
    assert panel is not None
    whole = {one.key: one for one in panel.answers}
    assert [one.key for one in panel.answers][-1] == "odd"
    assert whole["demanded"].chosen == ("money",)
    assert whole["contact_to"].held
    assert whole["find_child"].held
    assert "7654321" not in repr(panel)
    assert "blue gate" not in repr(panel)
    assert (panel.contact, panel.contact_party, panel.reachable) == ("yes", 2, True)
    assert conversation_of(sent).contact == "yes"
