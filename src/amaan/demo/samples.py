"""Single documents for tests and examples, written as the demo world writes its own.

    report_xml(incident="enticement", annotations=("sextortion",), victims=[Account(age=15)])

The choices are the fields of `Report`, `File` and `Account`; whatever is not named has the plainest value.
Documents are valid against the official schema unless a choice is newer than it (`age_discrepancy`, an
unknown annotation).
"""

from __future__ import annotations

from typing import Any

from amaan.demo.generator.drafts import (
    Account,
    Agency,
    Associated,
    Capture,
    Channel,
    Contact,
    Device,
    File,
    Location,
    Report,
)
from amaan.demo.generator.write_json import report_json
from amaan.demo.generator.write_xml import file_document, report_document

__all__ = [
    "Account",
    "Agency",
    "Associated",
    "Capture",
    "Channel",
    "Contact",
    "Device",
    "File",
    "Location",
    "Report",
    "file_xml",
    "le_json",
    "report_xml",
]


def report_xml(**choices: Any) -> bytes:
    """A `<report>`; one reported account where none are named. TypeError for a field that `Report` does not
    have.
    """
    return report_document(_report(choices))


def file_xml(report_number: int = 1_000_000_001, number: int = 1, **choices: Any) -> bytes:
    """A `<fileDetails>` of that report."""
    return file_document(_file(number, choices), report_number)


def le_json(number: int = 1_000_000_001, files: int = 0, **choices: Any) -> bytes:
    """The JSON that law enforcement receives of the same report, with so many plain files."""
    report = _report({"number": number, "received_at": "2025-06-01T12:00:00Z", **choices})
    return report_json(report, [_file(which, {}) for which in range(1, files + 1)])


def _report(choices: dict[str, Any]) -> Report:
    return Report(**{"reported": [Account(screen_name="sample_demo", identifier="7000000001")], **choices})


def _file(number: int, choices: dict[str, Any]) -> File:
    plain = {
        "identifier": f"{number:032x}",
        "name": f"sample-{number}.jpg",
        "hashes": [("MD5", f"{number:032x}")],
    }
    return File(number, **{**plain, **choices})
