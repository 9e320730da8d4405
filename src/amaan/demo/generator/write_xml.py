"""Drafts as CyberTipline XML. Plain string building: a writer of trees would be ten times slower, and a
world of 100,000 reports has to be written in a minute. A test holds every document against the official
schema.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from amaan.demo.generator.drafts import (
    INCIDENT_TYPES,
    Account,
    Agency,
    Associated,
    Capture,
    Contact,
    Device,
    File,
    Location,
    Report,
)

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PERSON = {
    "personOrUserReported": "personOrUserReportedPerson",
    "intendedRecipient": "intendedRecipientPerson",
    "victim": "victimPerson",
}


def report_document(report: Report) -> bytes:
    """One `<report>` in UTF-8."""
    parts = [_HEAD, "<report>\n"]
    if report.batched:
        parts.append('<batchedReport reason="VIRAL_POTENTIAL_MEME"/>\n')
    parts.append(_summary(report))
    for channel in report.channels:
        inside = "".join(_tag(name, value) for name, value in channel.parts)
        parts.append(f"<internetDetails><{channel.kind}>{inside}</{channel.kind}></internetDetails>\n")
    if report.agency is not None:
        parts.append(_agency(report.agency))
    parts.append(
        "<reporter><reportingPerson><firstName>Safety</firstName><lastName>Demo</lastName>"
        f"{_tag('email', report.entity_email)}</reportingPerson>"
        f"<companyTemplate>{escape(report.entity)} is an invented platform of a demo world.</companyTemplate>"
        "</reporter>\n"
    )
    parts.extend(_account("personOrUserReported", account) for account in report.reported)
    parts.extend(_account("intendedRecipient", account) for account in report.recipients)
    parts.extend(_account("victim", account) for account in report.victims)
    parts.append(_tag("additionalInfo", report.notes))
    parts.append("</report>\n")
    return "".join(parts).encode()


def file_document(file: File, report_number: int) -> bytes:
    """One `<fileDetails>` in UTF-8."""
    details = "".join(
        f"<nameValuePair>{_tag('name', name)}{_tag('value', value)}</nameValuePair>"
        for name, value in file.details
    )
    annotations = "".join(f"<{name}/>" for name in file.annotations)
    hashes = "".join(
        f'<originalFileHash hashType="{kind}">{value}</originalFileHash>' for kind, value in file.hashes
    )
    return "".join(
        (
            _HEAD,
            f"<fileDetails>\n<reportId>{report_number}</reportId><fileId>{file.identifier}</fileId>\n",
            _tag("fileName", file.name),
            _tag("originalFileName", file.original_name),
            _tag("uploadedToEspTimestamp", file.uploaded_at),
            _tag("locationOfFile", file.location),
            _flag("fileViewedByEsp", file.viewed),
            _flag("exifViewedByEsp", file.exif_viewed),
            _flag("publiclyAvailable", file.public),
            _tag("fileRelevance", file.relevance),
            f"<fileAnnotations>{annotations}</fileAnnotations>" if annotations else "",
            _tag("industryClassification", file.classification),
            hashes,
            _capture(file.capture) if file.capture is not None else "",
            "".join(map(_device, file.devices)),
            f'<details type="EXIF">{details}</details>' if details else "",
            _tag("additionalInfo", file.notes),
            "</fileDetails>\n",
        )
    ).encode()


def _tag(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else ""


def _flag(name: str, value: bool | None) -> str:
    return "" if value is None else f"<{name}>{'true' if value else 'false'}</{name}>"


def _verified(value: bool | None) -> str:
    return "" if value is None else f' verified="{"true" if value else "false"}"'


def _summary(report: Report) -> str:
    annotations = "".join(f"<{name}/>" for name in report.annotations)
    return "".join(
        (
            "<incidentSummary>",
            _tag("incidentType", INCIDENT_TYPES[report.incident]),
            _tag("platform", report.platform),
            _tag("escalateToHighPriority", report.escalated),
            f"<reportAnnotations>{annotations}</reportAnnotations>" if annotations else "",
            _tag("incidentDateTime", report.at),
            _tag("incidentDateTimeDescription", report.at_said),
            "</incidentSummary>\n",
        )
    )


def _agency(agency: Agency) -> str:
    return "".join(
        (
            "<lawEnforcement>",
            _tag("agencyName", agency.name),
            _tag("caseNumber", agency.case_number),
            _flag("reportedToLe", agency.reported),
            _flag("servedLegalProcessDomestic", agency.legal_process),
            "</lawEnforcement>\n",
        )
    )


def _contact(name: str, contact: Contact) -> str:
    kind = f' type="{contact.kind}"' if contact.kind else ""
    return f"<{name}{kind}{_verified(contact.verified)}>{escape(contact.value)}</{name}>"


def _capture(capture: Capture) -> str:
    return "".join(
        (
            f"<ipCaptureEvent><ipAddress>{capture.address}</ipAddress>",
            _tag("eventName", capture.event),
            _tag("dateTime", capture.at),
            _flag("possibleProxy", capture.proxy),
            f"<port>{capture.port}</port>" if capture.port is not None else "",
            "</ipCaptureEvent>",
        )
    )


def _device(device: Device) -> str:
    return (
        f"<deviceId>{_tag('idType', device.kind)}{_tag('idValue', device.value)}"
        f"{_tag('eventName', device.event)}{_tag('dateTime', device.at)}</deviceId>"
    )


def _location(location: Location) -> str:
    return (
        f"<estimatedLocation{_verified(location.verified)}>{_tag('city', location.city)}"
        f"{_tag('region', location.region)}{_tag('countryCode', location.country)}</estimatedLocation>"
    )


def _associated(account: Associated) -> str:
    return "".join(
        (
            f'<associatedAccount type="{account.kind}">',
            _tag("platform", account.platform),
            "".join(_contact("phone", phone) for phone in account.phones),
            _tag("espIdentifier", account.identifier),
            _tag("screenName", account.screen_name),
            _tag("additionalInfo", account.notes),
            "</associatedAccount>",
        )
    )


def _person(name: str, account: Account) -> str:
    address = ""
    if account.city:
        address = (
            f"<address>{_tag('address', account.street)}{_tag('city', account.city)}"
            f"{_tag('nonUsaState', account.province)}<country>PK</country></address>"
        )
    inside = "".join(
        (
            _tag("firstName", account.first),
            _tag("lastName", account.last),
            "".join([_contact("phone", phone) for phone in account.phones]),
            "".join([_contact("email", email) for email in account.emails]),
            address,
            f"<age>{account.age}</age>" if account.age is not None else "",
            _tag("dateOfBirth", account.birth),
            _tag("ageAssertionDiscrepancy", account.age_discrepancy),
        )
    )
    return f"<{name}>{inside}</{name}>" if inside or name == "victimPerson" else ""


def _account(role: str, account: Account) -> str:
    disabled = ""
    if account.disabled_at:
        tag = "accountPermanentlyDisabled"
        disabled = f'<{tag} disabledDate="{account.disabled_at}">true</{tag}>'
    return "".join(
        (
            f"<{role}>",
            _person(_PERSON[role], account),
            _tag("vehicleDescription", account.vehicle),
            _tag("espIdentifier", account.identifier),
            _tag("espService", account.service),
            _flag("compromisedAccount", account.compromised),
            _tag("screenName", account.screen_name),
            "".join([_tag("displayName", name) for name in account.display_names]),
            "".join([_tag("profileUrl", url) for url in account.profile_urls]),
            _tag("profileBio", account.bio),
            "".join([_capture(capture) for capture in account.captures]),
            "".join([_device(device) for device in account.devices]),
            _tag("schoolName", account.school),
            _flag("thirdPartyUserReported", account.third_party),
            "".join([f"<priorCTReports>{number}</priorCTReports>" for number in account.prior_reports]),
            _tag("groupIdentifier", account.group),
            disabled,
            _location(account.location) if account.location is not None else "",
            "".join([_associated(other) for other in account.associated]),
            _tag("additionalInfo", account.notes),
            f"</{role}>\n",
        )
    )
