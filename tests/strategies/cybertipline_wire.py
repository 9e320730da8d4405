"""CyberTipline documents for the wire: whole ones that keep every rule, and broken ones.

`kept_report(turn)` and `kept_file(turn)` hold every element and attribute of the schema with values that no rule
objects to; where two exclude each other, `turn` picks one. `broken(...)` is a strategy of trees with a few parts
taken out, doubled, moved, renamed or overwritten.
"""

from __future__ import annotations

from copy import deepcopy

from hypothesis import strategies as st
from lxml import etree
from tests.strategies.cybertipline import ENUMS, SHAPES, file_documents, report_documents

EMAIL = "person@example.org"
VALUES = {
    "url": "https://example.org/a?b=c",
    "profileUrl": "https://example.org/p",
    "legalURL": "https://example.org/terms",
    "locationOfFile": "https://example.org/f",
    "emailAddress": EMAIL,
    "email": EMAIL,
    "phone": "300 0000123",
    "phoneNumber": "3000000123",
    "ipAddress": "203.0.113.7",
    "port": "443",
    "age": "15",
    "approximateAge": "0",
    "countryCode": "US",
    "region": "CA",
    "@countryCallingCode": "+92",
    "@verified": "true",
    "@disabledDate": "2025-02-01T00:00:00Z",
    "@userNotifiedDate": "2025-02-01T00:00:00Z",
    "@reenabledDate": "2025-02-02T00:00:00Z",
    "exifViewedByEsp": "true",
    "fileViewedByEsp": "true",
}
BY_KIND = {
    "string": "text",
    "boolean": "true",
    "flag": "",
    "dateTime": "2025-03-01T10:00:00Z",
    "date": "2010-03-01",
    "int": "7",
    "long": "12345",
    "reportNumber": "12345",
    "token": "0" * 32,
    "double": "30.5",
    "callingCode": "+92",
    "digits": "12",
    "country": "PK",
    "state": "CA",
    **{name: values[0] for name, values in ENUMS.items() if name not in {"country", "state"}},
}


def _grow(tag: str, kind: str, turn: int) -> etree._Element:
    element = etree.Element(tag)
    shape = SHAPES.get(kind)
    if shape is None:
        element.text = VALUES.get(tag, BY_KIND[kind])
        return element
    if shape.text is not None:
        element.text = VALUES.get(tag, BY_KIND[shape.text])
    for name, scalar, _ in shape.attributes:
        element.set(name, VALUES.get(f"@{name}", BY_KIND[scalar]))
    exclusive = [child for child in shape.children if child.exclusive]
    for child in shape.children:
        apart = tag == "associatedAccount" and child.name == ("approximateAge", "dateOfBirth")[turn % 2]
        if child.name == "batchedReport" or apart:
            continue
        if child.exclusive and child is not exclusive[turn % len(exclusive)]:
            continue
        if child.type == "internetDetails":
            for way in SHAPES["internetDetails"].children:
                etree.SubElement(element, "internetDetails").append(_grow(way.name, way.type, turn))
        else:
            element.append(_grow(child.name, child.type, turn))
    return element


def parsed(root: etree._Element) -> etree._Element:
    """As a reader gets it: a tree built in memory can hold empty texts, which a read one can't."""
    return etree.fromstring(etree.tostring(root))


def kept_report(turn: int = 0) -> etree._Element:
    return parsed(_grow("report", "report", turn))


def kept_file(turn: int = 0) -> etree._Element:
    return parsed(_grow("fileDetails", "fileDetails", turn))


BATCHED = (
    b'<report><batchedReport reason="VIRAL_POTENTIAL_MEME"/><incidentSummary><incidentType>Child Sex Tourism'
    b"</incidentType><incidentDateTime>2025-03-01T10:00:00Z</incidentDateTime></incidentSummary><reporter>"
    b"<reportingPerson><email>person@example.org</email></reportingPerson></reporter><personOrUserReported>"
    b"<espIdentifier>1</espIdentifier></personOrUserReported><personOrUserReported><espIdentifier>2"
    b"</espIdentifier></personOrUserReported></report>"
)

_NAMES = sorted({child.name for shape in SHAPES.values() for child in shape.children} | {"stranger"})
_ATTRIBUTES = sorted({name for shape in SHAPES.values() for name, _, _ in shape.attributes} | {"stranger"})
_TEXTS = st.one_of(
    st.sampled_from(
        (
            *(
                "",
                " ",
                "true",
                "false",
                "1",
                "0",
                "yes",
                "text",
                "-1",
                " 7 ",
                "7.5",
                "99999999999",
                "1e3",
                "NaN",
            ),
            *(
                "2025-03-01",
                "2025-03-01T10:00:00",
                "2025-02-30T10:00:00Z",
                "24:00:00",
                "PK",
                "pk",
                "USA",
                "ZZ",
            ),
            *(
                "Home",
                "home",
                "Reported",
                "A1",
                "Login",
                "+92",
                "92",
                "VIRAL_POTENTIAL_MEME",
                "Child Sex Tourism",
            ),
        )
    ),
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=6),
)


def _spoil(draw: st.DrawFn, root: etree._Element) -> None:
    elements = list(root.iter())
    element = elements[draw(st.integers(0, len(elements) - 1))]
    parent = element.getparent()
    manner = draw(st.integers(0, 7))
    if parent is None or manner == 0:
        element.set(draw(st.sampled_from(_ATTRIBUTES)), draw(_TEXTS))
    elif manner == 1:
        parent.remove(element)
    elif manner == 2:
        parent.insert(parent.index(element), deepcopy(element))
    elif manner == 3:
        parent.append(element)
    elif manner == 4:
        element.tag = draw(st.sampled_from(_NAMES))
    elif manner == 5:
        element.text = draw(_TEXTS)
    elif manner == 6:
        stranger = etree.Element(draw(st.sampled_from(_NAMES)))
        stranger.text = draw(_TEXTS)
        element.insert(draw(st.integers(0, len(element))), stranger)
    else:
        for name in element.keys():  # noqa: SIM118
            del element.attrib[name]


@st.composite
def broken(draw: st.DrawFn) -> etree._Element:
    """A `<report>` or `<fileDetails>` that was valid before up to three things were done to it."""
    base = draw(
        st.one_of(
            report_documents(noise=False).map(etree.fromstring),
            file_documents(noise=False).map(etree.fromstring),
            st.sampled_from((0, 1)).map(kept_report),
            st.sampled_from((0, 1)).map(kept_file),
        )
    )
    for _ in range(draw(st.integers(0, 3))):
        _spoil(draw, base)
    return parsed(base)
