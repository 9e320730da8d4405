"""Which elements and attributes the platforms' XML may hold, as the published schema names them.

Order and counts are not held here: an import reads liberally, and what is refused at the wire is the wire's matter.
Elements newer than the schema that have been seen in use stand under NEWER.
"""

from __future__ import annotations

from amaan.formats.reading import LEAF, Shape, branch, leaf, leaves

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_ROOT_ATTRIBUTES = (f"{XSI}noNamespaceSchemaLocation", f"{XSI}schemaLocation")

EMAIL = leaf("type", "verified", "verificationDate")
PHONE = leaf("type", "verified", "verificationDate", "countryCallingCode", "extension")
ADDRESS = branch(leaves("address", "city", "zipCode", "state", "nonUsaState", "country"), "type")
CONTACT = branch({**leaves("firstName", "lastName"), "phone": PHONE, "email": EMAIL, "address": ADDRESS})
PERSON = branch({**CONTACT.children, **leaves("age", "dateOfBirth", "ageAssertionDiscrepancy")})
IP_EVENT = branch(leaves("ipAddress", "eventName", "dateTime", "possibleProxy", "port"))
DEVICE = branch(leaves("idType", "idValue", "eventName", "dateTime"))
LOCATION = branch(leaves("city", "region", "countryCode"), "verified", "timestamp")
TEMPORARILY_DISABLED = leaf("disabledDate", "userNotified", "userNotifiedDate", "reenabledDate")
PERMANENTLY_DISABLED = leaf("disabledDate", "userNotified", "userNotifiedDate")

_ACCOUNT = {
    **leaves("espIdentifier", "espService", "compromisedAccount", "screenName", "displayName", "profileUrl"),
    **leaves("profileBio", "allEmailsReported", "additionalInfo"),
    "ipCaptureEvent": IP_EVENT,
    "deviceId": DEVICE,
    "accountTemporarilyDisabled": TEMPORARILY_DISABLED,
    "accountPermanentlyDisabled": PERMANENTLY_DISABLED,
}
ASSOCIATED = Shape(
    children={
        **_ACCOUNT,
        "platform": leaf("thirdPartyUser"),
        **leaves("firstName", "middleName", "lastName", "approximateAge", "dateOfBirth"),
        **leaves("groupIdentifier", "priorCTReport"),
        "phone": PHONE,
        "email": EMAIL,
        "address": ADDRESS,
    },
    attributes=frozenset({"type", "accountType"}),
)
_PARTY = {**_ACCOUNT, "priorCTReports": LEAF, "estimatedLocation": LOCATION, "associatedAccount": ASSOCIATED}
REPORTED = branch(
    {
        **_PARTY,
        "personOrUserReportedPerson": PERSON,
        **leaves("vehicleDescription", "thirdPartyUserReported", "groupIdentifier"),
    }
)
RECIPIENT = branch({**_PARTY, "intendedRecipientPerson": PERSON, "groupIdentifier": LEAF})
VICTIM = branch({**_PARTY, "victimPerson": PERSON, "schoolName": LEAF})

NEWER_REPORT_ANNOTATIONS = (
    "informational",
    "potentialAggravatingFactors",
    "instrumentalUse",
    "ageAssertionDiscrepancy",
)
REPORT_ANNOTATIONS = (
    "sextortion",
    "csamSolicitation",
    "minorToMinorInteraction",
    "spam",
    "sadisticOnlineExploitation",
)
FILE_ANNOTATIONS = (
    "animeDrawingVirtualHentai",
    "potentialMeme",
    "viral",
    "possibleSelfProduction",
    "physicalHarm",
    "violenceGore",
    "bestiality",
    "liveStreaming",
    "infant",
    "generativeAi",
)

_SUMMARY = branch(
    {
        **leaves("incidentType", "platform", "escalateToHighPriority"),
        "reportAnnotations": branch(leaves(*REPORT_ANNOTATIONS, *NEWER_REPORT_ANNOTATIONS)),
        **leaves("incidentDateTime", "incidentDateTimeDescription"),
    }
)
_INTERNET = branch(
    {
        "webPageIncident": branch(leaves("url", "additionalInfo"), "thirdPartyHostedContent"),
        "emailIncident": branch({"emailAddress": EMAIL, **leaves("content", "additionalInfo")}),
        "newsgroupIncident": branch({"emailAddress": EMAIL, **leaves("name", "content", "additionalInfo")}),
        "chatImIncident": branch(leaves("chatClient", "chatRoomName", "content", "additionalInfo")),
        "onlineGamingIncident": branch(leaves("gameName", "console", "content", "additionalInfo")),
        "cellPhoneIncident": branch(
            {"phoneNumber": PHONE, **leaves("latitude", "longitude", "additionalInfo")}
        ),
        "nonInternetIncident": branch(
            {"incidentAddress": ADDRESS, **leaves("locationName", "additionalInfo")}
        ),
        "peer2peerIncident": branch(
            {"ipCaptureEvent": IP_EVENT, **leaves("client", "fileNames", "additionalInfo")}
        ),
    }
)
_LAW_ENFORCEMENT = branch(
    {
        **leaves("agencyName", "caseNumber", "reportedToLe", "servedLegalProcessDomestic"),
        "officerContact": CONTACT,
        "servedLegalProcessInternational": leaf("fleaCountry"),
    }
)
_REPORTER = branch(
    {
        "reportingPerson": PERSON,
        "contactPerson": CONTACT,
        **leaves("companyTemplate", "termsOfService", "legalURL"),
    }
)

REPORT = branch(
    {
        "batchedReport": leaf("reason"),
        "incidentSummary": _SUMMARY,
        "internetDetails": _INTERNET,
        "lawEnforcement": _LAW_ENFORCEMENT,
        "reporter": _REPORTER,
        "personOrUserReported": REPORTED,
        "intendedRecipient": RECIPIENT,
        "victim": VICTIM,
        "additionalInfo": LEAF,
    },
    *_ROOT_ATTRIBUTES,
)
FILE_DETAILS = branch(
    {
        **leaves(
            "reportId", "fileId", "fileName", "originalFileName", "uploadedToEspTimestamp", "locationOfFile"
        ),
        **leaves("fileViewedByEsp", "exifViewedByEsp", "publiclyAvailable", "fileRelevance", "potentialMeme"),
        "fileAnnotations": branch(leaves(*FILE_ANNOTATIONS)),
        "industryClassification": LEAF,
        "originalFileHash": leaf("hashType"),
        "ipCaptureEvent": IP_EVENT,
        "deviceId": DEVICE,
        "details": branch({"nameValuePair": branch(leaves("name", "value"))}, "type"),
        "additionalInfo": LEAF,
    },
    *_ROOT_ATTRIBUTES,
)
ROOTS = {"report": REPORT, "fileDetails": FILE_DETAILS}

INCIDENT_TYPES = {
    # The keys are the schema's own values; the first is the protocol's string, kept because the wire carries it.
    "Child Pornography (possession, manufacture, and distribution)": "csam",
    "Child Sex Trafficking": "sex_trafficking",
    "Child Sex Tourism": "sex_tourism",
    "Child Sexual Molestation": "molestation",
    "Misleading Domain Name": "misleading_domain",
    "Misleading Words or Digital Images on the Internet": "misleading_words",
    "Online Enticement of Children for Sexual Acts": "enticement",
    "Unsolicited Obscene Material Sent to a Child": "obscene_to_child",
}
