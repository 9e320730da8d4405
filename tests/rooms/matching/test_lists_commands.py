"""`amaan lists`: every step of a list from the command line, and what is said when it can't go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.accounts.people import PASSWORD, a_person, code_now, with_app
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.matching.banks import a_list, value
from typer.testing import CliRunner

from amaan.authority.actors import Role
from amaan.ledger.models import Entry
from amaan.matching.commands import app
from amaan.matching.models import Member, SignalList

pytestmark = pytest.mark.django_db
run = CliRunner().invoke
PROPOSE = ["propose", "partner", "--title", "T", "--category", "csam", "--source", "S", "--ground", "G"]


@pytest.fixture(autouse=True)
def _fresh_ledger() -> Iterator[None]:
    yield from fresh_ledger()


def a_file(folder: Path, *lines: str, name: str = "hashes-pdq.txt") -> str:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def test_from_a_proposal_to_a_list_in_force(tmp_path: Path) -> None:
    assert "No list stands yet" in run(app, ["show"]).stdout
    assert "lists approve partner" in run(app, PROPOSE).stdout
    person = a_person(Role.SUPERVISOR, password=PASSWORD, second_factor=False)
    secret = with_app(person)
    told = f"{PASSWORD}\n{code_now(secret)}\n"
    blind = ["approve", "partner", "--person", person.email, "--passphrase-stdin"]
    refused = run(app, blind, input=told)
    assert (refused.exit_code, SignalList.objects.get().state) == (2, "proposed")
    for words in ("csam", "S (imported)", "G", "31 bits, quality 50", "system:command-line", "--revision 1"):
        assert words in refused.output
    stale = run(app, [*blind, "--revision", "9"], input=told)
    assert (stale.exit_code, SignalList.objects.get().state) == (2, "proposed")
    approved = run(app, [*blind, "--revision", "1"], input=told)
    assert approved.exit_code == 0, approved.output
    assert SignalList.objects.get().approved_by == f"staff:{person.pk}"
    file = a_file(
        tmp_path, f"pdq {value(1).hex()}", f"pdq {value(2).hex()}", "pdq zz", f"pdq {value(1).hex()}"
    )
    grown = run(app, ["import", file, "--list", "partner", "--json"])
    counts = json.loads(grown.stdout)
    assert {key: counts[key] for key in ("read", "added", "known", "invalid")} == {
        "read": 4,
        "added": 2,
        "known": 1,
        "invalid": 1,
    }
    assert "3" in run(app, ["faults", "partner"]).stdout
    assert json.loads(run(app, ["show", "--json"]).stdout)["members"] == 2
    assert run(app, ["disable", "partner"]).exit_code == 0
    assert "off" in run(app, ["show"]).stdout
    run(app, ["enable", "partner"])
    assert "waits" in run(app, ["set", "partner", "--distance", "40"]).stdout
    run(app, ["withdraw-members", "partner", value(1).hex(), "--reason", "listed in error"])
    assert Member.objects.filter(state="active").count() == 1
    run(app, ["withdraw", "partner", "--reason", "by order"])
    assert "withdrawn" in run(app, ["show"]).stdout


@pytest.mark.parametrize("wrong", ["passphrase", "code", "nobody", "role", "initial"])
def test_who_is_not_recognised_approves_nothing(wrong: str) -> None:
    a_list(approved=False)
    person = a_person(
        Role.ANALYST if wrong == "role" else Role.SUPERVISOR, password=PASSWORD, second_factor=False
    )
    secret = with_app(person)
    if wrong == "initial":
        person.password_is_initial = True
        person.save()
    told = f"{'wrong' if wrong == 'passphrase' else PASSWORD}\n{'000' if wrong == 'code' else code_now(secret)}\n"
    address = "nobody@example.org" if wrong == "nobody" else person.email
    words = ["approve", "partner", "--person", address, "--passphrase-stdin", "--revision", "1"]
    refused = run(app, words, input=told)
    assert refused.exit_code == 2
    assert SignalList.objects.get().state == "proposed"
    acts = [json.loads(bytes(one.leaf_bytes))["act"] for one in Entry.objects.all()]
    assert ("sign_in.failed" in acts) == (wrong != "role")


def test_what_is_approved_is_shown_and_asked_for() -> None:
    a_list()
    run(app, ["set", "partner", "--distance", "40"])
    asked = run(app, ["approve", "partner", "--person", "a@example.org"], input="n\n")
    assert asked.exit_code == 1
    assert "40 bits, quality 50, instead of 31 bits" in asked.output
    assert "Passphrase" not in asked.output
    assert SignalList.objects.get().wanted


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "absent.txt", "--list", "partner"], "absent.txt"),
        (["import", "FILE", "--list", "nothing"], "no list nothing"),
        (["import", "ODD", "--list", "partner"], "colour"),
        (["import", "FILE", "--list", "partner", "--bare", "md5"], "pdq or sha256"),
        ([*PROPOSE[:1], "other", *PROPOSE[2:], "--class", "nonsense"], "THEIRS=OURS"),
        ([*PROPOSE[:1], "other", *PROPOSE[2:], "--class", "A=opinions"], "no category"),
        (["withdraw", "partner", "--reason", " "], "Say why"),
        (["enable", "nothing"], "no list nothing"),
    ],
)
def test_refusals_are_one_line_and_exit_2(tmp_path: Path, words: list[str], said: str) -> None:
    a_list()
    files = {
        "FILE": a_file(tmp_path, f"pdq {value(1).hex()}"),
        "ODD": a_file(tmp_path, "colour,shape", "red,round", name="odd.csv"),
    }
    result = run(app, [files.get(word, word) for word in words])
    assert result.exit_code == 2
    assert said in result.output
    assert not Member.objects.exists()
