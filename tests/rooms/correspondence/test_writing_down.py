"""What a reporter answers to staff becomes part of what the report tells, and of its reasons."""

from __future__ import annotations

import json

import pytest
from tests.rooms.correspondence.door import THREAT, carry_all, reference_of, staff, tell

from amaan.authority.actors import Role
from amaan.correspondence.domain.words import NoConversation, NothingWritten
from amaan.correspondence.models import Arrival, Conversation
from amaan.correspondence.panels import conversation_of, way_told
from amaan.correspondence.services import write_down_answers
from amaan.ledger.selectors import body_of, history_of
from amaan.outbox.services import deliver
from amaan.reports.models import Report, Version
from amaan.reports.selectors import ReportNotFound
from amaan.triage.models import Assessment
from amaan.triage.services import prepare_rules

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]


def _delivered() -> None:
    carry_all()
    while deliver():
        continue


def _chosen(reference: str) -> dict[str, tuple[str, ...]]:
    panel = conversation_of(staff(Role.ANALYST), reference)
    assert panel is not None
    return {one.key: one.chosen for one in panel.answers}


def _facts(reference: str) -> dict[str, object]:
    version = Version.objects.filter(report__reference=reference).order_by("number").last()
    assert version is not None
    facts: dict[str, object] = json.loads(version.facts)
    return facts


def test_an_age_that_is_answered_later_is_a_fact_and_moves_the_reasons() -> None:
    prepare_rules()
    sent = tell()
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    _delivered()
    before, was = Assessment.objects.get(current=True), _facts(reference)
    assert way_told(analyst, reference) == "threat"
    write_down_answers(analyst, reference=reference, answers={"way": "threat", "victim_age": "11-13"})
    _delivered()
    assert _chosen(reference)["victim_age"] == ("11-13",)
    now = Assessment.objects.get(current=True)
    assert _facts(reference) != was
    assert now.version_id != before.version_id
    assert now.danger > before.danger
    assert Report.objects.get(reference=reference).version == 2
    (line,) = [one for one in history_of(reference) if one.act == "report.answers_written"]
    assert line.who == analyst.key
    assert body_of(staff(Role.AUDITOR), entry_id=line.entry_id) == {"answered": ["victim_age"]}


def test_what_was_said_first_stands_and_only_not_sure_gives_way() -> None:
    sent = tell(THREAT | {"when": "not_sure", "paid": "no"})
    analyst, reference = staff(Role.ANALYST), reference_of(sent)
    more = {"when": "week", "paid": "yes", "platforms": ["instagram", "whatsapp"]}
    write_down_answers(analyst, reference=reference, answers=more)
    chosen = _chosen(reference)
    assert chosen["when"] == ("week",)
    assert (chosen["paid"], chosen["paid#2"]) == (("no",), ("yes",))
    assert chosen["platforms"] == ("instagram", "whatsapp")


def test_it_is_sealed_as_the_report_is_and_needs_an_answer_and_a_right() -> None:
    sent = tell()
    reference = reference_of(sent)
    analyst = staff(Role.ANALYST)
    with pytest.raises(NothingWritten):
        write_down_answers(analyst, reference=reference, answers={"way": "threat"})
    for nobody in (staff(Role.STATISTICIAN), staff(Role.AUDITOR), staff(Role.ANALYST, unit="elsewhere")):
        with pytest.raises(ReportNotFound):
            write_down_answers(nobody, reference=reference, answers={"victim_age": "11-13"})
    assert Arrival.objects.count() == 1
    write_down_answers(analyst, reference=reference, answers={"find_child": "Quillwen House, third floor"})
    text = json.dumps([str(row) for row in (*Version.objects.values(), *Arrival.objects.values())])
    assert "Quillwen" not in text
    panel = conversation_of(analyst, reference)
    assert panel is not None
    assert [one.held for one in panel.answers if one.key == "find_child"] == [True]


def test_behind_a_platforms_report_stands_nobody_who_answers() -> None:
    sent = tell()
    reference = reference_of(sent)
    Conversation.objects.update(report=None)
    assert way_told(staff(Role.ANALYST), reference) is None
    with pytest.raises(NoConversation):
        write_down_answers(staff(Role.ANALYST), reference=reference, answers={"victim_age": "11-13"})
