"""Drafts as the JSON that law enforcement receives. Key names: the practice of its readers; no schema is
public.
"""

from __future__ import annotations

import json

from amaan.demo.generator.drafts import INCIDENT_TYPES, Account, Capture, File, Report

Tree = dict[str, object]


def report_json(report: Report, files: list[File]) -> bytes:
    """One report with its files, UTF-8, Urdu unescaped."""
    told: Tree = {
        "reportingEsp": {"espName": report.entity, "firstName": "Safety", "lastName": "Demo"},
        "incidentSummary": _present(
            incidentType=INCIDENT_TYPES[report.incident],
            incidentDateTime=report.at,
            incidentDateTimeDescription=report.at_said,
        ),
    }
    notes = [note for note in (report.escalated, report.notes) if note]
    if notes:
        told["additionalInformations"] = [{"value": note} for note in notes]
    urls = [value for channel in report.channels for name, value in channel.parts if name == "url"]
    if urls:
        captures = [{"captureType": "URL", "value": url} for url in urls]
        told["incidentDetails"] = {"webpageIncident": [{"sourceInformation": {"sourceCaptures": captures}}]}
    told["reportedPeople"] = {"reportedPersons": [_person(account) for account in report.reported]}
    others = [_person(account) for account in (*report.recipients, *report.victims)]
    if others:
        told["intendedRecipients"] = {"intendedRecipients": others}
    if files:
        told["uploadedFiles"] = {"uploadedFiles": [_file(file) for file in files]}
    tree = {"reportId": report.number, "dateReceived": report.received_at, "reportedInformation": told}
    return (json.dumps(tree, ensure_ascii=False, indent=1) + "\n").encode()


def _present(**values: object) -> Tree:
    return {name: value for name, value in values.items() if value not in ("", None, [], {})}


def _capture(capture: Capture) -> Tree:
    return _present(
        captureType="IP Address",
        value=capture.address,
        dateTime=capture.at,
        eventName=capture.event,
        port=capture.port,
    )


def _person(account: Account) -> Tree:
    captures: list[Tree] = [_capture(capture) for capture in account.captures]
    captures.extend({"captureType": "Profile URL", "value": url} for url in account.profile_urls)
    address = _present(street1=account.street, city=account.city, state=account.province)
    contacts = {
        name: {name: [_present(value=contact.value, verified=contact.verified) for contact in found]}
        for name, found in (("emails", account.emails), ("phones", account.phones))
        if found
    }
    notes = [note for note in (account.notes, *(other.notes for other in account.associated)) if note]
    return _present(
        firstName=account.first,
        lastName=account.last,
        gender=account.gender,
        dateOfBirth=account.birth,
        approximateAge=account.age,
        vehicleDescription=account.vehicle,
        occupation=account.occupation,
        espService=account.service,
        espUserId=account.identifier,
        relationshipToChildVictim=account.relationship,
        accessToChildVictim=account.access_to_victim,
        accessToChildren=account.access_to_children,
        screenName={"value": account.screen_name} if account.screen_name else None,
        addresses={"addresses": [{**address, "country": "PK"}]} if address else None,
        sourceInformation={"sourceCaptures": captures} if captures else None,
        additionalInformations=[{"value": note} for note in notes],
        **contacts,
    )


def _file(file: File) -> Tree:
    tags = {"groups": [{"tags": [{"value": tag} for tag in file.tags]}]} if file.tags else None
    metadata = [{"name": name, "value": value} for name, value in file.details]
    return _present(
        filename=file.name,
        originalFilename=file.original_name,
        submittalId=file.identifier,
        verificationHash=dict(file.hashes).get("MD5", ""),
        viewedByEsp=file.viewed,
        ncmecTags=tags,
        sourceInformation={"sourceCaptures": [_capture(file.capture)]} if file.capture is not None else None,
        espMetadata={"metadatas": metadata} if metadata else None,
        additionalInformations=[{"value": file.notes}] if file.notes else None,
    )
