"""Reports against lists: what is written, what is not, by whose threshold; and the same by brute force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db.models import Sum
from django.utils import timezone
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value
from tests.rooms.matching.reported import a_report, near, tell

from amaan.authority.actors import Actor, Role
from amaan.formats.hash_lists import ListEntry
from amaan.keyring.services import opener
from amaan.ledger.domain.merkle import leaf_hash, root_of
from amaan.ledger.models import Body, Entry
from amaan.ledger.sealing import place
from amaan.matching import index_files
from amaan.matching.domain.comparing import MOST_NEAR, InForce, bits_apart
from amaan.matching.domain.lists import ListKind, SignalType
from amaan.matching.models import Batch, Match, Member, Rematch, SignalList
from amaan.matching.permissions import OnlyTheSystemMatches
from amaan.matching.selectors import facts_of_matches
from amaan.matching.services import (
    add_survivor_hash,
    approve_list,
    grow_list,
    matching,
    rematching,
    set_list,
    withdraw_list,
    withdraw_members,
)
from amaan.matching.services.matching import MatchRun, match_reports
from amaan.matching.services.rematching import begin_rematch, rematch_some
from amaan.matching.tasks import match, think_match
from amaan.outbox.models import Delivery
from amaan.outbox.services import deliver
from amaan.reports.models import ContentItem
from amaan.triage.models import Assessment

pytestmark = pytest.mark.django_db

WORKER = Actor.system("matching")


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def grown(slug: str, *entries: ListEntry) -> str:
    grow_list(OPERATOR, slug=slug, entries=entries, origin="a file")
    return slug


def acts(name: str) -> list[str]:
    leaves = [json.loads(bytes(one.leaf_bytes)) for one in Entry.objects.order_by("id")]
    return [leaf["on"] for leaf in leaves if leaf["act"] == name]


def told(event: str) -> list[int]:
    rows = Delivery.objects.filter(event=event).order_by("id")
    return [number for row in rows for number in json.loads(row.ids)]


def run(*reports: object) -> MatchRun:
    return match_reports(WORKER, report_ids=[report.pk for report in reports])  # type: ignore[attr-defined]


def test_without_a_list_nothing_is_compared_and_nothing_is_written() -> None:
    report = a_report({"pdq": value(1)})
    assert run(report) == MatchRun(0, 0)
    assert run() == MatchRun(0, 0)
    assert (acts("matching.run"), told("report.matched")) == ([], [])


def test_the_same_bytes_are_told_as_the_same_bytes() -> None:
    a_list()
    grown(
        "partner", ListEntry(1, "7", {"md5": b"m" * 16, "sha1": b"s" * 20, "pdq": value(1)}, tags=("viral",))
    )
    report = a_report({"md5": b"m" * 16, "sha1": b"s" * 20, "pdq": value(1)}, {"md5": b"x" * 16})
    assert run(report) == MatchRun(1, 1)
    (found,) = Match.objects.all()
    assert (found.report_id, found.content, found.type) == (report.pk, 0, SignalType.SHA1)
    assert (found.member.name, found.distance, found.algorithm, found.more) == ("7", 0, "sha-1", 0)
    assert (bytes(found.ours), bytes(found.theirs)) == (b"s" * 20, b"s" * 20)
    assert told("report.matched") == [report.pk]


@pytest.mark.parametrize(("bits", "known"), [(0, True), (31, True), (32, False)])
def test_a_picture_is_near_within_the_threshold(bits: int, known: bool) -> None:
    a_list()
    grown("partner", entry(1))
    assert run(a_report({"pdq": near(1, bits)})).matched == known
    assert [one.distance for one in Match.objects.all()] == [bits] * known
    for one in Match.objects.all():
        assert (one.threshold, one.algorithm.split(",")[0]) == (31, "pdq")


def test_each_list_has_its_own_threshold() -> None:
    for slug, distance in (("strict", 4), ("wide", 40)):
        grown(a_list(slug, distance=distance), entry(1))
    run(a_report({"pdq": near(1, 5)}), a_report({"pdq": near(1, 40)}), a_report({"pdq": near(1, 4)}))
    found = Match.objects.order_by("report_id", "list__slug").values_list("list__slug", "distance")
    assert list(found) == [("wide", 5), ("wide", 40), ("strict", 4), ("wide", 4)]


def test_what_is_of_too_little_quality_matches_nothing_and_what_nobody_said_does() -> None:
    a_list(quality=60)
    grown("partner", entry(1, quality=59), entry(2, quality=60), entry(3))
    for number in (1, 2, 3):
        run(a_report({"pdq": value(number)}))
    assert {one.member.name for one in Match.objects.all()} == {value(2).hex(), value(3).hex()}


def test_lists_that_are_not_in_force_match_nothing() -> None:
    a_list("proposed", approved=False)
    for slug in ("off", "gone", "fine"):
        a_list(slug)
    for slug in ("proposed", "off", "gone", "fine"):
        grown(slug, entry(1, signals={"pdq": value(1), "md5": b"m" * 16}))
    set_list(OPERATOR, slug="off", enabled=False)
    withdraw_list(OPERATOR, slug="gone", reason="The agreement ended.")
    run(a_report({"pdq": near(1, 3)}), a_report({"md5": b"m" * 16}))
    assert [one.list.slug for one in Match.objects.all()] == ["fine", "fine"]


def test_withdrawn_members_and_batches_that_have_not_ended_match_nothing() -> None:
    a_list()
    grown("partner", entry(1), entry(2))
    grown("partner", entry(3))
    withdraw_members(OPERATOR, slug="partner", names=[value(1).hex()], reason="It was a mistake.")
    Batch.objects.filter(pk=Batch.objects.get(members__name=value(3).hex()).pk).update(ended_at=None)
    run(*(a_report({"pdq": value(number)}) for number in (1, 2, 3)))
    assert [one.member.name for one in Match.objects.all()] == [value(2).hex()]


def test_one_hash_in_two_lists_and_twice_in_a_report_gives_each_its_row() -> None:
    for slug in ("one", "two"):
        grown(a_list(slug), entry(1))
    assert run(a_report({"pdq": value(1)}, {"pdq": value(1)})) == MatchRun(1, 1)
    rows = Match.objects.order_by("content", "list__slug").values_list("content", "list__slug")
    assert list(rows) == [(0, "one"), (0, "two"), (1, "one"), (1, "two")]


def test_a_second_run_writes_nothing_twice_and_a_new_telling_is_matched_anew() -> None:
    grown(a_list(), entry(1))
    report = a_report({"pdq": value(1)})
    assert run(report).matched == 1
    assert run(report) == MatchRun(1, 0)
    tell(report, [{"md5": b"n" * 16}, {"pdq": near(1, 1)}])
    assert run(report).matched == 1
    assert list(Match.objects.order_by("id").values_list("content", "distance")) == [(0, 0), (1, 1)]


def test_of_a_family_the_nearest_are_written_and_the_rest_is_counted() -> None:
    kin = [(int.from_bytes(value(1), "big") ^ (1 << n)).to_bytes(32, "big") for n in range(50)]
    grown(
        a_list(), *(ListEntry(n, f"k{n}", {"pdq": one}) for n, one in enumerate(kin)), entry(1, name="self")
    )
    report = a_report({"pdq": value(1)})
    run(report)
    rows = Match.objects.order_by("id")
    assert (len(rows), rows[0].member.name, rows[0].more) == (MOST_NEAR, "self", 51 - MOST_NEAR)
    assert sum(row.more for row in rows) == 51 - MOST_NEAR
    run(report)
    assert Match.objects.count() == MOST_NEAR


def test_of_a_large_family_no_more_is_held_than_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: LazySettings
) -> None:
    """Three hundred pictures near a family of ten thousand are three million hits."""
    settings.AMAAN_HOME = tmp_path  # without another test's index
    kin = [near(1, n) for n in range(32)]
    grown(a_list(), *(ListEntry(n, f"k{n}", {"pdq": one}) for n, one in enumerate(kin)))
    monkeypatch.setattr(matching, "MOST_HITS", 100)
    monkeypatch.setattr(matching, "FEWEST_AT_ONCE", 4)
    asked: list[int] = []
    searching = index_files.near
    monkeypatch.setattr(index_files, "near", lambda v, r: asked.append(len(v)) or searching(v, r))
    report = a_report(*({"pdq": near(1, n)} for n in range(20)))
    searched = matching.search([report.pk], matching.lists_in_force())
    assert (asked[0], sum(asked), max(asked[1:])) == (4, 20, 3)
    assert {len(found) for found in searched.near.values()} == {MOST_NEAR}
    run(report)
    assert Match.objects.count() == 20 * MOST_NEAR
    assert {one["more"] for one in Match.objects.values("content").annotate(more=Sum("more"))} == {
        32 - MOST_NEAR
    }


def test_an_equal_md5_that_a_stronger_digest_belies_is_no_match() -> None:
    a_list()
    grown("partner", ListEntry(1, "7", {"md5": b"m" * 16, "sha1": b"s" * 20, "sha256": b"a" * 32}))
    grown("partner", ListEntry(1, "8", {"md5": b"m" * 16}))
    files = [
        {"md5": b"m" * 16, "sha256": b"b" * 32},  # forged: another file with the same MD5
        {"md5": b"m" * 16, "sha1": b"t" * 20},
        {"sha1": b"s" * 20, "sha256": b"b" * 32},
        {"md5": b"m" * 16, "sha1": b"s" * 20, "sha256": b"a" * 32},
        {"md5": b"m" * 16},
    ]
    run(a_report(*files))
    rows = Match.objects.order_by("content", "member__name").values_list("content", "member__name", "type")
    assert list(rows) == [
        (0, "8", SignalType.MD5),
        (1, "8", SignalType.MD5),
        (3, "7", SignalType.SHA256),
        (3, "8", SignalType.MD5),
        (4, "7", SignalType.MD5),
        (4, "8", SignalType.MD5),
    ]


def test_the_run_is_one_entry_over_the_sorted_references() -> None:
    grown(a_list(), entry(1))
    reports = [a_report({"pdq": value(1)}), a_report({"md5": b"x" * 16}), a_report()]
    assert run(*reports) == MatchRun(2, 1)
    assert acts("matching.run") == ["list/partner"]
    references = sorted(one.reference for one in reports[:2])
    assert (
        _body("matching.run")["references_root"] == root_of([leaf_hash(r.encode()) for r in references]).hex()
    )
    assert (_body("matching.run")["count"], _body("matching.run")["lists"]) == (2, {"partner": [31, 50]})


def _body(act: str) -> dict[str, object]:
    row = next(one for one in Entry.objects.all() if json.loads(bytes(one.leaf_bytes))["act"] == act)
    sealed = Body.objects.get(entry_id=row.pk)
    opened = opener().open(place(row.pk, leaf_hash(bytes(row.leaf_bytes))), bytes(sealed.ciphertext))
    found: dict[str, object] = json.loads(opened)
    return found


def test_a_survivors_hash_matches_and_stays_in_their_list() -> None:
    add_survivor_hash(staff(Role.SUPERVISOR), pdq=value(1), quality=80)
    approve_list(staff(number=90), slug="survivors")
    run(a_report({"pdq": near(1, 2)}))
    (found,) = Match.objects.all()
    assert (found.list.slug, found.distance, bytes(found.theirs)) == ("survivors", 2, b"")


def test_people_do_not_match_by_hand() -> None:
    with pytest.raises(OnlyTheSystemMatches):
        match_reports(staff(), report_ids=[1])
    with pytest.raises(OnlyTheSystemMatches):
        begin_rematch(staff(), list_ids=[1])
    with pytest.raises(OnlyTheSystemMatches):
        rematch_some(staff())


# ---------------------------------------------------------------- searched ahead


def test_what_was_searched_ahead_is_used_only_if_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    grown(a_list(), entry(1), entry(2))
    report = a_report({"pdq": value(1)})
    think_match([report.pk])
    asked: list[object] = []
    searching = index_files.near
    monkeypatch.setattr(index_files, "near", lambda *given: asked.append(given) or searching(*given))
    match([report.pk])
    assert (len(asked), Match.objects.count()) == (0, 1)
    think_match([report.pk])
    asked.clear()
    tell(report, [{"pdq": value(2)}])
    match([report.pk])
    assert (len(asked), Match.objects.count()) == (1, 2)
    think_match([report.pk])
    tell(report, [{"pdq": value(1)}])
    set_list(OPERATOR, slug="partner", enabled=False)
    match([report.pk])
    assert Match.objects.count() == 2


def test_a_member_withdrawn_between_search_and_writing_is_no_match() -> None:
    grown(a_list(), entry(1))
    report = a_report({"pdq": value(1)})
    think_match([report.pk])
    withdraw_members(OPERATOR, slug="partner", names=[value(1).hex()], reason="It was a mistake.")
    match([report.pk])
    assert Match.objects.count() == 0


# ---------------------------------------------------------------- brute force


def _expected() -> set[tuple[int, int, str, int]]:
    """Every match, by comparing everything with everything in plain Python."""
    found = set()
    for one in Member.objects.filter(list__state="approved", list__enabled=True, state="active"):
        for signal in one.signals.all():
            for report, number, theirs in _pictures():
                apart = bits_apart(bytes(signal.value), theirs)
                if signal.type == SignalType.PDQ and apart <= one.list.distance:
                    found.add((report, number, one.name, apart))
    return found


def _pictures() -> list[tuple[int, int, bytes]]:
    rows = ContentItem.objects.exclude(pdq=None).select_related("version")
    return [(one.version.report_id, one.number, bytes(one.pdq or b"")) for one in rows]


@pytest.mark.parametrize("indexed", [False, True, None])
def test_what_is_found_equals_brute_force(indexed: bool | None) -> None:
    """By the file, beside it, or half and half."""
    for number, slug in enumerate(("one", "two", "three")):
        a_list(slug, distance=[31, 10, 45][number])
        grown(slug, *(entry(n, name=f"{slug}{n}") for n in range(number, 40, 2)))
        if indexed is None and number == 0:
            index_files.build()
    if indexed:
        index_files.build()
    reports = [a_report({"pdq": near(n, bits)}) for n, bits in zip(range(40), range(0, 80, 2), strict=True)]
    run(*reports)
    rows = Match.objects.values_list("report_id", "content", "member__name", "distance")
    assert set(rows) == _expected()
    assert len(rows) > 20


# ---------------------------------------------------------------- again, when a list changed


def finish() -> int:
    deliver(5_000)
    turns = 0
    while rematch_some(WORKER):
        turns += 1
        assert turns < 500
    return turns


def test_a_list_that_grows_finds_past_reports() -> None:
    report, other = a_report({"pdq": near(5, 7)}), a_report({"md5": b"q" * 16})
    a_list()
    finish()
    grown("partner", entry(5))
    assert Match.objects.count() == 0
    finish()
    assert list(Match.objects.values_list("report_id", "distance")) == [(report.pk, 7)]
    round_ = Rematch.objects.get()
    assert (round_.compared, round_.matched, round_.since is not None) == (2, 1, True)
    assert acts("matching.round")[-1] == "list/partner"
    grown("partner", ListEntry(1, "q", {"md5": b"q" * 16}))
    finish()
    assert set(Match.objects.values_list("report_id", flat=True)) == {report.pk, other.pk}


def test_a_list_whose_threshold_is_widened_is_searched_whole() -> None:
    report = a_report({"pdq": near(5, 35)})
    grown(a_list(), entry(5))
    finish()
    set_list(OPERATOR, slug="partner", distance=40)
    approve_list(staff(number=90), slug="partner")
    finish()
    assert list(Match.objects.values_list("report_id", "threshold")) == [(report.pk, 40)]


def test_a_list_that_is_too_long_for_memory_is_searched_by_its_indices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rematching, "MOST_IN_MEMORY", 2)
    report = a_report({"pdq": near(5, 3)}, {"md5": b"q" * 16})
    a_list()
    finish()
    grown("partner", *(entry(n) for n in range(9)), ListEntry(1, "q", {"md5": b"q" * 16}))
    finish()
    assert list(Match.objects.order_by("content").values_list("report_id", "content")) == [
        (report.pk, 0),
        (report.pk, 1),
    ]


def test_what_was_withdrawn_is_told_again_and_its_matches_stay() -> None:
    reports = [a_report({"pdq": value(n)}) for n in (1, 2)]
    grown(a_list(), entry(1), entry(2))
    finish()
    Delivery.objects.all().delete()
    withdraw_members(OPERATOR, slug="partner", names=[value(1).hex()], reason="It was a mistake.")
    _rounds_only()
    assert told("report.matched") == [reports[0].pk]
    Delivery.objects.all().delete()
    withdraw_list(OPERATOR, slug="partner", reason="The agreement ended.")
    _rounds_only()
    assert told("report.matched") == [report.pk for report in reports]
    assert Match.objects.count() == 2


def test_what_comes_back_is_told_again_though_its_match_stands() -> None:
    report, other = (a_report({"pdq": value(n)}) for n in (1, 2))
    grown(a_list(kind=ListKind.EXCHANGE, exchange="ncmec"), entry(1), entry(2))
    finish()
    Rematch.objects.update(
        began_at=timezone.now() + rematching.MARGIN
    )  # the margin would hide what is tested
    grown("partner", entry(1, signals={}, withdrawn=True, name=value(1).hex()))
    finish()
    assert facts_of_matches([report.pk]) == {}
    Rematch.objects.update(began_at=timezone.now() + rematching.MARGIN)
    Delivery.objects.all().delete()
    grow_list(OPERATOR, slug="partner", entries=[entry(1)], origin="the next window", revive=True)
    _rounds_only()
    assert told("report.matched") == [report.pk]
    assert facts_of_matches([report.pk, other.pk]).keys() == {report.pk, other.pk}
    assert Match.objects.count() == 2


def _rounds_only() -> None:
    begin_rematch(WORKER, list_ids=list(SignalList.objects.values_list("pk", flat=True)))
    while rematch_some(WORKER):
        pass


def test_a_round_killed_in_the_middle_goes_on_and_tells_nothing_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rematching, "REPORTS_A_SLICE", 3)
    reports = [a_report({"pdq": near(5, n)}) for n in range(8)]
    grown(a_list(), entry(5))
    deliver(1_000)
    real = rematching.write_matches
    monkeypatch.setattr(rematching, "write_matches", _dies_after(2, real))
    with pytest.raises(KeyboardInterrupt):
        rematch_some(WORKER, limit_ms=60_000)
    assert Match.objects.count() == 6
    monkeypatch.setattr(rematching, "write_matches", real)
    finish()
    assert sorted(Match.objects.values_list("report_id", flat=True)) == [report.pk for report in reports]
    assert Rematch.objects.get().compared == 8


def _dies_after(times: int, real: object) -> object:
    left = [times]

    def write(*given: object, **how: object) -> object:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return real(*given, **how)  # type: ignore[operator]

    return write


def test_a_list_whose_round_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    report = a_report({"pdq": value(6)})
    for slug, number in (("bad", 5), ("good", 6)):
        grown(a_list(slug), entry(number))
        deliver(1_000)
    bad = SignalList.objects.get(slug="bad").pk
    real = rematching.search

    def fails(reports: object, lists: tuple[InForce, ...], *given: object) -> object:
        if lists[0].id == bad:
            raise MemoryError
        return real(reports, lists, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(rematching, "_failed", {})
    monkeypatch.setattr(rematching, "search", fails)
    for _ in range(20):
        with suppress(MemoryError):
            rematch_some(WORKER)
    assert list(Match.objects.values_list("report_id", flat=True)) == [report.pk]
    assert list(Rematch.objects.filter(ended_at=None).values_list("list_id", flat=True)) == [bad]


def test_a_change_in_the_middle_of_a_round_is_not_lost_and_does_not_begin_it_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rematching, "REPORTS_A_SLICE", 2)
    reports = [a_report({"pdq": value(n)}) for n in (6, 5, 5, 5)]
    grown(a_list(), entry(5))
    deliver(1_000)
    rematch_some(WORKER, limit_ms=0)
    after = Rematch.objects.get().after_report
    assert after == reports[1].pk
    grown("partner", entry(6))
    deliver(1_000)
    assert (Rematch.objects.get().after_report, Rematch.objects.get().again) == (after, True)
    finish()
    assert sorted(Match.objects.values_list("report_id", flat=True)) == [report.pk for report in reports]


def test_a_match_reaches_triage() -> None:
    grown(a_list(), entry(1))
    finish()
    report = a_report({"pdq": value(1)})
    match([report.pk])
    deliver(1_000)
    assert Assessment.objects.get(report=report, current=True)
