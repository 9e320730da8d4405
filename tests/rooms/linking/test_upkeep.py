"""A rebuild that nobody asks for."""

from __future__ import annotations

import pytest
from django.utils import timezone
from tests.rooms.bundles.laid import Story, lay

from amaan.authority.actors import Actor
from amaan.keyring.services import prepare_keys
from amaan.linking.models import Run, Snapshot
from amaan.linking.services import rebuild_links, upkeep
from amaan.linking.services.turn import only_rebuild
from amaan.linking.services.upkeep import rebuild_is_due

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("linking")


@pytest.fixture(autouse=True)
def _few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_keys()
    monkeypatch.setattr(upkeep, "LEAST", 4)


def test_values_are_counted_anew_once_half_as_many_reports_have_come_again() -> None:
    for _ in range(3):
        lay(Story())
    assert not rebuild_is_due(), "of three reports a count says nothing"
    lay(Story())
    assert rebuild_is_due()
    rebuild_links(SYSTEM)
    assert not rebuild_is_due()
    lay(Story())
    lay(Story())
    assert not rebuild_is_due(), "six are half as many again, and no more"
    lay(Story())
    assert rebuild_is_due()


def test_other_rules_weigh_what_was_weighed_before() -> None:
    for _ in range(4):
        lay(Story())
    rebuild_links(SYSTEM)
    Snapshot.objects.update(weights="of an earlier version")
    assert rebuild_is_due()


def test_a_run_that_broke_off_is_begun_again_and_one_under_way_is_left_alone() -> None:
    Run.objects.create(began_at=timezone.now())
    assert rebuild_is_due(), "however few reports there are"
    with only_rebuild():
        assert not rebuild_is_due()
    rebuild_links(SYSTEM)
    assert not rebuild_is_due()
