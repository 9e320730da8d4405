"""Receiving reports, writing back what became of them, and who may see them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.referrals.reading import ARRIVED, prepared, report

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, ActorKind, Grant, Role
from amaan.authority.matrix import Action, NotAllowed
from amaan.flow import SUBSCRIPTIONS
from amaan.keyring.services import opener
from amaan.ledger.models import Entry
from amaan.outbox.models import Delivery
from amaan.reports.domain.outcomes import MOVES, Decision, IllegalMove, PublicStatus
from amaan.reports.domain.preparing import Prepared
from amaan.reports.models import Identifier, Mention, Outcome, Report
from amaan.reports.permissions import may_on, reports_where
from amaan.reports.selectors import ReportNotFound, access_report, triage_inputs
from amaan.reports.services import (
    DUPLICATE,
    STORED,
    VERSION,
    Receipt,
    ReferenceTaken,
    receive_reports,
    record_outcome,
    set_public_status,
)

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
Receive = Callable[..., list[Receipt]]


def staff(role: Role, unit: str = "lahore") -> Actor:
    return Actor(ActorKind.STAFF, "staff:7", frozenset({Grant(role, unit)}))


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def unit_of(code: str) -> Unit:
    return Unit.objects.get_or_create(code=code, defaults={"name": code.title()})[0]


def received(*batch: Prepared, actor: Actor = SYSTEM, unit: str = "lahore") -> list[Receipt]:
    return receive_reports(actor, batch, unit=unit_of(unit), received_at=ARRIVED, origin="test")


def numbered(number: int | str, body: str = "") -> Prepared:
    return prepared(report(body or f"<additionalInfo>{number}</additionalInfo>"), number=str(number))


ADULT = "<personOrUserReported><screenName>same_handle</screenName></personOrUserReported>"
CHILD = "<victim><victimPerson/><screenName>same_handle</screenName></victim>"


def test_who_may_not_receive_may_not() -> None:
    for actor in (staff(Role.ANALYST), staff(Role.ADMINISTRATOR), staff(Role.INTAKE_OFFICER, "karachi")):
        with pytest.raises(NotAllowed), transaction.atomic():
            received(numbered(1), actor=actor)
    assert received(numbered(1), actor=staff(Role.INTAKE_OFFICER))[0].result == STORED


def test_each_once_in_a_batch_and_across_batches() -> None:
    batch = [numbered(1), numbered(2), numbered(1), numbered(1, "<victim/>")]
    assert [r.result for r in received(*batch)] == [STORED, STORED, DUPLICATE, VERSION]
    assert [r.result for r in received(*batch)] == [DUPLICATE] * 4
    assert [r.version for r in received(*batch)] == [1, 1, 1, 2]
    assert Report.objects.get(number="1").version == 2
    assert Entry.objects.count() == 3, "one ledger entry a telling"
    told = [(d.subscriber, i) for d in Delivery.objects.all() for i in json.loads(d.ids)]
    ids = Report.objects.values_list("id", flat=True)
    assert sorted(told) == sorted((who, i) for who in SUBSCRIPTIONS["report.received"] for i in ids)


def test_triage_reads_the_newest_telling() -> None:
    received(numbered(1))
    received(numbered(1, "<victim/>"))
    (one,) = triage_inputs([Report.objects.get().pk])
    assert (one.facts["victim.count"], one.facts["version"]) == (1, 2)
    assert one.received_at == ARRIVED


def queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        work()
    return len(captured)  # fmt: skip


@pytest.mark.parametrize("kind", ["new", "duplicate", "changed", "sealed later"])
def test_a_batch_costs_the_same_statements_whatever_its_size(kind: str) -> None:
    first = {"sealed later": ADULT}.get(kind, "")
    second = {"changed": "<intendedRecipient/>", "sealed later": CHILD}.get(kind, "")

    def own(text: str, number: int) -> str:
        return text.replace("same_handle", f"handle{number}")

    received(numbered(0))  # the entity and its unit stand
    if kind != "new":
        received(*(numbered(n, own(first, n)) for n in range(1, 62)))
    few = [numbered(n, own(second, n)) for n in (1, 2)]
    many = [numbered(n, own(second, n)) for n in range(3, 62)]
    statements = queries(lambda: received(*few))
    assert queries(lambda: received(*many)) <= statements


def test_every_mention_has_its_identifier() -> None:
    """The database does not hold this one itself; see the model."""
    for numbers in ([1, 2, 3], [3, 4], [1]):
        received(*(numbered(n, ADULT if n % 2 else CHILD) for n in numbers), numbered("9", ADULT + CHILD))
    assert Mention.objects.count() > 5
    assert not Mention.objects.exclude(identifier__in=Identifier.objects.all()).exists()


def test_a_value_that_becomes_a_childs_is_sealed_and_stays_so() -> None:
    received(numbered(1, ADULT))
    assert Identifier.objects.get(type="handle").clear == "same_handle".join((":", ""))
    received(numbered(2, CHILD))
    row = Identifier.objects.get(type="handle")
    assert row.clear is None
    received(numbered(3, ADULT))
    assert Identifier.objects.get(type="handle").clear is None
    assert row.sealed is not None


def test_in_one_batch_the_order_does_not_matter() -> None:
    received(numbered(1, CHILD), numbered(2, ADULT), numbered(3, ADULT))
    assert Identifier.objects.get(type="handle").clear is None


def test_two_reports_with_one_reference_are_refused_whole() -> None:
    one, two = numbered(1), numbered(2)
    two.reference = one.reference
    with pytest.raises(ReferenceTaken), transaction.atomic():
        received(one, two)
    assert not Report.objects.exists()


def test_an_outcome_stands_beside_the_earlier_one_and_its_reason_is_sealed() -> None:
    reference = received(numbered(1))[0].reference
    analyst = staff(Role.ANALYST)
    record_outcome(
        analyst, reference=reference.lower(), decision=Decision.CASE_OPENED, reason="Quillwen was found"
    )
    record_outcome(analyst, reference=reference, decision=Decision.CLOSED, reason="second", stage="court")
    rows = list(Outcome.objects.order_by("id"))
    assert [row.decision for row in rows] == ["case_opened", "closed"]
    assert rows[0].by == analyst.key
    texts = [opener().open(f"reports_outcome/{reference}/reason", bytes(row.reason)).decode() for row in rows]
    assert texts == ["Quillwen was found", "second"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM reports_outcome")
        assert b"Quillwen" not in str(cursor.fetchall()).encode()
    assert all(b"Quillwen" not in bytes(e) for e in Entry.objects.values_list("leaf_bytes", flat=True))
    with pytest.raises(ReportNotFound), transaction.atomic():
        record_outcome(staff(Role.INTAKE_OFFICER), reference=reference, decision=Decision.CLOSED, reason="")


@pytest.mark.parametrize("current", PublicStatus)
@pytest.mark.parametrize("wanted", PublicStatus)
def test_the_public_status_moves_only_where_it_may(current: PublicStatus, wanted: PublicStatus) -> None:
    reference = received(numbered(1))[0].reference
    Report.objects.update(public_status=current)
    entries = Entry.objects.count()
    if wanted in MOVES[current]:
        set_public_status(staff(Role.ANALYST), reference=reference, status=wanted)
        assert Report.objects.get().public_status == wanted
        assert Entry.objects.count() == entries + 1
    else:
        with pytest.raises(IllegalMove, match=str(current)):
            set_public_status(staff(Role.ANALYST), reference=reference, status=wanted)
        assert Report.objects.get().public_status == current
        assert Entry.objects.count() == entries


def test_what_is_absent_and_what_is_forbidden_sound_alike() -> None:
    reference = received(numbered(1))[0].reference
    absent = prepared(report(), number="never stored").reference
    stranger = staff(Role.ANALYST, "karachi")
    answers = []
    for asked in (reference, absent):
        with pytest.raises(ReportNotFound) as refusal:
            access_report(stranger, asked)
        answers.append(str(refusal.value).replace(asked, "…"))
    assert len(set(answers)) == 1
    assert access_report(staff(Role.ANALYST), reference.lower()).reference == reference


_grants = st.frozensets(
    st.builds(Grant, st.sampled_from(list(Role)), st.sampled_from(("lahore", "karachi", "quetta"))),
    max_size=4,
)
calm = hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@calm
@given(_grants, st.sampled_from(list(Action)))
def test_the_two_forms_of_permission_agree(grants: frozenset[Grant], action: Action) -> None:
    if not Report.objects.exists():
        for unit in ("lahore", "karachi"):
            received(*(numbered(f"{unit}{n}") for n in range(2)), unit=unit)
    actor = Actor(ActorKind.STAFF, "staff:7", grants)
    one_by_one = {r.pk for r in Report.objects.select_related("unit") if may_on(actor, action, r)}
    assert set(reports_where(actor, action).values_list("pk", flat=True)) == one_by_one
