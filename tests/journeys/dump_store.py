# ruff: noqa: E402 - Django is set up before its models can be imported
"""Run in an installation's environment: everything stored, opened, in an order of its own, as JSON."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
import django

django.setup()

from amaan.evidence.models import Exhibit
from amaan.evidence.services import open_exhibit
from amaan.keyring.services import opener
from amaan.ledger.models import Entry, Leaf
from amaan.outbox.services import dead_letters, pending
from amaan.referrals.models import Quarantined
from amaan.reports.models import (
    ContentItem,
    Identifier,
    Incident,
    Mention,
    Party,
    Place,
    Report,
    Version,
)
from amaan.triage.models import Assessment

OPEN = opener().open


def sealed(place: str, blob: Any) -> Any:
    return json.loads(OPEN(place, bytes(blob))) if blob else None


def hexed(value: Any) -> str | None:
    return bytes(value).hex() if value is not None else None


def facts(version: Version) -> dict[str, Any]:
    found = json.loads(version.facts)
    return {k: v for k, v in found.items() if not k.endswith("days_before_receipt")}


def telling(version: Version) -> dict[str, Any]:
    place = f"{version.report.reference}.{bytes(version.digest)[:8].hex()}"
    of = {"version": version}
    return {
        "number": version.number,
        "digest": hexed(version.digest),
        "source": version.source,
        "receipt": json.loads(version.receipt),
        "facts": facts(version),
        "sealed": sealed(f"reports_version/{place}/sealed", version.sealed),
        "exhibits": [hashlib.sha256(open_exhibit(n)).hexdigest() for n in json.loads(version.exhibits)],
        "incidents": [(i.type, i.channel, str(i.happened_at)) for i in Incident.objects.filter(**of).order_by("id")],
        "parties": [
            (p.number, p.role, p.of_party, p.age_band, p.sex, p.relationship, p.district, p.protected,
             sealed(f"reports_party/{place}.{p.number}/sealed", p.sealed))
            for p in Party.objects.filter(**of).order_by("number")
        ],
        "contents": [
            (c.number, c.file_id, *map(hexed, (c.md5, c.sha1, c.sha256, c.pdq)), c.viewed, c.public,
             sealed(f"reports_contentitem/{place}.{c.number}/sealed", c.sealed))
            for c in ContentItem.objects.filter(**of).order_by("number")
        ],
        "places": [
            (p.party, p.role, p.district, p.country, sealed(f"reports_place/{place}.{n}/sealed", p.sealed))
            for n, p in enumerate(Place.objects.filter(**of).order_by("id"))
        ],
        "mentions": [
            (hexed(m.identifier.key), m.party, m.content, m.role, str(m.seen_at), m.port, m.event, m.verified)
            for m in Mention.objects.filter(**of).select_related("identifier").order_by("id")
        ],
    }  # fmt: skip


def identifier(row: Identifier) -> tuple[Any, ...]:
    key = bytes(row.key)
    value = row.clear
    if value is None:
        value = OPEN(f"reports_identifier/{key.hex()}/value", bytes(row.sealed)).decode()
    return key.hex(), row.type, row.links, row.clear is not None, value


def reasons(assessment: Assessment) -> list[Any]:
    """Without counts of days, which midnight changes."""
    return [
        (rule, weight, {k: v for k, v in given.items() if not k.endswith("days_before_receipt")})
        for rule, weight, given in json.loads(assessment.reasons)
    ]


def leaves() -> dict[str, int]:
    counts: dict[str, int] = {}
    for raw in Entry.objects.values_list("leaf_bytes", flat=True):
        leaf = json.loads(bytes(raw))
        if leaf["act"] == "report.received":
            counts[leaf["on"]] = counts.get(leaf["on"], 0) + 1
    return counts


sys.stdout.write(
    json.dumps(
        {
            "reports": {
                r.reference: {
                    "entity": r.entity.name,
                    "number": r.number,
                    "unit": r.unit.code,
                    "version": r.version,
                    "status": r.public_status,
                    "versions": [telling(v) for v in r.versions.select_related("report").order_by("number")],
                    "triage": [
                        (str(a.band), reasons(a))
                        # An earlier telling is banded as well, if the worker comes by before the later one.
                        for a in Assessment.objects.filter(report_id=r.pk, current=True)
                    ],
                }
                for r in Report.objects.select_related("entity", "unit")
            },
            "identifiers": sorted(identifier(row) for row in Identifier.objects.all()),
            "quarantine": sorted((q.code, hexed(q.digest)) for q in Quarantined.objects.all()),
            "exhibits": sorted(hexed(a) for a in Exhibit.objects.values_list("address", flat=True)),
            "leaves": leaves(),
            "waiting": (pending(), dead_letters(), Entry.objects.count() - Leaf.objects.count()),
        },
        sort_keys=True,
    )
)
