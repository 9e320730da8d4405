"""A shift's beginning, what others keep only for a while, an office's load, and calls: as people see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.test_queue_pages import waits
from tests.rooms.triage.conftest import Lay, lay, tell

from amaan.accounts.selectors import actor_of
from amaan.authority.actors import Actor, Role
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome
from amaan.triage.models import Claim, DigestWish, OnCall, Shift, Wake, WakingPlan
from amaan.triage.selectors.load import AGES, loads_for
from amaan.triage.selectors.shift import digest_for
from amaan.triage.services import ask_next, claim_report, make_digests, pull_next, raise_wakes, send_some
from amaan.triage.tasks import band_reports, settle_reports

pytestmark = pytest.mark.django_db
__all__ = ["lay"]
SYSTEM = Actor.system("calls")


def test_a_shift_tells_what_happened_since_the_last_one(lay: Lay) -> None:
    person = a_person(Role.ANALYST)
    actor, client, now = actor_of(person), signed_in(person), timezone.now()
    assert actor is not None
    old, held, changed = (waits(lay, hours_ago=hours)[0] for hours in (30, 29, 28))
    (elsewhere,) = waits(lay, unit="south")
    client.get(f"/desk/reports/{changed.reference}/")
    assert client.post("/desk/shift/end/").status_code == 302
    Shift.objects.update(last_at=now - timedelta(hours=9), ended_at=now - timedelta(hours=9))
    claim_report(actor, held.reference)
    (new,) = waits(lay, hours_ago=1)
    tell(changed, {"incident.annotations": ["sextortion", "self_harm"]})
    band_reports([changed.pk])
    record_outcome(actor, reference=old.reference, decision=Decision.CLOSED, reason="nothing to act on")
    settle_reports([old.pk])
    digest = digest_for(actor, now=timezone.now())
    assert sum(digest.came.values()) == 1
    assert digest.decided == 1
    assert set(digest.late) == {held.reference, changed.reference}
    assert [line.reference for line in digest.held] == [held.reference]
    assert list(digest.changed) == [changed.reference]
    page = client.get("/desk/shift/").content.decode()
    for reference in (held.reference, changed.reference):
        assert reference in page
    assert elsewhere.reference not in page
    assert "told again since you read it" in page
    assert "told again since you read it" in client.get("/desk/").content.decode()
    assert new.reference not in page


def test_the_digest_comes_by_mail_once_a_day_to_whoever_wants_it(lay: Lay) -> None:
    person = a_person(Role.ANALYST)
    (late,) = waits(
        lay, hours_ago=30, **{"incident.annotations": ["sextortion"], "victim.age_bands": ["11-13"]}
    )
    client = signed_in(person)
    client.post("/desk/shift/by-mail/", {"hour": "7"})
    assert make_digests(SYSTEM, now=timezone.now()) == 0
    due = DigestWish.objects.get().next_at
    assert [make_digests(SYSTEM, now=due) for _ in range(2)] == [1, 0]
    send_some(SYSTEM, clock=lambda: due)
    (sent,) = mail.outbox
    assert sent.to == [person.email]
    assert late.reference in sent.body
    assert "sextortion" not in sent.body
    assert "11-13" not in sent.body
    client.post("/desk/shift/by-mail/", {"hour": ""})
    assert make_digests(SYSTEM, now=due + timedelta(days=2)) == 0


def test_what_others_keep_only_for_a_while_is_told_before_its_end(lay: Lay) -> None:
    person = a_person(Role.ANALYST)
    facts = {"content.count": 1, "content.uploaded_days_before_receipt": 350}
    (soon,) = waits(lay, hours_ago=24, **facts)
    (later,) = waits(lay, hours_ago=24, **{"content.count": 1})
    (ours,) = waits(lay, hours_ago=24, unit="south", **facts)
    (gone,) = waits(lay, hours_ago=24, **{"content.count": 1, "content.uploaded_days_before_receipt": 400})
    for address in ("/desk/shift/kept-until/", "/desk/shift/"):
        page = signed_in(person).get(address).content.decode()
        ending = page.partition('id="ending"')[2] or page
        assert soon.reference in ending
        assert not any(one.reference in ending for one in (later, ours, gone))
    assert "PECA 2016 s.32" in signed_in(person).get("/desk/shift/kept-until/").content.decode()


def test_an_offices_age_and_load_rank_nobody(lay: Lay) -> None:
    supervisor, analyst = a_person(Role.SUPERVISOR), a_person(Role.ANALYST)
    holder, answers = actor_of(analyst), actor_of(supervisor)
    assert holder is not None
    assert answers is not None
    young, older = waits(lay, hours_ago=2)[0], waits(lay, hours_ago=50)[0]
    waits(lay, unit="south")
    claim_report(holder, older.reference)
    (load,) = loads_for(answers, now=timezone.now())
    assert load.unit == "north"
    assert [sum(column) for column in zip(*load.ages.values(), strict=True)] == [1, 1, 0, 0, 0, 0]
    assert len(AGES) == 5
    assert sum(load.overdue.values()) == 1
    assert [one.reference for one in load.held] == [older.reference]
    page = signed_in(supervisor).get("/desk/load/").content.decode()
    assert older.reference in page
    assert young.reference not in page
    assert "Nobody is called" in page
    WakingPlan.objects.create(unit=young.unit, on=True)
    assert "Nobody is called" not in signed_in(supervisor).get("/desk/load/").content.decode()
    assert signed_in(analyst).get("/desk/load/").status_code == 404


def test_who_ends_their_shift_takes_no_emergency_home(lay: Lay) -> None:
    person, colleague = a_person(Role.ANALYST), actor_of(a_person(Role.ANALYST))
    actor, client = actor_of(person), signed_in(person)
    assert actor is not None
    assert colleague is not None
    (urgent,) = waits(lay, **{"incident.annotations": ["sextortion"], "victim.age_bands": ["11-13"]})
    (done,) = waits(lay, **{"incident.annotations": ["sextortion"], "victim.age_bands": ["11-13"]})
    (plain,) = waits(lay, **{"incident.type": "csam"})
    for report in (urgent, done, plain):
        claim_report(actor, report.reference)
    record_outcome(actor, reference=done.reference, decision=Decision.CLOSED, reason="nothing to act on")
    page = client.post("/desk/shift/end/", follow=True).content.decode()
    assert "1 urgent report that you held and did not decide waits for others again" in page
    held = Claim.objects.filter(released_at__isnull=True).values_list("report_id", flat=True)
    assert set(held) == {done.pk, plain.pk}
    assert pull_next(colleague) == urgent.reference


def test_a_call_is_opened_by_whoever_is_signed_in_and_answered(lay: Lay) -> None:
    supervisor, analyst = a_person(Role.SUPERVISOR), a_person(Role.ANALYST)
    client, boss = signed_in(analyst), signed_in(supervisor)
    plan = {"on": "on", "before_due_minutes": 360, "next_after_minutes": 15, "night_from": 20, "night_to": 8}
    lines = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0, "form-0-person": analyst.pk}
    wrong = {**plan, **lines, "form-0-phone": "0300"}
    assert boss.post("/desk/on-call/north/", wrong).status_code == 422
    assert boss.post("/desk/on-call/north/", {**plan, **lines}).status_code == 302
    assert (OnCall.objects.count(), WakingPlan.objects.get().on) == (1, True)
    assert client.get("/desk/on-call/north/").status_code == 404
    (report,) = waits(lay, hours_ago=20)
    raise_wakes(SYSTEM, now=timezone.now())
    ask_next(SYSTEM, now=timezone.now())
    send_some(SYSTEM)
    number = Wake.objects.get().pk
    assert f"/desk/calls/{number}/" in mail.outbox[0].body
    for address in (f"/desk/calls/{number}/", "/desk/calls/", "/desk/shift/"):
        assert client.get(address).status_code == 200
    assert report.reference in client.get(f"/desk/calls/{number}/").content.decode()
    stranger = signed_in(a_person(Role.ANALYST, unit="south"))
    assert stranger.get(f"/desk/calls/{number}/").status_code == 404
    assert stranger.post(f"/desk/calls/{number}/answer/").status_code == 404
    assert client.post(f"/desk/calls/{number}/answer/").status_code == 302
    assert Wake.objects.get().ended_by == f"staff:{analyst.pk}"
    assert mail.outbox[0].subject in boss.get("/desk/on-call/north/").content.decode()
