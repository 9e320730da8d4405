"""Reading the JSON that law enforcement receives.

It has no public schema: the keys are those seen in use. What is not among them is kept and shown, and a document
without the few keys that carry a report is refused as a changed format.
"""

from __future__ import annotations

import json
from typing import Any

from amaan.formats.reading import Reading, Remainder, Shape, Tree, Unreadable, branch, leaves

_VALUE = branch(leaves("value"))
_CAPTURES = branch(
    {
        "sourceCaptures": branch(
            leaves("captureType", "value", "dateTime", "eventName", "port", "possibleProxy")
        )
    }
)
_VERIFIED = branch(leaves("value", "verified", "type", "verificationDate"))
_ADDRESS = branch(leaves("street1", "street2", "city", "state", "postalCode", "country", "type"))
PERSON_SCALARS = (
    *("firstName", "middleName", "lastName", "preferredName", "gender", "dateOfBirth", "approximateAge"),
    *(
        "physicalDescription",
        "vehicleDescription",
        "vehicleTagNumber",
        "occupation",
        "espService",
        "espUserId",
    ),
    *("ipAddress", "relationshipToReporter", "relationshipToChildVictim", "accessToChildVictim"),
    *("accessToChildren", "accessToFirearms", "convictedSexOffender", "awareOfReport", "gangAffiliation"),
    *("disabilities", "schoolName", "compromisedAccount"),
)
PERSON = branch(
    {
        **leaves(*PERSON_SCALARS, "languages", "races"),
        "screenName": _VALUE,
        "displayName": _VALUE,
        "emails": branch({"emails": _VERIFIED}),
        "phones": branch({"phones": _VERIFIED}),
        "addresses": branch({"addresses": _ADDRESS}),
        "sourceInformation": _CAPTURES,
        "additionalInformations": _VALUE,
    }
)
_INCIDENT = branch(
    {
        "sourceInformation": _CAPTURES,
        "additionalInformations": _VALUE,
        "contents": _VALUE,
        "emailAddresses": _VALUE,
        **leaves("url", "chatClient", "chatRoomName", "gameName", "console", "name"),
    }
)
INCIDENT_KINDS = {
    "webpageIncident": "web",
    "emailIncident": "email",
    "newsgroupIncident": "newsgroup",
    "chatImIncident": "chat",
    "onlineGamingIncident": "gaming",
    "cellPhoneIncident": "phone",
    "nonInternetIncident": "offline",
    "peer2peerIncident": "p2p",
}
_FILE = branch(
    {
        **leaves("filename", "originalFilename", "submittalId", "verificationHash", "viewedByEsp"),
        "ncmecTags": branch({"groups": branch({"tags": _VALUE, **leaves("name")})}),
        "sourceInformation": _CAPTURES,
        "espMetadata": branch({"metadatas": branch(leaves("name", "value"))}),
        "additionalInformations": _VALUE,
    }
)
REPORT = branch(
    {
        **leaves("reportId", "dateReceived"),
        "reportedInformation": branch(
            {
                "reportingEsp": branch(
                    {
                        **leaves("espName", "firstName", "lastName"),
                        "emails": branch({"emails": _VERIFIED}),
                        "phones": branch({"phones": _VERIFIED}),
                        "addresses": branch({"addresses": _ADDRESS}),
                    }
                ),
                "incidentSummary": branch(
                    leaves("incidentType", "incidentDateTime", "incidentDateTimeDescription")
                ),
                "additionalInformations": _VALUE,
                "incidentDetails": branch(dict.fromkeys(INCIDENT_KINDS, _INCIDENT)),
                "reportedPeople": branch({"reportedPersons": PERSON}),
                "intendedRecipients": branch({"intendedRecipients": PERSON}),
                "victims": branch({"victims": PERSON}),
                "uploadedFiles": branch({"uploadedFiles": _FILE}),
            }
        ),
    }
)


class _Twice:
    """The later values of a key that an object holds more than once; JSON readers usually drop them in silence."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values


def read(document: bytes) -> Reading:
    """Read one report.

    Raises Unreadable: `malformed`, `not_cybertipline` (no object, or none of its keys), `drifted`.
    """
    try:
        held = json.loads(
            document.decode("utf-8-sig"),
            object_pairs_hook=_pairs,
            parse_int=str,
            parse_float=str,
            parse_constant=str,
        )
    except UnicodeDecodeError as error:
        raise Unreadable(
            "malformed", f"This is not UTF-8 text: {error.reason} at byte {error.start}."
        ) from error
    except json.JSONDecodeError as error:
        raise Unreadable(
            "malformed", f"This is not well-formed JSON: {error.msg}, line {error.lineno}."
        ) from error
    except RecursionError as error:
        raise Unreadable("malformed", "This JSON is nested too deeply to be a report.") from error
    if isinstance(held, list):
        raise Unreadable(
            "not_cybertipline",
            f"This is a list of {len(held)}; each report comes as a JSON object of its own.",
        )
    if not isinstance(held, dict):
        raise Unreadable("not_cybertipline", "A report is one JSON object; this is something else.")
    if "reportId" not in held and "reportedInformation" not in held:
        raise Unreadable("not_cybertipline", "None of the keys of a CyberTipline report stands in this JSON.")
    remainder: list[Remainder] = []
    try:
        tree = _object(held, REPORT, "report", remainder)
    except RecursionError as error:
        raise Unreadable("malformed", "This JSON is nested too deeply to be a report.") from error
    information = tree.get("reportedInformation")
    if not (tree.get("reportId") and information and isinstance(information[0], dict) and information[0]):
        raise Unreadable(
            "drifted", "A report holds reportId and reportedInformation; the format has changed."
        )
    if not information[0].get("incidentSummary"):
        raise Unreadable("drifted", "A report holds incidentSummary; the format has changed.")
    return Reading("le_json", tree, remainder)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        seen: set[str] = set()
        held = {}
        for name, value in pairs:
            if name in seen:
                earlier = held[name]
                if isinstance(earlier, _Twice):
                    earlier.values.append(value)
                else:
                    held[name] = _Twice([earlier, value])
            else:
                seen.add(name)
                held[name] = value
    return held


def _object(held: dict[str, Any], shape: Shape, path: str, remainder: list[Remainder]) -> Tree:
    tree: Tree = {}
    for name, value in held.items():
        known = shape.children.get(name)
        where = f"{path}/{name}"
        if known is None or isinstance(value, _Twice):
            _unknown(value, where, remainder)
        else:
            tree[name] = _values(value, known, where, remainder)
    return tree


def _values(value: Any, shape: Shape, path: str, remainder: list[Remainder]) -> list[str | Tree]:
    kept: list[str | Tree] = []
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict) and shape.children:
            kept.append(_object(one, shape, path, remainder))
        elif shape.text and (one is None or isinstance(one, str | bool)):
            kept.append(_scalar(one))
        else:
            _unknown(one, path, remainder)
    return kept


def _scalar(value: str | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value.strip()
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        # Half a surrogate pair is no character and cannot be stored as text; the raw document keeps it.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _unknown(value: Any, path: str, remainder: list[Remainder]) -> None:
    if isinstance(value, _Twice):
        for one in value.values:
            _unknown(one, path, remainder)
    elif isinstance(value, dict):
        remainder.append(Remainder(path, ""))
        for name, inner in value.items():
            _unknown(inner, f"{path}/{name}", remainder)
    elif isinstance(value, list):
        remainder.append(Remainder(path, ""))
        for inner in value:
            _unknown(inner, path, remainder)
    else:
        remainder.append(Remainder(path, _scalar(value)))
