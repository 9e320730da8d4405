"""A second factor is left out only where a demo world and the loopback stand together."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.test import Client, override_settings
from tests.rooms.accounts.people import a_person, signed_in

from amaan.accounts.domain import DemoExposed, Policy, is_loopback, second_factor_policy
from amaan.accounts.second_factor import DEMO_MARKER
from amaan.authority.actors import Role
from amaan.config.environment import Environment
from amaan.web.checks import ServerRefused, refuse_unfit


@pytest.mark.parametrize(
    ("demo", "bind", "expected"),
    [
        (False, "127.0.0.1", Policy.REQUIRED),
        (False, "0.0.0.0", Policy.REQUIRED),
        (True, "127.0.0.1", Policy.RELAXED),
    ],
)
def test_the_rule(demo: bool, bind: str, expected: Policy) -> None:
    assert second_factor_policy(demo, bind) is expected


@pytest.mark.parametrize(
    "bind", ["0.0.0.0", "::", "192.0.2.7", "", "unix:/run/amaan.sock", "amaan.example.org:80"]
)
def test_a_demo_world_is_never_exposed(bind: str) -> None:
    with pytest.raises(DemoExposed, match=r"demo\.json"):
        second_factor_policy(True, bind)


def test_a_demo_world_gets_no_name_of_the_network() -> None:
    with pytest.raises(DemoExposed, match=r"amaan\.example\.org"):
        second_factor_policy(True, "127.0.0.1", ["localhost", "amaan.example.org"])


@pytest.mark.parametrize(
    "bind", ["127.0.0.1", "127.0.0.5", "localhost", "::1", "[::1]", "[::1]:8000", "127.0.0.1:80"]
)
def test_loopback_addresses(bind: str) -> None:
    assert is_loopback(bind)


@pytest.mark.parametrize(
    "bind", ["127.0.0.1.example.org", "localhost.example.org", "0.0.0.0", "10.0.0.1", "[::]:80"]
)
def test_what_only_looks_like_the_loopback(bind: str) -> None:
    assert not is_loopback(bind)


def marked(home: Path) -> Path:
    (home / DEMO_MARKER).write_text("{}")
    return home


def test_the_server_refuses_to_start_exposed(tmp_path: Path) -> None:
    with override_settings(AMAAN_HOME=marked(tmp_path), AMAAN_BIND="0.0.0.0"):
        assert [error.id for error in run_checks(tags=["amaan"])] == ["amaan.E002"]
        with pytest.raises(ServerRefused, match=r"listens on 0\.0\.0\.0"):
            refuse_unfit()
        with pytest.raises(DemoExposed):  # and so does whoever skips the checks
            Client().get("/healthz")


@pytest.mark.django_db
def test_a_demo_on_the_loopback_asks_for_no_second_factor(tmp_path: Path) -> None:
    person = a_person(Role.ANALYST, second_factor=False)
    with override_settings(AMAAN_HOME=marked(tmp_path), AMAAN_BIND="127.0.0.1"):
        client = signed_in(person)
        assert client.get("/account/second-factor/passkeys/").status_code == 200
        beyond = client.get("/account/second-factor/passkeys/", REMOTE_ADDR="192.0.2.7")
        assert beyond.headers["Location"] == "/account/second-factor/"


def test_cookies_are_secure_beyond_the_loopback() -> None:
    home = {"AMAAN_HOME": str(settings.AMAAN_HOME), "AMAAN_KEYS": str(settings.AMAAN_KEYS)}
    assert not Environment.read(home).encrypted
    assert Environment.read({**home, "AMAAN_BIND": "0.0.0.0"}).encrypted
    assert Environment.read({**home, "AMAAN_ORIGIN": "https://amaan.example.org"}).encrypted
