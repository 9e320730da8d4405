"""The world as documents: the same for one seed, streamed, valid, true to its labels, about nobody."""

from __future__ import annotations

import ast
import ipaddress
import json
import re
import tracemalloc
from collections import defaultdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import amaan.demo
from amaan.demo.generator.broken import broken_documents
from amaan.demo.generator.plan import KINDS, Plan
from amaan.demo.generator.standard import STANDARD_IDENTIFIERS, standard_documents
from amaan.demo.generator.world import AGAIN, FIRST, Package, generate
from amaan.demo.samples import Account, file_xml, le_json, report_xml

pytestmark = pytest.mark.pure

REPORTS = 1_200
URDU_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")


@pytest.fixture(scope="module")
def world() -> list[Package]:
    return list(generate(5, REPORTS))


@pytest.fixture(scope="module")
def first(world: list[Package]) -> list[Package]:
    return [package for package in world if package.folder == FIRST]


@pytest.fixture(scope="module")
def schema(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "formats" / "cybertipline" / "cybertipline-report.xsd")))


def text_of(package: Package) -> str:
    return "\n".join(document.decode() for _, document in package.documents)


def of_kind(packages: list[Package], kind: str) -> list[Package]:
    found = [package for package in packages if package.labels["kind"] == kind]
    assert found, f"a world of {REPORTS} reports plants {kind}"
    return found


# -- the same, and streamed


def test_same_arguments_give_the_same_bytes(world: list[Package]) -> None:
    assert list(generate(5, REPORTS)) == world


def test_another_seed_gives_another_world_without_a_common_number(first: list[Package]) -> None:
    other = list(islice(generate(6, REPORTS), 200))
    assert not {package.number for package in first} & {package.number for package in other}
    assert other[0].documents != first[0].documents


def test_another_last_day_moves_every_date() -> None:
    late = datetime(2027, 3, 1, tzinfo=UTC)
    stamps = re.findall(r"<incidentDateTime>([^<]+)", "".join(map(text_of, generate(5, 60, until=late))))
    assert stamps
    assert all("2026-04-01" < stamp < "2027-03-01T00:00:00Z" for stamp in stamps)


def test_every_moment_lies_before_the_worlds_end(world: list[Package]) -> None:
    stamps = [
        s for package in world for s in re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text_of(package))
    ]
    assert max(stamps) < "2025-07-01T00:00:00Z"


def test_a_large_world_streams_in_flat_memory() -> None:
    stream = generate(1, 1_000_000)
    for _ in islice(stream, 50):
        pass
    tracemalloc.start()
    try:
        for _ in islice(stream, 600):
            pass
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_numbers_are_distinct_and_what_comes_again_was_there_before(
    world: list[Package], first: list[Package]
) -> None:
    assert len({package.number for package in first}) == REPORTS == len(first)
    before = {(package.entity, package.number): package for package in first}
    changed = 0
    for package in world[REPORTS:]:
        assert package.folder == AGAIN
        original = before[package.entity, package.number]
        assert original.labels["sent_again"] == package.labels["again"]
        same = original.documents == package.documents
        assert same is (package.labels["again"] == "unchanged")
        changed += not same
    assert 0 < changed < len(world) - REPORTS


@settings(deadline=None, max_examples=40)
@given(reports=st.integers(1, 3_000))
def test_a_plan_gives_every_position_one_part_and_fills_every_group(reports: int) -> None:
    plan = Plan(reports)
    groups: dict[tuple[str, int], set[int]] = defaultdict(set)
    for position in range(reports):
        part = plan.part(position)
        assert part.member not in groups[part.kind.name, part.group]
        groups[part.kind.name, part.group].add(part.member)
    sizes = {kind.name: kind.together for kind in KINDS}
    assert all(len(members) == sizes.get(kind, 1) for (kind, _), members in groups.items())


def test_a_demo_of_three_hundred_holds_every_kind() -> None:
    kinds = {package.labels["kind"] for package in generate(1, 300) if package.folder == FIRST}
    assert kinds == {kind.name for kind in KINDS} | {"ordinary"}


# -- valid


@pytest.mark.shared
def test_every_document_is_valid_unless_it_is_labelled_newer(
    first: list[Package], schema: etree.XMLSchema
) -> None:
    for package in first:
        for name, document in package.documents:
            if not name.endswith(".xml"):
                continue
            valid = schema.validate(etree.fromstring(document))
            newer = bool(package.labels["newer"]) and name == "report.xml"
            assert valid is not newer, (package.labels, schema.error_log)


@pytest.mark.shared
def test_what_is_sent_again_is_valid_too(world: list[Package], schema: etree.XMLSchema) -> None:
    for package in world[REPORTS:]:
        for name, document in package.documents:
            if name.endswith(".xml") and package.labels["kind"] != "newer":
                schema.assertValid(etree.fromstring(document))


@pytest.mark.shared
def test_samples_are_valid(schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(report_xml(annotations=("sextortion",), victims=[Account(age=15)])))
    schema.assertValid(etree.fromstring(file_xml(annotations=("generativeAi",), classification="A1")))
    assert json.loads(le_json(files=2))["reportedInformation"]["uploadedFiles"]["uploadedFiles"][1][
        "filename"
    ]


def test_a_sample_refuses_a_field_that_reports_do_not_have() -> None:
    with pytest.raises(TypeError, match="annotation_typo"):
        report_xml(annotation_typo=())


def test_broken_documents_are_broken() -> None:
    readable = []
    for path, document, _ in broken_documents():
        try:
            tree = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
        except (etree.XMLSyntaxError, ValueError):
            continue
        readable.append((path.split("/")[1], tree.tag))
    # These two parse: one is not a report, the other declares an entity, which no report may.
    assert sorted(readable) == [("doctype", "report"), ("other-root", "invoice")]


# -- true to its labels

EVIDENCE = {
    "live": r"liveStreaming",
    "escalated": r"<escalateToHighPriority>",
    "compromised": r"<compromisedAccount>true",
    "third_party": r"<thirdPartyUserReported>true",
    "generated": r"<generativeAi/>",
    "minors": r"<minorToMinorInteraction/>",
    "told": r"<reportedToLe>true",
    "seller": r"IBAN PK\d\dDEMO|PK\d\dDEMO",
    "meme": r'<batchedReport reason="VIRAL_POTENTIAL_MEME"/>',
    "meeting": r"agreed to meet|ملنے کا وقت|milna tay",
    "trusted": r"teaches|drives|ٹیوشن|school van",
}


@pytest.mark.parametrize("kind", sorted(EVIDENCE))
def test_what_is_labelled_stands_in_the_documents(first: list[Package], kind: str) -> None:
    for package in of_kind(first, kind):
        assert re.search(EVIDENCE[kind], text_of(package)), (kind, package.number)


@pytest.mark.parametrize(
    "mark",
    [
        *("sextortion", "generativeAi", "minorToMinorInteraction", "liveStreaming"),
        *("sadisticOnlineExploitation", "spam"),
    ],
)
def test_what_is_not_labelled_is_not_planted_by_chance(first: list[Package], mark: str) -> None:
    planted = {
        "sextortion": {"sextortion", "lookalike"},
        "generativeAi": {"generated"},
        "minorToMinorInteraction": {"minors", "peer_threat"},
        "sadisticOnlineExploitation": {"sadistic"},
        "spam": {"mass_mail"},
        "liveStreaming": {"live", "lookalike"},
    }
    kinds = {package.labels["kind"] for package in first if f"<{mark}/>" in text_of(package)}
    assert kinds == planted[mark]


def test_what_is_told_in_words_alone_stands_in_no_field(first: list[Package]) -> None:
    """Nor in the shape of the report: near misses have the same one."""
    alone = [package for package in first if package.labels.get("told_in") == "words"]
    assert {package.labels["kind"] for package in alone} == {
        f"words_{what}" for what in ("threat", "meeting", "self_harm", "live", "with_suspect", "missing")
    }
    fields = (
        r"<(victim|escalateToHighPriority|(report|file)Annotations|industryClassification|lawEnforcement)\b"
    )
    for package in alone:
        assert package.labels["danger"] == "now"
        assert package.labels["language"] in {"en", "ur", "roman"}
        assert not re.search(fields, text_of(package)), package.labels


def test_a_large_world_holds_as_little_danger_as_the_real_one() -> None:
    plan = Plan(200_000)
    now = sum(plan.part(position).kind.danger == "now" for position in range(0, 200_000, 7)) / (200_000 / 7)
    assert 0.008 < now < 0.02


def test_sextortion_is_about_boys_of_14_to_17_and_a_wallet(first: list[Package]) -> None:
    for package in of_kind(first, "sextortion"):
        assert package.labels["danger"] == "now"
        text = text_of(package)
        assert re.search(r"wallet|والٹ", text)
        if package.labels["format"] == "xml":
            assert 14 <= int(re.findall(r"<age>(\d+)", text)[-1]) <= 17
            assert "<sextortion/>" in text


def phones_in(text: str) -> set[str]:
    found = re.findall(r"(?<![\w.])(?:\+92|0092|0)[ ]?(3\d\d)[- ]?(\d{7})(?!\w)", text.translate(URDU_DIGITS))
    return {f"0{prefix}{rest}" for prefix, rest in found}


def test_a_ring_shares_its_wallet_across_platforms_and_towns(first: list[Package]) -> None:
    rings: dict[str, list[Package]] = defaultdict(list)
    for package in of_kind(first, "recruitment"):
        rings[str(package.labels["ring"])].append(package)
    for members in rings.values():
        assert len(members) == 8
        assert len({package.entity for package in members}) >= 4
        assert set.intersection(*(phones_in(text_of(package)) for package in members)), (
            "one wallet in all of them"
        )
        handles = [
            set(re.findall(r"<screenName>([^<]+)", text_of(package).split("<victim>")[0]))
            for package in members
            if "handle" in package.labels["shares"]
        ]
        assert len(handles) >= 2
        assert set.intersection(*handles)


def test_no_two_rings_share_a_number(first: list[Package]) -> None:
    wallets: dict[str, set[str]] = {}
    for package in of_kind(first, "recruitment"):
        found = phones_in(text_of(package))
        wallets[str(package.labels["ring"])] = wallets.get(str(package.labels["ring"]), found) & found
    all_wallets = [wallet for found in wallets.values() for wallet in found]
    assert len(all_wallets) == len(set(all_wallets))


def test_look_alikes_differ_by_one_fact_and_are_two_people(first: list[Package]) -> None:
    pairs: dict[str, list[Package]] = defaultdict(list)
    for package in of_kind(first, "lookalike"):
        pairs[str(package.labels["pair"])].append(package)
    for pair in pairs.values():
        plain, decided = sorted(pair, key=lambda package: "decisive" in package.labels)
        assert "decisive" not in plain.labels
        assert (plain.labels["danger"], decided.labels["danger"]) == ("serious", "now")
        handles = [re.findall(r"<screenName>([^<]+)", text_of(package))[0] for package in (plain, decided)]
        assert handles[0] != handles[1]
        less, more = (
            {element.tag for element in etree.fromstring(p.documents[0][1]).iter()} for p in (plain, decided)
        )
        assert less <= more
        assert len(less) < len(more) or text_of(plain) != text_of(decided)


def test_repeating_people_bring_the_same_account(first: list[Package]) -> None:
    people: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, int] = defaultdict(int)
    for package in first:
        if "person" in package.labels and package.labels["format"] == "xml":
            name = str(package.labels["person"])
            people[name].add(re.findall(r"<espIdentifier>(\d+)", text_of(package))[0])
            seen[name] += 1
    assert max(seen.values()) > 1
    assert all(len(accounts) == 1 for accounts in people.values())


def test_the_thin_sender_gives_nothing_to_act_on(first: list[Package]) -> None:
    for package in of_kind(first, "thin"):
        text = text_of(package)
        assert package.entity == "Dumpstream"
        assert not re.search(r"ipAddress|<phone|originalFileHash|<victim>|personOrUserReportedPerson", text)


def test_bundles_keep_the_rules_of_bundles(first: list[Package]) -> None:
    for package in of_kind(first, "meme"):
        report, *files = (etree.fromstring(document) for _, document in package.documents)
        people = report.findall("personOrUserReported")
        assert len(people) > 1
        assert all([child.tag for child in person] == ["espIdentifier"] for person in people)
        for forbidden in (
            "internetDetails",
            "lawEnforcement",
            "intendedRecipient",
            "victim",
            "additionalInfo",
        ):
            assert report.find(forbidden) is None
        assert report.find(".//escalateToHighPriority") is None
        assert len(files) == 1
        assert files[0].findtext("fileRelevance") == "Reported"
        marks = {mark.tag for mark in files[0].find("fileAnnotations")}
        assert marks
        assert marks <= {"viral", "potentialMeme"}


def test_text_comes_in_english_urdu_and_roman_urdu(first: list[Package]) -> None:
    assert {package.labels["language"] for package in first} == {"en", "ur", "roman", ""}
    for package in first:
        if package.labels["language"] == "ur":
            assert re.search(r"[\u0600-\u06ff]{3}", text_of(package))


def test_some_reports_come_as_the_json_of_law_enforcement(first: list[Package]) -> None:
    found = [package for package in first if package.labels["format"] == "json"]
    assert found
    for package in found:
        tree = json.loads(package.documents[0][1])
        assert tree["reportId"] == package.number
        assert tree["reportedInformation"]["reportingEsp"]["espName"] == package.entity


# -- about nobody

ALLOWED_NETWORKS = [
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "100.64.0.0/10", "2001:db8::/32")
]
ALLOWED_HOSTS = re.compile(r"(^|\.)(example|example\.com|example\.net|example\.org)$")


def assert_about_nobody(package: Package) -> None:
    text = text_of(package)
    addresses = re.findall(r"<ipAddress>([^<]+)", text)
    addresses += re.findall(r"(?<![\w.])\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?![\w.])", text)
    addresses += re.findall(r'"IP Address",\s*"value": "([^"]+)"', text)
    for address in addresses:
        found = ipaddress.ip_address(address)
        assert any(found in network for network in ALLOWED_NETWORKS if network.version == found.version), (
            address
        )
    for host in re.findall(r"@([\w.-]+\w)", text) + re.findall(r"https?://([^/\"<\s]+)", text):
        assert ALLOWED_HOSTS.search(host), host
    for phone in phones_in(text):
        assert re.fullmatch(r"03\d\d000\d{4}", phone), phone
    # Every telephone field is one that the pattern above could read.
    for field in re.findall(r"<phone[^>]*>([^<]+)<", text):
        assert phones_in(field), field
    assert set(re.findall(r"<lastName>([^<]+)|\"lastName\": \"([^\"]+)", text)) <= {
        ("Demo", ""),
        ("", "Demo"),
    }
    assert all(bank == "DEMO" for bank in re.findall(r"PK\d\d([A-Z]{4})\d", text))
    # The protocol's own incident type is the only place for the statute's old word.
    protocol = "Child Pornography (possession, manufacture, and distribution)"
    assert "porn" not in text.replace(protocol, "").lower()


def test_nothing_in_a_world_belongs_to_anybody(world: list[Package]) -> None:
    for package in world:
        assert_about_nobody(package)


def test_small_worlds_keep_to_four_zeros_and_large_ones_to_three(world: list[Package]) -> None:
    assert all(
        re.fullmatch(r"03\d\d0000\d{3}", phone) for package in world for phone in phones_in(text_of(package))
    )
    for package in islice(generate(3, 1_000_000), 300):
        assert_about_nobody(package)


def test_nothing_in_the_standard_documents_belongs_to_anybody() -> None:
    for package in standard_documents(1, 200, start=90_000):
        assert_about_nobody(package)


# -- standard documents for measuring


def identifiers_in(package: Package) -> list[tuple[str, str]]:
    paths = {
        "phone": ".//phone",
        "email": "./personOrUserReported//email",
        "handle": ".//screenName",
        "esp_id": ".//espIdentifier",
        "device": ".//deviceId/idValue",
        "url": ".//url",
        "profile_url": ".//profileUrl",
        "group": ".//groupIdentifier",
    }
    found: list[tuple[str, str]] = []
    for _, document in package.documents:
        tree = etree.fromstring(document)
        for kind, path in paths.items():
            found += [(kind, str(element.text)) for element in tree.findall(path)]
        for capture in tree.iter("ipCaptureEvent"):
            assert capture.findtext("dateTime")
            found.append(("ip", f"{capture.findtext('ipAddress')}:{capture.findtext('port')}"))
    return found


def test_standard_packages_hold_nineteen_identifiers_in_about_six_kilobytes() -> None:
    assert sum(STANDARD_IDENTIFIERS.values()) == 19
    sizes = []
    for package in standard_documents(7, 300):
        kinds = [kind for kind, _ in identifiers_in(package)]
        assert {kind: kinds.count(kind) for kind in STANDARD_IDENTIFIERS} == STANDARD_IDENTIFIERS
        sizes.append(sum(len(document) for _, document in package.documents))
    assert 5_400 < sum(sizes) / len(sizes) < 6_600


def test_standard_identifiers_mostly_differ_and_some_recur() -> None:
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for package in standard_documents(7, 2_000):
        for identifier in identifiers_in(package):
            seen[identifier] += 1
    assert 0.05 < 1 - len(seen) / sum(seen.values()) < 0.12


def test_standard_packages_of_two_stretches_do_not_meet() -> None:
    numbers = {package.number for package in standard_documents(7, 50)}
    assert not numbers & {package.number for package in standard_documents(7, 50, start=50)}


@pytest.mark.shared
def test_standard_packages_are_valid(schema: etree.XMLSchema) -> None:
    for package in standard_documents(7, 100):
        for _, document in package.documents:
            schema.assertValid(etree.fromstring(document))


# -- the contract


def imported_by(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_the_room_imports_neither_triage_nor_linking_and_the_generator_no_room_at_all() -> None:
    room = Path(str(amaan.demo.__file__)).parent
    for file in room.rglob("*.py"):
        for name in imported_by(file):
            assert not re.match(r"amaan\.(triage|linking|flow)\b", name), (file, name)
            if file.parent.name == "generator":
                assert not name.startswith("django"), (file, name)
                assert not name.startswith("amaan.") or name.startswith("amaan.demo.generator"), (file, name)
