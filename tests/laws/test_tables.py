"""Law: what the database must hold to, whatever the code above it does."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models
from tests.laws.source import order

from amaan.store.append_only import refuse_changes

# What Amaan never asks and never keeps: whom somebody loves, and what adults or peers did willingly.
NEVER_A_FIELD = re.compile(
    r"orientation|sexuality|homosex|hetero|bisex|\bgay\b|lesbian|lgbt|transgend|consensual|consent_to|adulter"
    r"|fornicat|zina|virgin|religion|sect\b|\bcaste\b",
    re.IGNORECASE,
)
SAYS_APPEND_ONLY = re.compile(r"append-only|insert-only", re.IGNORECASE)


def _tables() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model.__module__.startswith("amaan.")]


def _rank(room: str) -> int:
    return next(n for n, side_by_side in enumerate(order()) if room in side_by_side)


def test_no_foreign_key_points_to_a_later_room() -> None:
    ahead = []
    for model in _tables():
        for field in model._meta.get_fields():
            if not (isinstance(field, models.ForeignKey | models.ManyToManyField | models.OneToOneField)):
                continue
            target = field.related_model
            assert isinstance(target, type)
            if not target.__module__.startswith("amaan."):
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if here != there and _rank(there) <= _rank(here):
                ahead.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    assert ahead == []


def test_foreign_keys_are_seen() -> None:
    assert _rank("triage") < _rank("reports") < _rank("accounts") < _rank("keyring")
    assert sum(isinstance(f, models.ForeignKey) for m in _tables() for f in m._meta.get_fields()) > 10


def test_no_field_asks_what_must_not_be_asked() -> None:
    asked = [
        f"{model._meta.label}.{field.name}"
        for model in _tables()
        for field in model._meta.get_fields()
        if NEVER_A_FIELD.search(field.name.replace("_", " ")) or NEVER_A_FIELD.search(field.name)
    ]
    assert asked == []


def test_nor_does_a_draft_or_a_fact() -> None:
    from dataclasses import fields, is_dataclass

    from amaan.reports.domain import drafts
    from amaan.triage.domain import facts

    kinds = [kind for kind in vars(drafts).values() if isinstance(kind, type) and is_dataclass(kind)]
    names = [field.name for kind in kinds for field in fields(kind)]
    held = [name for name in (*names, *facts.FACTS) if NEVER_A_FIELD.search(name.replace("_", " "))]
    assert len(names) > 30
    assert held == []


@pytest.mark.django_db(databases=["default", "portal"])
def test_migrations_say_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def _guarded(table: str) -> set[str]:
    """Which of update, delete and replacement or truncation a table's triggers refuse."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass",
                [table],
            )
        else:
            cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
        text = "\n".join(row[0] for row in cursor.fetchall()).upper()
    return {word for word in ("UPDATE", "DELETE", "TRUNCATE", "BEFORE INSERT") if word in text}


def _promised() -> list[type[models.Model]]:
    return [model for model in _tables() if SAYS_APPEND_ONLY.search(model.__doc__ or "")]


@pytest.mark.django_db
def test_what_is_called_append_only_is_so_in_the_database() -> None:
    last = "TRUNCATE" if connection.vendor == "postgresql" else "BEFORE INSERT"
    assert {"reports.Outcome", "ledger.Entry"} <= {model._meta.label for model in _promised()}
    for model in _promised():
        assert {"UPDATE", "DELETE", last} <= _guarded(model._meta.db_table), model._meta.label


@pytest.mark.django_db
def test_the_search_for_triggers_can_fail() -> None:
    assert not _guarded("triage_queuetally")
    refuse_changes(connection, "triage_queuetally")
    assert "UPDATE" in _guarded("triage_queuetally")
