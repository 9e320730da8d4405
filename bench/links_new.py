"""Link new reports in a store of any size, one at a time; run in a process of its own, with the store's environment.

Each is a copy of one that stands there: the same mentions and clues, received today by another entity.
"""

from __future__ import annotations

import json
import os
import statistics
import time

COUNT = 40
TOGETHER = 2_000


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
    import django

    django.setup()
    from amaan.authority.actors import Actor
    from amaan.linking.services import link_reports

    reports = _copied(COUNT + TOGETHER + 1)
    link_reports(Actor.system("linking"), report_ids=reports[:1])  # it reads what is compiled
    seconds, changed = [], []
    for report in reports[1 : COUNT + 1]:
        began = time.perf_counter()
        run = link_reports(Actor.system("linking"), report_ids=[report])
        seconds.append(time.perf_counter() - began)
        changed.append(len(run.changed))
    began = time.perf_counter()
    link_reports(Actor.system("linking"), report_ids=reports[COUNT + 1 :])
    together = time.perf_counter() - began
    print(
        json.dumps(
            {
                "reports": len(seconds),
                "median ms": round(statistics.median(seconds) * 1000, 1),
                "slowest ms": round(max(seconds) * 1000, 1),
                "links of the median": statistics.median(changed),
                "most links": max(changed),
                f"{TOGETHER} at once, s": round(together, 2),
            }
        )
    )


def _copied(count: int) -> list[int]:
    from django.db import connection, transaction

    copied = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM reports_report")
        last = cursor.fetchone()[0]
        for number in range(count):
            old = last - 1 - number * max(1, last // (count + 1))
            cursor.execute(
                "INSERT INTO reports_report (reference, entity_id, number, unit_id, received_at, version,"
                " public_status) SELECT 'N-' || substr(reference, 3), (SELECT max(id) FROM reports_entity),"
                " 'copy ' || number, unit_id, received_at, version, public_status FROM reports_report"
                " WHERE id = %s RETURNING id",
                [old],
            )
            new = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO reports_version (report_id, number, digest, source, origin, received_at, exhibits,"
                " receipt, facts, sealed) SELECT %s, number, digest, source, origin, received_at, exhibits, receipt,"
                " facts, sealed FROM reports_version WHERE report_id = %s RETURNING id",
                [new, old],
            )
            version = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO reports_mention (identifier_id, report_id, version_id, role, event, verified)"
                " SELECT identifier_id, %s, %s, role, event, verified FROM reports_mention m JOIN reports_version v"
                " ON v.id = m.version_id WHERE v.report_id = %s",
                [new, version, old],
            )
            copied.append(new)
    return copied


if __name__ == "__main__":
    main()
