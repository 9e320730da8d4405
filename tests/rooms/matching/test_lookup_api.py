"""The look-up over the API: who may, what is answered, and that the ledger has it first."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.test import Client
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import OPERATOR, a_list, entry, staff, value
from tests.rooms.matching.reported import near

from amaan.accounts.models import Unit
from amaan.formats.hash_lists import ListEntry
from amaan.ledger.models import Entry
from amaan.matching import api, index_files
from amaan.matching.models import Member
from amaan.matching.services import add_survivor_hash, approve_list, grow_list, looking_up, set_list
from amaan.referrals.domain.wire import Allowance
from amaan.referrals.services import add_platform, revoke_platform

pytestmark = pytest.mark.django_db(transaction=True)
MD5 = "ab" * 16


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    cache.clear()
    api._pace.forget()
    yield from fresh_ledger()


@pytest.fixture
def header() -> str:
    return _header("Asker", may_look_up=True)


def _header(name: str, *, may_look_up: bool) -> str:
    unit = Unit.objects.get_or_create(code="lahore", defaults={"name": "Lahore"})[0]
    issued = add_platform(OPERATOR, name=name, unit=unit, may_look_up=may_look_up)
    return "Basic " + base64.b64encode(f"{issued.user}:{issued.password}".encode()).decode()


def asked(header: str, method: str = "get", **given: str) -> tuple[int, dict[str, object]]:
    answer = getattr(Client(), method)(
        "/api/lookup", given, headers={"Authorization": header} if header else {}
    )
    return answer.status_code, answer.json()


def entries() -> list[dict[str, str]]:
    leaves = [json.loads(bytes(one.leaf_bytes)) for one in Entry.objects.order_by("id")]
    return [leaf for leaf in leaves if leaf["act"] == "signal.looked_up"]


def test_the_answer_has_hmas_shape_and_explains_itself(header: str) -> None:
    a_list("one-list", distance=20)
    grow_list(
        OPERATOR,
        slug="one-list",
        entries=[entry(1), ListEntry(2, "b", {"md5": bytes.fromhex(MD5)})],
        origin="f",
    )
    close = Member.objects.get(name=value(1).hex()).pk
    expected = {
        "bank_content_id": close,
        "distance": "20",
        "match": "near",
        "list": "one-list",
        "category": "csam",
        "threshold": 20,
        "algorithm": f"pdq, {index_files.PROGRAM}",
    }
    assert asked(header, signal_type="pdq", signal=near(1, 7).hex()) == (200, {"ONE_LIST": [expected]})
    status, told = asked(header, "post", signal_type="MD5", signal=MD5.upper())
    assert (status, told["ONE_LIST"][0]["match"], told["ONE_LIST"][0]["distance"]) == (200, "exact", "0")  # type: ignore[index]
    assert asked(header, signal_type="pdq", signal=near(1, 21).hex()) == (200, {})
    assert [one["who"].partition(":")[0] for one in entries()] == ["platform"] * 3
    assert all(set(one) <= {"v", "at", "who", "act", "on", "unit", "body"} for one in entries())
    set_list(OPERATOR, slug="one-list", enabled=False)
    assert asked(header, signal_type="md5", signal=MD5) == (200, {})


def test_no_answer_tells_how_near_a_hash_is(header: str) -> None:
    """Or 256 questions, one for each bit, would give the listed hash away."""
    grow_list(OPERATOR, slug=a_list("one-list"), entries=[entry(1), entry(2)], origin="f")
    told = {
        json.dumps(asked(header, signal_type="pdq", signal=near(1, bits).hex())) for bits in (0, 1, 9, 31)
    }
    assert len(told) == 1
    assert '"distance": "31"' in told.pop()
    kin = [ListEntry(n, f"k{n}", {"pdq": near(3, n)}) for n in (5, 0, 3)]
    grow_list(OPERATOR, slug="one-list", entries=kin, origin="f")
    orders = {json.dumps(asked(header, signal_type="pdq", signal=near(3, bits).hex())) for bits in (0, 3, 5)}
    assert len(orders) == 1


def test_a_credential_may_ask_so_often_a_day_whichever_process_it_asks(
    header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "A_DAY", 2)
    for _ in range(2):
        assert asked(header, "post", signal_type="md5", signal=MD5)[0] == 200
        api._pace.forget()
    status, told = asked(header, "post", signal_type="md5", signal=MD5)
    assert (status, "for a day" in str(told["message"])) == (429, True)
    other = _header("Another", may_look_up=True)
    assert asked(other, "post", signal_type="md5", signal=MD5)[0] == 200
    assert len(entries()) == 3


def test_a_survivors_hash_is_told_to_nobody(header: str) -> None:
    add_survivor_hash(staff(), pdq=value(1), quality=90)
    approve_list(staff(number=90), slug="survivors")
    assert asked(header, signal_type="pdq", signal=value(1).hex()) == (200, {})


def test_without_the_right_credential_nothing_is_asked(header: str) -> None:
    plain = _header("Reporter", may_look_up=False)
    assert asked(plain, signal_type="md5", signal=MD5)[0] == 403
    for wrong in ("", "Basic !", "Bearer x", "Basic " + base64.b64encode(b"asker:no").decode()):
        assert asked(wrong, signal_type="md5", signal=MD5)[0] == 401
    revoke_platform(OPERATOR, platform="Asker")
    assert asked(header, signal_type="md5", signal=MD5)[0] == 401
    assert entries() == []


@pytest.mark.parametrize(
    ("kind", "text", "wanted"),
    [
        ("pdq", "ab", "64 hexadecimal digits"),
        ("md5", "z" * 32, "32 hexadecimal digits"),
        ("md5", "١" * 32, "32 hexadecimal digits"),
        ("photodna", "ab", "md5, pdq, sha1, sha256"),
        ("", "", "md5, pdq, sha1, sha256"),
    ],
)
def test_what_is_no_hash_is_told_what_is_wanted(header: str, kind: str, text: str, wanted: str) -> None:
    status, told = asked(header, signal_type=kind, signal=text)
    assert status == 400
    assert wanted in str(told["message"])
    assert entries() == []


def test_before_the_index_is_ready_it_says_later(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    a_list()
    grow_list(OPERATOR, slug="partner", entries=[entry(1)], origin="f")
    monkeypatch.setattr(index_files, "MOST_COUNTED", 1)
    assert asked(header, signal_type="pdq", signal=value(1).hex())[0] == 503
    assert asked(header, signal_type="md5", signal=MD5)[0] == 200


def test_too_many_are_told_to_wait_and_what_cannot_be_recorded_is_not_answered(
    header: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_given: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(looking_up, "append", refuses)
    client = Client(raise_request_exception=False)
    answer = client.get(
        "/api/lookup", {"signal_type": "md5", "signal": MD5}, headers={"Authorization": header}
    )
    assert answer.status_code == 500
    monkeypatch.undo()
    monkeypatch.setattr(Allowance, "take", lambda *_: 9.0)
    answer = client.get(
        "/api/lookup", {"signal_type": "md5", "signal": MD5}, headers={"Authorization": header}
    )
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
