"""The half of the evaluation that runs in a process of its own, on an installation that is thrown away.

    python -m amaan.cli.evaluation.rings.inside SEED REPORTS LABELS

`LABELS` is a file outside the documents and the database. The result is one JSON object on standard output.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from amaan.cli.evaluation.rings.baselines import RARE, components, shared
from amaan.cli.evaluation.rings.measures import (
    by_shape,
    joined_wrongly,
    measure,
    measure_links,
    rings_joined,
)
from amaan.cli.evaluation.rings.splink_peer import HOW_TO_GET_IT, installed, splink_groups

_SLICE: Final = 2000


class Read(NamedTuple):
    """A report of the store, and what was planted in it."""

    report_id: int
    shape: str
    ring: str
    beside: str
    record: dict[str, str]


def main(arguments: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
    import django

    django.setup()
    from amaan.cli.prepare import prepare

    seed, reports, labels = int(arguments[0]), int(arguments[1]), Path(arguments[2])
    prepare()
    read = planted(seed, reports, labels)
    sys.stdout.write(json.dumps(measured(read)) + "\n")
    return 0


def _say(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()


def planted(seed: int, reports: int, labels: Path) -> list[Read]:
    """Write the world, take it in by the real doors, and put the labels beside what came of it."""
    from amaan.demo.services import load_rings

    until = datetime.now(UTC).replace(second=0, microsecond=0)
    began = time.monotonic()
    _say(f"Writing about {reports:,} reports of seed {seed}, and taking them in …")
    load_rings(seed=seed, reports=reports, until=until, scratch=labels.parent / "documents", labels=labels)
    _say(f"Taken in, after {time.monotonic() - began:.0f} s.")
    return list(_read(labels))


def _read(labels: Path) -> Iterator[Read]:
    """Every report of the store with its label; none is left out."""
    from amaan.authority.actors import Actor
    from amaan.reports.selectors import reports_after, reports_among

    with labels.open(encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    known: dict[str | tuple[str, str], dict[str, Any]] = {
        line.get("reference") or (line["entity"], line["number"]): line for line in told
    }
    actor, last = Actor.system("evaluate"), 0
    while ids := reports_after(last, limit=_SLICE):
        for report_id, report in sorted(reports_among(actor, ids).items()):
            line = known.get(report.reference) or known[report.entity.name, report.number]
            yield Read(report_id, line["shape"], line["ring"], line["beside"], line["record"])
        last = ids[-1]


def measured(read: Sequence[Read]) -> dict[str, Any]:
    """The figures of Amaan and of every baseline, by name."""
    truth = [one.ring for one in read]
    shapes = [one.shape for one in read]
    beside = [one.beside for one in read]
    place = {one.report_id: number for number, one in enumerate(read)}
    links, rebuilt = _links(place)
    groupings = {"amaan": _rings(place)}
    groupings |= _baselines(read, place, [(low, high) for low, high, strength in links if strength != "weak"])
    strong = [(low, high) for low, high, strength in links if strength == "strong"]
    found: dict[str, Any] = {
        "reports": len(read),
        "measured": {name: measure(truth, groups).as_json() for name, groups in groupings.items()},
        "innocents": {name: joined_wrongly(truth, groups, beside) for name, groups in groupings.items()},
        "rings_joined": {name: len(rings_joined(truth, groups)) for name, groups in groupings.items()},
        "shapes": {
            name: [asdict(one) for one in by_shape(truth, groups, shapes)]
            for name, groups in groupings.items()
        },
        "strong": measure_links(truth, strong, components(len(read), strong)).as_json(),
        "rebuild": rebuilt,
        "left_out": {} if installed() else {"splink": HOW_TO_GET_IT},
    }
    return found


def _links(place: dict[int, int]) -> tuple[list[tuple[int, int, str]], dict[str, Any]]:
    """Every link by the places of its reports, with its strength; and what the rebuild told."""
    from amaan.authority.actors import Actor
    from amaan.linking.selectors import links_of
    from amaan.linking.services import rebuild_links

    _say("Linking everything anew …")
    told = rebuild_links(Actor.system("evaluate"), new_snapshot=True)
    links = [(place[one.low], place[one.high], str(one.strength)) for one in links_of(place) if one.strength]
    return links, {"seconds": round(told.seconds, 1), "links": told.links, "rings": told.rings}


def _rings(place: dict[int, int]) -> list[str]:
    """The ring of each report, as they are exported."""
    from amaan.linking.selectors import rings_of_reports

    ring_of = rings_of_reports(place)
    return [ring_of.get(report_id, "") for report_id in place]


def _baselines(
    read: Sequence[Read], place: dict[int, int], links: Sequence[tuple[int, int]]
) -> dict[str, list[str]]:
    from django.conf import settings

    _say("Grouping as simpler products would …")
    told = _told(place)
    found = {
        "shared_identifier": shared(len(read), told),
        "shared_without_hubs": shared(len(read), told, most=RARE),
        "components_of_links": components(len(read), links),
    }
    if installed():
        truth = [one.ring for one in read]
        at = splink_groups([_cleaned(one.record) for one in read], Path(settings.AMAAN_HOME))
        found["splink"] = max(at.values(), key=lambda groups: measure(truth, groups).ari)
    else:
        _say(HOW_TO_GET_IT)
    return found


def _told(place: dict[int, int]) -> list[tuple[int, int]]:
    """(place of the report, identifier), each once: all that reports name and that links or is an address."""
    from amaan.reports.selectors import told_identifiers, told_now

    ids = sorted(place)
    found: set[tuple[int, int]] = set()
    for start in range(0, len(ids), _SLICE):
        of_version = {one.version_id: place[one.report_id] for one in told_now(ids[start : start + _SLICE])}
        found |= {
            (of_version[one.version_id], one.identifier_id) for one in told_identifiers(list(of_version))
        }
    return sorted(found)


_TYPES: Final = {
    "handle": "handle",
    "account": "platform_account",
    "phone": "phone",
    "email": "email",
    "wallet": "mobile_wallet",
}


def _cleaned(record: dict[str, str]) -> dict[str, str]:
    """The record as Amaan cleans its values: the peer shall not lose by how numbers are written."""
    from amaan.reports.domain.identifiers import NotUnderstood, clean

    found = {"name": record.get("name", "").casefold(), "district": record.get("district", "")}
    for name, kind in _TYPES.items():
        if raw := record.get(name, ""):
            try:
                found[name] = clean(kind, raw, platform=record.get("platform", "")).normalised
            except NotUnderstood:
                found[name] = raw
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
