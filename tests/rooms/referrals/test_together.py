"""Packages that are read together, step by step, come out as those that are read alone."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.referrals.reading import ARRIVED, CONTEXT, KEY, file_details, report, sealed_texts

from amaan.keyring.domain import open_sealed
from amaan.referrals.domain import intake
from amaan.referrals.domain.intake import Refused, read_package, read_packages
from amaan.referrals.domain.packages import Package
from amaan.referrals.sources import packages_in
from amaan.reports.domain.preparing import Prepared

pytestmark = pytest.mark.pure

VICTIM = (
    "<victim><victimPerson><firstName>Invented</firstName><lastName>Person</lastName></victimPerson>"
    "<screenName>invented_person</screenName></victim>"
)


def _packages(path: Path) -> list[Package]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(40):
            body = f"<additionalInfo>word {number}</additionalInfo>" + (VICTIM if number % 2 else "")
            name = f"Acme/{number}"
            archive.writestr(f"{name}/report.xml", b"<report>" if number % 7 == 3 else report(body))
            archive.writestr(f"{name}/file-1.xml", file_details(number=str(number if number % 9 else 77)))
        archive.writestr("Acme/x/report.json", b"[]")
        archive.writestr("Acme/y/notes.txt", b"not a document")
    return list(packages_in(path))


def _said(found: Prepared | Refused) -> tuple[Any, ...]:
    """All but the seals, and what they hold."""
    if isinstance(found, Refused):
        return found.code, found.detail, found.entity, found.number, found.names, found.digest
    tables = (found.incidents, found.parties, found.contents, found.mentions, found.places)
    rows = [
        [tuple(c for c in row if not isinstance(c, bytes)) for row in table]
        for table in (*tables, found.identifiers)
    ]
    addresses = [(e.address, e.size) for e in found.exhibits]
    return found.reference, found.digest, found.facts, found.receipt, rows, addresses, sealed_texts(found)


def test_together_as_alone(tmp_path: Path) -> None:
    packages = _packages(tmp_path / "a.zip")
    together = read_packages(packages, CONTEXT, ARRIVED)
    assert {type(found) for found in together} == {Prepared, Refused}
    assert [_said(found) for found in together] == [_said(read_package(p, CONTEXT)) for p in packages]
    one = next(found for found in together if isinstance(found, Prepared))
    assert open_sealed(KEY, f"reports_version/{one.place}/sealed", one.sealed)


def test_a_fault_in_one_keeps_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, seen = intake.prepare_report, []

    def breaks_once(*given: Any, **how: Any) -> Prepared:
        seen.append(1)
        return 1 / 0 if len(seen) == 3 else real(*given, **how)  # type: ignore[return-value]

    monkeypatch.setattr(intake, "prepare_report", breaks_once)
    found = read_packages(_packages(tmp_path / "a.zip"), CONTEXT, ARRIVED)
    assert [one.code for one in found if isinstance(one, Refused)].count("fault") == 1
    assert sum(isinstance(one, Prepared) for one in found) == len(seen) - 1


def test_large_documents_are_not_held_together() -> None:
    def package(size: int) -> Package:
        return Package("", "", (intake.Member("a.xml", "", size),))

    sizes = [6_000] * 20 + [16_000_000] * 3 + [200_000] * 3
    groups = [[p.members[0].size for p in few] for few in intake._few([package(s) for s in sizes])]
    assert [size for few in groups for size in few] == sizes
    assert [len(few) for few in groups] == [16, 4, 1, 1, 1, 2, 1]
