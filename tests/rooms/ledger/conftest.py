from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from tests.rooms.ledger.fresh import fresh_ledger

from amaan.authority.actors import Actor
from amaan.ledger.services import Act, append, sequence_all

CLERK = Actor.system("test")


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


Write = Callable[..., list[int]]


@pytest.fixture
def write(db: None, django_capture_on_commit_callbacks: Any) -> Write:
    """Appends acts and, unless told not to, sequences them as if everything had been committed."""

    def _write(count: int, *, sequenced: bool = True) -> list[int]:
        acts = [Act("report.read", f"report:{n}", "lahore", {"n": n}) for n in range(count)]
        with django_capture_on_commit_callbacks(execute=True):
            with transaction.atomic():
                ids = append(CLERK, acts)
            if sequenced:
                sequence_all()
        return ids

    return _write
