"""Arbitrary valid CyberTipline documents, and law-enforcement JSON of the documented key tree.

`report_documents()`, `file_documents()` and `le_json_documents()` give strategies of bytes. What they build
is valid against the official schema (test_cybertipline_strategies proves it where ../shared is present), not
plausible: every optional part, repetition, enum value, empty element and odd character may come. The *demo*
room builds plausible ones.

`fullest_report(n)` and `fullest_file(n)` hold every element and attribute that the schema knows, n choosing
the enum values, so that a test can name what it missed instead of hoping that chance finds it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from lxml import etree

XSI = "http://www.w3.org/2001/XMLSchema-instance"

# One line a shape. `name?` may be absent, `name*` may repeat, `name+` must come and may repeat; `:type`
# where the type is not the element's own name (then a shape) or a string; `@name` an attribute, `@name!` a
# required one; `=type` the text of an element that also has attributes; `|name` excludes the other `|`
# children of its shape. After the name: `choice` takes exactly one child, `all` takes its children in any
# order.
GRAMMAR = """
report: batchedReport? incidentSummary internetDetails* lawEnforcement? reporter personOrUserReported* \
    intendedRecipient* victim* additionalInfo?
batchedReport: @reason!:batchedReportReason
incidentSummary: incidentType:incidentType platform? escalateToHighPriority? reportAnnotations? \
    incidentDateTime:dateTime incidentDateTimeDescription?
reportAnnotations all: sextortion?:flag csamSolicitation?:flag minorToMinorInteraction?:flag spam?:flag \
    sadisticOnlineExploitation?:flag
internetDetails choice: webPageIncident emailIncident newsgroupIncident chatImIncident \
    onlineGamingIncident cellPhoneIncident nonInternetIncident peer2peerIncident
webPageIncident: url* additionalInfo? @thirdPartyHostedContent:boolean
emailIncident: emailAddress*:email content? additionalInfo?
newsgroupIncident: name? emailAddress*:email content? additionalInfo?
chatImIncident: chatClient? chatRoomName? content? additionalInfo?
onlineGamingIncident: gameName? console? content? additionalInfo?
cellPhoneIncident: phoneNumber?:phone latitude?:double longitude?:double additionalInfo?
nonInternetIncident: locationName? incidentAddress*:address additionalInfo?
peer2peerIncident: client? ipCaptureEvent* fileNames? additionalInfo?
lawEnforcement: agencyName caseNumber? officerContact?:contactPerson reportedToLe?:boolean \
    servedLegalProcessDomestic?:boolean servedLegalProcessInternational?
servedLegalProcessInternational: =boolean @fleaCountry:country
reporter: reportingPerson:person contactPerson? companyTemplate? termsOfService? legalURL?
personOrUserReported: personOrUserReportedPerson?:person vehicleDescription? espIdentifier? espService? \
    compromisedAccount?:boolean screenName? displayName* profileUrl* profileBio? ipCaptureEvent* \
    deviceId* thirdPartyUserReported?:boolean priorCTReports*:long groupIdentifier? \
    accountTemporarilyDisabled? accountPermanentlyDisabled? estimatedLocation? \
    allEmailsReported?:boolean associatedAccount* additionalInfo?
intendedRecipient: intendedRecipientPerson?:person espIdentifier? espService? \
    compromisedAccount?:boolean screenName? displayName* profileUrl* profileBio? ipCaptureEvent* \
    deviceId* priorCTReports*:long groupIdentifier? accountTemporarilyDisabled? \
    accountPermanentlyDisabled? estimatedLocation? allEmailsReported?:boolean additionalInfo*
victim: victimPerson:person espIdentifier? espService? compromisedAccount?:boolean screenName? \
    displayName* profileUrl* profileBio? ipCaptureEvent* deviceId* schoolName? priorCTReports*:long \
    accountTemporarilyDisabled? accountPermanentlyDisabled? estimatedLocation? \
    allEmailsReported?:boolean associatedAccount* additionalInfo?
fileDetails: reportId:reportNumber fileId:token fileName? originalFileName? \
    uploadedToEspTimestamp?:dateTime locationOfFile? fileViewedByEsp?:boolean exifViewedByEsp?:boolean \
    publiclyAvailable?:boolean fileRelevance?:fileRelevance |potentialMeme?:boolean |fileAnnotations? \
    industryClassification?:fileClassification originalFileHash* ipCaptureEvent? deviceId* details* \
    additionalInfo*
fileAnnotations all: animeDrawingVirtualHentai?:flag potentialMeme?:flag viral?:flag \
    possibleSelfProduction?:flag physicalHarm?:flag violenceGore?:flag bestiality?:flag \
    liveStreaming?:flag infant?:flag generativeAi?:flag
originalFileHash: =string @hashType!
details: nameValuePair+ @type:metadataTypes
nameValuePair: name value
person: firstName? lastName? phone* email* address* age?:int dateOfBirth?:date
contactPerson: firstName? lastName? phone* email* address*
address: address?:string city? zipCode? state?:state nonUsaState? country?:country @type:addressType
email: =string @type:emailType @verified:boolean @verificationDate:dateTime
phone: =string @type:phoneType @verified:boolean @verificationDate:dateTime \
    @countryCallingCode:callingCode @extension:digits
estimatedLocation: city? region? countryCode?:country @verified:boolean @timestamp:dateTime
ipCaptureEvent: ipAddress eventName?:eventName dateTime?:dateTime possibleProxy?:boolean port?:int
deviceId: idType idValue eventName?:eventName dateTime?:dateTime
accountTemporarilyDisabled: =boolean @disabledDate:dateTime @userNotified:boolean \
    @userNotifiedDate:dateTime @reenabledDate:dateTime
accountPermanentlyDisabled: =boolean @disabledDate:dateTime @userNotified:boolean \
    @userNotifiedDate:dateTime
associatedAccount: platform?:accountPlatform firstName? middleName? lastName? approximateAge?:int \
    dateOfBirth?:date phone* email* allEmailsReported?:boolean address* espService? espIdentifier? \
    profileUrl* screenName? displayName* profileBio? groupIdentifier? compromisedAccount?:boolean \
    accountTemporarilyDisabled? accountPermanentlyDisabled? ipCaptureEvent* deviceId* \
    priorCTReport*:long additionalInfo? @type!:associatedAccountType
accountPlatform: =string @thirdPartyUser:boolean
"""

ENUMS: dict[str, tuple[str, ...]] = {
    "batchedReportReason": ("VIRAL_POTENTIAL_MEME",),
    # The protocol's own strings; Amaan's word is "child sexual abuse material".
    "incidentType": (
        "Child Pornography (possession, manufacture, and distribution)",
        "Child Sex Trafficking",
        "Child Sex Tourism",
        "Child Sexual Molestation",
        "Misleading Domain Name",
        "Misleading Words or Digital Images on the Internet",
        "Online Enticement of Children for Sexual Acts",
        "Unsolicited Obscene Material Sent to a Child",
    ),
    "fileRelevance": ("Reported", "Supplemental Reported"),
    "fileClassification": ("A1", "A2", "B1", "B2"),
    "metadataTypes": ("EXIF", "HASH"),
    "addressType": ("Home", "Business", "Billing", "Shipping", "Technical"),
    "emailType": ("Home", "Work", "Business", "Recovery"),
    "phoneType": ("Mobile", "Home", "Business", "Work", "Fax", "Internet", "Recovery"),
    "eventName": ("Login", "Registration", "Purchase", "Upload", "Other", "Unknown"),
    "associatedAccountType": ("Billing", "Linked", "Business", "Creator", "Parent/Guardian", "Other"),
    # Some of the schema's values, its odd ones among them (empty, anonymous proxy, satellite, other).
    "country": ("PK", "US", "", "A1", "A2", "O1", "AE", "GB", "XK", "ZW"),
    "state": ("", "CA", "GU", "NY", "TX", "WY"),
}

_URDU = ("لڑکا ۱۵ سال", "تصویر پھیلانے کی دھمکی", "نوکری کا جھانسہ", "۰۳۰۰-۰۰۰۰۱۲۳")
_ODD = (
    "",
    " ",
    "a  b",
    "\n",
    "\tx\n",
    "<b>&amp;</b>",
    "]]>",
    "&lt;",
    "'\"",
    "\u200f\u200eمتن",
    "😀",
    "e\u0301",
    "-",
)


@dataclass(frozen=True)
class _Child:
    name: str
    type: str
    least: int
    many: bool
    exclusive: bool


@dataclass(frozen=True)
class _Shape:
    manner: str  # sequence, choice or all
    children: tuple[_Child, ...]
    attributes: tuple[tuple[str, str, bool], ...]
    text: str | None


def _parse(grammar: str) -> dict[str, _Shape]:
    shapes: dict[str, _Shape] = {}
    heads = [line.split(":", 1) for line in grammar.replace("\\\n", " ").strip().splitlines()]
    names = {head.split()[0] for head, _ in heads}
    for head, body in heads:
        name, *manner = head.split()
        children: list[_Child] = []
        attributes: list[tuple[str, str, bool]] = []
        text = None
        for word in body.split():
            label, _, kind = word.partition(":")
            if label.startswith("="):
                text = label[1:]
            elif label.startswith("@"):
                attributes.append((label[1:].rstrip("!"), kind or "string", label.endswith("!")))
            else:
                bare = label.lstrip("|").rstrip("?*+")
                kind = kind or (bare if bare in names else "string")
                least = 0 if label[-1] in "?*" else 1
                children.append(_Child(bare, kind, least, label[-1] in "*+", label.startswith("|")))
        shapes[name] = _Shape(manner[0] if manner else "sequence", tuple(children), tuple(attributes), text)
    return shapes


SHAPES = _parse(GRAMMAR)

_text = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12),
    st.sampled_from(_URDU + _ODD),
)
_date = st.dates(min_value=dt.date(1990, 1, 1)).map(lambda day: day.isoformat())
_moment = st.builds(
    lambda when, fraction, zone: when.isoformat(timespec="seconds") + fraction + zone,
    st.datetimes(min_value=dt.datetime(1995, 1, 1), max_value=dt.datetime(2035, 1, 1)),
    st.sampled_from(("", ".5", ".123456")),
    st.sampled_from(("Z", "", "+05:00", "-07:00")),
)

SCALARS: dict[str, st.SearchStrategy[str]] = {
    "string": _text,
    "boolean": st.sampled_from(("true", "false", "1", "0")),
    # Schema: boolean, fixed to true. Clients write presence flags, so the empty element says true.
    # libxml2 compares the fixed value as text and so refuses "1".
    "flag": st.sampled_from(("", "true")),
    "dateTime": _moment,
    "date": _date,
    "int": st.integers(-(2**31), 2**31 - 1).map(str),
    "long": st.integers(-(2**63), 2**63 - 1).map(str),
    "reportNumber": st.integers(1, 2**40).map(str),
    "token": st.text("0123456789abcdef", min_size=32, max_size=32),
    "double": st.floats(-180, 180).map(repr),
    "callingCode": st.integers(1, 999).map(lambda n: f"+{n}"),
    "digits": st.text("0123456789", min_size=1, max_size=6),
    **{name: st.sampled_from(values) for name, values in ENUMS.items()},
}

# Beyond this depth only what the schema demands is drawn, so that one document stays within hypothesis's
# budget.
_DEEP = 5


def _grow(draw: st.DrawFn, tag: str, kind: str, depth: int) -> etree._Element:
    element = etree.Element(tag)
    shape = SHAPES.get(kind)
    if shape is None:
        element.text = draw(SCALARS[kind])
        return element
    if shape.text is not None:
        element.text = draw(SCALARS[shape.text])
    optional = [name for name, _, required in shape.attributes if not required]
    chosen = draw(st.sets(st.sampled_from(optional))) if optional else set()
    for name, scalar, required in shape.attributes:
        if required or name in chosen:
            element.set(name, draw(SCALARS[scalar]))
    for child in _children(draw, shape, depth):
        element.append(_grow(draw, child.name, child.type, depth + 1))
    return element


def _children(draw: st.DrawFn, shape: _Shape, depth: int) -> list[_Child]:
    if not shape.children:
        return []
    if shape.manner == "choice":
        return [draw(st.sampled_from(shape.children))]
    # One byte a child decides all at once: 0 (where shrinking ends) is absence, and one draw stays cheap.
    dice = draw(st.binary(min_size=len(shape.children), max_size=len(shape.children)))
    picked: list[_Child] = []
    for child, die in zip(shape.children, dice, strict=True):
        extra = 0 if depth >= _DEEP or die < 150 else 1 if die < 235 or not child.many else 2
        if child.exclusive and any(other.exclusive for other in picked):
            extra = 0
        picked.extend([child] * (max(child.least, extra)))
    return draw(st.permutations(picked)) if shape.manner == "all" and picked else picked


def _dress(draw: st.DrawFn, root: etree._Element, *, noise: bool) -> bytes:
    """Serialise in one of the ways of clients: declaration or none, schema location, indented, comments."""
    manner = draw(st.integers(0, 5)) if noise else 0
    if manner & 1:
        root.set(f"{{{XSI}}}noNamespaceSchemaLocation", "https://report.cybertip.org/ispws/xsd")
    if manner == 2:
        etree.indent(root, space="    ")
    if manner == 3:
        _split_by_comments(root)
    if manner == 4:
        declaration = '<?xml version="1.0" encoding="UTF-16"?>'
        return (declaration + etree.tostring(root, encoding="unicode")).encode("utf-16")
    if manner == 5:
        return bytes(etree.tostring(root, encoding="UTF-8"))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _split_by_comments(root: etree._Element) -> None:
    """A comment inside a text cuts it into two nodes: who reads only the first one loses half."""
    for number, element in enumerate(list(root.iter())):
        if len(element) or not element.text:
            continue
        half = len(element.text) // 2
        node = etree.Comment(" noise ") if number % 2 else etree.ProcessingInstruction("noise", "n")
        node.tail = element.text[half:]
        element.text = element.text[:half]
        element.append(node)


@st.composite
def report_documents(draw: st.DrawFn, *, noise: bool = True) -> bytes:
    """Any valid `<report>`; with noise also UTF-16, indented, comments inside texts, the schema location."""
    return _dress(draw, _grow(draw, "report", "report", 0), noise=noise)


@st.composite
def file_documents(draw: st.DrawFn, *, report_number: int | None = None, noise: bool = True) -> bytes:
    """Any valid `<fileDetails>`, of `report_number` where that is given."""
    root = _grow(draw, "fileDetails", "fileDetails", 0)
    if report_number is not None:
        root[0].text = str(report_number)
    return _dress(draw, root, noise=noise)


NEWER_ANNOTATIONS = ("informational", "potentialAggravatingFactors", "instrumentalUse")


@st.composite
def newer_report_documents(draw: st.DrawFn) -> bytes:
    """A `<report>` with parts that are newer than the schema or known to nobody; the rest of it is valid."""
    root = _grow(draw, "report", "report", 0)
    hosts = [
        element for element in root.iter() if element.tag in SHAPES and SHAPES[str(element.tag)].text is None
    ]
    for _ in range(draw(st.integers(1, 3))):
        host = draw(st.sampled_from(hosts))
        stranger = etree.Element(
            draw(st.sampled_from((*NEWER_ANNOTATIONS, "ageAssertionDiscrepancy", "unheardOf")))
        )
        stranger.text = draw(_text)
        if draw(st.booleans()):
            stranger.set("newAttribute", draw(_text))
        host.insert(draw(st.integers(0, len(host))), stranger)
        if draw(st.booleans()):
            host.set("strange", draw(_text))
    return _dress(draw, root, noise=False)


# -- documents that hold everything ---

_FULL: dict[str, Callable[[int], str]] = {
    "string": lambda n: f"text {n}",
    "boolean": lambda n: ("true", "false", "1", "0")[n % 4],
    "flag": lambda n: ("", "true")[n % 2],
    "dateTime": lambda n: f"2025-03-{n % 28 + 1:02d}T10:{n % 60:02d}:00Z",
    "date": lambda n: f"2010-03-{n % 28 + 1:02d}",
    "int": str,
    "long": lambda n: str(100_000_000 + n),
    "reportNumber": lambda n: str(900_000_000 + n),
    "token": lambda n: f"{n:032x}",
    "double": lambda n: f"{30 + n % 7}.5",
    "callingCode": lambda n: f"+{92 + n % 7}",
    "digits": str,
}


class _Fullest:
    """Every element and attribute once or twice; each text has a running number, so that no two are equal."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self.count = turn * 100_000

    def scalar(self, kind: str) -> str:
        self.count += 1
        if kind in ENUMS:
            return ENUMS[kind][self.turn % len(ENUMS[kind])]
        return _FULL[kind](self.count)

    def grow(self, tag: str, kind: str) -> etree._Element:
        element = etree.Element(tag)
        shape = SHAPES.get(kind)
        if shape is None:
            element.text = self.scalar(kind)
            return element
        if shape.text is not None:
            element.text = self.scalar(shape.text)
        for name, scalar, _ in shape.attributes:
            element.set(name, self.scalar(scalar))
        exclusive = [child for child in shape.children if child.exclusive]
        for child in shape.children:
            if child.exclusive and child is not exclusive[self.turn % len(exclusive)]:
                continue
            for _ in range(2 if child.many else 1):
                if child.type == "internetDetails":
                    continue
                element.append(self.grow(child.name, child.type))
            if child.type == "internetDetails":
                for way in SHAPES["internetDetails"].children:
                    etree.SubElement(element, "internetDetails").append(self.grow(way.name, way.type))
        return element


def fullest_report(turn: int = 0) -> bytes:
    """A valid `<report>` with every element and attribute of the schema; `turn` picks the enums' values."""
    return bytes(
        etree.tostring(_Fullest(turn).grow("report", "report"), xml_declaration=True, encoding="UTF-8")
    )


def fullest_file(turn: int = 0) -> bytes:
    """A valid `<fileDetails>` with everything; even turns hold potentialMeme, odd ones fileAnnotations."""
    root = _Fullest(turn).grow("fileDetails", "fileDetails")
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


# -- the JSON that law enforcement receives ---

# Key names: the practice of readers of that format, there is no public schema. A list of one shape is a
# repetition; a string names a scalar.
_CAPTURES: dict[str, Any] = {
    "sourceCaptures": [
        {
            "captureType": "captureType",
            "value": "string",
            "dateTime": "dateTime",
            "eventName": "string",
            "port": "port",
        }
    ]
}
_NOTES: list[Any] = [{"value": "string"}]
_PERSON: dict[str, Any] = {
    **dict.fromkeys(
        (
            *(
                "firstName",
                "middleName",
                "lastName",
                "preferredName",
                "gender",
                "dateOfBirth",
                "physicalDescription",
            ),
            *("vehicleDescription", "vehicleTagNumber", "occupation", "espService", "espUserId", "ipAddress"),
            *("relationshipToReporter", "relationshipToChildVictim", "languages", "races", "disabilities"),
        ),
        "string",
    ),
    "approximateAge": "port",
    **dict.fromkeys(
        (
            *("accessToChildVictim", "accessToChildren", "accessToFirearms", "convictedSexOffender"),
            *("awareOfReport", "gangAffiliation"),
        ),
        "verdict",
    ),
    "screenName": {"value": "string"},
    "emails": {"emails": [{"value": "string", "verified": "verdict"}]},
    "phones": {"phones": [{"value": "string", "verified": "verdict"}]},
    "addresses": {
        "addresses": [
            dict.fromkeys(("street1", "street2", "city", "state", "postalCode", "country"), "string")
        ]
    },
    "sourceInformation": _CAPTURES,
    "additionalInformations": _NOTES,
}
LE_TREE: dict[str, Any] = {
    "dateReceived": "dateTime",
    "reportedInformation": {
        "reportingEsp": {"espName": "string", "firstName": "string", "lastName": "string"},
        "incidentSummary": {
            "incidentType": "incidentType",
            "incidentDateTime": "dateTime",
            "incidentDateTimeDescription": "string",
        },
        "additionalInformations": _NOTES,
        "incidentDetails": {
            "webpageIncident": [{"sourceInformation": _CAPTURES, "additionalInformations": _NOTES}],
            "emailIncident": [{"contents": [{"value": "string"}]}],
        },
        "reportedPeople": {"reportedPersons": [_PERSON]},
        "intendedRecipients": {"intendedRecipients": [_PERSON]},
        "uploadedFiles": {
            "uploadedFiles": [
                {
                    **dict.fromkeys(
                        ("filename", "originalFilename", "submittalId", "verificationHash"), "string"
                    ),
                    "viewedByEsp": "verdict",
                    "ncmecTags": {"groups": [{"tags": [{"value": "string"}]}]},
                    "sourceInformation": _CAPTURES,
                    "espMetadata": {"metadatas": [{"name": "string", "value": "string"}]},
                    "additionalInformations": _NOTES,
                }
            ]
        },
    },
}
_JSON_SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(_text, st.none()),
    "dateTime": _moment,
    "incidentType": SCALARS["incidentType"],
    "captureType": st.sampled_from(("IP Address", "Profile URL", "URL")),
    "port": st.one_of(st.integers(0, 65535), st.integers(1, 65535).map(str)),
    "verdict": st.one_of(st.booleans(), st.sampled_from(("Yes", "No", "Unknown")), st.none()),
}


def _json_value(draw: st.DrawFn, shape: Any, depth: int, strange: list[int]) -> Any:
    if isinstance(shape, str):
        return draw(_JSON_SCALARS[shape])
    if isinstance(shape, list):
        most = 2 if depth < 7 else 1
        return [_json_value(draw, shape[0], depth + 1, strange) for _ in range(draw(st.integers(0, most)))]
    dice = draw(st.binary(min_size=len(shape), max_size=len(shape)))
    found = {
        key: _json_value(draw, value, depth + 1, strange)
        for (key, value), die in zip(shape.items(), dice, strict=True)
        if die >= (60 if isinstance(value, (dict, list)) else 150)
    }
    if strange and strange[0] and draw(st.booleans()):
        strange[0] -= 1
        found["unheardOf" + str(strange[0])] = draw(
            st.sampled_from(("text", 7, None, True, ["a"], {"deep": "b"}))
        )
    return found


@st.composite
def le_json_documents(draw: st.DrawFn, *, unknown_keys: bool = False) -> bytes:
    """A report as law enforcement receives it: reportId always, the rest perhaps, unknown keys when asked."""
    strange = [3] if unknown_keys else []
    tree = {"reportId": draw(st.integers(1, 2**40)), **_json_value(draw, LE_TREE, 0, strange)}
    if draw(st.booleans()):
        tree["reportId"] = str(tree["reportId"])
    return json.dumps(
        tree, ensure_ascii=draw(st.booleans()), indent=draw(st.sampled_from((None, 2)))
    ).encode()
