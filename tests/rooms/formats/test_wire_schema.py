"""Our schema allows what the official one allows, but for differences that are named here one by one."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from lxml import etree
from tests.rooms.formats.schema_model import Model, SchemaModel
from tests.strategies.cybertipline_wire import broken, kept_file, kept_report

from amaan.formats.cybertipline import schema, shapes
from amaan.formats.cybertipline.checking import check_file, check_report, schema_bytes
from amaan.formats.reading import Shape

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 1, tzinfo=UTC)
XS = "{http://www.w3.org/2001/XMLSchema}"
calm = settings(deadline=None, suppress_health_check=list(HealthCheck))

ACCEPTED_AND_FLAGGED = {
    # where, what is put there, the flag
    "newer report annotations": (
        "incidentSummary/reportAnnotations",
        ("informational", "ageAssertionDiscrepancy", "potentialAggravatingFactors", "instrumentalUse"),
        "reportAnnotations:known",
    ),
    "ageAssertionDiscrepancy of a person": (
        "victim/victimPerson",
        ("ageAssertionDiscrepancy",),
        "person/ageAssertionDiscrepancy:newer",
    ),
    "ageAssertionDiscrepancy of an account": (
        "victim/associatedAccount",
        ("ageAssertionDiscrepancy",),
        "associatedAccount/ageAssertionDiscrepancy:newer",
    ),
    "accountType": (
        "victim/associatedAccount",
        ("@accountType=Linked",),
        "associatedAccount/@accountType:place",
    ),
    "thirdPartyUser": (
        "victim/associatedAccount",
        ("@thirdPartyUser=true",),
        "associatedAccount/@thirdPartyUser:place",
    ),
    "fleaCountry": ("lawEnforcement", ("@fleaCountry=PK",), "lawEnforcement/@fleaCountry:place"),
    "type of a pair": ("details/nameValuePair", ("@type=EXIF",), "nameValuePair/@type:place"),
    # The schema can't say these two; a check sets the element aside before it asks the schema.
    "unknown report annotation": (
        "incidentSummary/reportAnnotations",
        ("somethingNew",),
        "reportAnnotations:known",
    ),
    "unknown file annotation": ("fileAnnotations", ("somethingNew",), "fileAnnotations:known"),
}


@pytest.fixture(scope="module")
def official(shared: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(shared / "formats" / "cybertipline" / "cybertipline-report.xsd")))


@pytest.fixture(scope="module")
def own() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(schema_bytes()))


def _put(root: etree._Element, what: str) -> None:
    if what.startswith("@"):
        name, _, value = what[1:].partition("=")
        root.set(name, value)
        if name == "accountType":
            del root.attrib["type"]
        return
    added = etree.Element(what)
    before = next(
        (child for child in root if child.tag in {"dateOfBirth", "phone"} and _fits(root, child)), None
    )
    root.insert(len(root) if before is None else root.index(before), added)


def _fits(root: etree._Element, child: etree._Element) -> bool:
    return child.tag == "dateOfBirth" or root.tag == "associatedAccount"


@pytest.mark.shared
@pytest.mark.parametrize("name", ACCEPTED_AND_FLAGGED)
def test_each_named_difference_is_one(name: str, official: etree.XMLSchema) -> None:
    where, added, flag = ACCEPTED_AND_FLAGGED[name]
    root = (
        kept_report(1)
        if where.split("/")[0] in {"incidentSummary", "victim", "lawEnforcement"}
        else kept_file(1)
    )
    check = check_report if root.tag == "report" else check_file
    assert official.validate(root)
    for what in added:
        bent = deepcopy(root)
        place = bent.find(where)
        assert place is not None
        _put(place, what)
        assert not official.validate(bent)
        checked = check(etree.tostring(bent), now=NOW)
        assert checked.flags == (flag,)
        assert etree.tostring(checked.root) == etree.tostring(bent), "what is flagged is kept"


def _without_the_differences(root: etree._Element) -> etree._Element:
    """The document with what is accepted and flagged taken out, or put where the official schema wants it."""
    plain = deepcopy(root)
    newer = {"ageAssertionDiscrepancy", "informational", "potentialAggravatingFactors", "instrumentalUse"}
    for element in list(plain.iter(*newer)):
        parent = element.getparent()
        if parent is not None and not (element.tail or "").strip():
            parent.remove(element)
    for element in plain.iter("associatedAccount"):
        for name in ("accountType", "thirdPartyUser"):
            element.attrib.pop(name, None)
        element.set("type", element.get("type", "Other"))
    for element in plain.iter("lawEnforcement"):
        element.attrib.pop("fleaCountry", None)
    for element in plain.iter("nameValuePair"):
        element.attrib.pop("type", None)
    return plain


@pytest.mark.shared
@calm
@given(broken())
def test_both_schemas_agree_on_valid_and_broken_documents(
    official: etree.XMLSchema, own: etree.XMLSchema, root: etree._Element
) -> None:
    plain = _without_the_differences(root)
    allowed = official.validate(plain)
    event(f"official: {allowed}")
    assert own.validate(plain) == allowed, (official.error_log, own.error_log, etree.tostring(plain))


def _official_wording(model: Model, path: str) -> Model:
    """Our model of an element without the differences that ACCEPTED_AND_FLAGGED names."""
    place, attributes = path.rpartition("/")[2], dict(model["attributes"])
    if place == "associatedAccount":
        kind, _ = attributes["type"]
        attributes = {"type": (kind, "required")}
    elif place in {"lawEnforcement", "nameValuePair"}:
        attributes = {}
    newer = {"ageAssertionDiscrepancy", "informational", "potentialAggravatingFactors", "instrumentalUse"}
    children = []
    for child in model["children"]:
        if len(child) == 2:
            inner = [(n, often, _official_wording(one, f"{path}/{n}")) for n, often, one in child[1]]
            children.append((child[0], inner))
        elif child[0] not in newer:
            children.append((child[0], child[1], _official_wording(child[2], f"{path}/{child[0]}")))
    return {**model, "attributes": attributes, "children": children}


@pytest.mark.shared
@pytest.mark.parametrize("root", ["report", "fileDetails", "reportResponse", "reportDoneResponse"])
def test_both_schemas_say_the_same_but_for_the_named_differences(shared: Path, root: str) -> None:
    file = shared / "formats" / "cybertipline" / "cybertipline-report.xsd"
    official, own = SchemaModel(file.read_bytes()).element(root), SchemaModel(schema_bytes()).element(root)
    assert _official_wording(own, root) == official
    assert (own == official) == root.endswith("Response")


@calm
@given(broken())
def test_what_is_told_of_a_large_document_is_whether_it_is_valid_too(
    own: etree.XMLSchema, root: etree._Element
) -> None:
    allowed = own.validate(root)
    assert (not schema.breaches(root, 1)) == allowed
    assert (not schema.breaches(root, 100_000)) == allowed


@pytest.mark.shared
def test_the_documented_samples_are_valid(shared: Path, own: etree.XMLSchema) -> None:
    samples = sorted((shared / "formats" / "cybertipline" / "samples").glob("*.xml"))
    assert len(samples) == 8
    for sample in samples:
        raw = sample.read_bytes()
        own.assertValid(etree.fromstring(raw))
        if b"<report " in raw:
            assert check_report(raw, now=NOW).flags == ()
        elif b"<fileDetails" in raw:
            assert check_file(raw, now=NOW).flags == ()


def _type_of(element: etree._Element, tree: etree._Element) -> etree._Element | None:
    kind = element.get("type")
    if kind is None:
        return element.find(f"{XS}complexType")
    return next((one for one in tree.iterchildren(f"{XS}complexType") if one.get("name") == kind), None)


def _paths(element: etree._Element, tree: etree._Element) -> set[str]:
    """Every path below an element declaration, by following types, extensions and groups."""
    found: set[str] = set()
    open_parts = [part for part in (_type_of(element, tree),) if part is not None]
    while open_parts:
        part = open_parts.pop()
        for one in part:
            tag = str(one.tag).removeprefix(XS)
            if tag == "element":
                found.add(str(one.get("name")))
                found |= {f"{one.get('name')}/{path}" for path in _paths(one, tree)}
            elif tag == "attribute":
                found.add(f"@{one.get('name')}")
            else:
                open_parts.append(one)
                name = one.get("ref") or one.get("base")
                open_parts += [other for other in tree if name and other.get("name") == name]
    return found


def _shape_paths(shape: Shape) -> set[str]:
    found = {f"@{name}" for name in shape.attributes if not name.startswith("{")}
    for name, child in shape.children.items():
        found |= {name} | {f"{name}/{path}" for path in _shape_paths(child)}
    return found


@pytest.mark.parametrize("root", ["report", "fileDetails"])
def test_the_reader_knows_what_the_schema_knows(root: str) -> None:
    tree = etree.fromstring(schema_bytes())
    declared = next(one for one in tree.iterchildren(f"{XS}element") if one.get("name") == root)
    # Kept as not understood: what some clients put in another place, and the newest.
    kept = {"lawEnforcement/@fleaCountry", "details/nameValuePair/@type"}
    in_schema = {
        path
        for path in _paths(declared, tree) - kept
        if not path.endswith(
            ("associatedAccount/ageAssertionDiscrepancy", "associatedAccount/@thirdPartyUser")
        )
    }
    # The reader is kinder: it takes in what has its place with other people.
    liberal = {
        path for path in _shape_paths(shapes.ROOTS[root]) if path.startswith("intendedRecipient/associated")
    }
    assert _shape_paths(shapes.ROOTS[root]) - liberal == in_schema


def test_the_lists_of_the_schema_are_those_of_the_reader() -> None:
    tree = etree.fromstring(schema_bytes())
    listed = {
        str(kind.get("name")): [one.get("value") for one in kind.iter(f"{XS}enumeration")]
        for kind in tree.iterchildren(f"{XS}simpleType")
    }
    assert listed["incidentType"] == list(shapes.INCIDENT_TYPES)
    assert len(listed["country"]) == 258
    assert len(listed["state"]) == 55


def test_a_schema_named_in_a_document_is_not_fetched(tmp_path: Path) -> None:
    other = tmp_path / "other.xsd"
    other.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="report" type="xs:int"/></xs:schema>'
    )
    root = kept_report()
    root.set("{http://www.w3.org/2001/XMLSchema-instance}noNamespaceSchemaLocation", other.as_uri())
    assert check_report(etree.tostring(root), now=NOW).flags == ()
