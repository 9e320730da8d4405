"""What the operator sets, and what ends a start with one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from amaan.config.environment import BadEnvironment, Environment, database_settings, door_database_settings


def read(**variables: str) -> Environment:
    return Environment.read({"HOME": "/srv/someone", **variables})


def test_data_and_keys_lie_apart_by_default() -> None:
    assert read().home == Path("/srv/someone/.local/share/amaan")
    assert read().keys == Path("/srv/someone/.config/amaan/keys")


def test_a_home_of_its_own_has_keys_of_its_own() -> None:
    assert read(AMAAN_HOME="/srv/a").keys == Path("/srv/a.keys")
    assert read(AMAAN_HOME="/srv/a").keys != read(AMAAN_HOME="/srv/b").keys


@pytest.mark.parametrize(
    ("home", "keys"), [("/srv/a", "/srv/a"), ("/srv/a", "/srv/a/keys"), ("/srv/a/home", "/srv/a")]
)
def test_one_backup_never_holds_both(home: str, keys: str) -> None:
    with pytest.raises(BadEnvironment, match="one backup"):
        read(AMAAN_HOME=home, AMAAN_KEYS=keys)


def test_an_unknown_door_is_named() -> None:
    assert read(AMAAN_DOORS="public, desk").doors == {"public", "desk"}
    with pytest.raises(BadEnvironment, match="window"):
        read(AMAAN_DOORS="desk,window")


def test_proxies_are_a_number() -> None:
    assert read(AMAAN_PROXIES="1").proxies == 1
    with pytest.raises(BadEnvironment, match="AMAAN_PROXIES"):
        read(AMAAN_PROXIES="nginx")


def test_a_media_policy_is_one_of_two() -> None:
    assert read().media == "hash-only"
    assert read(AMAAN_MEDIA="").media == "hash-only"
    assert read(AMAAN_MEDIA="sealed").media == "sealed"
    with pytest.raises(BadEnvironment, match="hash-only or sealed"):
        read(AMAAN_MEDIA="keep")


def test_databases() -> None:
    assert str(database_settings(read(AMAAN_HOME="/srv/a"))["NAME"]) == "/srv/a/amaan.sqlite3"
    found = database_settings(read(AMAAN_DATABASE="postgresql://a%40b:p%2Fw@db.example.org:5433/amaan"))
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == (
        "a@b",
        "p/w",
        "db.example.org",
        "5433",
    )
    with pytest.raises(BadEnvironment, match="postgresql"):
        database_settings(read(AMAAN_DATABASE="mysql://x"))


def test_nobody_waits_for_ever_for_the_database_of_a_door_elsewhere() -> None:
    found = door_database_settings(read(AMAAN_PORTAL_DATABASE="postgresql://door:pw@door.example/door"))
    options = found["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == (5, 20_000)
    assert "statement_timeout" in options["options"]
    assert "DURABLE" in door_database_settings(read(AMAAN_HOME="/srv/a"))


def test_an_exchange_is_on_with_an_address_and_a_credential_and_off_without() -> None:
    assert read().exchanges == {}
    found = read(AMAAN_NCMEC_HASHES="https://agency:pa%2Fss@hashes.example/base").exchanges
    assert (found["ncmec"].host, found["ncmec"].second) == ("hashes.example", "pa/ss")
    assert set(found) == {"ncmec"}


@pytest.mark.parametrize("variable", ["AMAAN_NCMEC_HASHES", "AMAAN_STOPNCII"])
def test_an_exchange_without_encryption_or_credential_ends_the_start(variable: str) -> None:
    for address in ("http://a:s3cret@hashes.example/", "https://hashes.example/s3cret", "s3cret"):
        with pytest.raises(BadEnvironment, match=variable) as raised:
            read(**{variable: address})
        assert "s3cret" not in str(raised.value)
