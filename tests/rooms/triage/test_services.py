"""Banding in the database: stored with reasons, once, counted, recorded."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.rooms.triage.conftest import ARRIVED, Lay, tell
from tests.rooms.triage.stories import MODEL_REPORT_OF_KNOWN_MATERIAL, STORIES, TEXT_ONLY_ENTICEMENT

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.models import Entry
from amaan.triage.domain.ruleset import BadRuleFile, Band
from amaan.triage.models import Assessment, QueueTally, RuleSet
from amaan.triage.permissions import OnlyTheSystemBands
from amaan.triage.rulebook import SHIPPED, in_force
from amaan.triage.services import (
    VersionAlreadyTaken,
    adopt_ruleset,
    prepare_rules,
    run_commitment,
    triage_reports,
)
from amaan.triage.tasks import band_reports

pytestmark = pytest.mark.django_db

WORKER = Actor.system("triage")
ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "lahore")}))
OTHER_RULES = SHIPPED.read_bytes().replace(b'version = "pk-2026.4"', b'version = "pk-2026.9"')


def _acts(name: str) -> list[dict[str, str]]:
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id")]
    return [leaf for leaf in leaves if leaf["act"] == name]


def _tally_is_true() -> bool:
    counted = Counter(Assessment.objects.filter(waiting=True).values_list("unit_id", "band"))
    kept = {(t.unit_id, t.band): t.count for t in QueueTally.objects.all() if t.count}
    return dict(counted) == kept


def test_a_report_gets_a_band_a_deadline_and_its_reasons(lay: Lay) -> None:
    report = lay({"incident.annotations": ["sextortion"], "reported.payment": True})
    band_reports([report.pk])
    row = Assessment.objects.get()
    assert (row.band, row.floor, row.current) == (Band.ONE_DAY, Band.ONE_DAY, True)
    assert row.due_at == ARRIVED + timedelta(days=1)
    assert (row.unit_id, row.received_at) == (report.unit_id, ARRIVED)
    assert row.danger == 42
    reasons = json.loads(row.reasons)
    assert ["sextortion", 38, {"incident.annotations": ["sextortion"]}] in reasons
    assert ["money-trail", 10, {"reported.payment": True}] in reasons


def test_text_only_enticement_reaches_the_queue(lay: Lay) -> None:
    report = lay(TEXT_ONLY_ENTICEMENT)
    band_reports([report.pk])
    assert Assessment.objects.get().band == Band.ONE_WEEK


def test_every_story_can_be_stored(lay: Lay) -> None:
    ids = [lay(fires).pk for fires, _ in STORIES.values()]
    assert triage_reports(WORKER, report_ids=ids).banded == len(STORIES)
    assert _tally_is_true()


def test_a_run_leaves_one_entry_over_the_sorted_references(lay: Lay) -> None:
    reports = [lay(), lay(), lay()]
    triage_reports(WORKER, report_ids=[report.pk for report in reports])
    assert [act["on"] for act in _acts("triage.run")] == ["rules:pk-2026.4"]
    references = sorted(report.reference for report in reports)
    body = run_commitment(in_force()[1], reversed(references))  # type: ignore[index]
    assert body["count"] == 3
    assert body["references_root"] == root_of([leaf_hash(r.encode()) for r in references]).hex()


def test_the_same_version_by_the_same_rules_is_left_alone(lay: Lay) -> None:
    report = lay(MODEL_REPORT_OF_KNOWN_MATERIAL)
    first = triage_reports(WORKER, report_ids=[report.pk, report.pk])
    again = triage_reports(WORKER, report_ids=[report.pk])
    assert (first.banded, again.banded, again.unchanged) == (1, 0, 1)
    assert Assessment.objects.count() == 1
    assert len(_acts("triage.run")) == 1
    assert _tally_is_true()


def test_a_new_telling_supersedes_and_keeps_the_old(lay: Lay) -> None:
    report = lay(MODEL_REPORT_OF_KNOWN_MATERIAL)
    other = lay({"incident.escalated": True})
    triage_reports(WORKER, report_ids=[report.pk, other.pk])
    newer = tell(report, {**MODEL_REPORT_OF_KNOWN_MATERIAL, "incident.annotations": ["sextortion"]})
    run = triage_reports(WORKER, report_ids=[report.pk, other.pk])
    assert (run.banded, run.unchanged) == (1, 1)
    old, new = Assessment.objects.filter(report=report).order_by("id")
    assert (old.current, old.band) == (False, Band.THIRTY_DAYS)
    assert (new.current, new.band, new.version_id) == (True, Band.ONE_DAY, newer.pk)
    assert _tally_is_true()


def test_unknown_reports_are_left_out(lay: Lay) -> None:
    assert triage_reports(WORKER, report_ids=[987_654]).banded == 0
    assert triage_reports(WORKER, report_ids=[]).banded == 0
    assert _acts("triage.run") == []


def test_the_database_allows_one_current_assessment(lay: Lay) -> None:
    band_reports([lay().pk])
    row = Assessment.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_the_database_refuses_a_band_below_its_floor(lay: Lay) -> None:
    band_reports([lay({"incident.escalated": True}).pk])
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.update(band=Band.THIRTY_DAYS)


def test_people_do_not_band(lay: Lay) -> None:
    with pytest.raises(OnlyTheSystemBands):
        triage_reports(ANALYST, report_ids=[lay().pk])
    with pytest.raises(OnlyTheSystemBands):
        adopt_ruleset(ANALYST, data=SHIPPED.read_bytes())


def test_rules_are_adopted_once_and_kept_whole() -> None:
    prepare_rules()
    prepare_rules()
    row = RuleSet.objects.get()
    assert row.body.encode() == SHIPPED.read_bytes()
    assert [act["on"] for act in _acts("triage.rules_adopted")] == ["rules:pk-2026.4"]


def test_other_rules_band_again(lay: Lay) -> None:
    report = lay()
    triage_reports(WORKER, report_ids=[report.pk])
    adopt_ruleset(WORKER, data=OTHER_RULES)
    assert triage_reports(WORKER, report_ids=[report.pk]).rules_version == "pk-2026.9"
    versions = Assessment.objects.order_by("id").values_list("ruleset__version", "current")
    assert list(versions) == [("pk-2026.4", False), ("pk-2026.9", True)]
    # A restart does not undo what was adopted since.
    prepare_rules()
    assert in_force()[1].version == "pk-2026.9"  # type: ignore[index]


def test_a_changed_file_needs_a_new_version() -> None:
    prepare_rules()
    with pytest.raises(VersionAlreadyTaken, match="give the changed file"):
        adopt_ruleset(WORKER, data=SHIPPED.read_bytes() + b"# changed\n")
    with pytest.raises(BadRuleFile):
        adopt_ruleset(WORKER, data=b"version = 1")
    assert RuleSet.objects.count() == 1
