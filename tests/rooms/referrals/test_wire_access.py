"""Who may speak at the wire."""

from __future__ import annotations

import base64
import json
import threading

import pytest
from django.test import Client, override_settings
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.referrals.platform import OPERATOR, Caller, a_platform, basic, read_answer
from typer.testing import CliRunner

from amaan.accounts.models import Unit
from amaan.authority.actors import Actor, Role
from amaan.authority.matrix import NotAllowed
from amaan.ledger.models import Entry
from amaan.referrals import selectors, services
from amaan.referrals.commands import platform as commands
from amaan.referrals.domain.wire import Allowance
from amaan.referrals.models import Platform
from amaan.referrals.wire import access

pytestmark = pytest.mark.django_db


def asked(header: str | None, client: Client | None = None, **extra: str) -> int:
    headers = {} if header is None else {"authorization": header}
    return read_answer((client or Client()).get("/ispws/status", headers={**headers, **extra})).status


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no-colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
        "Basic " + base64.b64encode(b"nobody:secret").decode(),
        "Basic " + base64.b64encode(b"\x00:secret").decode(),
        "Basic " + "A" * 100_000,
        "Bearer abc",
    ],
)
def test_bad_and_missing_credentials_are_401(pix: Caller, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = read_answer(Client().get("/ispws/status", headers=headers))
    assert (answer.status, answer.code) == (401, 2000)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="ispws", charset="UTF-8"'


def test_a_wrong_password_and_a_wrong_user_look_the_same(pix: Caller) -> None:
    wrong = read_answer(Client().get("/ispws/status", headers={"authorization": basic(pix.issued.user, "x")}))
    nobody = read_answer(Client().get("/ispws/status", headers={"authorization": basic("nobody", "x")}))
    assert (wrong.status, wrong.texts) == (nobody.status, nobody.texts)


def test_a_staff_session_opens_nothing(pix: Caller) -> None:
    client = signed_in(a_person(*Role))
    assert asked(None, client) == 401


def test_a_credential_opens_nothing_of_the_desk(pix: Caller) -> None:
    response = pix.client.get("/desk/", headers=pix.headers)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/sign-in/")


def test_a_revoked_credential_is_believed_for_seconds_and_not_again(
    pix: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(access.time, "monotonic", lambda: now)
    header = pix.headers["authorization"]
    assert asked(header) == 200
    services.revoke_platform(OPERATOR, platform=pix.issued.user)
    now += access.VERIFIED_SECONDS - 0.1
    assert asked(header) == 200
    now += 0.2
    assert asked(header) == 401
    assert access.VERIFIED_SECONDS <= 10


def test_rotation_ends_the_old_password(pix: Caller) -> None:
    fresh = services.rotate_platform(OPERATOR, platform="Pix Board")
    assert fresh.user == pix.issued.user
    assert asked(basic(fresh.user, fresh.password)) == 200
    assert asked(pix.headers["authorization"]) == 401


def test_a_verified_credential_costs_no_query(pix: Caller, django_assert_num_queries: object) -> None:
    header = pix.headers["authorization"]
    assert asked(header) == 200
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert asked(header) == 200


def test_failures_of_an_address_are_counted_and_then_not_looked_at(pix: Caller) -> None:
    wrong = basic(pix.issued.user, "wrong")
    assert {asked(wrong) for _ in range(access.FAILURES)} == {401}
    response = Client().get("/ispws/status", headers={"authorization": wrong})
    answer = read_answer(response)
    assert (answer.status, answer.code) == (429, 1000)
    assert int(answer.headers["Retry-After"]) == access.FAILURE_SECONDS
    # who has the right password is not shut out by a neighbour's guessing
    assert asked(pix.headers["authorization"]) == 200


def test_failures_count_by_visitor_behind_a_proxy() -> None:
    wrong = basic("nobody", "wrong")
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        seen = {asked(wrong, **{"x-forwarded-for": "198.51.100.7"}) for _ in range(access.FAILURES)}
        assert seen == {401}
        assert asked(wrong, **{"x-forwarded-for": "198.51.100.7"}) == 429
        assert asked(wrong, **{"x-forwarded-for": "198.51.100.8"}) == 401


def test_asking_without_a_credential_is_no_failure() -> None:
    assert {asked(None) for _ in range(access.FAILURES + 5)} == {401}


def test_who_asks_too_much_is_told_when_to_come_again(
    pix: Caller, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = a_platform(unit, "Chatter")
    platform = Platform.objects.get(name="Pix Board").pk
    now = access.time.monotonic()
    monkeypatch.setitem(access._allowances, platform, Allowance(rate=0.1, burst=2, now=now))
    assert [asked(pix.headers["authorization"]) for _ in range(2)] == [200, 200]
    response = Client().get("/ispws/status", headers=pix.headers)
    answer = read_answer(response)
    assert answer.status == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert asked(other.headers["authorization"]) == 200


def test_slow_requests_never_take_all_threads(pix: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_places", threading.BoundedSemaphore(1))
    header = pix.headers["authorization"]
    with access._places:
        answer = read_answer(Client().get("/ispws/status", headers=pix.headers))
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert [asked(header), asked(header)] == [200, 200]
    assert pix.finish(1).code == 5001  # a refusal gives its place back, too
    assert asked(header) == 200


def test_one_platform_never_takes_the_places_of_all(pix: Caller, unit: Unit) -> None:
    other = a_platform(unit, "Chatter").headers["authorization"]
    platform = Platform.objects.get(name="Pix Board").pk
    taken = [access._take_place(platform) for _ in range(access.EACH + 1)]
    try:
        assert taken == [True] * access.EACH + [False]
        answer = read_answer(Client().get("/ispws/status", headers=pix.headers))
        assert (answer.status, answer.code, answer.headers["Retry-After"]) == (429, 1000, "1")
        assert asked(other) == 200
        access._leave_place(platform)
        assert asked(pix.headers["authorization"]) == 200
        assert access._take_place(platform)
    finally:
        for _ in range(access.EACH):
            access._leave_place(platform)
    assert access._at_work == {}
    assert 1 <= access.EACH <= max(1, access.AT_ONCE // 2)


def test_a_place_that_is_not_there_is_not_counted(pix: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_places", threading.BoundedSemaphore(1))
    with access._places:
        assert not access._take_place(1)
    assert +access._at_work == {}
    assert access._take_place(1)
    access._leave_place(1)


# Credentials.


def test_a_password_is_kept_nowhere(pix: Caller) -> None:
    held = Platform.objects.get()
    assert len(pix.issued.password) >= 43
    assert pix.issued.password not in repr(pix.issued)
    assert pix.issued.password.encode() not in bytes(held.secret)


def test_names_become_users_that_http_basic_takes(unit: Unit) -> None:
    for name in ("امان", "A: b/c", "x" * 120, "Ünï Cødé"):
        issued = services.add_platform(OPERATOR, name=name, unit=unit)
        assert issued.user.isascii()
        assert ":" not in issued.user
        assert asked(basic(issued.user, issued.password)) == 200


def test_a_name_is_given_once_and_a_revoked_one_stays_revoked(unit: Unit) -> None:
    services.add_platform(OPERATOR, name="Pix", unit=unit)
    with pytest.raises(services.PlatformExists):
        services.add_platform(OPERATOR, name=" Pix ", unit=unit)
    for name in ("", " ", "x" * 121):
        with pytest.raises(services.BadPlatformName):
            services.add_platform(OPERATOR, name=name, unit=unit)
    services.revoke_platform(OPERATOR, platform="Pix")
    with pytest.raises(services.PlatformRevoked):
        services.rotate_platform(OPERATOR, platform="Pix")
    with pytest.raises(services.PlatformUnknown):
        services.revoke_platform(OPERATOR, platform="Nobody")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_the_administrator_gives_credentials(unit: Unit, role: Role) -> None:
    from amaan.accounts.selectors import actor_of

    actor = actor_of(a_person(role))
    assert actor is not None
    for act in (
        lambda: services.add_platform(actor, name="x", unit=unit),
        lambda: services.rotate_platform(actor, platform="x"),
        lambda: services.revoke_platform(actor, platform="x"),
        lambda: selectors.platforms_for(actor),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert selectors.platforms_for(Actor.system("x")) == []


def test_the_command_prints_user_and_password_once(unit: Unit) -> None:
    run = CliRunner()
    added = run.invoke(commands, ["add", "Pix Board", "--unit", "lahore", "--json"])
    assert added.exit_code == 0, added.output
    issued = json.loads(added.output)
    assert set(issued) == {"user", "password"}
    assert asked(basic(issued["user"], issued["password"])) == 200
    assert run.invoke(commands, ["add", "Pix Board", "--unit", "lahore"]).exit_code == 2
    listed = run.invoke(commands, ["list", "--json"])
    assert issued["password"] not in listed.output
    assert json.loads(listed.output)["user"] == issued["user"]
    fresh = json.loads(run.invoke(commands, ["rotate", "Pix Board", "--json"]).output)
    assert asked(basic(fresh["user"], fresh["password"])) == 200
    assert run.invoke(commands, ["revoke", issued["user"]]).exit_code == 0
    assert "revoked" in run.invoke(commands, ["list"]).output
    assert run.invoke(commands, ["revoke", "nobody"]).exit_code == 2


def test_each_change_of_a_credential_is_in_the_ledger(unit: Unit) -> None:
    services.add_platform(OPERATOR, name="Pix", unit=unit)
    services.rotate_platform(OPERATOR, platform="Pix")
    services.revoke_platform(OPERATOR, platform="Pix")
    leaves = b" ".join(
        bytes(leaf) for leaf in Entry.objects.order_by("id").values_list("leaf_bytes", flat=True)
    )
    for act in ("platform.added", "platform.rotated", "platform.revoked"):
        assert f'"act":"{act}"'.encode() in leaves
    assert b"Pix" not in leaves
