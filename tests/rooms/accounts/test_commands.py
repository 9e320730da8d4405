"""`amaan user` and `amaan unit`."""

from __future__ import annotations

import json

import pytest
from tests.rooms.accounts.people import PASSWORD, a_unit
from typer.testing import CliRunner

from amaan.accounts.commands import app, unit_app
from amaan.accounts.models import User

pytestmark = pytest.mark.django_db

run = CliRunner().invoke
ADD = ["add", "--email", "new@example.org", "--name", "New", "--unit", "north", "--role", "analyst"]


def test_add_prints_the_initial_password_once() -> None:
    a_unit()
    result = run(app, [*ADD, "--json"])
    said = json.loads(result.stdout)
    assert said["email"] == "new@example.org"
    assert User.objects.get().check_password(said["password"])
    assert said["password"] not in run(app, ["list"]).stdout


def test_a_password_from_standard_input_is_not_printed() -> None:
    a_unit()
    result = run(app, [*ADD, "--password-stdin"], input=f"{PASSWORD}\n")
    assert result.exit_code == 0
    assert PASSWORD not in result.stdout
    assert User.objects.get().check_password(PASSWORD)


@pytest.mark.parametrize("change", [{"--role": "superuser"}, {"--unit": "nowhere"}, {"--email": "nobody"}])
def test_refusals_are_one_line_and_exit_2(change: dict[str, str]) -> None:
    a_unit()
    words = list(ADD)
    for option, value in change.items():
        words[words.index(option) + 1] = value
    result = run(app, words)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) == 1
    assert not User.objects.exists()


def test_a_person_comes_changes_and_leaves() -> None:
    assert run(unit_app, ["add", "north", "North", "--name-ur", "شمال"]).exit_code == 0
    assert "شمال" in run(unit_app, ["list"]).stdout
    run(app, ADD)
    assert run(app, ["grant", "new@example.org", "--unit", "north", "--role", "custodian"]).exit_code == 0
    assert run(app, ["revoke", "new@example.org", "--unit", "north", "--role", "analyst"]).exit_code == 0
    first = json.loads(run(app, ["reset", "new@example.org", "--second-factor", "--json"]).stdout)["password"]
    assert User.objects.get().check_password(first)
    line = json.loads(run(app, ["list", "--json"]).stdout)
    assert line["roles"] == ["custodian@north"]
    assert run(app, ["deactivate", "new@example.org"]).exit_code == 0
    assert json.loads(run(app, ["list", "--json"]).stdout)["active"] is False
    assert run(app, ["reset", "new@example.org"]).exit_code == 2


def test_roles_are_explained() -> None:
    said = run(app, ["roles"]).stdout
    assert "custodian" in said
    assert "unseal" in said
