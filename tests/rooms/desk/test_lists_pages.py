"""The lists at the desk, the second person's answers, and the page that anybody may read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.desk.arrivals import arrived
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, value
from tests.rooms.referrals.reading import file_details, report

from amaan.authority.actors import Actor, Role
from amaan.formats.hash_lists import Invalid
from amaan.matching import pages as public
from amaan.matching.domain.lists import OWN
from amaan.matching.models import Batch, Member, Proposal, SignalList
from amaan.matching.services import add_survivor_hash, grow_list, propose_list, set_list, withdraw_list
from amaan.matching.services.listing import standing_list
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome

pytestmark = pytest.mark.django_db
FILE = file_details(f"<originalFileHash hashType='md5'>{'ab' * 16}</originalFileHash>")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    public.counted.cache_clear()
    yield from fresh_ledger()
    public.counted.cache_clear()


def text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, address
    return response.content.decode()


PROPOSAL = {
    "title": "Partner <b>list</b>",
    "slug": "partner",
    "category": "csam",
    "source": "A partner",
    "ground": "Agreement 1/2026",
    "distance": "31",
    "quality": "50",
}


def test_without_a_list_the_page_says_what_to_do() -> None:
    page = text(signed_in(a_person(Role.SUPERVISOR)), "/desk/lists/")
    assert "No list stands yet." in page
    assert "amaan lists import FILE --list NAME" in page


def test_from_a_proposal_to_an_approved_list_by_two_people() -> None:
    admin, supervisor = signed_in(a_person(Role.ADMINISTRATOR)), signed_in(a_person(Role.SUPERVISOR))
    made = admin.post("/desk/propose-list/", PROPOSAL)
    assert made.headers["Location"] == "/desk/lists/partner/"
    page = text(admin, "/desk/lists/partner/")
    assert "Partner &lt;b&gt;list&lt;/b&gt;" in page
    assert "You proposed or changed it, so somebody else approves it" in page
    assert admin.post("/desk/lists/partner/approve/", {"revision": 1}).status_code == 404
    assert "Approve it, as the second person" in text(supervisor, "/desk/lists/partner/")
    supervisor.post("/desk/lists/partner/approve/", {"revision": 7})
    assert SignalList.objects.get().state == "proposed"
    supervisor.post("/desk/lists/partner/approve/", {"revision": 1})
    assert SignalList.objects.get().state == "approved"
    assert "in force" in text(supervisor, "/desk/lists/")


def test_a_supervisor_alone_can_not_bring_a_list_in_force() -> None:
    supervisor = signed_in(a_person(Role.SUPERVISOR))
    supervisor.post("/desk/propose-list/", PROPOSAL)
    assert "You proposed or changed it" in text(supervisor, "/desk/lists/partner/")
    answer = supervisor.post("/desk/lists/partner/approve/", {"revision": 1}, follow=True).content.decode()
    assert "A second person does." in answer
    assert SignalList.objects.get().state == "proposed"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"category": "opinions"}, "Select a valid choice"),
        ({"slug": "No Slug"}, "Use 2 to 40"),
        ({"slug": "own"}, "stands already"),
        ({"ground": ""}, "This field is required."),
        ({"distance": "64"}, "63"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(wrong: dict[str, str], said: str) -> None:
    response = signed_in(a_person(Role.ADMINISTRATOR)).post("/desk/propose-list/", PROPOSAL | wrong)
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not SignalList.objects.exists()


def test_one_list_shows_batches_faults_and_what_is_wanted() -> None:
    a_list()
    grow_list(OPERATOR, slug="partner", entries=[entry(1), Invalid(2, "not_hex", "<zz>")], origin="f.csv")
    set_list(OPERATOR, slug="partner", distance=40)
    page = text(signed_in(a_person(Role.SUPERVISOR)), "/desk/lists/partner/")
    for words in ("f.csv", "&lt;zz&gt;", "instead of", "Approve it, as the second person", "Switch it off"):
        assert words in page
    page = text(signed_in(a_person(Role.ANALYST)), "/desk/lists/partner/")
    assert "&lt;zz&gt;" not in page
    assert "Switch it off" not in page
    assert text(signed_in(a_person(Role.SUPERVISOR)), "/desk/lists/absent/", 404)


def test_the_own_lists_page_offers_no_end_and_names_no_report() -> None:
    standing_list(OWN)
    supervisor = signed_in(a_person(Role.SUPERVISOR))
    page = text(supervisor, "/desk/lists/own/")
    assert "Switch it off" in page
    assert "Set what is near" not in page
    assert "Withdraw it for good" not in page
    answer = supervisor.post("/desk/lists/own/withdraw/", {"reason": "x"})
    assert "comes with Amaan and stays" in answer.content.decode()
    Batch.objects.create(
        list=SignalList.objects.get(), origin="decision", by="staff:1", began_at=timezone.now()
    )
    assert "a decision" in text(supervisor, "/desk/lists/own/")


def test_whoever_changed_a_proposal_is_told_that_somebody_else_approves_it() -> None:
    a_list(approved=False)
    supervisor = signed_in(a_person(Role.SUPERVISOR))
    supervisor.post("/desk/lists/partner/set/", {"revision": 1, "distance": 30, "quality": 50})
    page = text(supervisor, "/desk/lists/partner/")
    assert "You proposed or changed it" in page
    assert "Approve it, as the second person" not in page
    page = text(signed_in(a_person(Role.SUPERVISOR)), "/desk/lists/partner/")
    assert "changed by" in page
    assert "Approve it, as the second person" in page


def test_set_switch_refuse_and_withdraw() -> None:
    a_list()
    admin, supervisor = signed_in(a_person(Role.ADMINISTRATOR)), signed_in(a_person(Role.SUPERVISOR))
    admin.post("/desk/lists/partner/set/", {"revision": 2, "distance": 40, "quality": 50})
    held = SignalList.objects.get()
    assert (held.distance, bool(held.wanted)) == (31, True)
    assert (
        admin.post("/desk/lists/partner/set/", {"revision": 2, "distance": 9, "quality": 50}).status_code
        == 422
    )
    supervisor.post("/desk/lists/partner/refuse/", {"reason": "too wide"})
    assert SignalList.objects.get().wanted == ""
    revision = SignalList.objects.get().revision
    admin.post("/desk/lists/partner/switch/", {"revision": revision, "enabled": "no"})
    assert not SignalList.objects.get().enabled
    admin.post("/desk/lists/partner/withdraw/", {"reason": "by order"})
    assert SignalList.objects.get().state == "withdrawn"
    assert "Withdraw it for good" not in text(admin, "/desk/lists/partner/")


def test_a_decided_reports_file_becomes_known_by_two_people() -> None:
    first, second = signed_in(a_person(Role.ANALYST)), signed_in(a_person(Role.ANALYST))
    reference = arrived(report(), FILE)
    address = f"/desk/reports/{reference}/files/1/known/"
    assert "propose file" not in text(first, f"/desk/reports/{reference}/")
    answer = first.post(address, {"category": "csam", "reason": "seen"})
    assert answer.status_code == 422
    assert "Decide first" in answer.content.decode()
    record_outcome(Actor.system("test"), reference=reference, decision=Decision.CLOSED, reason="r")
    assert address in text(first, f"/desk/reports/{reference}/")
    assert first.post(address, {"category": "csam", "reason": "seen"}).status_code == 302
    assert "waits for a second person" in text(first, f"/desk/reports/{reference}/")
    number = Proposal.objects.get().pk
    assert "You proposed this" in text(first, f"/desk/known/{number}/")
    first.post(f"/desk/known/{number}/", {"answer": "confirm", "reason": "me"})
    assert Member.objects.get().state == "withdrawn"  # whoever proposed can only take it back
    first.post(address, {"category": "csam", "reason": "seen"})
    number = Proposal.objects.get(answer="").pk
    assert f"/desk/known/{number}/" in text(second, "/desk/known/")
    assert "seen" in text(second, f"/desk/known/{number}/")
    second.post(f"/desk/known/{number}/", {"answer": "confirm", "reason": "I agree"})
    assert Member.objects.get().state == "active"
    assert text(second, f"/desk/known/{number}/", 404)
    assert ": known" in text(first, f"/desk/reports/{reference}/")


def test_who_may_not_confirm_sees_none_of_it() -> None:
    reference = arrived(report(), FILE)
    record_outcome(Actor.system("test"), reference=reference, decision=Decision.CLOSED, reason="r")
    intake = signed_in(a_person(Role.INTAKE_OFFICER))
    assert "propose file" not in text(intake, f"/desk/reports/{reference}/")
    for address in ("/desk/known/", f"/desk/reports/{reference}/files/1/known/"):
        assert text(intake, address, 404)
    elsewhere = signed_in(a_person(Role.ANALYST, unit="south"))
    assert text(elsewhere, f"/desk/reports/{reference}/files/1/known/", 404)


def test_a_survivors_hash_on_its_way_to_the_own_list() -> None:
    reference = add_survivor_hash(OPERATOR, pdq=value(1), quality=80)
    examiner, analyst = signed_in(a_person(Role.EXAMINER)), signed_in(a_person(Role.ANALYST))
    page = text(examiner, "/desk/known/")
    assert value(1).hex() in page
    address = f"/desk/survivors/{Member.objects.get().pk}/"
    assert address in page
    assert reference not in page + text(examiner, address)
    examiner.post(address, {"category": "csam", "reason": "exhibit 9"})
    number = Proposal.objects.get().pk
    assert "compared with a lawful copy" in text(analyst, f"/desk/known/{number}/")
    analyst.post(f"/desk/known/{number}/", {"answer": "refuse", "reason": "not convinced"})
    assert value(1).hex() in text(examiner, "/desk/known/")
    assert "never raise a danger" in text(analyst, "/desk/lists/survivors/")
    assert text(examiner, "/desk/survivors/0/", 404)


def test_the_public_reads_counts_sources_and_rules_and_nothing_else() -> None:
    a_list(title="Internal title", ground="Secret ground")
    grow_list(OPERATOR, slug="partner", entries=[entry(n) for n in range(257)], origin="secret-file.csv")
    propose_list(OPERATOR, slug="other", title="t", category="generated", source="Second source", ground="g")
    add_survivor_hash(OPERATOR, pdq=value(1), quality=80)
    page = text(Client(), "/lists/")
    for words in (
        "A partner",
        "about",
        ">200<",
        "Another person approves it",
        "A match is a hint",
    ):
        assert words in page
    for words in (
        "Internal title",
        "Second source",  # one person's word, so far
        "Secret ground",
        "secret-file",
        "257",
        "staff:",
        value(1).hex(),
        "Sign out",
    ):
        assert words not in page
    client = Client()
    client.cookies["django_language"] = "ur"
    assert "یہاں کیا ملایا جاتا ہے" in text(client, "/lists/")


def test_the_public_page_is_counted_once_a_minute() -> None:
    a_list()
    text(Client(), "/lists/")
    with CaptureQueriesContext(connection) as asked:
        text(Client(), "/lists/")
    assert not [one for one in asked.captured_queries if "matching_" in one["sql"]]
    withdraw_list(OPERATOR, slug="partner", reason="x")
    public.counted.cache_clear()
    assert "withdrawn" in text(Client(), "/lists/")
