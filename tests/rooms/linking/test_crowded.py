"""What many tell links no two of the public's reports, whoever came last."""

from __future__ import annotations

import pytest
from tests.rooms.bundles.laid import Story, lay, picture, tell

from amaan.authority.actors import Actor
from amaan.keyring.services import prepare_keys
from amaan.linking.domain import strength
from amaan.linking.models import Link
from amaan.linking.services import link_reports, rebuild_links, rebuilding

SYSTEM = Actor.system("linking")


@pytest.fixture(autouse=True)
def _three_are_a_crowd(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare_keys()
    monkeypatch.setattr(rebuilding, "ring_all", lambda actor: None)
    monkeypatch.setattr(strength, "MOST_TOLD_OF_PUBLIC", 2)


def links_after(*reports: int) -> set[tuple[int, int]]:
    link_reports(SYSTEM, report_ids=reports)
    held = set(Link.objects.values_list("low_id", "high_id"))
    assert rebuild_links(SYSTEM, new_snapshot=False).changed == 0
    return held


@pytest.mark.parametrize("told", [{"accounts": ["+923001112223"]}, {"files": [picture(1, "sha256")]}])
def test_what_many_tell_links_no_two_of_the_publics_reports(told: dict[str, list[object]]) -> None:
    """By a telephone, which lies in mentions, and by a file, which is a clue."""

    def told_at(door: str, day: int) -> int:
        return lay(Story(**told, door=door, day=day, entity=f"Sender {day}")).pk  # type: ignore[arg-type]

    first, second = told_at("portal", 0), told_at("portal", 1)
    assert links_after(first, second) == {(first, second)}
    platform = lay(Story(**told, door="cybertipline_xml", day=2, entity="Pix Board"))  # type: ignore[arg-type]
    assert links_after(platform.pk) == {(first, platform.pk), (second, platform.pk)}
    tell(platform, Story(door="cybertipline_xml", day=2, entity="Pix Board"))
    assert links_after(platform.pk) == {(first, second)}
