"""What hangs on a report's telling belongs to one, on both databases, however it comes in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.reports.telling import PHONE, suspect, told

from amaan.reports.models import ContentItem, Incident, Mention, Party, Place, Version
from amaan.store.rows import insert_rows

NOBODY = 10**12
COLUMNS: dict[type[models.Model], dict[str, Any]] = {
    Incident: {"type": "csam", "channel": "web"},
    Party: {
        "number": 9,
        "role": "reported",
        "age_band": "18+",
        "sex": "not_said",
        "relationship": "not_said",
        "possibly_coerced": "not_said",
        "district": "",
        "setting": "not_said",
        "protected": False,
    },
    ContentItem: {
        "number": 9,
        "file_id": "",
        "classification": "",
        "annotations": "",
        "viewed": "not_said",
        "public": "not_said",
        "relevance": "",
    },
    Mention: {"identifier_id": 1, "report_id": 1, "role": "reported", "event": "", "verified": "not_said"},
    Place: {"role": "address", "district": "", "country": "", "venue": "", "verified": "not_said"},
}


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", COLUMNS, ids=lambda model: model.__name__)
def test_a_row_without_its_telling_is_refused(model: type[models.Model]) -> None:
    reference = told(suspect(PHONE))
    version = Version.objects.get(report__reference=reference)
    row = COLUMNS[model]

    def insert(*versions: int) -> None:
        with transaction.atomic():
            numbered = (
                (one, {**row, "number": n} if "number" in row else row) for n, one in enumerate(versions, 50)
            )
            insert_rows(model, ("version_id", *row), [(one, *held.values()) for one, held in numbered])

    insert(version.pk)
    with pytest.raises(IntegrityError):
        insert(NOBODY)
    last = model._default_manager.order_by("-pk").first()
    assert last is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        model._default_manager.filter(pk=last.pk).update(version_id=NOBODY)
    assert not model._default_manager.filter(version_id=NOBODY).exists()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_version WHERE id = %s", [version.pk])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE reports_version SET id = %s WHERE id = %s", [NOBODY, version.pk])


@pytest.mark.django_db(transaction=True)
def test_tellings_are_not_emptied_away_from_what_hangs_on_them() -> None:
    if connection.vendor != "postgresql":
        return  # SQLite knows no such statement
    told(suspect(PHONE))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE reports_version CASCADE")
    assert Version.objects.exists()
