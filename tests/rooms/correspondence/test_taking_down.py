"""What staff take down is a report like any other, with a code to read out and the letter that it came by."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import OperationalError
from django.test import override_settings
from tests.rooms.correspondence.door import THREAT, box_of, carry_all, prepare, staff

from amaan.accounts.selectors import default_unit
from amaan.authority.actors import Role
from amaan.authority.matrix import NotAllowed
from amaan.correspondence.domain.words import Channel, Sender
from amaan.correspondence.models import Conversation
from amaan.correspondence.panels import conversation_of as panel_of
from amaan.correspondence.services import (
    LetterTaken,
    NoSuchUnit,
    NotALetter,
    TakenDown,
    receive_by_staff,
    write_to_reporter,
)
from amaan.portal.domain.envelopes import Kind
from amaan.portal.keys import prepare_door_keys
from amaan.portal.services import DoorNotReady, Sent, open_box, say_codes, send
from amaan.reports.models import Report, Version

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]
LETTER = LetterTaken(Sender.INTERPOL_NCB, "NCB Islamabad", "NCB/2026/117", "2026-11-20")


def _take(letter: LetterTaken | None = None, role: Role = Role.INTAKE_OFFICER) -> TakenDown:
    channel = Channel.LETTER if letter else Channel.TELEPHONE
    unit = default_unit().code
    return receive_by_staff(
        staff(role), answers=THREAT, language="ur", channel=channel, unit=unit, letter=letter
    )


def test_a_report_over_the_telephone_has_a_code_that_opens_its_box() -> None:
    taken = _take()
    carry_all()
    assert [one["status"] for one in open_box(taken.code).letters] == ["received"]
    report = Report.objects.get(reference=taken.reference)
    assert (report.entity.name, Version.objects.get(report=report).source) == ("Told to staff", "staff")
    write_to_reporter(staff(Role.ANALYST), reference=taken.reference, text="Are you safe?")
    send(Kind.MESSAGE, language="ur", box=box_of(Sent(taken.code, "")), text="جی")
    carry_all()
    assert Report.objects.get().version == 2
    assert Version.objects.get(number=2).source == "staff"


def test_a_letter_is_tied_to_its_number_and_the_same_letter_again_says_so() -> None:
    first, again = _take(LETTER), _take(LetterTaken(Sender.INTERPOL_NCB, "NCB", " ncb/2026/117 "))
    assert (first.earlier, again.earlier) == ((), (first.reference,))
    other = _take(LetterTaken(Sender.COURT, "Sessions Court", "NCB/2026/117"))
    assert other.earlier == ()
    panel = panel_of(staff(Role.ANALYST), first.reference)
    assert panel is not None
    assert panel.letter is not None
    assert (panel.letter.number, panel.letter.name, panel.channel) == (
        "NCB/2026/117",
        "NCB Islamabad",
        "letter",
    )
    assert Report.objects.get(reference=first.reference).entity.name == "INTERPOL NCB"
    assert Report.objects.get(reference=other.reference).entity.name == "Court"


def test_without_the_doors_keys_it_is_taken_down_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> None:
        raise DoorNotReady("elsewhere")

    monkeypatch.setattr("amaan.correspondence.services.taking_down.new_box", gone)
    taken = _take()
    assert taken.code == ""
    assert Conversation.objects.get().address is None
    panel = panel_of(staff(Role.ANALYST), taken.reference)
    assert panel is not None
    assert (panel.reachable, panel.may_write) == (False, False)


def test_a_door_elsewhere_must_make_the_same_boxes_before_a_code_is_read_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with override_settings(AMAAN_DOORS={"desk", "api"}):
        assert _take().code == "", "that door has not said yet what it makes of a code"
        with override_settings(AMAAN_PORTAL_KEYS=tmp_path):
            prepare_door_keys(tmp_path, bytes(32))
            say_codes()
        assert _take().code == "", "its salt and pepper are other ones"
        say_codes()
        taken = _take()
        carry_all()
        assert open_box(taken.code).letters

        def out_of_reach(*_: object, **__: object) -> None:
            raise OperationalError

        monkeypatch.setattr("amaan.portal.services.agreeing.Codes.objects.filter", out_of_reach)
        assert _take().code == ""


def test_who_may_and_what_is_a_letter() -> None:
    prepare()
    for role in (Role.INVESTIGATOR, Role.CUSTODIAN, Role.AUDITOR):
        with pytest.raises(NotAllowed):
            _take(role=role)
    assert _take(role=Role.ANALYST).reference  # who takes reports down may hand in those, and no imports
    clerk, unit = staff(Role.INTAKE_OFFICER), default_unit().code
    with pytest.raises(NotALetter):
        receive_by_staff(clerk, answers=THREAT, language="en", channel=Channel.LETTER, unit=unit)
    with pytest.raises(NotALetter):
        receive_by_staff(clerk, answers=THREAT, language="en", channel=Channel.DOOR, unit=unit)
    with pytest.raises(NotALetter):
        _take(LetterTaken(Sender.COURT, "Court", "  "))
    nowhere = staff(Role.INTAKE_OFFICER, unit="nowhere")
    with pytest.raises(NoSuchUnit):
        receive_by_staff(nowhere, answers=THREAT, language="en", channel=Channel.WALK_IN, unit="nowhere")
