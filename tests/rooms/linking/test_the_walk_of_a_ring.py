"""Forty complaints from six units, three platforms and the public's door: from intake to a case, through the doors.

Two rings seem one, because a platform gave one mail address to two people. An officer reads why, rejects that link, and
the ring falls into the two that it is; a case opens from one of them with its reports.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from tests.rooms.accounts.people import a_person, a_unit, signed_in
from tests.rooms.linking.forty import FIRST, LAST, MIXED_UP, TOLD, UNITS, WRONGLY_LINKED, answers, archives

from amaan.accounts.models import Membership, Unit, User
from amaan.authority.actors import Actor, Role
from amaan.cases.models import CaseReport
from amaan.correspondence.services import carry_some
from amaan.keyring.services import prepare_keys
from amaan.linking.selectors import ring_at, rings_exported, rings_of_reports, state_of_pairs
from amaan.outbox.services import deliver, pending
from amaan.portal.domain.envelopes import Kind
from amaan.portal.services import send
from amaan.referrals.services import import_paths
from amaan.reports.models import Report
from amaan.reports.selectors import references_of


def bring_in(folder: Path) -> None:
    """Thirty-four from platforms into six units, and six told at the public's door."""
    for code, path in archives(folder):
        counted = import_paths(
            Actor.system("test"), paths=[path], unit=Unit.objects.get(code=code), processes=0
        ).counts()
        assert counted["quarantined"] == 0
    for number in range(TOLD):
        day = (timezone.now() - timedelta(days=3 + number)).date().isoformat()
        more = {"when": "month", "when_date": day, "contact": "code"}
        send(Kind.REPORT, language="en", answers={**answers(number), **more}, once=f"ring/{number}")
    while carry_some():
        pass
    while pending() and deliver(500):
        pass


def officer(*roles: Role) -> tuple[User, Client]:
    """Somebody who works for all six units."""
    person = a_person(*roles, unit=UNITS[0])
    for code in UNITS[1:]:
        for role in roles:
            Membership.objects.create(user=person, unit=a_unit(code), role=role.value)
    return person, signed_in(person)


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


@pytest.mark.django_db(transaction=True, databases=["default", "portal"])
@pytest.mark.slow
def test_from_forty_complaints_to_a_case(tmp_path: Path) -> None:
    prepare_keys()
    for code in UNITS:
        a_unit(code)
    bring_in(tmp_path)
    assert Report.objects.count() == 40

    (ring,) = rings_exported()
    assert len(ring.reports) == 40
    number = {report.number: report.pk for report in Report.objects.exclude(entity__key="publicdoor")}
    reference = references_of(number.values())

    _, analyst = officer(Role.ANALYST)
    shown = page(analyst, f"/desk/rings/{ring.reference}/")
    assert "never the basis of a charge" in shown
    assert "300 0000001" in shown
    one, other = (reference[number[which]] for which in WRONGLY_LINKED)
    why = page(analyst, f"/desk/links/{one}/{other}/")
    assert MIXED_UP in why
    seen = re.search(r'name="reject-seen"[^>]*value="(\d*)"', why)
    sent = {
        "reject-reason": "The platform gave one address to two people.",
        "reject-seen": seen[1] if seen else "0",
    }
    assert analyst.post(f"/desk/links/{one}/{other}/reject/", sent).status_code == 302
    (told,) = state_of_pairs([(number[WRONGLY_LINKED[0]], number[WRONGLY_LINKED[1]])]).values()
    assert told.state == "rejected"

    assert [len(found.reports) for found in rings_exported()] == [20, 20]
    jobs = rings_of_reports([number[FIRST]])[number[FIRST]]
    loans = rings_of_reports([number[LAST]])[number[LAST]]
    assert jobs != loans
    assert ring.reference in {jobs, loans}
    assert ring_at(ring.reference).reference == ring.reference
    assert set(ring_at(jobs).reports) == {number[str(which)] for which in range(1, 21)}
    assert len(ring_at(loans).reports) == 20

    _, investigator = officer(Role.INVESTIGATOR)
    offered = page(investigator, f"/desk/rings/{jobs}/case/")
    choices = re.findall(r'name="reports"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="reports"', offered)
    chosen = [first or second for first, second in choices]
    assert len(chosen) == 20
    joined = investigator.post(
        f"/desk/rings/{jobs}/case/",
        {"into": "new", "reports": chosen, "reason": "I read all twenty: one wallet.", "title": "Job offers"},
    )
    assert joined.status_code == 302, joined.content.decode()[:2000]
    assert set(CaseReport.objects.values_list("report_id", flat=True)) == set(ring_at(jobs).reports)
    assert CaseReport.objects.values("case").distinct().count() == 1
