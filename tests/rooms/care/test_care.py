"""Care where people work: what somebody left to others, is left to others; and nobody learns of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_queue_pages import URGENT, waits
from tests.rooms.triage.conftest import Lay, lay

from amaan.accounts.models import User
from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.care.domain import enough
from amaan.care.domain.categories import Category
from amaan.care.domain.enough import FEWEST, Caps, State
from amaan.care.domain.wishes import UNCAPPED
from amaan.care.models import CheckIn, Exposure, MonthCount, Wishes
from amaan.care.permissions import OnlyTheSystemCounts, OnlyTheSystemForgets
from amaan.care.selectors import able_for, office_care, own_care, standing_for
from amaan.care.services import (
    NoSuchColleague,
    answer_check_in,
    ask_check_in,
    drop_old,
    keep_caps,
    keep_wishes,
    note_left,
    note_opened,
)
from amaan.desk.pages.care import alone_with_an_emergency
from amaan.ledger.models import Body, Entry
from amaan.triage.services import EnoughForNow, claim_report, note_work, pull_next

pytestmark = pytest.mark.django_db
__all__ = ["lay"]
SYSTEM = Actor.system("care")


def acting(person: User) -> Actor:
    found = actor_of(person)
    assert found is not None
    return found


def leaves(actor: Actor, out: Category, caps: Caps = UNCAPPED, *, shares: bool = False) -> None:
    keep_wishes(actor, opted_out=out, caps=caps, buddy=None, shares_name=shares)


def read_for(actor: Actor, minutes: int, *, of: Category = Category.NONE, unit: str = "north") -> None:
    """So many minutes with reports, a moment ago."""
    person = int(actor.key.removeprefix("staff:"))
    for number in range(0, minutes, 20):
        Exposure.objects.create(
            person_id=person,
            unit=unit,
            report_id=9000 + number,
            opened_at=timezone.now() - timedelta(hours=2),
            seconds=60 * min(20, minutes - number),
            categories=int(of),
        )


def test_what_somebody_leaves_to_others_others_get(lay: Lay) -> None:
    leaver, other = acting(a_person(Role.ANALYST)), acting(a_person(Role.ANALYST))
    (threat,) = waits(lay)
    (plain,) = waits(lay, **{"incident.type": "csam"})
    leaves(leaver, Category.SEXTORTION)
    assert pull_next(leaver) == plain.reference
    assert pull_next(leaver) is None
    assert claim_report(leaver, threat.reference) == threat.reference
    (again,) = waits(lay)
    assert pull_next(other) == again.reference


def test_a_walk_past_what_is_left_to_others_ends(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amaan.triage.selectors.queue.MOST_PASSED_OVER", 2)
    leaver = acting(a_person(Role.ANALYST))
    leaves(leaver, Category.SEXTORTION)
    waits(lay, 2, hours_ago=3)
    waits(lay, hours_ago=1)
    (sooner, later) = waits(lay, 2, **{"incident.type": "csam"})
    assert [pull_next(leaver) for _ in range(3)] == [sooner.reference, later.reference, None]


def test_no_opt_out_stands_anywhere_in_clear(lay: Lay) -> None:
    """Not in its row, not in its size, not in the ledger, not on the supervisor's page."""
    person, supervisor = a_person(Role.ANALYST), a_person(Role.SUPERVISOR)
    leaves(acting(person), Category.NONE)
    before = bytes(Wishes.objects.get().sealed)
    leaves(acting(person), Category.FAMILY | Category.SELF_HARM)
    after = bytes(Wishes.objects.get().sealed)
    assert len(before) == len(after)
    assert b"out" not in after
    entry = Entry.objects.order_by("-id")[0]
    assert b"FAMILY" not in bytes(Body.objects.get(entry=entry).ciphertext)
    assert own_care(acting(supervisor), now=timezone.now()).wishes.opted_out is Category.NONE
    assert "Abuse in the family" not in signed_in(supervisor).get("/desk/care/north/").content.decode()


def test_reading_is_counted_from_what_the_desk_records_and_ends_with_the_next_act(
    lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enough, "HEAVY_TOGETHER", 1)
    person = a_person(Role.ANALYST)
    (report,) = waits(lay, **{**URGENT, "victim.age_bands": ["0-5"]})
    client = signed_in(person)
    client.get(f"/desk/reports/{report.reference}/")
    opened = Exposure.objects.get()
    assert (opened.seconds, opened.report_id, opened.unit) == (None, report.pk, "north")
    assert Category.YOUNG_CHILD in Category(opened.categories)
    Exposure.objects.update(opened_at=timezone.now() - timedelta(minutes=3))
    page = client.get("/desk/").content.decode()
    assert client.post("/desk/shift/end/").headers["Location"] == "/desk/care/"
    assert 179 <= (Exposure.objects.get().seconds or 0) <= 200
    assert "something heavy" in page
    assert "something heavy" in client.get("/desk/care/").content.decode()
    assert "something heavy" not in signed_in(a_person(Role.ANALYST)).get("/desk/").content.decode()


def test_enough_is_said_and_an_emergency_may_still_be_taken_knowingly(lay: Lay) -> None:
    person = a_person(Role.ANALYST)
    actor, client = acting(person), signed_in(person)
    (mine,) = waits(lay, **{"incident.type": "csam"})
    claim_report(actor, mine.reference)
    waits(lay, **{"incident.type": "csam"})
    read_for(actor, 240)
    assert standing_for(actor, now=timezone.now()).state is State.ENOUGH
    with pytest.raises(EnoughForNow):
        pull_next(actor)
    assert client.post("/desk/pull/").headers["Location"] == "/desk/care/"
    assert "Take it all the same" not in client.get("/desk/care/").content.decode()
    assert pull_next(actor, knowingly=True) is None
    (urgent,) = waits(lay)
    assert "Take it all the same" in client.get("/desk/care/").content.decode()
    taken = client.post("/desk/pull/", {"knowingly": "1"})
    assert urgent.reference in taken.headers["Location"]
    assert client.get(f"/desk/reports/{mine.reference}/").status_code == 200


def test_whoever_cools_off_alone_is_asked_and_not_given_lighter_work_in_silence(
    lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enough, "HEAVY_TOGETHER", 1)
    person, colleague = a_person(Role.ANALYST), a_person(Role.ANALYST)
    actor, client = acting(person), signed_in(person)
    read_for(actor, 5, of=Category.VIOLENCE)
    Exposure.objects.update(opened_at=timezone.now() - timedelta(minutes=6))
    (urgent,) = waits(lay, **{**URGENT, "victim.age_bands": ["6-10"]})
    (light,) = waits(lay, **{"incident.type": "csam"})
    assert client.post("/desk/pull/").headers["Location"] == "/desk/care/"
    assert "Give me lighter work" in client.get("/desk/care/").content.decode()
    note_work(acting(colleague), now=timezone.now())
    assert light.reference in client.post("/desk/pull/").headers["Location"]
    assert urgent.reference in client.post("/desk/pull/", {"knowingly": "1"}).headers["Location"]


def test_an_opt_out_never_leaves_an_emergency_to_nobody_in_silence(lay: Lay) -> None:
    """Whoever left it to others is asked as long as no colleague at work would be given it, for whatever reason."""
    person = a_person(Role.ANALYST)
    client, now = signed_in(person), timezone.now()
    same, capped, elsewhere, able = (
        acting(a_person(Role.ANALYST, unit=unit)) for unit in ("north", "north", "south", "north")
    )
    leaves(acting(person), Category.SEXTORTION)
    leaves(same, Category.SEXTORTION)
    read_for(capped, 240)
    (urgent,) = waits(lay, **{**URGENT, "victim.age_bands": ["11-13"]})
    (plain,) = waits(lay, **{"incident.type": "csam"})
    for colleague in (None, same, capped, elsewhere):
        if colleague:
            note_work(colleague, now=now)
        assert client.post("/desk/pull/").headers["Location"] == "/desk/care/"
    page = client.get("/desk/care/").content.decode()
    assert "Give me something else" in page
    assert "no colleague is there" in page
    note_work(able, now=now)
    assert "A colleague is at work and may take it" in client.get("/desk/care/").content.decode()
    assert plain.reference in client.post("/desk/pull/").headers["Location"]
    assert urgent.reference in client.post("/desk/pull/", {"knowingly": "1"}).headers["Location"]
    assert not alone_with_an_emergency(acting(person), now=now)


def test_an_emergency_that_one_is_given_asks_nothing(lay: Lay) -> None:
    person = a_person(Role.ANALYST)
    leaves(acting(person), Category.FAMILY)
    (urgent,) = waits(lay)
    assert urgent.reference in signed_in(person).post("/desk/pull/").headers["Location"]


def test_what_others_could_read_is_the_machines_question_and_a_number(lay: Lay) -> None:
    one, two = acting(a_person(Role.ANALYST)), acting(a_person(Role.ANALYST))
    leaves(two, Category.LIVE)
    people, kinds, now = (
        [int(each.key.removeprefix("staff:")) for each in (one, two)],
        [0, 16],
        timezone.now(),
    )
    assert able_for(SYSTEM, kinds, people=people, now=now) == {0: 2, 16: 1}
    with pytest.raises(OnlyTheSystemCounts):
        able_for(one, kinds, people=people, now=now)


def test_a_supervisor_sees_numbers_and_the_names_of_those_who_wish_it(lay: Lay) -> None:
    supervisor = acting(a_person(Role.SUPERVISOR))
    people = [a_person(Role.ANALYST) for _ in range(FEWEST)]
    for number, person in enumerate(people):
        person.name = f"Reader {number}"
        person.save()
    for person in people[1:]:
        read_for(acting(person), 30)
    few = office_care(supervisor, "north", now=timezone.now())
    assert (few.people, few.near, few.spread) == (None, None, None)
    read_for(acting(people[0]), 230)
    leaves(acting(people[1]), Category.NONE, shares=True)
    office = office_care(supervisor, "north", now=timezone.now())
    assert (office.people, office.near, office.named) == (FEWEST, 1, ())
    assert office.spread == (FEWEST - 1, 0, 0, 1, 0)
    leaves(acting(people[0]), Category.NONE, shares=True)
    assert office_care(supervisor, "north", now=timezone.now()).named == ("Reader 0",)
    page = signed_in(User.objects.get(pk=int(supervisor.key[6:]))).get("/desk/care/north/").content.decode()
    assert "Reader 1" not in page
    for outsider in (people[0], a_person(Role.SUPERVISOR, unit="south")):
        assert signed_in(outsider).get("/desk/care/north/").status_code == 404
        with pytest.raises(NotAllowed):
            keep_caps(acting(outsider), unit="north", caps=Caps())


def test_caps_are_an_offices_and_ones_own_are_lower(lay: Lay) -> None:
    person, boss = a_person(Role.ANALYST), a_person(Role.SUPERVISOR)
    sent = {
        "minutes_day": 100,
        "minutes_week": 500,
        "heavy_day": 5,
        "cooling_minutes": 30,
        "help_": "Ask for Dr N.",
    }
    assert signed_in(boss).post("/desk/care/north/", sent).status_code == 302
    client = signed_in(person)
    assert (
        client.post("/desk/care/", {"minutes_day": 40, "opted_out": [4], "minutes_week": 9999}).status_code
        == 302
    )
    own = own_care(acting(person), now=timezone.now())
    assert own.caps == Caps(40, 500, 5, 30)
    assert own.wishes.opted_out is Category.SEXTORTION
    assert "Ask for Dr N." in client.get("/desk/care/").content.decode()


def test_two_close_a_day_and_nothing_is_written_of_it(lay: Lay) -> None:
    one, two, stranger = (acting(a_person(Role.ANALYST, unit=unit)) for unit in ("north", "north", "south"))
    now, buddy = timezone.now(), int(two.key.removeprefix("staff:"))
    with pytest.raises(NoSuchColleague):
        ask_check_in(stranger, buddy=buddy, now=now)
    for _ in range(2):
        ask_check_in(one, buddy=buddy, now=now)
    number = CheckIn.objects.get().pk
    with pytest.raises(NoSuchColleague):
        answer_check_in(stranger, number=number, yes=True, now=now)
    assert (
        "asks you for a few minutes" in signed_in(User.objects.get(pk=buddy)).get("/desk/").content.decode()
    )
    answer_check_in(two, number=number, yes=False, now=now)
    assert (
        "asks you for a few minutes"
        not in signed_in(User.objects.get(pk=buddy)).get("/desk/").content.decode()
    )
    assert "later" in signed_in(User.objects.get(pk=buddy)).get("/desk/care/").content.decode()
    answer_check_in(two, number=number, yes=True, now=now)
    ask_check_in(one, buddy=buddy, now=now)
    assert CheckIn.objects.count() == 2


def test_after_a_year_counts_are_left(lay: Lay) -> None:
    actor, now = acting(a_person(Role.ANALYST)), timezone.now()
    read_for(actor, 50)
    note_opened(actor, report_id=1, unit="north", categories=0, now=now)
    note_left(actor, now=now + timedelta(minutes=1))
    Exposure.objects.filter(report_id__gte=9000).update(opened_at=now - timedelta(days=430))
    with pytest.raises(OnlyTheSystemForgets):
        drop_old(actor, now=now)
    assert [drop_old(SYSTEM, now=now) for _ in range(2)] == [3, 0]
    assert Exposure.objects.count() == 1
    (month,) = MonthCount.objects.all()
    assert (month.people, month.reports, month.minutes) == (1, 3, 50)
