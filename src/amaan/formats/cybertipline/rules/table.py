"""The table. A line reads: where, then what is demanded there.

A path names a kind or an element: `phone` is every phone, also phoneNumber; `person/age` the age of every person.
"""

from __future__ import annotations

from collections.abc import Iterable

from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.rules import checks as c
from amaan.formats.cybertipline.rules.base import Answer, Check, Rule, Section, at
from amaan.formats.cybertipline.rules.batched import BATCHED
from amaan.formats.cybertipline.shapes import FILE_ANNOTATIONS, NEWER_REPORT_ANNOTATIONS, REPORT_ANNOTATIONS

KINDS = {
    "phoneNumber": "phone",
    "emailAddress": "email",
    "incidentAddress": "address",
    "officerContact": "contactPerson",
    "reportingPerson": "person",
    "personOrUserReportedPerson": "person",
    "intendedRecipientPerson": "person",
    "victimPerson": "person",
}
"""The kind of an element that is not called by its kind."""

# The schema refuses what else stands there, unless it is empty.
ANNOTATIONS = {
    "reportAnnotations": frozenset({*REPORT_ANNOTATIONS, *NEWER_REPORT_ANNOTATIONS}),
    "fileAnnotations": frozenset(FILE_ANNOTATIONS),
}

_URL = (c.URL, c.SCHEME, c.longest(2083))


def _by_the_wire(name: str, demand: str, code: Code) -> Check:
    """What needs the stored reports: whoever takes the document in looks there."""
    return Check(name, demand, None, Answer.WIRE, f"Code {int(code)}.")


def _disabled(party: str) -> Iterable[Rule]:
    """The dates of an account that was closed. The documentation writes them as if they stood on the person."""
    for element in ("accountTemporarilyDisabled", "accountPermanentlyDisabled"):
        path = f"{party}/{element}"
        yield from at(f"{path}/@disabledDate", c.PAST, documented=f"{party}/@disabledDate")
        yield from at(
            f"{path}/@userNotifiedDate", c.PAST, c.NOTIFIED_AFTER, documented=f"{party}/@userNotifiedDate"
        )
        if element == "accountTemporarilyDisabled":
            yield from at(f"{path}/@reenabledDate", c.ENABLED_AFTER, documented=f"{party}/@reenabledDate")


def _party(party: str) -> Iterable[Rule]:
    yield from at(f"{party}/espIdentifier", c.longest(255))
    yield from at(f"{party}/espService", c.longest(100))
    yield from at(f"{party}/screenName", c.longest(256))
    yield from at(f"{party}/displayName", c.longest(255))
    yield from at(f"{party}/profileUrl", *_URL)
    yield from at(f"{party}/priorCTReports", c.REPORT_NUMBER)
    if party != "victim":
        yield from at(f"{party}/groupIdentifier", c.longest(255))
    yield from _disabled(party)


TABLE: tuple[Section, ...] = (
    Section(
        "The incident",
        (
            *at("incidentSummary/platform", c.longest(256)),
            *at("incidentSummary/escalateToHighPriority", c.NOT_BLANK, c.longest(3000)),
            *at("incidentSummary/incidentDateTime", c.PAST, c.NOW),
            *at("incidentSummary/incidentDateTimeDescription", c.longest(3000)),
            *at("reportAnnotations", c.only_known(frozenset(REPORT_ANNOTATIONS))),
            *at("webPageIncident/url", *_URL),
            *at("emailIncident/emailAddress", c.EMAIL_OF_SOMEBODY),
            *at("newsgroupIncident/name", c.longest(255)),
            *at("newsgroupIncident/emailAddress", c.EMAIL_OF_SOMEBODY),
            *at("chatImIncident/chatClient", c.longest(255)),
            *at("chatImIncident/chatRoomName", c.longest(255)),
            *at("onlineGamingIncident/gameName", c.longest(255)),
            *at("onlineGamingIncident/console", c.longest(255)),
            *at("nonInternetIncident/locationName", c.longest(255)),
            *at("peer2peerIncident/client", c.longest(255)),
        ),
    ),
    Section(
        "Police and the platform",
        (
            *at("lawEnforcement/agencyName", c.longest(255)),
            *at("lawEnforcement/caseNumber", c.longest(100)),
            *at(
                "servedLegalProcessInternational/@fleaCountry",
                c.COUNTRY,
                c.ASSIGNED,
                documented="lawEnforcement/@fleaCountry",
            ),
            *at(
                "lawEnforcement/@fleaCountry",
                c.misplaced(
                    "servedLegalProcessInternational", "The documentation reads as if it stood here."
                ),
            ),
            *at("reporter/reportingPerson", c.EMAIL_GIVEN),
            *at("reporter/legalURL", *_URL),
        ),
    ),
    Section(
        "Reported people",
        (*at("personOrUserReported/vehicleDescription", c.longest(300)), *_party("personOrUserReported")),
    ),
    Section("Recipients", tuple(_party("intendedRecipient"))),
    Section("Victims", (*_party("victim"), *at("victim/schoolName", c.longest(255)))),
    Section(
        "Associated accounts",
        (
            *at("associatedAccount/@type", c.ACCOUNT_TYPE, bound="associatedAccount"),
            *at(
                "associatedAccount/@accountType",
                c.misplaced("the attribute type", "The documentation's name for it."),
            ),
            *at(
                "associatedAccount/@thirdPartyUser",
                c.misplaced("platform", "The documentation reads as if it stood here."),
            ),
            *at("associatedAccount/platform", c.longest(256)),
            *at("associatedAccount/firstName", c.longest(256)),
            *at("associatedAccount/middleName", c.longest(256)),
            *at("associatedAccount/lastName", c.longest(256)),
            *at("associatedAccount/approximateAge", c.AGE, c.NO_BIRTH),
            *at("associatedAccount/ageAssertionDiscrepancy", c.newer()),
            *at("associatedAccount/dateOfBirth", c.PAST, c.NO_AGE),
            *at("associatedAccount/espService", c.longest(256)),
            *at("associatedAccount/espIdentifier", c.longest(256)),
            *at("associatedAccount/profileUrl", *_URL),
            *at("associatedAccount/screenName", c.longest(256)),
            *at("associatedAccount/displayName", c.longest(255)),
            *at("associatedAccount/groupIdentifier", c.longest(256)),
            *_disabled("associatedAccount"),
            *at("associatedAccount/priorCTReport", c.REPORT_NUMBER),
        ),
    ),
    Section(
        "Names, phones, emails, addresses",
        (
            *at("person/firstName", c.longest(100)),
            *at("person/lastName", c.longest(100)),
            *at("person/age", c.AGE),
            *at("person/ageAssertionDiscrepancy", c.newer()),
            *at("person/dateOfBirth", c.PAST),
            *at("contactPerson/firstName", c.longest(100)),
            *at("contactPerson/lastName", c.longest(100)),
            *at("phone", c.longest(50), c.NO_CALLING_CODE),
            *at("phone/@verified", c.VERIFIED, bound="phone"),
            *at("phone/@verificationDate", c.PAST),
            *at("phone/@countryCallingCode", c.CALLING_CODE),
            *at("phone/@extension", c.DIGITS, c.longest(10)),
            *at("email", c.EMAIL, c.longest(255), c.LOCAL_PART),
            *at("email/@verified", c.VERIFIED, bound="email"),
            *at("email/@verificationDate", c.PAST),
            *at("address/address", c.longest(255)),
            *at("address/city", c.longest(100)),
            *at("address/zipCode", c.longest(20)),
            *at("address/state", c.STATE),
            *at("address/nonUsaState", c.longest(100)),
            *at("address/country", c.COUNTRY, c.ASSIGNED),
        ),
    ),
    Section(
        "Places and machines",
        (
            *at("estimatedLocation/city", c.longest(255)),
            *at("estimatedLocation/region", c.longest(255), c.US_REGION),
            *at("estimatedLocation/region", c.REGION_OF_CITY, bound="estimatedLocation"),
            *at("estimatedLocation/countryCode", c.COUNTRY_GIVEN, bound="estimatedLocation"),
            *at("estimatedLocation/countryCode", c.COUNTRY, c.ASSIGNED),
            *at("estimatedLocation/@timestamp", c.PAST),
            *at("ipCaptureEvent/ipAddress", c.IP_ADDRESS, c.NOT_BLANK),
            *at("ipCaptureEvent/dateTime", c.PAST),
            *at("ipCaptureEvent/port", c.PORT),
            *at("deviceId/idType", c.NOT_BLANK, c.longest(255)),
            *at("deviceId/idValue", c.NOT_BLANK, c.longest(2083)),
            *at("deviceId/dateTime", c.PAST),
        ),
    ),
    Section(
        "Files",
        (
            *at(
                "fileDetails/reportId",
                _by_the_wire("known", "The number of a report that was opened here.", Code.NO_REPORT),
                _by_the_wire("permitted", "A report of the platform that sends this.", Code.MAY_NOT_UPDATE),
            ),
            *at(
                "fileDetails/fileId",
                c.NOT_BLANK,
                _by_the_wire("of-the-report", "A file that was uploaded to that report.", Code.NO_FILE),
            ),
            *at("fileDetails/originalFileName", c.longest(2056)),
            *at("fileDetails/uploadedToEspTimestamp", c.PAST),
            *at("fileDetails/locationOfFile", *_URL),
            *at("fileDetails/fileViewedByEsp", c.VIEWED_WITH_EXIF, bound="fileDetails"),
            *at("fileDetails/fileRelevance", c.NOT_MEME, c.NOT_CLASSIFIED),
            *at("fileAnnotations", c.only_known(frozenset(FILE_ANNOTATIONS))),
            *at("originalFileHash/@hashType", c.longest(64)),
            *at("nameValuePair/name", c.longest(64), documented="details/name"),
            *at("nameValuePair/@type", c.misplaced("details", "Clients in use write it here.")),
        ),
    ),
    BATCHED,
)

RULES: dict[str, Rule] = {rule.id: rule for section in TABLE for rule in section.rules}
