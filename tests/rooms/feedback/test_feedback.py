"""From a decision to what a partner reads: derived, held back, told in order, each its own, once."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from tests.rooms.cases.conftest import Officer, officer  # noqa: F401 - a fixture
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.triage.conftest import Lay, lay, tell  # noqa: F401 - a fixture

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.bundles.models import Member, Pile
from amaan.feedback import api
from amaan.feedback.domain.codes import Hold
from amaan.feedback.domain.errors import (
    ChangedMeanwhile,
    NoPartner,
    NothingDecided,
    PurposeNeeded,
    ReasonNeeded,
    UnknownEntity,
)
from amaan.feedback.models import Acknowledged, Feedback, Told
from amaan.feedback.selectors import quality_for, standing_of
from amaan.feedback.services import count_month, derive, export_feedback, export_quality, give, tell_some
from amaan.feedback.services.exporting import Format
from amaan.ledger.models import Entry
from amaan.referrals.partners import Pace
from amaan.referrals.services import add_platform, revoke_platform
from amaan.reports.domain.outcomes import Decision
from amaan.reports.models import Entity, Report
from amaan.reports.selectors import ReportNotFound
from amaan.reports.services import record_outcome, settle_with

pytestmark = pytest.mark.django_db

WORKER = Actor.system("feedback")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    api._pace.forget()
    yield from fresh_ledger()


@pytest.fixture
def analyst(officer: Officer) -> Actor:  # noqa: F811
    return officer(Role.ANALYST)


@pytest.fixture
def supervisor(officer: Officer) -> Actor:  # noqa: F811
    return officer(Role.SUPERVISOR)


def decided(
    analyst: Actor, report: Report, stage: str = "no_offence", decision: Decision = Decision.CLOSED
) -> int:
    """Derived as the worker does, delivered by hand. How many changed."""
    record_outcome(analyst, reference=report.reference, decision=decision, stage=stage, reason="as decided")
    return derive(WORKER, report_ids=[report.pk])


def of_entity(report: Report, name: str) -> Report:
    report.entity = Entity.objects.get_or_create(key=name.lower().replace(" ", ""), defaults={"name": name})[
        0
    ]
    report.save()
    return report


def header(entity: str) -> str:
    unit = Unit.objects.get_or_create(code="lahore", defaults={"name": "Lahore"})[0]
    issued = add_platform(WORKER, name=f"{entity} ({entity[:3]})", entity=entity, unit=unit)
    return "Basic " + base64.b64encode(f"{issued.user}:{issued.password}".encode()).decode()


def asked(credential: str, cursor: str = "", limit: int = 100) -> dict[str, object]:
    answer = Client().get(
        "/feedback/v1/reports", {"cursor": cursor, "limit": limit}, headers={"Authorization": credential}
    )
    assert answer.status_code == 200, answer.content
    return answer.json()  # type: ignore[no-any-return]


def acts(name: str) -> list[dict[str, str]]:
    leaves = [json.loads(bytes(entry.leaf_bytes)) for entry in Entry.objects.order_by("id")]
    return [leaf for leaf in leaves if leaf["act"] == name]


def test_a_decision_is_told_once_with_the_code_and_nothing_of_ours(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    report = lay({"reported.count": 0})
    assert decided(analyst, report, "too_little") == 1
    assert derive(WORKER, report_ids=[report.pk]) == 0
    assert (tell_some(WORKER), tell_some(WORKER)) == (1, 0)
    credential = header("Example Platform")
    page = asked(credential)
    (item,) = page["items"]  # type: ignore[misc]
    assert (item["report"], item["code"], item["item"]) == (report.number, "too_little", 1)  # type: ignore[index]
    assert "reported_account" in [one["field"] for one in item["missing"]]  # type: ignore[index]
    assert report.reference not in json.dumps(page)
    assert "as decided" not in json.dumps(page)
    assert [act["on"] for act in acts("feedback.told")] == [report.reference]
    assert len(acts("feedback.read")) == 1
    assert asked(credential, str(page["cursor"]))["items"] == []
    assert len(acts("feedback.read")) == 1, "an empty page is no entry"


def test_what_speaks_of_an_inquiry_waits_a_week_and_can_be_held_back(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    report = lay()
    decided(analyst, report, "", Decision.REFERRED)
    assert tell_some(WORKER) == 0
    row = Feedback.objects.get()
    assert row.tell_from - timezone.now() > timedelta(days=6)
    with pytest.raises(ReasonNeeded):
        give(analyst, reference=report.reference, code="case", hold=Hold.COULD_WARN, read=1)
    give(
        analyst,
        reference=report.reference,
        code="case",
        hold=Hold.COULD_WARN,
        reason="they would know",
        read=1,
    )
    Feedback.objects.update(tell_from=timezone.now() - timedelta(days=1))
    assert tell_some(WORKER) == 0
    give(analyst, reference=report.reference, code="case", read=2)
    assert tell_some(WORKER) == 1
    assert Told.objects.get().code == "case"
    with pytest.raises(ChangedMeanwhile):
        give(analyst, reference=report.reference, code="case", read=2)


def test_held_back_until_a_day_it_goes_out_then(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    report = lay()
    decided(analyst, report)
    later = timezone.now().date() + timedelta(days=20)
    give(
        analyst,
        reference=report.reference,
        code="no_offence",
        hold=Hold.OPERATION,
        until=later,
        reason="until the search",
        read=1,
    )
    assert tell_some(WORKER) == 0
    row = Feedback.objects.get()
    assert not row.withheld
    assert row.tell_from.astimezone(timezone.get_current_timezone()).date() == later


def test_a_persons_word_stands_and_an_undone_decision_is_taken_back(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    report, other = lay(), lay()
    decided(analyst, report)
    give(analyst, reference=report.reference, code="already_known", read=1)
    assert decided(analyst, report, "shared_widely") == 0
    assert tell_some(WORKER) == 1
    decided(analyst, other, "", Decision.CASE_OPENED)
    record_outcome(analyst, reference=other.reference, decision=Decision.CASE_LEFT, reason="by mistake")
    assert derive(WORKER, report_ids=[other.pk]) == 1
    assert not Feedback.objects.filter(report=other).exists()


def test_told_and_then_undone_is_withdrawn(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    report = lay()
    decided(analyst, report, "", Decision.CASE_OPENED)
    Feedback.objects.update(tell_from=timezone.now())
    tell_some(WORKER)
    record_outcome(analyst, reference=report.reference, decision=Decision.CASE_LEFT, reason="by mistake")
    derive(WORKER, report_ids=[report.pk])
    derive(WORKER, report_ids=[report.pk])
    tell_some(WORKER)
    assert list(Told.objects.order_by("number").values_list("number", "code")) == [
        (1, "case"),
        (2, "withdrawn"),
    ]


def test_who_may_say_it_and_of_what(
    lay: Lay,  # noqa: F811
    analyst: Actor,
    officer: Officer,  # noqa: F811
) -> None:
    report = lay()
    with pytest.raises(NothingDecided):
        give(analyst, reference=report.reference, code="case", read=0)
    with pytest.raises(ReportNotFound):
        give(officer(Role.ANALYST, unit="karachi"), reference=report.reference, code="case", read=0)
    public = lay()
    public.versions.update(source="portal")
    assert decided(analyst, public) == 0
    with pytest.raises(NoPartner):
        give(analyst, reference=public.reference, code="case", read=0)
    assert standing_of(public).partner is False  # type: ignore[union-attr]
    assert standing_of(report) is None


def test_each_partner_reads_its_own_and_nothing_is_skipped(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    mine, theirs = [of_entity(lay(), "Pix Board") for _ in range(5)], of_entity(lay(), "Other Board")
    for report in (*mine[:3], theirs, *mine[3:]):
        decided(analyst, report)
        tell_some(WORKER)
    credential = header("pix board")
    seen, cursor = [], ""
    while True:
        page = asked(credential, cursor, limit=2)
        seen += page["items"]  # type: ignore[operator]
        assert page["more"] == (len(seen) < 5)
        cursor = str(page["cursor"])
        if not page["more"]:
            break
    assert [one["report"] for one in seen] == [report.number for report in mine]
    assert [one["item"] for one in seen] == [1, 2, 3, 4, 5]
    others = header("Other Board")
    assert [one["report"] for one in asked(others)["items"]] == [theirs.number]  # type: ignore[attr-defined]
    assert asked(others, cursor)["items"] == [], "another's cursor shows nothing of them"
    assert asked(header("Never Sent"))["items"] == []


def test_acknowledging_twice_is_acknowledging_once_and_never_anothers(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    decided(analyst, of_entity(lay(), "Pix Board"))
    tell_some(WORKER)

    def said(credential: str) -> dict[str, object]:
        answer = Client().post(
            "/feedback/v1/acknowledgements",
            json.dumps({"items": [1, 7]}),
            content_type="application/json",
            headers={"Authorization": credential},
        )
        return answer.json()  # type: ignore[no-any-return]

    others, own = header("Other Board"), header("Pix Board")
    assert said(others) == {"acknowledged": 0, "unknown": [1, 7]}
    assert not Acknowledged.objects.exists()
    assert said(own) == said(own) == {"acknowledged": 1, "unknown": [7]}
    assert len(acts("feedback.acknowledged")) == 1
    (item,) = asked(own)["items"]  # type: ignore[misc]
    assert item["acknowledged"] is True  # type: ignore[index]
    with pytest.raises(IntegrityError), transaction.atomic():
        Told.objects.update(code="case")


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=Zjo5", "limit=0", "limit=501", "limit=ten", "cursor=%00"]
)
def test_what_was_never_given_out_is_refused(query: str) -> None:
    answer = Client().get(f"/feedback/v1/reports?{query}", headers={"Authorization": header("Pix Board")})
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize(
    "body", [b"", b"[1]", b'{"items": ["1"]}', b'{"items": [true]}', b"\xff", b"[" * 9000]
)
def test_an_odd_acknowledgement_is_the_clients_fault(body: bytes) -> None:
    answer = Client().post(
        "/feedback/v1/acknowledgements",
        body,
        content_type="application/json",
        headers={"Authorization": header("Pix Board")},
    )
    assert answer.status_code == 400


def test_without_a_standing_credential_nothing_is_answered() -> None:
    credential = header("Pix Board")
    revoke_platform(WORKER, platform="Pix Board (Pix)")
    for pattern in get_resolver("amaan.feedback.api").url_patterns:
        assert pattern.callback.asks_credential
        for given in ("", "Basic eDp5", credential):
            answer = Client().get(
                f"/feedback/{pattern.pattern}", headers={"Authorization": given} if given else {}
            )
            assert answer.status_code == 401


def test_who_asks_too_much_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_pace", Pace(a_second=1e-6, burst=3.0))
    credential = header("Pix Board")
    answers = [Client().get("/feedback/v1/codes", headers={"Authorization": credential}) for _ in range(4)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) >= 1


def test_the_description_names_every_path_and_what_an_item_holds(lay: Lay, analyst: Actor) -> None:  # noqa: F811
    decided(analyst, lay())
    tell_some(WORKER)
    credential = header("Example Platform")
    told = Client().get("/feedback/v1/openapi.json", headers={"Authorization": credential}).json()
    assert {f"/{p.pattern}" for p in get_resolver("amaan.feedback.api").url_patterns} == set(told["paths"])
    (item,) = asked(credential)["items"]  # type: ignore[misc]
    assert set(item) == set(told["components"]["schemas"]["Item"]["required"])  # type: ignore[arg-type]


def test_an_export_is_for_a_purpose_and_of_ones_own_unit(
    lay: Lay,  # noqa: F811
    analyst: Actor,
    supervisor: Actor,
    officer: Officer,  # noqa: F811
) -> None:
    decided(analyst, lay(), "too_little")
    tell_some(WORKER)
    taken: Callable[..., object] = lambda actor, **how: export_feedback(  # noqa: E731
        actor, **{"entity": "example platform", "purpose": "for them", "form": Format.JSON_LINES, **how}
    )
    with pytest.raises(NotAllowed):
        taken(analyst)
    with pytest.raises(PurposeNeeded):
        taken(supervisor, purpose=" ")
    with pytest.raises(UnknownEntity):
        taken(supervisor, entity="Nobody")
    head, item = map(json.loads, taken(supervisor).text.splitlines())  # type: ignore[attr-defined]
    assert head["would_have_helped"][0]["missing_in"] == 1
    assert item["code"] == "too_little"
    assert "too_little" in taken(supervisor, form=Format.CSV).text  # type: ignore[attr-defined]
    elsewhere = officer(Role.SUPERVISOR, unit="karachi")
    assert taken(elsewhere).count == 0  # type: ignore[attr-defined]
    later = timezone.now() + timedelta(days=1)
    assert taken(supervisor, since=later).count == 0  # type: ignore[attr-defined]
    assert len(acts("feedback.exported")) == 4


def test_a_month_is_counted_by_sender_and_small_cells_are_suppressed(
    lay: Lay,  # noqa: F811
    analyst: Actor,
    supervisor: Actor,
    officer: Officer,  # noqa: F811
) -> None:
    month = date(2026, 3, 1)
    for n in range(12):
        report = lay({"content.count": 1, "content.annotations": ["viral"]})
        if n < 11:
            record_outcome(
                analyst,
                reference=report.reference,
                decision=Decision.REFERRED if n < 5 else Decision.CLOSED,
                stage="" if n < 5 else "no_offence",
                reason="x",
            )
    lay(received_at=datetime(2026, 4, 1, tzinfo=UTC))
    public = lay()
    public.versions.update(source="staff")
    assert count_month(WORKER, month=month) == count_month(WORKER, month=month) == 12
    (line,) = quality_for(supervisor)
    held = line.counted
    assert (held.reports, held.informational, held.decided, held.useful) == (12, 12, 11, 5)
    assert held.share_useful() == 5 / 11
    assert held.most_missed(1)[0][1] == 12
    text = export_quality(officer(Role.STATISTICIAN))
    assert "2026-03,Example Platform,12" in text
    assert quality_for(officer(Role.SUPERVISOR, unit="karachi")) == []
    with pytest.raises(NotAllowed):
        quality_for(analyst)
    tell(report, {"content.count": 1})
    record_outcome(
        analyst, reference=report.reference, decision=Decision.CLOSED, stage="no_offence", reason="x"
    )
    first = Report.objects.order_by("pk").first()
    assert first is not None
    record_outcome(
        analyst, reference=first.reference, decision=Decision.CLOSED, stage="no_offence", reason="x"
    )
    count_month(WORKER, month=month)
    assert quality_for(supervisor)[0].counted.share_useful() is None
    assert "suppressed" in export_quality(supervisor)


def test_a_copy_tells_no_other_platform_what_its_front_may_not_hear(
    lay: Lay,  # noqa: F811
    analyst: Actor,
) -> None:
    front, copy = lay({}), of_entity(lay({}), "Another Platform")
    pile = Pile.objects.create(
        bundle=1, count=2, size=2, sources=1, wide=False, entity=front.entity, day=1, door="x"
    )
    Member.objects.create(
        report=copy, version_id=1, pile=pile, unit_id=copy.unit_id, behind=front.pk, stands=False
    )
    decided(analyst, front, "", Decision.REFERRED)
    settle_with(Actor.system("bundles"), behind={copy.pk: front.pk})
    derive(WORKER, report_ids=[copy.pk])
    row, held = Feedback.objects.get(report=copy), Feedback.objects.get(report=front)
    assert row.code == "already_known"
    assert row.tell_from - row.at > timedelta(days=6), "as long as its front waits"
    give(
        analyst,
        reference=front.reference,
        code="passed_on",
        hold=Hold.OPERATION,
        reason="runs",
        read=held.revision,
    )
    Feedback.objects.filter(pk=row.pk).update(tell_from=timezone.now())
    assert tell_some(WORKER) == 0
    Feedback.objects.update(tell_from=timezone.now(), withheld=False, hold="")
    assert tell_some(WORKER) == 2
