"""A document's tree: nobody protected is named in it, and nothing but what is held is missing from it."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import ARRIVED, file_details, le_report, report
from tests.strategies.cybertipline import fullest_report, report_documents

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.formats.cybertipline import le_json, xml
from amaan.formats.cybertipline.shapes import ROOTS
from amaan.formats.reading import Shape
from amaan.formats.table import ColumnMapping
from amaan.referrals.domain.cybertipline import read_file, read_report
from amaan.referrals.domain.document_trees import Cover, DocumentTree, Node, tree_of, trees_of
from amaan.referrals.domain.le_json import read_report as read_le_report
from amaan.referrals.panels import document_trees
from amaan.referrals.selectors import receipts_of
from amaan.reports.domain.drafts import PartyDraft, PartyRole, ReportDraft, Source
from amaan.reports.domain.facts import is_protected
from amaan.reports.domain.protected import Protected, veil_for
from amaan.reports.domain.veil import MOST_TOLD, Told, Veil, compared, fold
from amaan.reports.selectors import ReportNotFound
from amaan.vocabulary.domain import find_district

calm = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
READER = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "north")}))
STRANGER = Actor(ActorKind.STAFF, "staff:2", frozenset({Grant(Role.ANALYST, "south")}))


def said(told: Told) -> str:
    return "".join("▒" if piece.covered else piece.text for piece in told)


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from nodes(child)


def shown(*trees: DocumentTree) -> str:
    """All that somebody can read in them, the names of the elements aside."""
    lines = []
    for tree in trees:
        for node in nodes(tree.root):
            lines += [said(told) for _, told in node.attributes]
            lines.append(said(node.text))
        lines += [said(told) for pair in tree.not_understood for told in pair]
    return "\n".join(lines)


def named(tree: DocumentTree, name: str) -> list[Node]:
    return [node for node in nodes(tree.root) if node.name == name]


OPEN = Cover(Veil())


@calm
@given(report_documents(noise=False))
def test_branches_of_the_protected_are_held_whatever_stands_in_them(document: bytes) -> None:
    tree = tree_of("report", document, OPEN)
    for branch in ("victim", "intendedRecipient", "reporter"):
        for node in named(tree, branch):
            assert node.held
            assert all(not piece.text for one in nodes(node) for piece in one.text)
            assert all(not piece.text for one in nodes(node) for _, told in one.attributes for piece in told)


@calm
@given(report_documents(noise=False))
def test_with_the_seal_open_nothing_is_missing(document: bytes) -> None:
    tree = tree_of("report", document, None)
    held = shown(tree)
    root = etree.fromstring(document)
    for element in root.iter(tag=etree.Element):
        for text in (element.text, element.tail, *element.attrib.values()):
            assert (text or "").strip() in held
    assert not any(node.held for node in nodes(tree.root))


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), st.integers(10**6, 10**9))
def test_no_planted_value_of_a_drawn_report_is_shown(data: st.DataObject, number: int) -> None:
    """What identifies the protected is found by XPath here and planted into free texts elsewhere."""
    root = etree.fromstring(data.draw(report_documents(noise=False)))
    victim = root.find("victim")
    planted = []
    for branch in root.xpath("victim | intendedRecipient"):
        for element in branch.iter("firstName", "lastName", "screenName", "schoolName", "displayName"):
            text = (element.text or "").strip()
            if sum(map(str.isalnum, text)) >= 6 and not find_district(text):
                planted.append(text)
    if victim is None or not planted:
        return
    for element in root.iter("additionalInfo", "content", "profileBio"):
        element.text = f"{element.text or ''} and {data.draw(st.sampled_from(planted)).upper()} said so"
    reference = arrived(etree.tostring(root), number=str(number))
    held = fold(shown(*document_trees(READER, reference)))
    for text in planted:
        assert fold(text) not in held, text


@pytest.mark.django_db
def test_the_fullest_report_shows_none_of_its_children() -> None:
    document = fullest_report(1)
    trees = document_trees(READER, arrived(document))
    held = fold(shown(*trees))
    root = etree.fromstring(document)
    texts = [
        (element.text or "").strip()
        for element in root.xpath("victim | intendedRecipient")
        for element in element.iter("firstName", "lastName", "screenName", "schoolName", "email", "phone")
    ]
    assert len(texts) > 6
    for text in texts:
        if len(text) >= 4 and not find_district(text):
            assert fold(text) not in held, text


def test_a_reported_child_and_their_family_are_held_and_an_adult_is_not() -> None:
    accounts = "<associatedAccount><screenName>{0}_one</screenName></associatedAccount>"
    body = "".join(
        f"<personOrUserReported><screenName>{name}</screenName>{accounts.format(name)}</personOrUserReported>"
        for name in ("adult", "child", "parent")
    )
    cover = Cover(Veil(), (False, True, False), ((False,), (False,), (True,)))
    held = shown(tree_of("report", report(body), cover))
    assert "adult" in held
    assert "adult_one" in held
    assert "child" not in held
    assert "parent\n" in held
    assert "parent_one" not in held


def test_whoever_the_cover_does_not_know_is_held() -> None:
    body = "<personOrUserReported><screenName>one</screenName></personOrUserReported>" * 2
    held = shown(tree_of("report", report(body), Cover(Veil(), (False,), ((),))))
    assert held.count("one") == 1


def test_of_a_files_properties_only_those_are_shown_that_tell_nobody() -> None:
    names = {
        True: ["Make", "MODEL", " Date/Time Original", "F-Number", "ISO", "MIMEType", "Software"],
        False: [
            "GPSLatitude",
            "OwnerName",
            "City",
            "Sub-location",
            "XPComment",
            "City Make",
            "",
            "وضاحت",
            "Makenote",
        ],
    }
    pairs = [(name, f"told{n}q", shows) for shows, held in names.items() for n, name in enumerate(held)]
    pairs = [(name, f"{text}{shows}", shows) for name, text, shows in pairs]
    document = file_details(
        "<details type='EXIF'>"
        + "".join(f"<nameValuePair><name>{n}</name><value>{t}</value></nameValuePair>" for n, t, _ in pairs)
        + "<nameValuePair><name>Make</name><name>GPSLatitude</name><value>two names</value></nameValuePair>"
        + "<nameValuePair><value>no name</value></nameValuePair>"
        + "<nameValuePair><name>Model</name><value>Quillwen's telephone</value></nameValuePair></details>"
    )
    held = le_report(
        uploadedFiles={
            "uploadedFiles": [{"espMetadata": {"metadatas": [{"name": n, "value": t} for n, t, _ in pairs]}}]
        }
    )
    cover = Cover(veil_for([Protected(["Quillwen"])]))
    for tree in (tree_of("fileDetails", document, cover), tree_of("le_json", held, cover)):
        text = shown(tree)
        assert [t for _, t, _ in pairs if t in text] == [t for _, t, shows in pairs if shows]
        assert not {"two names", "no name", "Quillwen's telephone"} & set(text.split("\n"))
    assert "▒'s telephone" in shown(tree_of("fileDetails", document, cover))


def test_what_was_captured_of_an_upload_is_held_where_a_child_is_reported() -> None:
    capture = "<ipCaptureEvent><ipAddress>203.0.113.4</ipAddress></ipCaptureEvent>"
    own = f"<personOrUserReported>{capture.replace('113.4', '113.77')}</personOrUserReported>"
    before = f"<internetDetails><peer2peerIncident>{capture}</peer2peerIncident></internetDetails>"
    device = "<deviceId><idType>IMEI</idType><idValue>490154203237518</idValue></deviceId>"
    for uploader in (False, True):
        cover = Cover(Veil(), (False,), ((),), uploader=uploader)
        held = shown(tree_of("report", report(own, before=before), cover))
        held += shown(tree_of("fileDetails", file_details(device), cover))
        assert "203.0.113.77" in held, "the adult's own"
        assert ("203.0.113.4" in held) is not uploader
        assert ("490154203237518" in held) is not uploader


def test_file_names_places_and_owners_of_files_are_held() -> None:
    pairs = "".join(
        f"<nameValuePair><name>{name}</name><value>{name} told</value></nameValuePair>"
        for name in ("GPSLatitude", "OwnerName", "Make")
    )
    document = file_details(
        f"<originalFileName>at-school.jpg</originalFileName><details type='EXIF'>{pairs}</details>"
        "<ipCaptureEvent><ipAddress>203.0.113.4</ipAddress></ipCaptureEvent>"
    )
    held = shown(tree_of("fileDetails", document, OPEN))
    assert "Make told" in held
    assert "203.0.113.4" in held
    for text in ("at-school", "GPSLatitude told", "OwnerName told"):
        assert text not in held
    assert "203.0.113.4" not in shown(tree_of("fileDetails", document, Cover(Veil(), uploader=True)))


def test_the_json_of_law_enforcement_is_covered_alike() -> None:
    document = le_report(
        victims={"victims": [{"firstName": "Quillwen", "oddKey": "Pebble"}]},
        reportingEsp={"espName": "Example Platform", "firstName": "Halder"},
        reportedPeople={"reportedPersons": [{"firstName": "Adult"}, {"firstName": "Minor"}]},
        uploadedFiles={"uploadedFiles": [{"filename": "kid.jpg"}]},
        additionalInformations=[{"value": "Quillwen wrote back"}],
    )
    veil = veil_for([Protected(["Quillwen"])])
    held = shown(tree_of("le_json", document, Cover(veil, (False, True))))
    assert "Adult" in held
    assert "▒ wrote back" in held
    for text in ("Quillwen", "Pebble", "Halder", "Minor", "kid.jpg"):
        assert text not in held


@pytest.mark.django_db
def test_of_a_tables_row_only_what_is_known_to_name_nobody_is_shown() -> None:
    mapping = ColumnMapping(
        columns={"Child": "victim.name", "Told": "incident.text", "Account": "reported.handle"},
        entity="Hotline",
    )
    row = {
        "Child": "Quillwen",
        "Told": "Quillwen was threatened",
        "Account": "bad_actor",
        "Quillwen's note": "Pebble",
        "Other": "",
    }
    reference = arrived(json.dumps(row).encode(), mapping=mapping)
    (tree,) = document_trees(READER, reference)
    held = shown(tree)
    assert "▒ was threatened" in held
    assert "Quillwen" not in held
    assert "Pebble" not in held
    assert [node.name for node in tree.root.children] == ["Child", "Told", "Account", "", "Other"]


@pytest.mark.django_db
def test_another_units_documents_are_none() -> None:
    reference = arrived(report())
    for read in (document_trees, receipts_of):
        with pytest.raises(ReportNotFound):
            read(STRANGER, reference)
    assert len(document_trees(READER, reference)) == 1
    assert len(receipts_of(READER, reference)) == 1


@pytest.mark.parametrize("document", [b"", b"<report", b"{}", b"[1]", b'"text"', b"\xff\xfe"])
@pytest.mark.parametrize("kind", ["report", "fileDetails", "le_json", "csv", "something new"])
def test_what_cannot_be_read_is_one_held_node(kind: str, document: bytes) -> None:
    if (kind, document) == ("csv", b"{}"):
        return
    tree = tree_of(kind, document, OPEN)
    assert (tree.readable, tree.nodes, tree.root.held) == (False, 1, True)


@given(st.integers(1, 40))
def test_a_part_of_a_tree_has_no_more_nodes_than_asked_for(most: int) -> None:
    urls = "<profileUrl>https://x.example/</profileUrl>" * 20 + "<newer>one</newer>" * 5
    document = report(f"<personOrUserReported>{urls}</personOrUserReported>")
    whole, part = (tree_of("report", document, None, count) for count in (1000, most))
    assert whole.nodes == part.nodes == sum(1 for _ in nodes(whole.root)) + len(whole.not_understood)
    kept = sum(1 for _ in nodes(part.root)) + len(part.not_understood)
    assert kept == min(most, part.nodes)
    assert kept + part.left_out == part.nodes


def test_trees_of_one_report_share_their_room() -> None:
    documents = [
        ("report", report("<additionalInfo>told</additionalInfo>")),
        ("fileDetails", file_details()),
    ] * 2
    whole = trees_of(documents, None)
    assert sum(tree.left_out for tree in whole) == 0
    most = whole[0].nodes + 1
    part = trees_of(documents, None, most)
    assert [tree.nodes - tree.left_out for tree in part] == [most - 1, 1, 1, 1]
    assert [tree.nodes for tree in part] == [tree.nodes for tree in whole]


@pytest.mark.parametrize("kind", ["report", "csv"])
def test_a_text_of_megabytes_costs_no_gigabytes(kind: str) -> None:
    text = "Quillwen کا پیغام %20 " * 200_000
    document = report(f"<additionalInfo>{text}</additionalInfo>")
    cover = Cover(veil_for([Protected(["Quillwen"])]))
    if kind == "csv":
        document = json.dumps({"Told": text}).encode()
        cover = Cover(cover.veil, clear=frozenset({compared(text.strip())}))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    tree = tree_of(kind, document, cover)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 20 * len(document)
    (node,) = [one for one in nodes(tree.root) if one.name in {"additionalInfo", "Told"}]
    assert node.more
    assert "Quillwen" not in said(node.text)
    assert 10_000 < len(said(node.text)) <= MOST_TOLD + 1


def test_a_document_of_many_texts_is_covered_within_its_room() -> None:
    body = f"<additionalInfo>{'کون %20 ' * 2000}</additionalInfo>" * 120
    tree = tree_of(
        "report",
        report(f"<personOrUserReported>{body}</personOrUserReported>"),
        Cover(Veil(["کسی"]), (False,)),
    )
    texts = named(tree, "additionalInfo")
    assert len(texts) == 120
    assert sum(len(said(node.text)) for node in texts) < 1_100_000
    assert not texts[0].more
    assert texts[-1].more


# What intake seals is not shown by the tree, whatever the veil knows

MARK = re.compile(r"mark\d{4}x")


class _Marks:
    """A document that says everything its format knows, each thing with a mark of its own."""

    def __init__(self, said: dict[str, str]) -> None:
        self._said = said
        self.count = 0

    def text(self, name: str) -> str:
        self.count += 1
        return self._said.get(name, f"mark{self.count:04}x")

    def element(self, name: str, shape: Shape) -> etree._Element:
        element = etree.Element(name)
        for attribute in sorted(shape.attributes):
            if "{" not in attribute:
                element.set(attribute, self.text(attribute))
        if shape.text:
            element.text = self.text(name)
        for child, below in shape.children.items():
            element.append(self.element(child, below))
        return element

    def object(self, name: str, shape: Shape) -> Any:
        if shape.text:
            return self.text(name)
        return {child: [self.object(child, below)] for child, below in shape.children.items()}


def _strings(value: Any) -> str:
    return json.dumps(value, default=lambda held: asdict(held) if is_dataclass(held) else str(held))  # type: ignore[arg-type]


def _sealed_at_intake(draft: ReportDraft, protected: list[bool]) -> str:
    """Whatever `preparing` seals for somebody's sake, and no page shows."""
    sealed: list[Any] = [incident.places for incident in draft.incidents]
    sealed += [content.names for content in draft.contents]
    sealed += [party for party, is_sealed in zip(draft.parties, protected, strict=True) if is_sealed]
    reported = [
        p for party, p in zip(draft.parties, protected, strict=True) if party.role is PartyRole.REPORTED
    ]
    if any(reported):
        captured = [*draft.incidents, *draft.contents]
        sealed += [one for held in captured for one in held.identifiers if one.captured]
        sealed += [held.details.get(name) for held in captured for name in ("ipCaptureEvent", "deviceId")]
    return _strings([sealed, draft.details.get("reporter")])


@pytest.mark.parametrize("age", ["", "12"])
@pytest.mark.parametrize("kind", ["report", "fileDetails", "le_json"])
def test_no_path_that_intake_seals_is_shown(kind: str, age: str) -> None:
    """The shapes name all paths; what becomes of each is asked of the reader, and of the tree with an empty veil."""
    ages = dict.fromkeys(("age", "approximateAge"), age) if age else {}
    marks = _Marks({"ageAssertionDiscrepancy": "false", **ages})
    if kind == "le_json":
        document = json.dumps(marks.object("report", le_json.REPORT)).encode()
        draft = read_le_report(le_json.read(document).tree, entity="", number="")
    else:
        document = etree.tostring(marks.element(kind, ROOTS[kind]))
        tree = xml.read(document).tree
        if kind == "report":
            draft = read_report(tree, entity="", number="")
        else:
            draft = ReportDraft(Source.CYBERTIPLINE_XML, "", "", contents=[read_file(tree)])
            draft.parties.append(PartyDraft(PartyRole.REPORTED, age=int(age or 40)))
    protected = [is_protected(party, ARRIVED.date(), draft.parties) for party in draft.parties]
    sealed = set(MARK.findall(_sealed_at_intake(draft, protected)))
    assert len(sealed) > (100 if kind == "report" else 20 if kind == "le_json" else 1)
    numbers = [n for n, party in enumerate(draft.parties) if party.role is PartyRole.REPORTED]
    cover = Cover(
        Veil(),
        tuple(protected[n] for n in numbers),
        tuple(
            tuple(p for q, p in zip(draft.parties, protected, strict=True) if q.of_party == n)
            for n in numbers
        ),
        uploader=any(protected[n] for n in numbers),
    )
    tree_shown = shown(tree_of(kind, document, cover))
    assert cover.uploader == bool(age)
    assert not sealed & set(MARK.findall(tree_shown))
    assert marks.count > 30
    assert len(set(MARK.findall(tree_shown))) > 5, "the tree shows nothing, and so proves nothing"
