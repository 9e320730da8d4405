"""Linking a few reports at once, and all of them anew."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from hashlib import blake2b

import numpy as np
import pytest
from tests.rooms.bundles.laid import Story, lay, picture, tell
from typer.main import get_command

from amaan.authority.actors import Actor, ActorKind
from amaan.keyring.domain import SealBroken
from amaan.keyring.services import prepare_keys
from amaan.ledger.models import Entry
from amaan.linking import tasks
from amaan.linking.commands import links as links_app
from amaan.linking.domain import frequency, kernels, strength
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.models import Crossing, Hub, Late, Link, Noted, Run, Snapshot
from amaan.linking.permissions import OnlyTheSystemLinks
from amaan.linking.selectors import wallets
from amaan.linking.selectors.snapshots import held_snapshot
from amaan.linking.services import RebuildUnderWay, link_reports, linking, rebuild_links, rebuilding
from amaan.linking.services.counting import outgrown
from amaan.linking.services.turn import only_rebuild
from amaan.outbox.models import Delivery
from amaan.reports.models import Identifier, Report
from amaan.store.rows import on_postgres

links = get_command(links_app)
SYSTEM = Actor.system("linking")
Links = dict[tuple[int, int], tuple[float, int]]


@pytest.fixture(autouse=True)
def _alone(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links only; what rings come of them is tested beside."""
    prepare_keys()
    monkeypatch.setattr(rebuilding, "ring_all", lambda actor: None)


@pytest.fixture
def _few_make_a_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A telephone number in more than four reports, or a file in more than three, is a hub here."""
    most = frequency.MOST.copy()
    most[EvidenceKind.PHONE], most[EvidenceKind.SAME_FILE] = 4, 3
    most[EvidenceKind.MOBILE_WALLET] = 4
    monkeypatch.setattr(frequency, "MOST", most)
    monkeypatch.setattr(strength, "MOST_TOLD_OF_PUBLIC", 2)
    return


def held() -> Links:
    rows = Link.objects.values_list("low_id", "high_id", "weight", "kinds")
    return {(low, high): (weight, kinds) for low, high, weight, kinds in rows}


def link(*reports: Report) -> tuple[int, ...]:
    return link_reports(SYSTEM, report_ids=[report.pk for report in reports]).changed


def a_story(chance: random.Random) -> Story:
    return Story(
        [picture(chance.randrange(4), "sha256") for _ in range(chance.randrange(3))],
        accounts=[f"+92300000000{chance.randrange(6)}" for _ in range(chance.randrange(3))],
        victims=[f"+92300000000{chance.randrange(6)}" for _ in range(chance.randrange(2))],
        wallets=[f"+92300000000{chance.randrange(6)}" for _ in range(chance.randrange(2))],
        entity=chance.choice(["Pix Board", "Chat Place"]),
        day=chance.randrange(3),
        door=chance.choice(["portal", "cybertipline_xml", "cybertipline_xml"]),
        facts={"reported.compromised": "yes"} if chance.randrange(6) == 0 else {},
    )


@pytest.mark.usefixtures("_few_make_a_hub")
@pytest.mark.parametrize("seed", range(4))
def test_one_by_one_equals_a_rebuild(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any order, in batches of any size, told again or not, before and after a snapshot; numbers are told as wallets
    too, and some turn out to be a protected party's."""
    monkeypatch.setattr(
        wallets,
        "blind_index",
        lambda _, kind, value: blake2b(f"{kind}{value}".encode(), digest_size=16).digest(),
    )
    chance = random.Random(seed)
    reports = [lay(a_story(chance)) for _ in range(14)]
    waiting = reports[:]
    hubs = twins = 0
    for turn in range(12):
        if turn == 5:
            rebuild_links(SYSTEM, new_snapshot=True)
            late = [lay(a_story(chance)) for _ in range(6)]
            reports += late
            waiting += late
        chance.shuffle(waiting)
        some = [waiting.pop() for _ in range(min(len(waiting), chance.randrange(1, 5)))]
        again = chance.sample(reports, 2)
        for report in again:
            tell(report, a_story(chance))
        twins = max(twins, len(wallets.all_twins()))
        if turn % 4 == 3:
            theirs = Identifier.objects.filter(clear=f"+92300000000{turn // 4}", type="phone")
            reports.append(lay(Story(victims=[f"+92300000000{turn // 4}"])))
            theirs.update(clear=None, sealed=b"sealed")
            some.append(reports[-1])
        link(*some, *again)
        hubs = max(hubs, Hub.objects.count())
    link(*waiting)
    one_by_one = held()
    told = rebuild_links(SYSTEM, new_snapshot=False)
    assert held() == one_by_one
    assert told.changed == 0
    assert told.links == len(one_by_one) > 0
    assert hubs > 0
    assert twins > len(wallets.all_twins())


def entries_of_links() -> int:
    """Ledger entries of links; noting clues has its own."""
    return sum(b'"link.' in bytes(entry.leaf_bytes) for entry in Entry.objects.all())


def test_a_rebuild_by_the_same_snapshot_changes_nothing_and_a_new_one_lists_what_crossed() -> None:
    reports = [lay(Story(accounts=["+923001112223"], day=day)) for day in range(6)]
    link(*reports)
    before = {weight for weight, _ in held().values()}
    told = rebuild_links(SYSTEM)
    assert (told.snapshot, told.links, told.changed) == (1, 15, 15)
    after = {weight for weight, _ in held().values()}
    assert max(after) < min(before)
    assert rebuild_links(SYSTEM).changed == 0
    assert Crossing.objects.count() == told.crossed == 0  # fewer bits, and strong still
    assert rebuild_links(SYSTEM, new_snapshot=True).snapshot == 2
    assert [bool(one.keys) for one in Snapshot.objects.order_by("number")] == [False, True]
    Link.objects.all().delete()
    told = rebuild_links(SYSTEM, new_snapshot=False)
    assert told.crossed == Crossing.objects.count() == 15
    assert set(Crossing.objects.values_list("before", flat=True)) == {None}
    runs = Run.objects.order_by("pk")
    assert [(run.snapshot and run.snapshot.number, run.links) for run in runs] == [
        (1, 15),
        (1, 15),
        (2, 15),
        (2, 15),
    ]
    assert entries_of_links() == 1 + len(runs)


def test_a_snapshot_is_outgrown_when_reports_grow_by_half() -> None:
    for day in range(2):
        lay(Story(day=day))
    assert outgrown(held_snapshot())
    rebuild_links(SYSTEM)
    lay(Story())
    assert not outgrown(held_snapshot())
    lay(Story())
    assert outgrown(held_snapshot())
    assert rebuild_links(SYSTEM, new_snapshot=False).snapshot == 1
    assert rebuild_links(SYSTEM).snapshot == 2


def test_what_comes_while_a_rebuild_runs_is_linked_at_once_and_again_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rebuild has read the evidence already, and takes away the links that it does not know."""
    early = [lay(Story(accounts=["+923001112223"], day=day)) for day in range(3)]
    link(*early)
    read = rebuilding.whole_evidence
    late: list[Report] = []

    def read_and_wait() -> object:
        evidence = read()
        late.append(lay(Story(accounts=["+923001112223"], day=9)))
        assert link(late[0])
        assert len(held()) == 6
        return evidence

    monkeypatch.setattr(rebuilding, "whole_evidence", read_and_wait)
    rebuild_links(SYSTEM)
    assert {pair for pair in held() if late[0].pk in pair} == {(one.pk, late[0].pk) for one in early}
    assert not Late.objects.exists()
    one_by_one = held()
    monkeypatch.undo()
    assert rebuild_links(SYSTEM, new_snapshot=False).changed == 0
    assert held() == one_by_one


def test_a_run_that_broke_off_is_told_and_ended_by_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    linking._tell_of.cache_clear()

    class Broken(Exception):
        pass

    def broken() -> object:
        raise Broken

    with monkeypatch.context() as patch:
        patch.setattr(rebuilding, "whole_evidence", broken)
        with pytest.raises(Broken):
            rebuild_links(SYSTEM)
    for day in range(2):
        link(lay(Story(accounts=["+923001112223"], day=day)))
    assert len(held()) == 1
    assert not Late.objects.exists(), "nobody would read it"
    (told,) = caplog.messages
    assert "broke off" in told
    rebuild_links(SYSTEM)
    assert not Run.objects.filter(ended_at=None).exists()


def test_one_report_that_cannot_be_noted_keeps_no_other_from_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One whose seal is broken, one whose telling is gone, and one that a worker noted since it was looked for."""
    reports = [lay(Story([picture(1, "sha256")], accounts=["+923001112223"], day=day)) for day in range(6)]
    broken, gone, noted = reports[1], reports[3], reports[4]
    Report.objects.filter(pk=gone.pk).update(version=9)
    note, look = rebuilding.note_clues, rebuilding.not_noted
    asked: list[list[int]] = []

    def noting(actor: Actor, *, report_ids: Sequence[int]) -> None:
        asked.append(list(report_ids))
        note(actor, report_ids=report_ids)
        if broken.pk in report_ids:
            raise SealBroken

    def looking(limit: int, *, after: int) -> list[int]:
        found = look(limit, after=after)
        assert min(found, default=after + 1) > after, "what stays unnoted would be looked at for ever"
        if after == 0:
            link(noted)
        return found

    monkeypatch.setattr(rebuilding, "note_clues", noting)
    monkeypatch.setattr(rebuilding, "not_noted", looking)
    told = rebuild_links(SYSTEM)
    assert told.unnoted == 2
    assert not any(noted.pk in ids for ids in asked)
    assert set(Noted.objects.values_list("report_id", flat=True)) == {
        one.pk for one in reports if one not in (broken, gone)
    }
    links(["rebuild"], standalone_mode=False)
    assert "2 reports hold something that could not be read" in capsys.readouterr().err


def test_two_rebuilds_do_not_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    if not on_postgres():  # its lock belongs to a connection, and this test has but one
        with only_rebuild(), pytest.raises(RebuildUnderWay):
            rebuild_links(SYSTEM)
    assert rebuild_links(SYSTEM).links == 0


def test_whose_links_changed_is_told_once() -> None:
    first, other = (lay(Story(accounts=["+923001112223"], day=day)) for day in range(2))
    stranger = lay(Story(accounts=["+923009998887"]))
    assert set(link(first, other, stranger)) == {first.pk, other.pk}
    third = lay(Story(accounts=["+923001112223"], day=2))
    assert set(link(third)) == {first.pk, other.pk, third.pk}
    assert link(third) == ()
    told = Delivery.objects.filter(event="report.linked", subscriber="linking.ring")
    assert told.count() == 2
    assert entries_of_links() == 2
    tell(third, Story(accounts=[]))
    assert set(link(third)) == {first.pk, other.pk, third.pk}
    assert set(held()) == {(first.pk, other.pk)}


def test_what_was_linked_already_is_not_linked_again() -> None:
    """A report's coming, its texts and its bundle each ask for it."""
    first, other = (lay(Story(accounts=["+923001112223"], day=day)) for day in range(2))
    link(first, other)
    Link.objects.all().delete()
    assert link(first) == ()
    assert not Link.objects.exists()
    tell(first, Story(accounts=["+923001112223"]))
    assert set(link(first)) == {first.pk, other.pk}


def test_the_loops_are_compiled_for_what_comes_before_anybody_waits() -> None:
    """Whatever is linked after it finds them compiled."""
    tasks.think_link([])
    compiled = len(kernels.pairs_of.signatures)
    link(*(lay(Story(accounts=["+923001112223"], day=day)) for day in range(2)))
    rebuild_links(SYSTEM)
    assert len(kernels.pairs_of.signatures) == compiled > 0


def test_people_do_not_link() -> None:
    with pytest.raises(OnlyTheSystemLinks):
        link_reports(Actor(ActorKind.STAFF, "user:1"), report_ids=[1])
    with pytest.raises(OnlyTheSystemLinks):
        rebuild_links(Actor(ActorKind.STAFF, "user:1"))


def test_a_snapshot_comes_back_as_it_was_written() -> None:
    for day in range(5):
        lay(Story(accounts=["+923001112223"], day=day))
    rebuild_links(SYSTEM)
    counts = held_snapshot().counts
    assert counts.keys.dtype == np.uint64
    assert counts.counts.tolist() == [5]


def test_the_commands_export_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    first, other = (lay(Story(accounts=["+923001112223", "+923004445556"], day=day)) for day in range(2))
    stranger = lay(Story())
    rebuild_links(SYSTEM)
    links(["export", "--json"], standalone_mode=False)
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    reports = [
        {"reference": one.reference, "reporting_entity": "Example Platform", "report_number": one.number}
        for one in (first, other)
    ]
    assert line == {"reports": reports, "weight": 16.0, "strength": "strong", "state": "proposed"}
    links(["explain", other.reference, first.reference, "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert (told["weight"], told["weighs"]) == (16.0, 16.0)
    assert [step["adds"] for step in told["steps"]] == [-14.0, 24.0, 6.0]
    links(["explain", other.reference, first.reference], standalone_mode=False)
    assert "Phone" in capsys.readouterr().out
    leaves = [bytes(leaf).decode() for leaf in Entry.objects.values_list("leaf_bytes", flat=True)]
    looked = [leaf for leaf in leaves if '"link.read"' in leaf]
    assert [sum(one.reference in leaf for leaf in looked) for one in (first, other)] == [2, 2]
    links(["explain", other.reference, stranger.reference, "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["weight"] is None
    for mistaken in (["explain", first.reference, first.reference], ["explain", first.reference, "R-1"]):
        assert links(mistaken, standalone_mode=False) == 1
        assert "report" in capsys.readouterr().err


def test_how_often_a_protected_partys_value_is_told_is_explained_to_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, other, _ = (lay(Story(accounts=["+923001112223"], day=day)) for day in range(3))
    rebuild_links(SYSTEM)

    def explained() -> tuple[dict[str, object], str]:
        links(["explain", first.reference, other.reference, "--json"], standalone_mode=False)
        step = json.loads(capsys.readouterr().out)["steps"][1]
        links(["explain", first.reference, other.reference], standalone_mode=False)
        return step, capsys.readouterr().out

    step, said = explained()
    assert (step["sources"], step["reports"]) == (3, 3)
    assert "3 independent" in said
    Identifier.objects.update(clear=None, sealed=b"sealed")
    step, said = explained()
    assert (step["sources"], step["reports"]) == (None, None)
    assert "3" not in said.split("Phone")[1].split("bits")[1]
    assert "others told it too" in said


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    lay(Story(accounts=["+923001112223"]))
    lay(Story(accounts=["+923001112223"], day=1))
    links(["rebuild"], standalone_mode=False)
    assert "2 reports, 1 links, 0 rings" in capsys.readouterr().out
    links(["rebuild", "--same-snapshot", "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    assert {"links": 1, "rings": 0, "changed": 0, "snapshot": 1}.items() <= told.items()
    assert told["peak_memory"] > 1 << 20
    with only_rebuild():
        if not on_postgres():
            assert links(["rebuild"], standalone_mode=False) == 1
            assert "Wait" in capsys.readouterr().err
