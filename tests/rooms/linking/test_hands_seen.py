"""One hand's next account, from platforms' documents to a link."""

from __future__ import annotations

import pytest
from tests.rooms.desk.arrivals import arrived

from amaan.authority.actors import Actor
from amaan.demo.samples import Account, Associated, Contact, report_xml
from amaan.keyring.services import prepare_keys
from amaan.linking.domain.evidence import Stance
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.strength import STRONG_AT
from amaan.linking.models import Clue, Link
from amaan.linking.services import link_reports, note_clues, rebuild_links
from amaan.reports.models import Report

SYSTEM = Actor.system("linking")
NUMBER = "0300-0000001"
SPELT = ("zafar_lali2x", "zafar.1ali2x", "Zafar-Lali2x_77")
"""One name, as one hand writes it."""


@pytest.fixture(autouse=True)
def _keys(db: None) -> None:
    prepare_keys()


def sent(
    number: int,
    handle: str,
    platform: str,
    *,
    phone: str = "",
    other: str = "",
    compromised: bool | None = None,
) -> Report:
    """A platform's report of one account, on a day of its own. `other`: the user name of one that it knows beside."""
    account = Account(
        identifier=str(7_100_000_000 + number * 13),
        service=platform,
        screen_name=handle,
        phones=[Contact(phone)] if phone else [],
        associated=[Associated("Linked", platform, screen_name=other)] if other else [],
        compromised=compromised,
    )
    raw = report_xml(
        incident="enticement",
        at=f"2026-02-{number:02}T09:00:00Z",
        entity=platform,
        reported=[account],
        victims=[Account(age=15)],
        number=number,
    )
    return Report.objects.get(reference=arrived(raw, number=str(number), entity=platform))


def three(*platforms: str, spelt: tuple[str, ...] = SPELT) -> list[Report]:
    """Accounts of one telephone."""
    return [
        sent(number + 1, handle, platform, phone=NUMBER)
        for number, (handle, platform) in enumerate(zip(spelt, platforms, strict=True))
    ]


def weight(one: Report, other: Report) -> float:
    found = Link.objects.filter(low=one, high=other).values_list("weight", flat=True).first()
    return 0.0 if found is None else found


def test_one_hands_next_account_is_joined_and_one_that_comes_later_is_too() -> None:
    seen = three("Pixboard", "Chatteral", "Chatteral")
    after = sent(4, "zafar.lali2x.9", "Kiteline")
    rebuild_links(SYSTEM, new_snapshot=True)
    assert [weight(one, after) for one in seen] == [STRONG_AT] * 3
    later = sent(5, "zafar_1a1i2x", "Kiteline")
    link_reports(SYSTEM, report_ids=[later.pk])
    assert weight(after, later) == STRONG_AT
    assert rebuild_links(SYSTEM, new_snapshot=False).changed == 0


@pytest.mark.parametrize(
    ("platforms", "handle", "compromised"),
    [
        (("Pixboard", "Pixboard", "Pixboard"), "zafar.lali2x.9", None),
        (("Pixboard", "Chatteral", "Chatteral"), "zafar.lali2x.official", None),
        (("Pixboard", "Chatteral", "Chatteral"), "zafar.lali2x.9", True),
    ],
)
def test_an_imitators_like_is_not(platforms: tuple[str, ...], handle: str, compromised: bool | None) -> None:
    """One who comes back at one platform; an account that calls itself the true one; one that was taken over."""
    seen = three(*platforms)
    after = sent(4, handle, "Kiteline", compromised=compromised)
    rebuild_links(SYSTEM, new_snapshot=True)
    assert max(weight(one, after) for one in seen) < STRONG_AT / 2


def test_who_has_one_name_everywhere_is_not_everybody_with_other_digits() -> None:
    seen = three("Pixboard", "Chatteral", "Kiteline", spelt=("night_mango134",) * 3)
    after = sent(4, "night_mango70", "Pixboard")
    rebuild_links(SYSTEM, new_snapshot=True)
    assert weight(seen[0], seen[1]) > STRONG_AT
    assert max(weight(one, after) for one in seen) < STRONG_AT / 2


def test_a_name_can_link_only_where_the_reported_account_bears_it_and_claims_nothing() -> None:
    reports = [
        sent(1, "zafar_lali2x", "Pixboard"),
        sent(2, "own_bird_7", "Pixboard", other="zafar.lali2x"),
        sent(3, "real.zafar.lali2x", "Pixboard"),
        sent(4, "zafar_lali2x", "Pixboard", other="zafar.lali2x.asli"),
    ]
    note_clues(SYSTEM, report_ids=[report.pk for report in reports])
    key = Clue.objects.get(report=reports[0], kind=EvidenceKind.HANDLE_STEM).key
    told = dict(Clue.objects.filter(key=key).values_list("report_id", "stance"))
    assert [told[report.pk] for report in reports] == [
        Stance.LINKS,
        Stance.SUPPORTS,
        Stance.SUPPORTS,
        Stance.SUPPORTS,
    ]
