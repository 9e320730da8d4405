"""A tale as a platform's document, as a row of a hotline's table, or as a telling at the public's door."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random
from typing import Final

from amaan.demo.generator.drafts import (
    Account,
    Associated,
    Capture,
    Channel,
    Contact,
    Device,
    File,
    Location,
    Report,
)
from amaan.demo.generator.identifiers import urdu_digits, write_phone
from amaan.demo.generator.plan import NONE
from amaan.demo.generator.rings.tales import Child, Tale
from amaan.demo.generator.scene import DAY, stamp
from amaan.demo.generator.told import Told
from amaan.demo.generator.write_json import report_json
from amaan.demo.generator.write_xml import file_document, report_document

HOTLINE: Final = "Sample Hotline"
_INCIDENTS: Final = {"lure": "sex_trafficking", "demand": "enticement", "page": "csam", "picture": "csam"}
COLUMNS: Final = {
    "Ref": "number",
    "What": "incident.type",
    "When": "incident.at",
    "Story": "incident.text",
    "Link": "incident.url",
    "Service": "reported.platform",
    "Account": "reported.handle",
    "Account no": "reported.account",
    "Name": "reported.name",
    "Phone": "reported.phone",
    "Mail": "reported.email",
    "Paid to": "reported.wallet",
    "Child's age": "victim.age",
    "Child's phone": "victim.phone",
    "Child's school": "victim.school",
}
"""The hotline's columns, and what they hold."""


def documents_of(rng: Random, tale: Tale, number: int) -> list[tuple[str, bytes]]:
    """As XML, or as the JSON of law enforcement: (file name, bytes)."""
    report, files = _report(rng, tale, number), _files(tale)
    if tale.door == "json":
        return [("report.json", report_json(report, files))]
    documents = [("report.xml", report_document(report))]
    documents.extend((f"file-{file.number}.xml", file_document(file, number)) for file in files)
    return documents


def _report(rng: Random, tale: Tale, number: int) -> Report:
    name = tale.platform.name
    return Report(
        incident=_INCIDENTS[tale.about],
        at=stamp(tale.at),
        batched=tale.passed_on,
        annotations=("sextortion",) if tale.about == "demand" else (),
        channels=_channels(rng, tale),
        entity=name,
        entity_email=f"safety@{tale.platform.host}",
        reported=_batch(rng) if tale.passed_on else _reported(rng, tale),
        victims=[_victim(rng, tale, child) for child in tale.children],
        notes=tale.text,
        number=number,
        received_at=stamp(tale.at + 500),
    )


def _batch(rng: Random) -> list[Account]:
    return [Account(identifier=str(7_800_000_000 + rng.getrandbits(30))) for _ in range(rng.randrange(4, 20))]


def _channels(rng: Random, tale: Tale) -> list[Channel]:
    found = [
        Channel("webPageIncident", [("url", link)]) for link in (*tale.links, *filter(None, [tale.group]))
    ]
    if tale.called:
        found.append(Channel("cellPhoneIncident", [("phoneNumber", tale.called)]))
    return found


def _reported(rng: Random, tale: Tale) -> list[Account]:
    account = Account(
        phones=[Contact(write_phone(rng, phone), None, "Mobile") for phone in tale.phones],
        emails=[Contact(email) for email in tale.emails],
        identifier=tale.account,
        service=tale.platform.name,
        compromised=tale.compromised,
        screen_name=tale.handle,
        display_names=tale.names if tale.door != "json" else [],
        captures=tale.captures,
        devices=tale.devices if tale.door != "json" else [],
        location=Location(tale.town.name, tale.town.province),
    )
    if tale.door == "json" and tale.names:
        account.first, _, account.last = tale.names[0].partition(" ")
    others: list[Account] = []
    if tale.pay and tale.door == "json":
        # The JSON knows no associated account: who is paid stands there as a second person.
        others.append(Account(phones=[Contact(write_phone(rng, tale.pay))], notes="The one who is paid."))
    elif tale.pay:
        phones = [Contact(write_phone(rng, tale.pay))]
        account.associated.append(Associated("Billing", "PocketRupee", phones=phones))
    if tale.other:
        handle, identifier = tale.other
        account.associated.append(
            Associated("Linked", tale.platform.name, identifier=identifier, screen_name=handle)
        )
    return [account, *others]


def _victim(rng: Random, tale: Tale, child: Child) -> Account:
    phones = [Contact(write_phone(rng, child.phone))] if child.phone else []
    devices = [Device("android", child.device)] if child.device and tale.door != "json" else []
    return Account(
        age=child.age,
        phones=phones,
        identifier=child.who.identifier,
        service=tale.platform.name,
        screen_name=child.who.handle,
        devices=devices,
        school=child.school if tale.door != "json" else "",
        gender="Male" if child.boy else "Female",
    )


def _files(tale: Tale) -> list[File]:
    if tale.file is None:
        return []
    hashes = Random(tale.file * 7_919 + 3)  # noqa: S311  a demo world, nothing secret
    return [
        File(
            number=1,
            identifier=f"{Random(tale.at).getrandbits(128):032x}",  # noqa: S311
            name="forwarded.jpg",
            uploaded_at=stamp(tale.at - 60),
            annotations=("potentialMeme", "viral") if tale.passed_on else (),
            hashes=[("MD5", f"{hashes.getrandbits(128):032x}"), ("SHA1", f"{hashes.getrandbits(160):040x}")],
            capture=None if tale.passed_on else _first(tale.captures),
        )
    ]


def _first(captures: list[Capture]) -> Capture | None:
    return captures[0] if captures else None


def mapping() -> str:
    """The mapping file of the hotline's table, in TOML."""
    lines = [
        f'entity = "{HOTLINE}"',
        "[columns]",
        *(f'"{ours}" = "{theirs}"' for ours, theirs in COLUMNS.items()),
    ]
    return "\n".join(lines) + "\n"


def table_of(rng: Random, told: Iterable[tuple[int, Tale]]) -> str:
    """The hotline's table: CSV with a header; `told` are numbers and tales."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), restval="")
    writer.writeheader()
    for number, tale in told:
        child = tale.children[0] if tale.children else None
        row = {
            "Ref": str(number),
            "What": _INCIDENTS[tale.about],
            "When": stamp(tale.at),
            "Story": tale.text,
            "Link": tale.links[0] if tale.links else "",
            "Service": tale.platform.name,
            "Account": tale.handle,
            "Account no": tale.account,
            "Name": tale.names[0] if tale.names else "",
            "Phone": write_phone(rng, tale.phones[0]) if tale.phones else "",
            "Mail": tale.emails[0] if tale.emails else "",
            "Paid to": write_phone(rng, tale.pay) if tale.pay else "",
            "Child's age": str(child.age) if child else "",
            "Child's phone": write_phone(rng, child.phone) if child and child.phone else "",
            "Child's school": child.school if child else "",
        }
        writer.writerow(row)
    return out.getvalue()


def telling_of(rng: Random, tale: Tale, *, until: int) -> Told:
    """What a person would answer at the public's door of the same."""
    answers: dict[str, object] = {
        "way": "saw" if tale.about == "page" else ("threat" if tale.about == "demand" else "me"),
        "what_happened": tale.text,
        "platforms": ["other"],
        "platform_other": tale.platform.name,
        "when": "month" if until - tale.at < 30 * DAY else "year",
        "when_date": datetime.fromtimestamp(tale.at, UTC).date().isoformat(),
        "contact": "code",
    }
    if tale.about == "lure":
        answers |= {"happening": ["offer"], "promised": ["job"]}
    if tale.about == "demand":
        answers |= {"demanded": ["money"]}
    if tale.about == "page":
        answers |= {"happening": ["selling"]}
    if tale.links:
        answers["links"] = tale.links
    if tale.handle:
        answers["accounts"] = [tale.handle]
    if tale.group:
        answers["groups"] = [tale.group]
    if tale.phones:
        phones = [write_phone(rng, phone) for phone in tale.phones]
        answers["phones"] = [urdu_digits(phone) if tale.language == "ur" else phone for phone in phones]
    if tale.called:
        answers["phones"] = [*answers.get("phones", []), tale.called]  # type: ignore[misc]
    if tale.pay:
        answers |= {
            "pay_ways": [rng.choice(("easypaisa", "jazzcash"))],
            "pay_numbers": [write_phone(rng, tale.pay)],
        }
    if tale.children:
        child = tale.children[0]
        answers |= {"victim_age": _band(child.age), "victim_sex": "boy" if child.boy else "girl"}
    if tale.reporter:
        answers |= {"contact": "yes", "contact_how": "call", "contact_to": write_phone(rng, tale.reporter)}
    language = "en" if tale.language == "en" else "ur"
    return Told(language=language, answers=answers, kind=f"ring_{tale.shape}", danger=NONE)


def _band(age: int) -> str:
    ends = ((5, "0-5"), (10, "6-10"), (13, "11-13"), (15, "14-15"), (17, "16-17"))
    return next((band for end, band in ends if age <= end), "18+")
