"""Rules are changed by two people, replayed first, and applied slice by slice while the queue stands."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.rooms.triage.conftest import Lay, tell
from tests.rooms.triage.small_rules import KNOWN_CHILD, SMALL, SOLICITATION, heavier, variant
from typer.testing import CliRunner

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import NotAllowed
from amaan.ledger.models import Entry
from amaan.reports.domain.outcomes import CloseReason, Decision
from amaan.reports.models import Report
from amaan.reports.services import record_outcome, settle_with
from amaan.triage import replayers
from amaan.triage.commands import app
from amaan.triage.domain.proposals import (
    AnsweredAlready,
    BaseReplaced,
    NothingChanged,
    NotYours,
    ProposedAlready,
    ReasonNeeded,
    ReplayUnfinished,
    RuleProposalError,
    RuleProposalNotFound,
    SecondPersonNeeded,
    State,
    VersionAlreadyTaken,
)
from amaan.triage.domain.replaying import Comparison, Effect
from amaan.triage.domain.ruleset import BadRuleFile, Band, load_ruleset
from amaan.triage.models import Assessment, QueueTally, Rebanding, RuleProposal, RuleSet
from amaan.triage.rulebook import in_force
from amaan.triage.selectors.proposals import (
    examples_for,
    proposals_of_rules,
    rebanding_under_way,
    rule_proposal,
    rules_in_force,
    versions,
)
from amaan.triage.selectors.replaying import replay_reports
from amaan.triage.services import adopt_ruleset, prepare_rules, rebanding, replaying, settle, triage_reports
from amaan.triage.services.proposing import (
    adopt_rules,
    compare_again,
    propose_rules,
    reject_rules,
    withdraw_rules,
)
from amaan.triage.services.rebanding import reband_some
from amaan.triage.services.replaying import replay_some

pytestmark = pytest.mark.django_db
WORKER = Actor.system("triage")


def staff(number: int, role: Role = Role.SUPERVISOR, unit: str = "lahore") -> Actor:
    return Actor(ActorKind.STAFF, f"staff:{number}", frozenset({Grant(role, unit)}))


FIRST, SECOND = staff(1), staff(2)


@pytest.fixture(autouse=True)
def _small_rules(db: None) -> Iterator[None]:
    adopt_ruleset(WORKER, data=SMALL.encode())
    yield
    replaying._failed.clear()


def base() -> str:
    return RuleSet.objects.get(version=in_force()[1].version).digest  # type: ignore[index]


def waits(lay: Lay, *facts: dict[str, object], unit: str = "lahore") -> list[Report]:
    reports = [lay(one, unit=unit) for one in facts]
    triage_reports(WORKER, report_ids=[report.pk for report in reports])
    return reports


def proposed(text: str | None = None) -> int:
    number = propose_rules(FIRST, body=text or heavier(), reason="It comes too late.")
    replay()
    return number


def replay() -> None:
    while replay_some(WORKER):
        pass


def reband() -> None:
    while reband_some(WORKER):
        pass


def acts(name: str) -> list[str]:
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id")]
    return [leaf["on"] for leaf in leaves if leaf["act"] == name]


def bands() -> dict[int, int]:
    return dict(Assessment.objects.filter(current=True).values_list("report_id", "band"))


def test_from_a_proposal_to_new_bands_by_two_people(lay: Lay) -> None:
    known, other = waits(lay, KNOWN_CHILD, SOLICITATION)
    number = proposed()
    assert bands() == {known.pk: Band.TWO_WEEKS, other.pk: Band.ONE_WEEK}
    adopt_rules(SECOND, number=number, base=base())
    assert in_force()[1].version == "small-2"  # type: ignore[index]
    # In force at once, and what waits stands in the queue by its own assessment until its slice comes.
    assert bands() == {known.pk: Band.TWO_WEEKS, other.pk: Band.ONE_WEEK}
    assert rebanding_under_way().of == 2  # type: ignore[union-attr]
    reband()
    assert bands() == {known.pk: Band.ONE_DAY, other.pk: Band.ONE_WEEK}
    assert rebanding_under_way() is None
    versions_named = (
        Assessment.objects.filter(report=known).order_by("id").values_list("ruleset__version", "current")
    )
    assert list(versions_named) == [("small-1", False), ("small-2", True)]
    assert acts("triage.rules_proposed") == acts("triage.rules_applied") == ["rules:small-2"]
    assert acts("triage.rules_adopted") == ["rules:small-1", "rules:small-2"]


def test_nobody_answers_their_own_proposal_and_no_process_answers_any() -> None:
    number = proposed()
    for nobody in (FIRST, WORKER):
        with pytest.raises(SecondPersonNeeded):
            adopt_rules(nobody, number=number, base=base())
        with pytest.raises(SecondPersonNeeded):
            reject_rules(nobody, number=number, reason="No.")
    with pytest.raises(SecondPersonNeeded):
        propose_rules(WORKER, body=heavier(version="small-3"), reason="By itself.")
    assert in_force()[1].version == "small-1"  # type: ignore[index]


@pytest.mark.parametrize("state", [State.ADOPTED, State.REJECTED])
def test_the_database_refuses_one_person_for_two(state: State) -> None:
    row = RuleProposal.objects.get(pk=proposed())
    row.state, row.answered_by, row.answered_at = state, row.by, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_database_refuses_rules_that_nobody_replayed() -> None:
    row = RuleProposal.objects.get(pk=propose_rules(FIRST, body=heavier(), reason="Soon."))
    row.state, row.answered_by, row.answered_at = State.ADOPTED, SECOND.key, timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SUPERVISOR])
def test_only_supervisors_change_rules(role: Role) -> None:
    number = proposed()
    other = staff(3, role)
    for act in (
        lambda: propose_rules(other, body=heavier(version="small-4"), reason="Mine."),
        lambda: adopt_rules(other, number=number, base=base()),
        lambda: reject_rules(other, number=number, reason="No."),
        lambda: withdraw_rules(other, number=number),
        lambda: compare_again(other, number=number),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_it_waits_until_it_is_known_what_would_move(lay: Lay) -> None:
    waits(lay, KNOWN_CHILD)
    number = propose_rules(FIRST, body=heavier(), reason="Soon.")
    with pytest.raises(ReplayUnfinished):
        adopt_rules(SECOND, number=number, base=base())
    replay()
    adopt_rules(SECOND, number=number, base=base())


def test_of_two_proposals_the_second_has_to_be_compared_again(lay: Lay) -> None:
    waits(lay, KNOWN_CHILD, SOLICITATION)
    one = proposed()
    other = propose_rules(
        FIRST, body=variant(version="small-3").replace("weight = 50", "weight = 55"), reason="Too."
    )
    replay()
    old = base()
    adopt_rules(SECOND, number=one, base=old)
    for shown in (old, base()):
        with pytest.raises(BaseReplaced, match="small-2"):
            adopt_rules(SECOND, number=other, base=shown)
    with pytest.raises(NotYours):
        compare_again(SECOND, number=other)
    compare_again(FIRST, number=other)
    found = rule_proposal(SECOND, other)
    assert (found.line.base, found.stale, found.replay.reports) == ("small-2", False, 0)
    with pytest.raises(ReplayUnfinished):
        adopt_rules(SECOND, number=other, base=base())
    replay()
    # What the first one changed would be undone: the new comparison says so.
    assert rule_proposal(SECOND, other).replay.later == 1
    adopt_rules(SECOND, number=other, base=base())


def test_an_older_version_comes_back_the_same_way(lay: Lay) -> None:
    (report,) = waits(lay, KNOWN_CHILD)
    adopt_rules(SECOND, number=proposed(), base=base())
    reband()
    number = proposed(SMALL)
    adopt_rules(SECOND, number=number, base=base())
    reband()
    assert [(one.version, one.in_force) for one in versions(FIRST)] == [("small-1", True), ("small-2", False)]
    assert bands() == {report.pk: Band.TWO_WEEKS}
    # The program's own file does not overrule what two people decided, and can be proposed.
    prepare_rules()
    held = rules_in_force(FIRST)
    assert (held.line.version, held.line.number, bool(held.shipped)) == ("small-1", number, True)


def test_a_file_is_refused_whole() -> None:
    bad = {
        heavier().replace("weight = 75", "weight = -5"): BadRuleFile,
        SMALL: NothingChanged,
        SMALL + "# more\n": VersionAlreadyTaken,
    }
    for body, refused in bad.items():
        with pytest.raises(refused):
            propose_rules(FIRST, body=body, reason="Why not.")
    with pytest.raises(ReasonNeeded):
        propose_rules(FIRST, body=heavier(), reason="  ")
    assert not RuleProposal.objects.exists()
    proposed()
    with pytest.raises(ProposedAlready):
        propose_rules(SECOND, body=heavier().replace("\n", "\r\n"), reason="The same.")
    with pytest.raises(VersionAlreadyTaken):
        propose_rules(SECOND, body=heavier(80), reason="Another file of that name.")


def test_what_is_answered_stays_answered() -> None:
    taken_back, rejected = proposed(), proposed(heavier(80, "small-3"))
    with pytest.raises(NotYours):
        withdraw_rules(SECOND, number=taken_back)
    withdraw_rules(FIRST, number=taken_back)
    reject_rules(SECOND, number=rejected, reason="Too many would come at once.")
    for number in (taken_back, rejected):
        with pytest.raises(AnsweredAlready):
            adopt_rules(SECOND, number=number, base=base())
    with pytest.raises(RuleProposalNotFound):
        withdraw_rules(FIRST, number=rejected + 100)
    assert [one.state for one in proposals_of_rules(FIRST, waiting=False)] == [
        State.REJECTED,
        State.WITHDRAWN,
    ]
    assert acts("triage.rules_withdrawn") == ["rules:small-2"]
    assert acts("triage.rules_rejected") == ["rules:small-3"]
    assert not issubclass(BadRuleFile, RuleProposalError)


def test_a_replay_says_whom_it_would_have_served_or_hurt(lay: Lay) -> None:
    text = heavier().replace('weight = 50\nfloor = "one_week"', "weight = 25")
    told = waits(lay, KNOWN_CHILD, KNOWN_CHILD, SOLICITATION, SOLICITATION, KNOWN_CHILD, {}, unit="lahore")
    (elsewhere,) = waits(lay, KNOWN_CHILD, unit="multan")
    decided = [
        (told[0], Decision.CASE_OPENED, ""),
        (told[1], Decision.CLOSED, CloseReason.NO_OFFENCE),
        (told[2], Decision.CASE_OPENED, ""),
        (told[3], Decision.CLOSED, CloseReason.SHARED_WIDELY),
        (elsewhere, Decision.CASE_OPENED, ""),
    ]
    for report, decision, stage in decided:
        record_outcome(WORKER, reference=report.reference, decision=decision, reason="r", stage=stage)
    found = rule_proposal(SECOND, proposed(text))
    assert found.line.replayed
    assert (found.replay.reports, found.replay.sooner, found.replay.later) == (7, 4, 2)
    assert {effect: found.replay.effect(effect) for effect in Effect} == {
        Effect.SERVED: 2,
        Effect.HURT: 1,
        Effect.COSTS: 1,
        Effect.SPARES: 1,
    }
    # Counts are of all units; a report is named to those who may open it.
    assert examples_for(SECOND, found.replay) == {
        "served": [told[0].reference],
        "costs": [told[1].reference],
        "hurt": [told[2].reference],
        "spares": [told[3].reference],
        "sooner": [told[4].reference],
    }
    assert examples_for(staff(9, unit="multan"), found.replay)["served"] == [elsewhere.reference]
    replayed = load_ruleset(text.encode())
    before = bands()
    adopt_ruleset(WORKER, data=replayed.body.encode())
    triage_reports(WORKER, report_ids=list(before))
    assert sum(before[report] != band for report, band in bands().items()) == found.replay.moved


def test_a_replay_goes_on_where_a_killed_worker_stopped(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replaying, "REPORTS_A_SLICE", 2)
    waits(lay, *[KNOWN_CHILD] * 5)
    number = propose_rules(FIRST, body=heavier(), reason="Soon.")
    assert replay_some(WORKER, limit_ms=0) == 1
    assert (rule_proposal(FIRST, number).progress.done, rule_proposal(FIRST, number).progress.of) == (2, 5)
    replay()
    assert rule_proposal(FIRST, number).replay.sooner == 5


def test_banding_again_goes_on_where_it_stopped_and_leaves_what_was_decided(
    lay: Lay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebanding, "REPORTS_A_SLICE", 2)
    reports = waits(lay, *[KNOWN_CHILD] * 4)
    record_outcome(WORKER, reference=reports[0].reference, decision=Decision.CASE_OPENED, reason="r")
    settle(WORKER, report_ids=[reports[0].pk])
    adopt_rules(SECOND, number=proposed(), base=base())
    assert reband_some(WORKER, limit_ms=0) == 1
    assert sorted(bands().values()) == [Band.ONE_DAY] * 2 + [Band.TWO_WEEKS] * 2
    # Half done, the queue is whole: each waits once, and is counted where it waits.
    counted = Counter(Assessment.objects.filter(waiting=True).values_list("band", flat=True))
    assert counted == {one.band: one.count for one in QueueTally.objects.exclude(count=0)}
    # Other rules in the middle: what was begun ends, and all that waits goes by the newest.
    adopt_rules(SECOND, number=proposed(SMALL), base=base())
    reband()
    assert set(bands().values()) == {Band.TWO_WEEKS}
    assert Assessment.objects.filter(report=reports[0]).count() == 1
    assert Rebanding.objects.filter(ended_at=None).count() == 0


def test_a_slice_takes_as_many_queries_for_ten_reports_as_for_one(lay: Lay) -> None:
    def asked(facts: list[dict[str, object]]) -> int:
        reports = [report.pk for report in waits(lay, *facts)]
        with CaptureQueriesContext(connection) as seen:
            same = load_ruleset(SMALL.encode())
            assert replay_reports(Comparison(same, same), reports)[0].moved == 0
        return len(seen)

    assert asked([KNOWN_CHILD]) == asked([KNOWN_CHILD] * 10)


def test_copies_are_counted_apart_and_what_was_told_again_is_not_decided(lay: Lay) -> None:
    again, folded, settled, front = waits(lay, KNOWN_CHILD, KNOWN_CHILD, KNOWN_CHILD, KNOWN_CHILD)
    for report in (again, front):
        record_outcome(WORKER, reference=report.reference, decision=Decision.CASE_OPENED, reason="r")
    tell(again, KNOWN_CHILD)
    settle_with(Actor.system("bundles"), behind={settled.pk: front.pk})
    Assessment.objects.filter(report=folded).update(folded=True)
    found = rule_proposal(SECOND, proposed())
    assert (found.replay.reports, found.replay.copies, found.replay.moved) == (2, 2, 2)
    assert found.replay.effect(Effect.SERVED) == 1
    assert found.progress.percent == 100


def test_the_command_prints_one_json_object_and_changes_nothing(lay: Lay, tmp_path: Path) -> None:
    first, second, _ = waits(lay, KNOWN_CHILD, KNOWN_CHILD, SOLICITATION)
    record_outcome(WORKER, reference=first.reference, decision=Decision.CASE_OPENED, reason="r")
    file = tmp_path / "rules.toml"
    file.write_text(heavier(), "utf-8")
    result = CliRunner().invoke(app, ["replay", str(file), "--json", "--processes", "1"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["reports"], told["moved"], told["sooner"], told["later"]) == (3, 2, 2, 0)
    assert (told["served"], told["hurt"]) == (1, 0)
    assert told["bands"]["two_weeks"] == {"one_day": 2, "one_week": 0, "two_weeks": 0, "thirty_days": 0}
    assert told["bands"]["one_week"]["one_week"] == 1
    assert told["rules"]["version"] == "small-2"
    assert told["in_force"]["version"] == "small-1"
    assert told["moves"] == [
        {
            "reference": report.reference,
            "before": "two_weeks",
            "after": "one_day",
            "outcome": outcome,
            "effect": effect,
        }
        for report, outcome, effect in ((first, "case", "served"), (second, "waiting", None))
    ]
    assert len(set(bands().values())) == 2
    assert RuleSet.objects.count() == 1
    few = CliRunner().invoke(app, ["replay", str(file), "--json", "--limit", "1", "--processes", "1"])
    assert [one["reference"] for one in json.loads(few.stdout)["moves"]] == [second.reference]
    assert "2 move" in CliRunner().invoke(app, ["replay", str(file)]).stdout
    file.write_text("version = 1", "utf-8")
    assert CliRunner().invoke(app, ["replay", str(file)]).exit_code == 1


@pytest.mark.django_db(transaction=True)
def test_other_processes_find_what_one_finds(lay: Lay, monkeypatch: pytest.MonkeyPatch) -> None:
    waits(lay, KNOWN_CHILD, SOLICITATION, {}, KNOWN_CHILD)
    monkeypatch.setattr(replayers, "CHUNK", 1)
    monkeypatch.setattr(replayers, "FEW", 2)
    pair = load_ruleset(SMALL.encode()), load_ruleset(heavier().encode())
    alone = list(replayers.replay_all(*pair, processes=1))
    assert [len(moves) for _, moves in alone] == [1, 0, 0, 1]
    assert list(replayers.replay_all(*pair, processes=2)) == alone
