"""A store that was filled before reports could be claimed: what stood in its queue waits there still."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from tests.rooms.triage.conftest import Lay, tell

from amaan.triage.models import Assessment
from amaan.triage.tasks import band_reports

BEFORE, AFTER = [("triage", "0001_initial")], [("triage", "0003_what_matches_told")]


@pytest.mark.pure  # back and forth takes a dozen seconds, and what moves rows is one statement of any database
@pytest.mark.django_db(transaction=True)
def test_what_was_current_waits_and_what_was_superseded_does_not(lay: Lay) -> None:
    reports = [lay(), lay({"incident.escalated": True})]
    band_reports([report.pk for report in reports])
    tell(reports[0], {"incident.annotations": ["sextortion"]})
    band_reports([reports[0].pk])
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM triage_assessment")
            assert cursor.fetchone() == (3,)
    finally:
        MigrationExecutor(connection).migrate(AFTER)
        later = MigrationExecutor(connection)
        later.migrate(later.loader.graph.leaf_nodes())  # other tests find every table
    rows = Assessment.objects.values_list("current", "waiting", "told_again", "settled_at")
    assert sorted(rows) == [(False, False, False, None)] + [(True, True, False, None)] * 2
    assert set(Assessment.objects.filter(waiting=True).values_list("report_id", flat=True)) == {
        report.pk for report in reports
    }
