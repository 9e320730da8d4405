"""Reports that tell of files, addresses and accounts, laid straight into the spine's tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from itertools import count
from typing import Any

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor
from amaan.bundles.models import Member, Pile
from amaan.bundles.services import bundle_reports
from amaan.reports.domain.references import derive_reference
from amaan.reports.models import ContentItem, Entity, Identifier, Mention, Report, Version

ARRIVED = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
WORKER = Actor.system("bundles")
_numbers = count(40_000)  # far from those that tests choose themselves; too short to be a platform's
File = Mapping[str, Any]


@dataclass
class Story:
    """A report to be laid. `day` counts from `ARRIVED`; `accounts` are the reported person's telephone numbers."""

    files: Sequence[File] = ()
    accounts: Sequence[str] = ()
    urls: Sequence[str] = ()
    victims: Sequence[str] = ()
    entity: str = "Example Platform"
    unit: str = "lahore"
    day: int = 0
    door: str = "cybertipline_xml"
    facts: Mapping[str, Any] = field(default_factory=dict)
    wallets: Sequence[str] = ()


def picture(number: int, *kinds: str) -> dict[str, Any]:
    """The digests of a file that is none, by kind."""
    sizes = {"md5": 16, "sha1": 20, "sha256": 32}
    return {
        kind: blake2b(f"{kind}{number}".encode(), digest_size=sizes[kind]).digest()
        for kind in kinds or ("md5",)
    }


def pdq(number: int, *, turned: int = 0, quality: int | None = None) -> dict[str, Any]:
    """A PDQ hash of no picture, with as many bits set as a real one; `turned` of its last bits are the other way."""
    bits = int.from_bytes(sha256(f"pdq{number}".encode()).digest(), "big")
    return {"pdq": (bits ^ ((1 << turned) - 1)).to_bytes(32, "big"), "pdq_quality": quality}


def lay(story: Story) -> Report:
    key = "".join(story.entity.casefold().split())
    entity, _ = Entity.objects.get_or_create(key=key, defaults={"name": story.entity})
    office, _ = Unit.objects.get_or_create(code=story.unit, defaults={"name": story.unit.title()})
    number = str(next(_numbers))
    report = Report.objects.create(
        reference=derive_reference(b"k" * 32, entity.key, number),
        entity=entity,
        number=number,
        unit=office,
        received_at=ARRIVED + timedelta(days=story.day),
        version=0,
    )
    tell(report, story)
    return report


def tell(report: Report, story: Story) -> Version:
    """A telling of a report, which counts from now on."""
    report.version += 1
    report.save()
    facts = {"victim.count": len(story.victims), **story.facts}
    version = Version.objects.create(
        report=report,
        number=report.version,
        digest=sha256(f"{report.pk}/{report.version}".encode()).digest(),
        source=story.door,
        origin="test",
        received_at=report.received_at,
        exhibits="[]",
        receipt="[]",
        facts=json.dumps(facts),
        sealed=b"",
    )
    ContentItem.objects.bulk_create(
        ContentItem(version=version, number=n, viewed="not_said", public="not_said", **file)
        for n, file in enumerate(story.files)
    )
    named = [("phone", "reported", value) for value in story.accounts]
    named += [("url", "content", value) for value in story.urls]
    named += [("phone", "victim", value) for value in story.victims]
    named += [("mobile_wallet", "reported", value) for value in story.wallets]
    for type_, role, value in named:
        identifier, _ = Identifier.objects.get_or_create(
            key=blake2b(f"{type_}{value}".encode(), digest_size=16).digest(),
            defaults={"type": type_, "links": type_ != "url", "clear": value},
        )
        Mention.objects.create(
            identifier=identifier, report=report, version=version, role=role, verified="not_said"
        )
    return version


def bundled(*stories: Story) -> list[Report]:
    """Laid and bundled, one after another."""
    reports = [lay(story) for story in stories]
    for report in reports:
        bundle_reports(WORKER, report_ids=[report.pk])
    return reports


def bundle_numbers(reports: Sequence[Report]) -> list[int]:
    piles = dict(Member.objects.values_list("report_id", "pile_id"))
    roots = dict(Pile.objects.values_list("pk", "bundle"))
    return [roots[piles[report.pk]] for report in reports]


def stand_together(*reports: Report) -> bool:
    return len(set(bundle_numbers(reports))) == 1


def pile_numbers(reports: Sequence[Report]) -> list[int]:
    piles = dict(Member.objects.values_list("report_id", "pile_id"))
    return [piles[report.pk] for report in reports]
