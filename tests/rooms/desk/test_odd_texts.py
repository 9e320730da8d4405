"""What no browser sends: a NUL, endless numbers, other digits. Wherever they stand, the fault is never ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.matching.banks import a_list, staff
from tests.rooms.referrals.reading import file_details, report
from tests.rooms.reports.telling import victim
from tests.rooms.triage.small_rules import SMALL

import amaan.desk
from amaan.accounts.models import User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.bundles.tasks import bundle
from amaan.care.models import CheckIn
from amaan.cases.services import open_case
from amaan.correspondence.domain.words import Channel
from amaan.correspondence.services import receive_by_staff
from amaan.desk.urls import urlpatterns
from amaan.ledger.models import Entry
from amaan.linking.models import Alert, Member
from amaan.linking.panels.ring import thing_shown
from amaan.linking.selectors.resting import resting_on
from amaan.linking.selectors.showing import seen_ring
from amaan.linking.services import confirm_link, rebuild_links, reject_resting
from amaan.matching.selectors import survivors_waiting
from amaan.matching.services import add_survivor_hash, propose_known
from amaan.referrals.models import Quarantined
from amaan.referrals.services import import_paths
from amaan.reports.domain.unsealings import read_part
from amaan.reports.lookups import look_up_for
from amaan.reports.models import Identifier, Mention, Report, Version
from amaan.reports.unsealing import ask_unsealing
from amaan.triage.models import Wake
from amaan.triage.rulebook import in_force
from amaan.triage.services import keep_queue
from amaan.triage.services.proposing import propose_rules

pytestmark = pytest.mark.django_db

ODD = ["\0", "a\0b", "9" * 5000, "-1", "٣<b>'\""]
MD5 = f"<originalFileHash hashType='md5'>{'5e' * 16}</originalFileHash>"
SOURCES = {
    ending: "\n".join(
        path.read_text("utf-8") for path in Path(amaan.desk.__file__).parent.rglob(f"*{ending}")
    )
    for ending in (".py", ".html")
}
READ = re.compile(r'(?:GET|POST|address)\.get\("([\w-]+)"')
WRITTEN = re.compile(r'name="([\w-]+)"')
ASKED = {*READ.findall(SOURCES[".py"]), *WRITTEN.findall(SOURCES[".html"]), "telling"}
EVERY_NAME = ""
"""Stands for all of them where a page takes whatever was sent."""
PAGES = sorted(str(pattern.name) for pattern in urlpatterns)


def actor(person: User) -> Actor:
    found = actor_of(person)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[list[User], dict[str, object]]]:
    """One for all tests of this file, each of which changes it in a savepoint of its own."""
    whole = transaction.atomic()
    whole._from_testcase = True  # type: ignore[attr-defined]  # what must commit for good may begin within
    with django_db_blocker.unblock():
        whole.__enter__()
        try:
            people = _people()
            places = _places(people, tmp_path_factory.mktemp("cut"))
        except BaseException as fault:  # else every later test of this process stands in this transaction
            whole.__exit__(type(fault), fault, fault.__traceback__)
            raise
    yield people, places
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def people(world: tuple[list[User], dict[str, object]], db: None) -> list[User]:
    return world[0]


@pytest.fixture
def places(world: tuple[list[User], dict[str, object]], db: None) -> dict[str, object]:
    return world[1]


def _people() -> list[User]:
    return [
        a_person(Role.SUPERVISOR, Role.ANALYST, Role.INVESTIGATOR, unit="north"),
        a_person(Role.CUSTODIAN, unit="north"),
        a_person(Role.INTAKE_OFFICER, unit="north"),
        a_person(Role.AUDITOR, unit="north"),
    ]


def _places(people: list[User], tmp_path: Path) -> dict[str, object]:
    """Something that is there for every kind of address, by its name or how it begins, what it takes, or both."""
    officer = actor(people[0])
    told = arrived(report(victim("0301-7654321")), file_details(MD5))
    second, third = (
        arrived(report(), file_details(MD5, number=number), number=number) for number in ("70002", "70003")
    )
    bundle(list(Report.objects.values_list("pk", flat=True)))
    open_case(officer, report_reference=third, version=1, reason="x")
    (tmp_path / "cut.xml").write_bytes(report()[:200])
    summary = import_paths(
        Actor.system("import"),
        paths=[tmp_path],
        unit=a_unit("north"),
        processes=0,
    )
    ring, decision, act = _a_ring(officer)  # after the import, which links what is left by what it tells
    return {
        "reference": told,
        "purpose": told,
        "cases/": open_case(officer, report_reference=second, version=1, reason="x"),
        "imports/": summary.batch,
        "quarantine/": Quarantined.objects.get().pk,
        "alerts/": look_up_for(officer, text="0300-1111111", purpose=told, unit="north").number,
        "unsealings/": ask_unsealing(
            officer, reference=told, part=read_part("party-1"), reason="To warn the family of the meeting."
        ),
        "entry_id": Entry.objects.latest("id").pk,
        "lists/": a_list(),
        "known/": propose_known(
            staff(Role.ANALYST, 91, "north"), report_reference=third, content=0, category="csam", reason="x"
        ),
        "survivors/": a_survivors_hash(),
        "rules/number": propose_rules(officer, body=SMALL, reason="x"),
        "rules/rule": _a_rule(),
        "calls/": Wake.objects.create(unit=a_unit("north"), cause="due", raised_at=timezone.now()).pk,
        "queues/number": keep_queue(
            officer, unit="north", name="x", terms={"incident_types": ["enticement"]}
        ),
        "care/number": CheckIn.objects.create(person=people[0], buddy=people[2], asked_at=timezone.now()).pk,
        "rings/": ring,
        "rings/number": act,  # and an alert of that number
        "rings/mark": "T1",
        "reporter_answers/reference": _a_call(officer),
        "links/one": told,
        "links/other": second,
        "links/number": decision,
        "links/what": "reject",
        "unit": "north",
        "number": 1,
    }


def _a_call(officer: Actor) -> str:
    """A report that somebody told on the telephone."""
    answers = {"way": "child", "what_happened": "A man waits at the gate."}
    channel = Channel.TELEPHONE
    return receive_by_staff(officer, answers=answers, language="ur", channel=channel, unit="north").reference


def _a_ring(officer: Actor) -> tuple[str, int, int]:
    """Of three reports that tell of one number; its reference, what was decided about the first two, and of an act that
    rejected the one link that nobody had confirmed."""
    held = list(Report.objects.order_by("pk")[:3])
    number = Identifier.objects.create(key=bytes(16), type="phone", links=True, clear="+923001110000")
    for told in held:
        version = Version.objects.get(report=told, number=told.version)
        Mention.objects.create(
            identifier=number, report=told, version=version, role="reported", verified="not_said"
        )
    rebuild_links(Actor.system("linking"))
    first, second, third = (one.pk for one in held)
    decision = confirm_link(officer, low=first, high=second, reason="x")
    confirm_link(officer, low=second, high=third, reason="x")
    seen = seen_ring(officer, Member.objects.get(pk=first).ring.reference)
    thing = thing_shown(officer, seen, "T1")
    assert thing is not None
    resting = resting_on(officer, seen, thing.keys)
    assert resting is not None
    assert [(one.low, one.high) for one in resting.links] == [(first, third)]
    ring = seen.ring
    act = reject_resting(
        officer, ring=ring.reference, keys=thing.keys, mark="T1", reason="x", seen=resting.token
    )
    Alert.objects.filter(ring=ring).delete()
    Alert.objects.create(pk=act, ring=ring, kind="grew", unit_id=a_unit("north").pk, at=timezone.now())
    return ring.reference, decision, act


def _a_rule() -> str:
    """One of those in force."""
    held = in_force()
    assert held is not None
    return held[1].rules[0].id


def a_survivors_hash() -> int:
    add_survivor_hash(Actor.system("test"), pdq=bytes(range(32)), quality=80)
    return survivors_waiting(staff(Role.ANALYST, 91, "north"))[0][0].number


def address(name: str, places: dict[str, object], **odd: object) -> str:
    (pattern,) = [one for one in urlpatterns if one.name == name]
    begins = str(pattern.pattern).partition("/")[0] + "/"
    takes = pattern.pattern.converters
    there = {
        n: places.get(f"{name}/{n}") or places.get(begins + n) or places.get(begins) or places[n]
        for n in takes
    }
    return reverse(f"desk:{name}", kwargs={n: odd.get(n, there[n]) for n in takes})


def one_who_sees(people: list[User], where: str) -> tuple[Client, list[str]]:
    """The first for whom something stands there, and the methods that it answers."""
    for person in people:
        client = signed_in(person)
        status = {
            method: getattr(client, method)(where, {"buddy": people[2].pk}).status_code
            for method in ("get", "post")
        }
        if 404 not in status.values():
            return client, [method for method, code in status.items() if code != 405]
    raise AssertionError(f"nobody of this test's world sees {where}")


def fields(page: bytes = b"") -> list[str]:
    """What any page asks for in an address, and what this one asks for in its forms."""
    return sorted({*ASKED, *WRITTEN.findall(page.decode())})


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that were looked up in an address or a form meanwhile; EVERY_NAME where all of it was taken."""
    names: set[str] = set()

    def listen(method: str, what: Callable[..., set[str]]) -> None:
        original = getattr(QueryDict, method)

        def listening(self: QueryDict, *given: Any, **how: Any) -> Any:
            if not self._mutable:  # it is still being filled, or is a page's own copy
                names.update(what(*given))
            return original(self, *given, **how)

        monkeypatch.setattr(QueryDict, method, listening)

    for method in ("__getitem__", "__contains__", "get", "getlist", "pop", "setdefault"):
        listen(method, lambda name, *_: {str(name)})
    for method in ("__iter__", "__copy__", "__deepcopy__", "items", "keys", "lists", "values", "urlencode"):
        listen(method, lambda *_: {EVERY_NAME})
    return names


def test_the_search_finds_what_pages_ask_for(heard: set[str]) -> None:
    assert {"on", "who", "act", "before", "after", "from", "telling", "case", "reason", "band"} <= set(
        fields()
    )
    sent = QueryDict("on=1")
    assert ("who" in sent, sent.get("act"), sent.getlist("after"), sent["on"]) == (False, None, [], "1")
    assert heard == {"who", "act", "after", "on"}
    sent.dict()
    assert EVERY_NAME in heard


@pytest.mark.parametrize("name", PAGES)
def test_no_odd_text_in_any_parameter_or_field_is_our_fault(
    name: str, people: list[User], places: dict[str, object], heard: set[str]
) -> None:
    """All odd at once, and each alone: there a name that nobody looks up would change nothing.

    Alone on PostgreSQL only, whose texts take no NUL: what a page itself makes of one is the same on both.
    """
    where = address(name, places)
    client, methods = one_who_sees(people, where)
    names = sorted({*fields(client.get(where).content), *heard} - {EVERY_NAME})
    for method in methods:
        send = getattr(client, method)
        for odd in ODD:
            assert send(where, dict.fromkeys(names, odd)).status_code < 500, (method, where, odd)
        if connection.vendor != "postgresql":
            continue
        alone: set[str] = set()
        while left := (heard | set(names if EVERY_NAME in heard else ())) - alone - {EVERY_NAME}:
            for one in sorted(left):
                assert send(where, {one: "\0"}).status_code < 500, (method, where, one)
            alone |= left


ODD_FOR: dict[str, tuple[object, ...]] = {
    "[0-9]+": (0, 2**31, 2**63, 10**40),
    "[-a-zA-Z0-9_]+": ("9" * 400, "-", "_"),  # the address itself takes no other letters
}


@pytest.mark.parametrize(
    "name", [n for n in PAGES if "<" in str(next(p for p in urlpatterns if p.name == n).pattern)]
)
def test_no_odd_address_is_our_fault(name: str, people: list[User], places: dict[str, object]) -> None:
    (pattern,) = [one for one in urlpatterns if one.name == name]
    clients = [signed_in(person) for person in people]
    for taken, converter in pattern.pattern.converters.items():
        for odd in ODD_FOR.get(converter.regex, ("\0", "x\0", "9" * 400, "'")):
            where = address(name, places, **{taken: odd})
            for client in clients:
                assert client.get(where).status_code in {404, 405}, where
                assert client.post(where, {"reason": "x"}).status_code in {404, 405}, where


@pytest.mark.parametrize("odd", ODD)
def test_nor_at_the_door(client: Client, odd: str) -> None:
    for where, names in (
        ("/sign-in/", ("login", "password", "next")),
        ("/sign-in/code/", ("code", "next")),
        ("/language", ("language", "next")),
        ("/theme", ("theme", "next")),
    ):
        assert client.get(where, dict.fromkeys(names, odd)).status_code < 500, where
        assert client.post(where, dict.fromkeys(names, odd)).status_code < 500, where
        for name in names:
            assert client.post(where, {**dict.fromkeys(names, "x"), name: odd}).status_code < 500, (
                where,
                name,
            )


def test_the_ledger_leaves_out_what_no_text_can_hold(people: list[User], places: dict[str, object]) -> None:
    auditor, told = signed_in(people[3]), str(places["reference"])
    html = auditor.get("/desk/ledger/", {"on": f"\0{told}\0"}).content.decode()
    assert f'value="{told}"' in html
    assert auditor.get("/desk/ledger/", {"before": "9" * 5000}).status_code == 200


@pytest.mark.parametrize("odd", ["a\0bcdefghi", "\0" * 32, "ßßßßßßßßßßß", "9" * 400, "../../../x"])
def test_a_cookie_that_is_no_key_is_nobodys_session(client: Client, odd: str) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = odd
    assert client.get("/sign-in/").status_code == 200
    client.cookies[settings.SESSION_COOKIE_NAME] = odd
    assert client.get("/desk/").status_code == 302
