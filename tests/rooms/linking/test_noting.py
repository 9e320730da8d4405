"""What clues are made of what stands sealed, and of whom never."""

from __future__ import annotations

import pytest
from tests.rooms.desk.arrivals import arrived
from tests.rooms.referrals.reading import report

from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.keyring.domain import derive
from amaan.keyring.services import index_keys, prepare_keys
from amaan.ledger.models import Entry
from amaan.lexicon.domain.wording import BANDS
from amaan.lexicon.services import compare_reports, read_reports
from amaan.linking.domain.evidence import Stance
from amaan.linking.domain.keys import digest_key, stored
from amaan.linking.domain.kinds import EvidenceKind
from amaan.linking.domain.names import name_keys
from amaan.linking.models import Clue
from amaan.linking.permissions import OnlyTheSystemLinks
from amaan.linking.selectors.whole import whole_evidence
from amaan.linking.services import note_clues
from amaan.reports.models import Report
from amaan.reports.panels import OnlyTheSystemReadsTexts, compared_by_linking
from amaan.reports.selectors import newest_versions

pytestmark = pytest.mark.django_db
WORKER = Actor.system("linking")
ANALYST = Actor(ActorKind.STAFF, "staff:1", frozenset({Grant(Role.ANALYST, "north")}))
ADULT = (
    "<personOrUserReported><personOrUserReportedPerson><firstName>{}</firstName><lastName>{}</lastName>{}"
    "</personOrUserReportedPerson>{}</personOrUserReported>"
)


@pytest.fixture(autouse=True)
def _keys() -> None:
    prepare_keys()


def reported(first: str, last: str, *, more: str = "", account: str = "") -> str:
    return ADULT.format(first, last, more, account)


def told(body: str, number: str, *, summary: str = "") -> Report:
    return Report.objects.get(reference=arrived(report(body, summary=summary), number=number))


def noted(*reports: Report) -> dict[int, set[int]]:
    """The clues by kind."""
    note_clues(WORKER, report_ids=[one.pk for one in reports])
    found: dict[int, set[int]] = {}
    for kind, key in Clue.objects.filter(report__in=reports).values_list("kind", "key"):
        found.setdefault(kind, set()).add(key)
    return found


def of_name(*names: str) -> set[int]:
    secret = derive(index_keys().parties, "amaan/linking/clues/1")
    return {
        stored(digest_key(secret, EvidenceKind.NAME, key.encode()))
        for name in names
        for key in name_keys([name], ())
    }


def test_an_adults_name_is_found_again_in_another_script_and_as_shown() -> None:
    one = told(reported("نوید", "احمد قریشی"), "70001")
    other = told(
        "<personOrUserReported><displayName>Naveed  AHMAD Quraishi</displayName></personOrUserReported>",
        "70002",
    )
    assert noted(one, other)[EvidenceKind.NAME] == of_name("Naveed Ahmed Qureshi")
    evidence = whole_evidence()
    assert {
        (int(kind), int(stance)) for kind, stance in zip(evidence.kind, evidence.stance, strict=True)
    } == {(EvidenceKind.NAME, Stance.SUPPORTS)}


def test_no_victims_childs_recipients_or_reporters_name_is_ever_compared() -> None:
    child = "<age>15</age>"
    written = (
        "<victim><victimPerson><firstName>Quillwen</firstName><lastName>Marlode</lastName></victimPerson></victim>"
        "<intendedRecipient><intendedRecipientPerson><firstName>Tavik</firstName><lastName>Orsen</lastName>"
        "</intendedRecipientPerson></intendedRecipient>" + reported("Brenol", "Fastig", more=child)
    )
    reporter = "<firstName>Holgen</firstName><lastName>Wistram</lastName>"
    raw = report(written, reporter=reporter)
    held = Report.objects.get(reference=arrived(raw, number="70003"))
    assert EvidenceKind.NAME not in noted(held)
    for compared in compared_by_linking(WORKER, version_ids=list(newest_versions([held.pk]).values())):
        assert compared.named == ()
        assert "Wistram" not in str(compared)


def test_an_account_that_bears_a_childs_name_is_not_compared_by_it() -> None:
    body = (
        "<victim><victimPerson><firstName>Quillwen</firstName><lastName>Marlode</lastName></victimPerson></victim>"
        + reported("Naveed", "Ahmed", account="<displayName>marlode quillwen</displayName>")
    )
    assert noted(told(body, "70004"))[EvidenceKind.NAME] == of_name("Naveed Ahmed")


def test_a_venue_counts_in_its_week_and_a_town_is_none() -> None:
    def at(where: str, number: str, day: str) -> Report:
        raw = report(f"<victim><schoolName>{where}</schoolName></victim>", at=f"2026-02-{day}T09:00:00Z")
        return Report.objects.get(reference=arrived(raw, number=number))

    same = [at("Green Meadow School", "70005", "16"), at("School GREEN meadow", "70006", "20")]
    later = at("Green Meadow School", "70007", "25")
    town = at("Lahore", "70008", "16")
    found = [noted(one).get(EvidenceKind.VENUE_WEEK, set()) for one in (*same, later, town)]
    assert found[0] == found[1]
    assert len(found[0] | found[2]) == 2
    assert not found[3]


def test_wordings_come_when_the_lexicon_has_read() -> None:
    lure = (
        "we need models for a shop and pay well every week send a picture of your card and 500 for the form"
    )
    reports = [
        told(f"<additionalInfo>{lure.replace('500', str(n))}</additionalInfo>", f"7001{n}") for n in (1, 2)
    ]
    assert EvidenceKind.WORDING not in noted(*reports)
    read_reports(Actor.system("lexicon"), report_ids=[one.pk for one in reports])
    compare_reports(Actor.system("lexicon"), report_ids=[one.pk for one in reports])
    assert len(noted(*reports)[EvidenceKind.WORDING]) == BANDS
    assert set(whole_evidence().stance.tolist()) == {Stance.SUPPORTS}


def test_seals_are_opened_once_a_telling_and_the_ledger_says_so() -> None:
    held = told(reported("Naveed", "Ahmed"), "70020")
    before = Entry.objects.count()
    first = noted(held)
    (entry,) = Entry.objects.order_by("pk")[before:]
    assert b"clue.run" in bytes(entry.leaf_bytes)
    assert noted(held) == first
    assert Entry.objects.count() == before + 1
    again = arrived(report(reported("Tariq", "Jameel")), number="70020")
    assert again == held.reference
    assert noted(held)[EvidenceKind.NAME] == of_name("Tariq Jameel")


def test_people_neither_note_nor_unseal() -> None:
    with pytest.raises(OnlyTheSystemLinks):
        note_clues(ANALYST, report_ids=[1])
    with pytest.raises(OnlyTheSystemReadsTexts):
        next(compared_by_linking(ANALYST, version_ids=[1]))
