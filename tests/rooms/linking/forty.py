"""Forty complaints: thirty-four that three platforms send to six units, and six told at the public's door.

By what they tell they are two rings, one of twenty by each wallet, that seem one: a platform gave one mail address to
two people.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from zipfile import ZipFile

from django.utils import timezone

from amaan.demo.samples import Account, Associated, Contact, report_xml
from amaan.portal.domain.questions import Way

UNITS: Final = ("islamabad", "karachi", "lahore", "multan", "peshawar", "quetta")
PLATFORMS: Final = ("Chatteral", "Pixboard", "Kiteline")
JOBS, LOANS = "0300-0000001", "0345-0000002"
"""Where the money of the one ring goes, and of the other."""
MIXED_UP: Final = "mixed.up@example.org"
SENT, TOLD = 34, 6
WRONGLY_LINKED: Final = ("20", "21")
"""The numbers of the two reports that tell of that address."""
FIRST, LAST = "1", str(SENT)
"""Of the jobs' ring, and of the loans'."""


def complaint(number: int, wallet: str, *, mail: str = "") -> bytes:
    """A platform's report: an account of its own, paid to the ring's wallet."""
    account = Account(
        identifier=str(7_100_000_000 + number * 13),
        service=PLATFORMS[number % 3],
        screen_name=f"own_account_{number}",
        emails=[Contact(mail)] if mail else [],
        associated=[Associated("Billing", "PocketRupee", phones=[Contact(wallet)])],
    )
    at = timezone.now() - timedelta(days=2 + number)
    return report_xml(
        incident="enticement",
        at=at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        entity=PLATFORMS[number % 3],
        reported=[account],
        victims=[Account(age=15)],
        number=number,
    )


def archives(folder: Path) -> Iterator[tuple[str, Path]]:
    """A unit's code, and the archive of what platforms sent it."""
    for place, code in enumerate(UNITS):
        path = folder / f"{code}.zip"
        with ZipFile(path, "w") as archive:
            for number in range(1 + place, SENT + 1, len(UNITS)):
                wallet = JOBS if number <= 20 else LOANS
                mail = MIXED_UP if str(number) in WRONGLY_LINKED else ""
                name = f"{PLATFORMS[number % 3]}/{number}/report.xml"
                archive.writestr(name, complaint(number, wallet, mail=mail))
        yield code, path


def answers(number: int) -> dict[str, str | list[str]]:
    """What somebody answers at the public's door who is threatened, and told to pay the loans' wallet."""
    return {
        "way": Way.THREAT.value,
        "demanded": ["money"],
        "pay_ways": ["easypaisa"],
        "pay_numbers": ["+92 345 0000002"],
        "what_happened": f"They want money, and say that they show everything. It is day {number}.",
        "platforms": ["whatsapp"],
    }
