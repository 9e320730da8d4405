"""From the door to the desk: each once, whoever dies between two steps."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import typer
from django.db import OperationalError
from nacl.bindings import sodium_pad
from nacl.public import PrivateKey, PublicKey, SealedBox
from tests.rooms.correspondence.door import (
    LINK,
    STORY,
    THREAT,
    WORKER,
    box_of,
    carry_all,
    conversation_of,
    letters,
    reference_of,
    staff,
    tell,
)

from amaan.authority.actors import Role
from amaan.authority.matrix import NotAllowed
from amaan.correspondence.commands import retry, unreadable
from amaan.correspondence.domain.opening import telling_in
from amaan.correspondence.domain.words import ArrivalState, Fault, LeafState
from amaan.correspondence.models import Arrival, Conversation, Flag, Message, Outgoing
from amaan.correspondence.selectors import unreadable_arrivals
from amaan.correspondence.services import (
    carry_some,
    carrying,
    leave_letters,
    retry_unreadable,
    storing,
    tellings,
)
from amaan.correspondence.services import letters as letters_on_their_way
from amaan.evidence.services import open_exhibit
from amaan.keyring.services import door_private_key
from amaan.ledger.domain.leaf import decode
from amaan.ledger.models import Entry
from amaan.outbox.services import deliver
from amaan.portal.domain.envelopes import Kind
from amaan.portal.domain.sealing import open_with, seal_to
from amaan.portal.models import Envelope, Letter
from amaan.portal.services import crossing, send, waiting_envelopes
from amaan.portal.services.sending import door_keys
from amaan.reports.models import Report, Version
from amaan.triage.domain.ruleset import Band
from amaan.triage.models import Assessment
from amaan.triage.services import prepare_rules

pytestmark = [pytest.mark.django_db(databases=["default", "portal"]), pytest.mark.usefixtures("desk")]


def _facts(reference: str) -> dict[str, Any]:
    report = Report.objects.get(reference=reference)
    facts: dict[str, Any] = json.loads(Version.objects.get(report=report, number=report.version).facts)
    return facts


def _band(reference: str) -> Band:
    while deliver():
        continue
    return Band(Assessment.objects.get(report__reference=reference, current=True).band)


def test_what_was_sent_becomes_a_report_with_its_band_and_the_box_says_so() -> None:
    prepare_rules()
    sent, seen = tell(), tell(LINK)
    assert not Envelope.objects.exists()
    assert _facts(reference_of(sent))["incident.annotations"] == ["sextortion"]
    assert _facts(reference_of(sent))["reported.payment"] is True
    assert _band(reference_of(sent)) is Band.ONE_DAY
    assert _band(reference_of(seen)) not in {Band.ONE_DAY, Band.ONE_WEEK}
    assert [(one["kind"], one["status"]) for one in letters(sent)] == [("status", "received")]
    report = Report.objects.get(reference=reference_of(sent))
    assert (report.entity.name, report.number) == ("Public door", sent.submission)
    (exhibit,) = json.loads(Version.objects.get(report=report).exhibits)
    assert json.loads(open_exhibit(exhibit))["answers"]["what_happened"] == STORY


def test_the_ledger_holds_exactly_the_entry_that_the_door_made() -> None:
    sent = tell()
    assert Entry.objects.filter(leaf_bytes=sent.leaf).count() == 1
    assert Arrival.objects.get().leaf == LeafState.KEPT


@pytest.mark.parametrize(
    "change",
    [
        {"act": "case.opened"},
        {"who": "staff:7"},
        {"on": "R-0000-0000-0000"},
        {"body": "0" * 64},
        {"at": "2001-01-01T00:00:00.000000Z"},
        {"at": "2226-01-01T00:00:00.000000Z"},
    ],
)
def test_a_door_that_was_taken_can_make_the_ledger_say_nothing_else(change: dict[str, str]) -> None:
    tell(carry=False)
    row = Envelope.objects.get()
    said = json.loads(bytes(row.leaf)) | change
    row.leaf = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    decode(row.leaf)  # a proper leaf, and not this envelope's
    row.save()
    carry_all()
    arrival = Arrival.objects.get()
    assert (arrival.state, arrival.leaf) == (ArrivalState.CARRIED, LeafState.REFUSED)
    assert not Entry.objects.filter(leaf_bytes=row.leaf).exists()
    kept = json.loads(open_exhibit(json.loads(arrival.exhibits)[1]))
    assert bytes.fromhex(kept["leaf"]) == row.leaf


def _dying(real: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def dying(*given: Any, **named: Any) -> Any:
        if after:
            real(*given, **named)
        raise OperationalError("killed")

    return dying


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    ("where", "step"),
    [
        (carrying, "_arrive"),
        (carrying, "append_made"),
        (carrying, "store"),
        (storing, "receive_reports"),
        (storing, "mark_told"),
        (carrying, "drop_carried"),
    ],
)
def test_whoever_dies_at_any_step_nothing_is_lost_and_nothing_doubled(
    where: Any, step: str, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, other = tell(carry=False), tell(LINK, carry=False)
    with monkeypatch.context() as dies:
        dies.setattr(where, step, _dying(getattr(where, step), after=after))
        with pytest.raises(OperationalError):
            carry_some()
    inside = step != "drop_carried"
    assert Arrival.objects.count() == (0 if inside else 2)
    assert Envelope.objects.count() == (0 if (step, after) == ("drop_carried", True) else 2)
    carry_all()
    carry_all()
    assert not Envelope.objects.exists()
    assert Arrival.objects.count() == Report.objects.count() == Conversation.objects.count() == 2
    assert Version.objects.count() == 2
    assert Entry.objects.filter(leaf_bytes__in=[sent.leaf, other.leaf]).count() == 2
    assert len(letters(sent)) == len(letters(other)) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_letter_is_left_once_whoever_dies(after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = tell(carry=False)
    carry_some()
    with monkeypatch.context() as dies:
        dies.setattr(letters_on_their_way, "leave_many", _dying(letters_on_their_way.leave_many, after=after))
        with pytest.raises(OperationalError):
            leave_letters()
    assert Outgoing.objects.filter(left_at=None).count() == 1
    carry_all()
    assert Letter.objects.count() == 1
    assert Outgoing.objects.get().sealed is None
    assert len(letters(sent)) == 1


def _spoilt(kind: str) -> bytes:
    good = {
        "v": 1,
        "kind": "report",
        "at": "2026-11-22T08:00:00+00:00",
        "language": "en",
        "submission": "",
        "address": "00" * 16,
        "public": bytes(PrivateKey.generate().public_key).hex(),
        "answers": {},
        "text": "",
        "hashes": [],
        "hash": "",
        "safe": "not_said",
    }
    spoilt: dict[str, Any] = {
        "noise": None,
        "version": good | {"v": 2},
        "field": good | {"more": 1},
        "answers": good | {"answers": ["x"]},
        "address": good | {"address": "00"},
        "key": good | {"public": "00" * 32},
        "nobody": good | {"kind": "message", "text": "hello"},
        "list": [1, 2],
    }
    return b"\x00" * 200 if kind == "noise" else seal_to(door_keys().desk, spoilt[kind])


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("noise", Fault.NOT_OPENED),
        ("version", Fault.NOT_UNDERSTOOD),
        ("field", Fault.NOT_UNDERSTOOD),
        ("answers", Fault.NOT_UNDERSTOOD),
        ("address", Fault.NOT_UNDERSTOOD),
        ("key", Fault.NOT_UNDERSTOOD),
        ("nobody", Fault.NO_CONVERSATION),
        ("list", Fault.NOT_UNDERSTOOD),
    ],
)
def test_a_spoilt_envelope_stops_no_other_and_is_kept(kind: str, fault: Fault) -> None:
    tell(carry=False)
    sealed = _spoilt(kind)
    Envelope.objects.create(number=b"n" * 16, sealed=sealed, received_at=Envelope.objects.get().received_at)
    tell(LINK, carry=False)
    carry_all()
    assert not Envelope.objects.exists()
    assert Report.objects.count() == 2
    (waiting,) = unreadable_arrivals(staff(Role.INTAKE_OFFICER))
    assert waiting.fault == fault
    row = Arrival.objects.get(pk=waiting.number)
    assert open_exhibit(json.loads(row.exhibits)[0]) == sealed
    told = retry_unreadable(staff(Role.INTAKE_OFFICER))
    assert (told.read, told.left) == (0, 1)
    assert json.loads(Arrival.objects.get(pk=row.pk).exhibits) == json.loads(row.exhibits)


def test_a_door_that_was_taken_cannot_fill_the_workers_memory_nor_date_ahead() -> None:
    sent = tell(carry=False)
    row = Envelope.objects.get()
    ahead = row.received_at + timedelta(days=900)
    huge = bytes(crossing.MOST_SEALED + 70_000)
    Envelope.objects.create(number=b"n" * 90, sealed=huge, leaf=huge, salt=huge, body=huge, received_at=ahead)
    fetched = waiting_envelopes()[1]
    sizes = [len(blob) for blob in (fetched.number, fetched.sealed, fetched.leaf, fetched.salt, fetched.body)]
    assert sizes == [16, crossing.MOST_SEALED, 4096, 256, 4096]
    carry_all()
    assert not Envelope.objects.exists()
    assert reference_of(sent)
    (kept,) = unreadable_arrivals(WORKER)
    assert kept.fault == Fault.NOT_OPENED
    assert kept.received_at < ahead
    assert Arrival.objects.get(pk=kept.number).leaf == LeafState.REFUSED


def test_what_the_desk_could_not_store_is_read_on_demand_with_all_that_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent, other = tell(carry=False), tell(LINK, carry=False)
    send(Kind.MESSAGE, language="en", box=box_of(sent), text="He wrote again just now")
    with monkeypatch.context() as spoils:
        real = storing.prepared

        def prepared(documents: Any, *given: Any, **named: Any) -> Any:
            if documents[0].telling.submission == sent.submission:
                raise ZeroDivisionError
            return real(documents, *given, **named)

        spoils.setattr(storing, "prepared", prepared)
        carry_all()
    assert reference_of(other)
    assert [one.fault for one in unreadable_arrivals(WORKER)] == [Fault.FAULT, Fault.NO_CONVERSATION]
    assert Entry.objects.filter(leaf_bytes=sent.leaf).count() == 1
    with pytest.raises(NotAllowed):
        retry_unreadable(staff(Role.ANALYST))
    first = unreadable_arrivals(WORKER)[0].number
    told = retry_unreadable(staff(Role.SUPERVISOR), number=first)
    assert (told.read, told.left) == (1, 0)
    assert unreadable_arrivals(WORKER) == []
    assert Message.objects.get().conversation == conversation_of(sent)
    assert Entry.objects.filter(leaf_bytes=sent.leaf).count() == 1
    assert {row.state for row in Arrival.objects.all()} == {ArrivalState.RESOLVED, ArrivalState.CARRIED}


def test_what_is_written_later_adds_to_the_report_and_takes_nothing_back() -> None:
    prepare_rules()
    sent = tell()
    reference = reference_of(sent)
    send(Kind.MESSAGE, language="en", box=box_of(sent), text="He has a second account")
    send(Kind.WITHDRAW, language="en", box=box_of(sent), safe="no")
    send(Kind.REPORT, language="en", box=box_of(sent), answers={"way": "saw", "accounts": ["second_sparrow"]})
    carry_all()
    report = Report.objects.get(reference=reference)
    assert (Report.objects.count(), report.version) == (1, 4)
    facts = _facts(reference)
    assert facts["incident.annotations"] == ["not_safe", "sextortion"]
    assert _band(reference) is Band.ONE_DAY
    assert [(m.kind, m.safe) for m in Message.objects.order_by("number")] == [
        ("message", "not_said"),
        ("withdraw", "no"),
    ]
    assert conversation_of(sent).waits_since is not None
    told = json.loads(open_exhibit(json.loads(Version.objects.get(report=report, number=4).exhibits)[0]))
    assert told["answers"]["way"] == THREAT["way"]


def test_an_envelope_that_came_among_very_many_is_carried_and_marked() -> None:
    sent = tell(carry=False)
    Envelope.objects.update(many=True)
    carry_all()
    assert Flag.objects.get().report == conversation_of(sent).report


def _sealed_json(text: str) -> bytes:
    """What a door that was taken may seal: JSON with escapes that a proper writer never makes."""
    padded = sodium_pad(text.encode(), 2048)
    return bytes(SealedBox(PublicKey(door_keys().desk)).encrypt(padded))


def test_odd_characters_and_odd_values_are_stored_as_far_as_they_make_sense() -> None:
    sent = tell(carry=False)
    row = Envelope.objects.get()
    told = telling_in(open_with(door_private_key(), bytes(row.sealed))).as_json()
    odd = "x\x00y\ud800\u202ez"
    told["answers"] = {
        "way": "saw",
        "what_happened": odd,
        "accounts": [odd, "\x00"],
        "links": [odd],
        "phones": ["\x00"],
        "district": odd,
        "platform_other": odd,
        "danger": [odd],
        "when_date": odd,
        odd: {odd: [10**400]},
    }
    told["language"] = odd
    row.sealed = _sealed_json(json.dumps(told))
    row.save()
    carry_all()
    assert unreadable_arrivals(WORKER) == []
    assert conversation_of(sent).language == "en"
    assert Arrival.objects.get().leaf == LeafState.REFUSED  # it was made for another envelope


def test_the_commands_say_what_is_kept_and_read_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    tell(carry=False)
    Envelope.objects.update(sealed=b"\x00" * 100)
    carry_all()
    unreadable(as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["fault"] == "not_opened"
    for number, code in ((told["number"], 1), (None, 1), (10**9, 2)):
        with pytest.raises(typer.Exit) as left:
            retry(number)
        assert left.value.exit_code == code
    unreadable()
    assert "does not open" in capsys.readouterr().out


def test_a_box_that_writes_for_ever_is_shown_and_told_no_more_but_a_cry_is_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tellings, "MOST_TELLINGS", 3)
    sent = tell()
    box = box_of(sent)
    for number in range(6):
        send(Kind.MESSAGE, language="en", box=box, text=f"again {number}")
    carry_all()
    assert Message.objects.count() == 6
    assert Report.objects.get().version == 3
    for _ in range(2):
        send(Kind.WITHDRAW, language="en", box=box, safe="no")
        carry_all()
    assert Report.objects.get().version == 4
    assert _facts(reference_of(sent))["incident.annotations"] == ["not_safe", "sextortion"]
