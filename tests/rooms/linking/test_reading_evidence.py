"""Evidence as it is read: whole, and around a few reports; who tells it and of whom decides what it does."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.rooms.bundles.laid import File, Story, lay, pdq, picture, tell

from amaan.authority.actors import Actor
from amaan.bundles.services import bundle_reports
from amaan.keyring.domain import blind_index
from amaan.keyring.services import index_keys, prepare_keys
from amaan.linking.domain.evidence import Evidence, Stance, Trust
from amaan.linking.domain.kinds import HAPPENS_IN, KINDS, OF_MENTIONS, PAYS, EvidenceKind
from amaan.linking.models import Clue, Noted
from amaan.linking.selectors import around
from amaan.linking.selectors.around import evidence_around
from amaan.linking.selectors.tellings import not_noted
from amaan.linking.selectors.whole import whole_evidence
from amaan.linking.services import note_clues
from amaan.reports.domain.identifiers import TYPES, clean
from amaan.reports.models import Identifier, Incident, Mention, Party, Report, Version

pytestmark = pytest.mark.django_db
WORKER = Actor.system("linking")
SEEN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_VALUES = {
    name: kind.clean(*kind.examples[0][:1], platform=kind.examples[0][1]) for name, kind in TYPES.items()
}
Key = tuple[int, int, int, int]


@pytest.fixture(autouse=True)
def _keys() -> None:
    prepare_keys()


def mention(
    report: Report,
    type_: str,
    role: str = "reported",
    value: str = "",
    *,
    party: int | None = None,
    links: bool = True,
    port: int | None = None,
    at: datetime | None = None,
) -> Identifier:
    """Told in the newest telling, as the spine's intake stores it."""
    normalised = value or _VALUES[type_].normalised
    row, _ = Identifier.objects.get_or_create(
        key=blind_index(index_keys().parties, type_, normalised),
        defaults={"type": type_, "links": links and TYPES[type_].links, "clear": normalised},
    )
    version = Version.objects.get(report=report, number=report.version)
    Mention.objects.create(
        identifier=row,
        report=report,
        version=version,
        party=party,
        role=role,
        seen_at=at,
        port=port,
        verified="not_said",
    )
    return row


def two() -> tuple[Report, Report]:
    return lay(Story()), lay(Story(entity="Chat Place", day=3))


def noted(*reports: Report) -> Evidence:
    note_clues(WORKER, report_ids=[report.pk for report in reports])
    return whole_evidence()


def rows(evidence: Evidence) -> set[Key]:
    return set(
        zip(
            evidence.key.tolist(),
            evidence.reports[evidence.report].tolist(),
            evidence.kind.tolist(),
            evidence.stance.tolist(),
            strict=True,
        )
    )


# ---------------------------------------------------------------- of whom it is told


@pytest.mark.parametrize("type_", sorted(OF_MENTIONS))
def test_what_the_reported_have_does_as_its_kind_says_and_a_victims_only_supports(type_: str) -> None:
    kind = OF_MENTIONS[type_]
    one, other = two()
    value = "https://example.org/page" if type_ == "url" else ""

    def stances() -> list[int]:
        return [row[3] for row in sorted(rows(noted(one, other))) if row[2] == kind]

    linking = KINDS[kind].links and kind is not EvidenceKind.INVITATION
    mention(one, type_, "reported", value)
    mention(other, type_, "associated", value)
    assert stances() == ([Stance.LINKS, Stance.BESIDE] if linking else [Stance.SUPPORTS] * 2)
    mention(other, type_, "reported", value)
    assert stances() == [Stance.LINKS if linking else Stance.SUPPORTS] * 2
    mention(other, type_, "victim", value)  # a family's telephone
    assert stances() == [Stance.LINKS if linking else Stance.SUPPORTS, Stance.SUPPORTS]


def test_what_is_nobodys_supports_but_where_money_was_asked_to_go_and_where_it_happened() -> None:
    one, other = two()
    for type_ in sorted(OF_MENTIONS):
        for report in (one, other):
            mention(report, type_, "incident")
    found = rows(noted(one, other))
    assert {row[2] for row in found if row[3] >= Stance.LINKS} == PAYS | HAPPENS_IN
    assert {row[2] for row in found if row[3] == Stance.BESIDE} == {EvidenceKind.URL}  # it names no account


def test_where_a_file_was_found_supports_and_a_page_of_the_protected_does_too() -> None:
    page = "https://site.example/page"
    for role in ("content", "victim"):
        one, other = two()
        mention(one, "url", "incident", page)
        mention(other, "url", role, page)
        assert {row[3] for row in rows(noted(one, other)) if row[1] == other.pk} == {Stance.SUPPORTS}
        Mention.objects.all().delete()
        noted(one, other)


def test_a_group_that_somebody_invites_to_supports() -> None:
    one, other = two()
    for type_ in ("group_id", "invitation"):
        for report in (one, other):
            mention(report, type_, "reported")
    assert {row[3] for row in rows(noted(one, other))} == {Stance.SUPPORTS}


@pytest.mark.parametrize(("address", "told"), [("https://site.example", 0), ("https://site.example/page", 2)])
def test_an_address_is_what_it_was_when_it_is_sealed_later(address: str, told: int) -> None:
    one, other = two()
    for report in (one, other):
        row = mention(report, "url", value=address)
    assert len(rows(noted(one, other))) == told
    Identifier.objects.filter(pk=row.pk).update(clear=None, sealed=b"sealed")
    assert len(rows(whole_evidence())) == told
    assert rows(evidence_around([one.pk])) == rows(whole_evidence())


def test_a_reporters_are_never_read_and_a_childs_associated_account_only_supports() -> None:
    one, other = two()
    for report in (one, other):
        mention(report, "phone", "reporter")
        mention(report, "handle", "associated", party=1)
    Party.objects.create(
        version=other.versions.get(),
        number=1,
        role="associated",
        age_band="not_said",
        sex="not_said",
        relationship="not_said",
        protected=True,
    )
    found = {row[1]: row[2:] for row in rows(noted(one, other))}
    assert found == {
        one.pk: (EvidenceKind.HANDLE, Stance.BESIDE),
        other.pk: (EvidenceKind.HANDLE, Stance.SUPPORTS),
    }
    assert Clue.objects.exclude(kind=EvidenceKind.HANDLE_STEM).count() == 0


def test_a_name_without_its_platform_only_supports() -> None:
    one, other = two()
    for report in (one, other):
        mention(report, "handle", value=":sample_name", links=False)
    assert (EvidenceKind.HANDLE, Stance.SUPPORTS) in {row[2:] for row in rows(noted(one, other))}


def test_helplines_platforms_and_bare_sites_are_nothing() -> None:
    one, other = two()
    for report in (one, other):
        mention(report, "phone", value=clean("phone", "0800-39393").normalised)
        mention(report, "domain", value="instagram.com")
        mention(report, "url", value="https://videos.example/")
        mention(report, "ip", value="203.0.113.7")
        mention(report, "other", value="locker 12")
    assert rows(noted(one, other)) == set()
    assert rows(evidence_around([one.pk])) == set()


# ---------------------------------------------------------------- moments and numbers


@pytest.mark.parametrize(
    ("minutes", "port", "role", "found"),
    [
        (7, 443, "reported", {Stance.LINKS}),
        (7, 443, "incident", {Stance.LINKS, Stance.SUPPORTS}),
        (16, 443, "reported", set()),
        (2, 444, "reported", set()),
        (2, None, "reported", set()),
    ],
)
def test_an_address_links_with_its_port_within_a_window(
    minutes: int, port: int | None, role: str, found: set[Stance]
) -> None:
    for start in range(0, 30, 7):
        one, other = two()
        at = SEEN + timedelta(minutes=start)
        mention(one, "ip", at=at, port=443, value="203.0.113.7")
        mention(other, "ip", role, at=at + timedelta(minutes=minutes), port=port, value="203.0.113.7")
        evidence = noted(one, other)
        assert {Stance(row[3]) for row in rows(evidence)} == found, start
        Mention.objects.all().delete()
        noted(one, other)


def test_a_childs_own_address_accuses_nobody_who_was_seen_at_it() -> None:
    one, other = two()
    for report, role in ((one, "reported"), (other, "victim"), (other, "reported")):
        mention(report, "ip", role, "203.0.113.7", port=443, at=SEEN)
    stances = {(row[1], row[3]) for row in rows(noted(one, other))}
    assert stances == {(one.pk, Stance.LINKS), (other.pk, Stance.SUPPORTS)}


def test_a_report_that_names_an_earlier_one_shares_its_number() -> None:
    one, other = two()
    Report.objects.filter(pk=one.pk).update(number="700123456")
    Report.objects.filter(pk=other.pk).update(number="700999999")
    mention(other, "ct_report", value="700123456")
    assert {row[1:] for row in rows(noted(one, other))} == {
        (report.pk, EvidenceKind.REPORT_NUMBER, Stance.LINKS) for report in (one, other)
    }


# ---------------------------------------------------------------- tellings


def test_noting_again_changes_nothing_and_a_new_telling_replaces_the_old() -> None:
    one = lay(Story([picture(1)], accounts=["a"]))
    other = lay(Story([picture(1)], accounts=["a"], day=1))
    assert not_noted(10) == [one.pk, other.pk]
    before = rows(noted(one, other))
    assert len(before) == 4
    held = list(Clue.objects.order_by("pk").values_list("pk", flat=True))
    assert rows(noted(one, other)) == before
    assert list(Clue.objects.order_by("pk").values_list("pk", flat=True)) == held
    tell(other, Story([picture(2)], accounts=["b"]))
    assert rows(whole_evidence()) == before, "what was not noted yet counts as it was"
    assert rows(noted(other)) == set()
    assert Clue.objects.filter(report=other).count() == 1
    assert not_noted(10) == []


def test_a_source_is_a_sender_a_day_and_a_door() -> None:
    same = Story(accounts=["a"])
    stories = (same, same, Story(day=1), Story(entity="Chat Place"), Story(door="portal"))
    reports = [lay(story) for story in stories]
    told = lay(Story(day=5, facts={"reported.compromised": "yes"}))
    claimed = lay(Story(door="portal"))  # whatever day the public name, they came on one
    for one, days in ((told, 0), (claimed, 3)):
        Incident.objects.create(
            version=one.versions.get(),
            type="x",
            channel="",
            happened_at=reports[0].received_at - timedelta(days=days),
        )
    evidence = noted(*reports, told, claimed)
    sources = evidence.source.tolist()
    assert sources[0] == sources[1] == sources[5]
    assert sources[4] == sources[6]
    assert len(set(sources)) == 4
    assert evidence.trust.tolist() == [0, 0, 0, 0, Trust.PUBLIC, Trust.COMPROMISED, Trust.PUBLIC]
    Noted.objects.all().delete()
    assert whole_evidence().source.tolist() == sources, "reports that nobody noted are read all the same"


def test_near_pictures_meet_where_bundles_found_them_near() -> None:
    reports = [
        lay(Story([pdq(1)])),
        lay(Story([pdq(1, turned=9)], day=1)),
        lay(Story([pdq(2)], day=2)),
        lay(Story([{"md5": bytes(16)}])),
        lay(Story([{"md5": bytes(16)}])),
    ]
    bundle_reports(Actor.system("bundles"), report_ids=[report.pk for report in reports])
    assert {row[1:] for row in rows(noted(*reports))} == {
        (report.pk, EvidenceKind.NEAR_FILE, Stance.SUPPORTS) for report in reports[:2]
    }


# ---------------------------------------------------------------- whole and around


def _world(seed: int) -> list[Report]:
    """Twenty reports that share this and that, some of them told again."""
    chance = random.Random(seed)
    types = ["phone", "email", "mobile_wallet", "url", "handle", "device", "ct_report"]
    roles = ["reported", "reported", "victim", "incident", "associated", "reporter", "recipient"]
    reports = []
    for number in range(20):
        files: Sequence[File] = [picture(chance.randrange(6), "md5", "sha1")] if chance.random() < 0.6 else []
        door = chance.choice(["portal", "cybertipline_xml"])
        report = lay(Story(files, entity=chance.choice(["Pix", "Chat"]), day=number % 5, door=door))
        for _ in range(2 if chance.random() < 0.3 else 1):
            for _ in range(6):
                value = f"+92300000000{chance.randrange(5)}"
                type_ = chance.choice(types)
                if type_ in {"url", "handle"}:
                    value = f"https://videos.example/{value}" if type_ == "url" else f"pix:sample.{value}"
                mention(report, type_, chance.choice(roles), value)
            at = SEEN + timedelta(minutes=chance.randrange(40))
            mention(report, "ip", chance.choice(roles[:3]), "203.0.113.7", port=443, at=at)
            if chance.random() < 0.4:
                tell(report, Story(files))
        reports.append(report)
    return reports


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_found_around_each_report_is_what_a_rebuild_finds(seed: int) -> None:
    reports = _world(seed)
    whole = rows(noted(*reports[:18]))  # two were never noted
    assert len({row[2] for row in whole}) > 6
    together: set[Key] = set()
    for report in reports:
        found = rows(evidence_around([report.pk]))
        assert {row for row in whole if row[1] == report.pk} <= found <= whole
        together |= found
    assert together == whole
    ids = [report.pk for report in reports]
    assert rows(evidence_around(ids)) == whole
    for evidence in (whole_evidence(), evidence_around(ids[:3])):
        order = list(zip(evidence.key.tolist(), evidence.report.tolist(), strict=True))
        assert order == sorted(set(order))
        assert evidence.reports.tolist() == sorted(set(evidence.reports.tolist()))


def test_a_hub_is_read_only_as_far_as_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    reports = [lay(Story([picture(1)], accounts=["a"], day=day)) for day in range(40)]
    noted(*reports)
    monkeypatch.setattr(around, "_reach", lambda _kind: 5)
    found = evidence_around([reports[20].pk])
    for key in set(found.key.tolist()):
        told = set(found.reports[found.report[found.key == key]].tolist())
        assert 5 <= len(told) < 40
        assert reports[20].pk in told


def test_reports_told_again_and_again_are_no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many rows of few reports: counting goes on until it is sure."""
    monkeypatch.setattr(around, "_reach", lambda _kind: 5)
    reports = [lay(Story(accounts=["a"], day=day)) for day in range(3)]
    for _ in range(12):
        for report in reports[:2]:
            tell(report, Story(accounts=["a"]))
    whole = rows(noted(*reports))
    assert {row[1] for row in whole} == {report.pk for report in reports}
    assert rows(evidence_around([reports[0].pk])) == whole


def test_noting_and_reading_cost_the_same_statements_however_many() -> None:
    reports = [lay(Story([picture(n % 3)], accounts=[str(n % 4)], victims=["v"], day=n)) for n in range(12)]
    few, many = [one.pk for one in reports[:2]], [one.pk for one in reports[2:]]

    def statements(ids: list[int]) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as noting:
            note_clues(WORKER, report_ids=ids)
        with CaptureQueriesContext(connection) as reading:
            evidence_around(ids)
        return len(noting), len(reading)

    first = statements(few)
    second = statements(many)
    assert second[0] <= first[0] + 1
    assert second[1] <= first[1] + 1


def test_a_key_tells_nothing_of_what_it_is_made_of() -> None:
    """A digest of the value alone, without the installation's key, finds no clue."""
    one, other = two()
    for report in (one, other):
        mention(report, "handle", value="instagram:quillfen.studio9")
    noted(one, other)
    held = {key & (2**63 - 1) for key in Clue.objects.values_list("key", flat=True)}
    for value in (b"quillfenstudio", b"instagram:quillfen.studio9"):
        for kind in EvidenceKind:
            made = blake2b(value, digest_size=8, person=bytes([kind])).digest()
            assert int.from_bytes(made, "big") & (2**63 - 1) not in held
    assert held
