"""The rules at the desk: read, proposed, refused beside the text, compared, answered by a second person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation
from tests.environment import ROOT
from tests.rooms.accounts.people import a_person, signed_in
from tests.rooms.ledger.fresh import fresh_ledger
from tests.rooms.triage.conftest import Lay, lay  # noqa: F401 - a fixture
from tests.rooms.triage.small_rules import KNOWN_CHILD, SMALL, heavier, variant

from amaan.authority.actors import Actor, Role
from amaan.reports.domain.outcomes import Decision
from amaan.reports.services import record_outcome
from amaan.triage.domain.ruleset import BadRuleFile, load_ruleset
from amaan.triage.models import RuleProposal
from amaan.triage.rule_words import CAUSES, cause_of, place_of
from amaan.triage.rulebook import in_force
from amaan.triage.services import adopt_ruleset, triage_reports
from amaan.triage.services.replaying import replay_some

WORKER = Actor.system("triage")
RULES = "/desk/rules/"


@pytest.fixture
def small_rules(db: None) -> Iterator[None]:
    adopt_ruleset(WORKER, data=SMALL.encode())
    yield from fresh_ledger()


def page(client: Client, address: str, **form: str) -> str:
    """A page's text without its tags; a form given is sent."""
    response = client.post(address, form, follow=True) if form else client.get(address)
    assert response.status_code in {200, 422}, f"{address}: {response.status_code}"
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


@pytest.mark.usefixtures("small_rules")
def test_a_change_of_one_rule_goes_from_its_form_to_the_second_persons_answer(lay: Lay) -> None:  # noqa: F811
    report, hidden = lay(KNOWN_CHILD, unit="north"), lay(KNOWN_CHILD, unit="south")
    triage_reports(WORKER, report_ids=[report.pk, hidden.pk])
    for one in (report, hidden):
        record_outcome(WORKER, reference=one.reference, decision=Decision.CASE_OPENED, reason="r")
    first, second = signed_in(a_person(Role.SUPERVISOR)), signed_in(a_person(Role.SUPERVISOR))
    assert "The child can be found." in page(first, RULES)
    change = {"weight": "75", "floor": "", "english": "The child can be found.", "urdu": "بچہ مل سکتا ہے۔"}
    refused = first.post(f"{RULES}change/child-known/", change)
    assert refused.status_code == 422
    assert 'value="75"' in refused.content.decode()
    told = page(first, f"{RULES}change/child-known/", **change, reason="It comes too late.")
    assert "It waits for a second person" in told
    number = RuleProposal.objects.get().pk
    while replay_some(WORKER):
        pass
    address = f"{RULES}proposals/{number}/"
    told = page(second, address)
    for words in ("It comes too late.", "was: 30", "becomes: 75", "compared with small-1", "Line by line"):
        assert words in told
    assert "Of 2 reports, 2 would have another band: 2 a sooner one, 0 a later one." in told
    assert report.reference in told
    assert hidden.reference not in told
    assert "Put it in force, as the second person" not in page(first, address)
    base = in_force()[1].digest  # type: ignore[index]
    assert "A second person does." in page(first, f"{address}adopt/", base=base)
    assert "Other rules were put in force since" in page(second, f"{address}adopt/", base="f" * 64)
    assert "These rules are in force." in page(second, f"{address}adopt/", base=base)
    assert in_force()[1].rule("child-known").weight == 75  # type: ignore[index]
    assert "Banded again by these rules: 0 of about" in page(second, RULES)


@pytest.mark.usefixtures("small_rules")
def test_who_only_changes_their_turn_inside_a_band_is_counted_too(lay: Lay) -> None:  # noqa: F811
    triage_reports(WORKER, report_ids=[lay(KNOWN_CHILD, unit="north").pk])
    first = signed_in(a_person(Role.SUPERVISOR))
    change = {"weight": "31", "floor": "", "english": "The child can be found.", "urdu": "بچہ مل سکتا ہے۔"}
    page(first, f"{RULES}change/child-known/", **change, reason="A little sooner.")
    while replay_some(WORKER):
        pass
    told = page(first, f"{RULES}proposals/{RuleProposal.objects.get().pk}/")
    assert "Of 1 reports, 0 would have another band" in told
    assert "Inside their band 1 would come sooner and 0 later" in told


@pytest.mark.usefixtures("small_rules")
def test_a_file_that_is_refused_is_shown_with_its_line_and_nothing_is_lost() -> None:
    client = signed_in(a_person(Role.SUPERVISOR))
    begun = client.get(f"{RULES}propose/").content.decode()
    assert "version = &quot;small-1-local.1&quot;" in begun
    assert "pk-" in client.get(f"{RULES}propose/?shipped").content.decode()
    assert client.get(f"{RULES}propose/?version=nobodys").status_code == 404
    bad = heavier().replace("weight = 75", "weight = -5")
    answer = client.post(f"{RULES}propose/", {"body": bad, "reason": "Try <b>this</b>."})
    assert answer.status_code == 422
    shown = answer.content.decode()
    line = bad.split("\n").index('id = "child-known"')  # its heading stands above, and lines count from 1
    for words in (
        "nothing lowers danger",
        "weight = -5",
        "Try &lt;b&gt;this&lt;/b&gt;.",
        "# Rules for tests.",
    ):
        assert words in shown
    assert re.search(rf"<bdi class=\"num\">{line}</bdi> · <bdi>Rule child-known</bdi>", shown)
    assert not RuleProposal.objects.exists()
    client.post(f"{RULES}propose/", {"body": variant().replace("\n", "\r\n"), "reason": "Only a name."})
    made = RuleProposal.objects.get()
    assert made.body == variant()
    assert "No rule differs" in page(client, f"{RULES}proposals/{made.pk}/")
    assert "taken back" in page(client, f"{RULES}proposals/{made.pk}/withdraw/", sure="yes")


@pytest.mark.usefixtures("small_rules")
def test_the_pages_speak_urdu(lay: Lay) -> None:  # noqa: F811
    triage_reports(WORKER, report_ids=[lay(KNOWN_CHILD, unit="north").pk])
    client = signed_in(a_person(Role.SUPERVISOR))
    client.cookies["django_language"] = "ur"
    page(client, f"{RULES}propose/", body=heavier(), reason="وجہ")
    while replay_some(WORKER):
        pass
    number = RuleProposal.objects.get().pk
    for address in (RULES, f"{RULES}propose/", f"{RULES}change/child-known/", f"{RULES}proposals/{number}/"):
        shown = client.get(address).content.decode()
        assert 'lang="ur"' in shown
    assert "بچے تک پہنچا جا سکتا ہے۔" in page(client, RULES)
    refused = page(
        client,
        f"{RULES}propose/",
        body=variant(version="small-9").replace("weight = 10", "weight = 900"),
        reason="وجہ",
    )
    assert "weight must lie" not in refused
    assert "-100" in refused


def _causes() -> dict[str, str]:
    """Every cause that the domain's source can say, with a word in each gap, and where."""
    found = {}
    for name in ("ruleset", "rule_tables", "promises", "conditions"):
        path = ROOT / "src" / "amaan" / "triage" / "domain" / f"{name}.py"
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for said in _said(node):
                found[said] = f"{name}.py:{node.lineno}"  # type: ignore[attr-defined]
    return found


def _said(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        place = {"BadRuleFile": 1, "BadCondition": 0}.get(node.func.id)
        return _text(node.args[place]) if place is not None else []
    if isinstance(node, ast.Assign) and [one.id for one in node.targets if isinstance(one, ast.Name)] == [
        "cause"
    ]:
        return _text(node.value)
    return []


def _text(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(one.value if isinstance(one, ast.Constant) else "x1" for one in node.values)]
    return []


def test_every_cause_can_be_said_in_the_readers_language() -> None:
    causes = _causes()
    assert len(causes) > 30
    with translation.override("ur"):
        told = {cause: cause_of(BadRuleFile("rule x", cause)) for cause in causes}
    silent = {cause: where for cause, where in causes.items() if told[cause] == cause}
    assert silent == {}, "write a template in triage/rule_words.py, and its Urdu"


@pytest.mark.parametrize("template", CAUSES)
def test_a_cause_reads_the_same_in_english(template: str) -> None:
    cause = re.sub(r"%\(\w+\)s", "x1", template)
    assert cause_of(BadRuleFile("the file", cause)) == cause


@pytest.mark.parametrize(
    ("old", "new", "place", "cause"),
    [
        ('version = "small-2"', "version = 2", "The version", "must be a word such as"),
        ("weight = 30", "weight = 1.5", "Rule child-known", "weight must be a whole number"),
        ("weight = 30", "wait = 30", "Rule child-known", "unknown key wait"),
        ("hours = 168", "hours = 1", "Band one_week", "hours must grow"),
        ("any_of", "one_of", "Rule solicitation", "unknown operator 'one_of'"),
        ("[[rule]]", "[[rules]]", "The file", "unknown table rules"),
        ("weight = 30", "weight = ", "The file", "is not TOML"),
    ],
)
def test_where_and_why_are_told(old: str, new: str, place: str, cause: str) -> None:
    with pytest.raises(BadRuleFile) as refused:
        load_ruleset(variant().replace(old, new).encode())
    assert place_of(refused.value) == place
    assert cause_of(refused.value).startswith(cause)
    assert refused.value.line
