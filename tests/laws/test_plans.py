"""Law: what officers and the intake wait for reads no table whole that grows with the reports.

Measured at a million reports on SQLite, such a statement takes 0.6 to 4 seconds. `AMAAN_TEST_PLANS=FILE pytest -p
tests.plans PATH` lists what any other tests execute.
"""

from __future__ import annotations

from functools import cache

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from tests.plans import Plans, Step, plans_of
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import file_details, report
from tests.rooms.triage.small_rules import SMALL as LIGHT
from tests.rooms.triage.small_rules import heavier

from amaan.authority.actors import Actor, Role
from amaan.bundles.services import follow_left
from amaan.learning.services.learning import _examples
from amaan.outbox.models import Delivery
from amaan.outbox.services import deliver
from amaan.reports.models import Report
from amaan.reports.selectors import accused_in_common
from amaan.triage.domain.replaying import Comparison
from amaan.triage.domain.ruleset import read_ruleset
from amaan.triage.models import Assessment
from amaan.triage.selectors.replaying import replay_reports
from amaan.triage.services import adopt_ruleset
from amaan.triage.services.rebanding import reband_some

# On PostgreSQL the planner reads small tables whole, whatever indexes there are.
pytestmark = [pytest.mark.django_db, pytest.mark.pure]

NEVER_LARGE = {
    "outbox_delivery": "what is done has no row",
    "ledger_pending": "what is numbered has no row",
    **dict.fromkeys(("reports_entity", "feedback_stream"), "as many as there are partners"),
    "referrals_batch": "an import each",
    **dict.fromkeys(("linking_snapshot", "linking_run"), "a whole rebuild of the links each"),
    "triage_wake": "an emergency that nobody took up, each",
    **dict.fromkeys(("matching_signallist", "matching_batch", "matching_rematch"), "lists, and their files"),
    **dict.fromkeys(("triage_ruleset", "triage_ruleproposal", "triage_rebanding"), "a set of rules each"),
    **dict.fromkeys(("triage_queue", "triage_queuetally", "triage_wakingplan"), "a few for each office"),
    **dict.fromkeys(("learning_learnedmodel", "learning_switching", "learning_sweep"), "a model each"),
    **dict.fromkeys(("evidence_mediarule", "lexicon_round"), "each time that an operator sets it"),
}
MEANT = {
    # Part of what SQLite says of the step → why it is short all the same.
    "SCAN reports_outcome USING INDEX reports_outcome_report_id": "backwards from the newest, as far as asked",
    "SCAN ledger_checkpoint USING INDEX": "the newest one",
    "SCAN ledger_about USING COVERING INDEX": "the newest, a page of them",
    "SCAN correspondence_arrival USING INDEX arrival_unreadable": "those alone that nobody could open",
    "SCAN learning_proposal USING INDEX proposal_standing": "a supervisor's page of the model, which counts",
}


@cache
def _tables() -> frozenset[str]:
    return frozenset(
        model._meta.db_table
        for model in apps.get_models()
        if model.__module__.startswith("amaan.") and model._meta.app_label not in {"accounts", "keyring"}
    )


def read_whole(plans: Plans) -> list[Step]:
    """Steps that go through all rows of a table that grows, or build an index of all of them for one question."""
    return [
        step
        for step in plans.steps
        if step.table in _tables() - set(NEVER_LARGE)
        and (step.how.startswith("SCAN") or "AUTOMATIC" in step.how)
        # A new row asks whether earlier ones pointed to it; SQLite leaves that out while none does.
        and not step.sql.startswith("INSERT")
        and not any(step.how.startswith(how) for how in MEANT)
    ]


def everything_delivered() -> None:
    while deliver():
        pass


def test_no_table_that_grows_is_read_whole_while_somebody_waits() -> None:
    system = Actor.system("triage")
    adopt_ruleset(system, data=LIGHT.encode())
    supervisor, analyst = signed_in(a_person(Role.SUPERVISOR)), signed_in(a_person(Role.ANALYST))
    same = "<originalFileHash hashType='MD5'>9e107d9d372bb6826bd81d3542a419d6</originalFileHash>"
    with plans_of(connection) as plans:
        known = [
            arrived(report(), file_details(same, number=str(n)), number=str(n)) for n in range(70001, 70004)
        ]
        arrived(report(), number="70001")  # told again
        everything_delivered()  # matched, read, bundled, banded, folded
        assert analyst.post("/desk/pull/").status_code == 302
        assert analyst.post(f"/desk/reports/{known[1]}/claim/").status_code == 302
        of_it = (f"reports/{known[0]}/", f"history/{known[0]}/")
        for page in ("", "?holder=me", "shift/", "imports/", "queues/", *of_it):
            assert analyst.get(f"/desk/{page}").status_code == 200, page
        for page in ("load/", "care/north/", "learning/", "senders/feedback/"):
            assert supervisor.get(f"/desk/{page}").status_code == 200, page
        assert analyst.post(f"/desk/reports/{known[1]}/release/").status_code == 302
        closing = {"code": "too_little", "reason": "It holds too little.", "version": "2"}
        assert analyst.post(f"/desk/reports/{known[0]}/close/", closing).status_code == 302
        everything_delivered()  # settled; what waited behind it too
        adopt_ruleset(system, data=heavier().encode())
        while reband_some(system):
            pass
        numbers = list(Report.objects.values_list("pk", flat=True))
        replay_reports(Comparison(read_ruleset(LIGHT.encode()), read_ruleset(heavier().encode())), numbers)
        accused_in_common(numbers[0], numbers[1:])
        follow_left(Actor.system("bundles"))
        _examples()
    assert not Delivery.objects.filter(attempts__gt=0).exists()  # nothing failed unseen
    assert Assessment.objects.filter(current=True, settled_at__isnull=False).exists()
    found = [f"{step.asked}: {step.how}: {step.sql[-200:]}" for step in read_whole(plans) if step.asked]
    assert found == []


def test_what_is_read_whole_is_seen() -> None:
    now = timezone.now()
    with plans_of(connection) as plans:
        list(Assessment.objects.filter(current=True, report_id__in=[1, 2]))
        assert read_whole(plans) == []
        list(Assessment.objects.filter(waiting=True, report_id__in=[1, 2]))
        Assessment.objects.filter(at__lt=now).update(danger=1)
        list(Report.objects.raw("SELECT r.* FROM reports_report r WHERE r.received_at > %s", [now]))
    assert [step.table for step in read_whole(plans)] == ["triage_assessment"] * 2 + ["reports_report"]
