"""What the door does, in this process: something is sent, and the desk's worker carries it."""

from __future__ import annotations

from typing import Any

from amaan.accounts.selectors import default_unit
from amaan.accounts.services import prepare_units
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.correspondence.models import Conversation
from amaan.correspondence.services import carry_some, leave_letters
from amaan.portal.domain.codes import BoxKeys, keys_of
from amaan.portal.domain.envelopes import Kind
from amaan.portal.services import Sent, open_box, send
from amaan.portal.services.sending import door_keys

WORKER = Actor.system("door")
STORY = "He says he will send the pictures to my whole school unless I pay him by Friday evening"
THREAT: dict[str, Any] = {
    "way": "threat",
    "demanded": ["money"],
    "what_happened": STORY,
    "platforms": ["instagram"],
    "accounts": ["quiet_sparrow_99"],
    "pay_ways": ["easypaisa"],
    "pay_numbers": ["0345 1234567"],
}
LINK: dict[str, Any] = {"way": "saw", "links": ["https://pictures.example/board/17"], "happening": ["other"]}


def staff(*roles: Role, unit: str = "", number: int = 7) -> Actor:
    code = unit or default_unit().code
    return Actor(ActorKind.STAFF, f"staff:{number}", frozenset(Grant(role, code) for role in roles))


def box_of(sent: Sent) -> BoxKeys:
    door = door_keys()
    return keys_of(sent.code, door.salt, door.pepper)


def tell(answers: dict[str, Any] | None = None, *, carry: bool = True, **more: Any) -> Sent:
    """A report from the door; carried, unless it is said otherwise."""
    sent = send(Kind.REPORT, language="en", answers=THREAT if answers is None else answers, **more)
    if carry:
        carry_all()
    return sent


def carry_all() -> None:
    while carry_some():
        continue
    while leave_letters():
        continue


def conversation_of(sent: Sent) -> Conversation:
    return Conversation.objects.get(submission=sent.submission)


def reference_of(sent: Sent) -> str:
    report = conversation_of(sent).report
    assert report is not None
    return report.reference


def letters(sent: Sent) -> list[dict[str, Any]]:
    """What the reporter reads with the code."""
    return list(open_box(sent.code).letters)


def prepare() -> None:
    prepare_units()
