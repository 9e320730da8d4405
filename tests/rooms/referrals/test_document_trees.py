"""A document's tree: nobody protected is named in it, and nothing but what is held is missing from it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import file_details, le_report, report
from tests.strategies.cybertipline import fullest_report, report_documents

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.formats.table import ColumnMapping
from amaan.referrals.domain.document_trees import Cover, DocumentTree, Node, first_nodes, tree_of
from amaan.referrals.panels import completeness, document_trees
from amaan.reports.domain.protected import Protected, veil_for
from amaan.reports.domain.veil import Told, Veil, fold
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
    (raw,) = document_trees(READER, reference, masked=False)
    assert "Pebble" in shown(raw)


@pytest.mark.django_db
def test_another_units_documents_are_none() -> None:
    reference = arrived(report())
    for read in (document_trees, completeness):
        with pytest.raises(ReportNotFound):
            read(STRANGER, reference)
    assert len(document_trees(READER, reference)) == 1
    assert len(completeness(READER, reference)) == 1


@pytest.mark.parametrize("document", [b"", b"<report", b"{}", b"[1]", b'"text"', b"\xff\xfe"])
@pytest.mark.parametrize("kind", ["report", "fileDetails", "le_json", "csv", "something new"])
def test_what_cannot_be_read_is_one_held_node(kind: str, document: bytes) -> None:
    if (kind, document) == ("csv", b"{}"):
        return
    tree = tree_of(kind, document, OPEN)
    assert (tree.readable, tree.nodes, tree.root.held) == (False, 1, True)


@given(st.integers(1, 40))
def test_a_part_of_a_tree_has_no_more_nodes_than_asked_for(most: int) -> None:
    urls = "<profileUrl>https://x.example/</profileUrl>" * 20
    tree = tree_of("report", report(f"<personOrUserReported>{urls}</personOrUserReported>"), None)
    part, missing = first_nodes(tree, most)
    kept = sum(1 for _ in nodes(part.root)) + len(part.not_understood)
    assert kept == min(most, tree.nodes)
    assert kept + missing == tree.nodes
