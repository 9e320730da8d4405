"""Each rule of the table has a document that breaks it and nothing else, and one that keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from lxml import etree
from tests.strategies.cybertipline_wire import BATCHED, kept_file, kept_report

from amaan.formats.cybertipline.checking import (
    Checked,
    NotValid,
    check_batched_files,
    check_file,
    check_report,
)
from amaan.formats.cybertipline.rules.applying import rules_at
from amaan.formats.cybertipline.rules.base import Answer, Rule
from amaan.formats.cybertipline.rules.table import KINDS, RULES, TABLE

pytestmark = pytest.mark.pure
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
AHEAD = "2026-11-01T12:05:01Z"
JUST_NOW = "2026-11-01T12:05:00Z"
Break = Callable[[etree._Element, Rule], None]

OF_BATCHES = [rule for rule in RULES.values() if rule.check.name.endswith("-if-batched")]
OF_FILES = [rule for rule in TABLE[-1].rules if rule.path.startswith("fileDetails")]
BY_THE_WIRE = [rule for rule in RULES.values() if rule.answer is Answer.WIRE]
SINGLE = [rule for rule in RULES.values() if rule not in [*OF_BATCHES, *OF_FILES, *BY_THE_WIRE]]


def check(root: etree._Element) -> Checked:
    return (check_report if root.tag == "report" else check_file)(etree.tostring(root), now=NOW)


def refusals(root: etree._Element) -> set[str]:
    with pytest.raises(NotValid) as refused:
        check(root)
    return {problem.rule for problem in refused.value.problems}


def attribute_of(rule: Rule) -> str:
    return rule.at.partition("@")[2]


def spots(root: etree._Element, rule: Rule) -> list[etree._Element]:
    """Where the rule looks; for a part that the schema only knows as newer, its host with the part put in."""
    if rule.check.name == "newer":
        hosts = [one for one in root.iter("victimPerson", "associatedAccount") if _host_of(one) == rule.path]
        for host in hosts:
            births = host.find("dateOfBirth")
            place = len(host) if births is None else host.index(births)
            host.insert(place, etree.Element("ageAssertionDiscrepancy"))
        return hosts
    return [one for one in root.iter("*") if rule in rules_at(one, attribute_of(rule))]


def _host_of(element: etree._Element) -> str:
    tag = str(element.tag)
    return f"{KINDS.get(tag, tag)}/ageAssertionDiscrepancy"


def base(rule: Rule) -> etree._Element:
    turn = 1 if rule.path.endswith(("approximateAge", "fileAnnotations")) else 0
    for root in (kept_report(turn), kept_file(turn)):
        if rule.id == "estimatedLocation/region:at-most-255":  # in the US a long one breaks two rules
            for country in root.iter("countryCode"):
                country.text = "PK"
        if spots(root, rule):
            return root
    pytest.fail(f"no document has a place for {rule.id}")


def put(element: etree._Element, rule: Rule, value: str) -> None:
    if attribute_of(rule):
        element.set(attribute_of(rule), value)
    else:
        element.text = value


def long(rule: Rule, length: int) -> str:
    if rule.path.endswith(("url", "profileUrl", "legalURL", "locationOfFile")):
        return "https://example.org/".ljust(length, "a")
    if rule.path == "email":
        return ("a@" + "bcdefghi." * 40)[: length - 1] + "z"
    return "3" * length


def value(text: str) -> Break:
    return lambda element, rule: put(element, rule, text)


def attribute(name: str, text: str) -> Break:
    return lambda element, _: element.set(name, text)


def within(tag: str, text: str) -> Break:
    def change(element: etree._Element, _: Rule) -> None:
        child = element.find(tag)
        assert child is not None
        child.text = text

    return change


def without(*tags: str) -> Break:
    def change(element: etree._Element, _: Rule) -> None:
        for child in [one for one in element if one.tag in tags]:
            element.remove(child)

    return change


def both_ages(element: etree._Element, rule: Rule) -> None:
    other = etree.Element("dateOfBirth" if rule.path.endswith("Age") else "approximateAge")
    other.text = "2010-01-01" if rule.path.endswith("Age") else "15"
    parent = element.getparent()
    assert parent is not None
    parent.insert(parent.index(element) + (1 if other.tag == "dateOfBirth" else 0), other)


def supplemental(*tags: str) -> Break:
    def change(element: etree._Element, rule: Rule) -> None:
        element.text = "Supplemental Reported"
        parent = element.getparent()
        assert parent is not None
        without(*tags)(parent, rule)
        if "industryClassification" in tags:
            within("potentialMeme", "true")(parent, rule)

    return change


def no_type(element: etree._Element, _: Rule) -> None:
    del element.attrib["type"]


def stranger(element: etree._Element, _: Rule) -> None:
    etree.SubElement(element, "somethingNew")


def nothing_more(_element: etree._Element, _rule: Rule) -> None:
    """`spots` has put it in."""


PLACES = {"fleaCountry": "PK", "accountType": "Other", "thirdPartyUser": "true", "type": "EXIF"}
BREAKS: dict[str, list[Break]] = {
    "past": [lambda element, rule: put(element, rule, "2026-11-03" if "Birth" in rule.path else AHEAD)],
    "now": [value("2026-11-01T12:00:00Z"), value(JUST_NOW), value("2026-11-01T16:55:00+05:00")],
    "url": [
        value("not a url"),
        value("https://"),
        value("https://exa mple.org"),
        value("words"),
        value("http://:80/"),
    ],
    "scheme": [value("example.org/a"), value("//example.org"), value("www.example.org:8080/a?b")],
    "of-somebody": [value("other@example.org")],
    "known": [stranger],
    "country": [value("ZZ"), value("pk")],
    "assigned": [value("A1"), value("XK")],
    "us-state": [value("ZZ")],
    "place": [lambda element, rule: put(element, rule, PLACES[attribute_of(rule)])],
    "newer": [nothing_more],
    "email-given": [without("email"), within("email", " ")],
    "not-blank": [value(" "), value("")],
    "age": [value("151"), value("-1")],
    "age-or-birth": [both_ages],
    "without-calling-code": [value("+92 300 0000123"), value(" + 923000000123")],
    "true-when-dated": [attribute("verified", "false"), attribute("verified", "0")],
    "calling-code": [value("92"), value("+9200")],
    "digits": [value("x1")],
    "email": [
        value("nobody"),
        value("a@b@c"),
        value("a b@example.org"),
        value("a@-b.org"),
        value(".a@b.org"),
    ],
    "local-part-at-most-64": [value(f"{'a' * 65}@example.org")],
    "region-of-us-city": [without("region"), within("region", "")],
    "not-before-disabled": [value("2025-01-31T23:59:59Z")],
    "after-disabled": [value("2025-02-01T00:00:00Z"), value("2025-01-31T00:00:00Z")],
    "report-number": [value("0"), value("-5")],
    "viewed-with-exif": [without("fileViewedByEsp"), within("fileViewedByEsp", "false")],
    "not-supplemental-meme": [supplemental("industryClassification")],
    "not-supplemental-classified": [supplemental("potentialMeme", "fileAnnotations")],
    "ip": [value("203.0.113"), value("fe80::1%eth0"), value("203.0.113.7:80")],
    "port": [value("0"), value("65536")],
}
GIVEN = {"estimatedLocation/countryCode": without("countryCode"), "associatedAccount/@type": no_type}


def ways(rule: Rule) -> list[Break]:
    if rule.check.name == "given":
        return [GIVEN[rule.path]]
    if rule.check.name.startswith("at-most-"):
        return [value(long(rule, int(rule.check.name.removeprefix("at-most-")) + 1))]
    return BREAKS[rule.check.name]


def companions(rule: Rule) -> set[str]:
    """What cannot but be broken too."""
    names = set()
    if rule.path.endswith("@disabledDate"):
        names = {"not-before-disabled", "after-disabled"}
    elif rule.path == "email":
        names = {"of-somebody"}
    elif rule.check.name == "age-or-birth":
        names = {"age-or-birth"}
    return {one.id for one in RULES.values() if one.check.name in names and one is not rule}


@pytest.mark.parametrize("turn", [0, 1])
def test_documents_with_everything_keep_every_rule(turn: int) -> None:
    assert check(kept_report(turn)).flags == ()
    assert check(kept_file(turn)).flags == ()


@pytest.mark.parametrize("rule", SINGLE, ids=[rule.id for rule in SINGLE])
def test_a_document_that_breaks_one_rule_is_told_just_that(rule: Rule) -> None:
    places = len(spots(base(rule), rule))
    for way in ways(rule):
        for number in {0, places - 1}:
            root = base(rule)
            # `base` has looked for the places already, so what is newer stands there once.
            place = (
                [one for one in root.iter() if _host_of(one) == rule.path]
                if rule.check.name == "newer"
                else None
            )
            way((place or spots(root, rule))[number if place is None else 0], rule)
            if rule.answer is Answer.FLAGGED:
                assert check(root).flags == (rule.id,)
            else:
                assert refusals(root) - companions(rule) == {rule.id}


@pytest.mark.parametrize(
    "rule", [one for one in SINGLE if one.check.name.startswith("at-most-")], ids=lambda one: one.id
)
def test_what_is_just_short_enough_is_taken(rule: Rule) -> None:
    root = base(rule)
    put(spots(root, rule)[-1], rule, long(rule, int(rule.check.name.removeprefix("at-most-"))))
    assert check(root).flags == ()


KEPT = [
    (
        "incidentSummary/incidentDateTime:past",
        ["2026-11-02T01:59:00", "0001-01-01T00:00:00Z", "2026-10-31T24:00:00Z"],
    ),
    (
        "webPageIncident/url:url",
        ["HTTP://EXAMPLE.ORG", "https://مثال.pk/راہ", "app.example:open", "http://[::1]:80/"],
    ),
    ("webPageIncident/url:url", ["http://203.0.113.7/a|b", " https://example.org "]),
    ("ipCaptureEvent/ipAddress:ip", ["::ffff:203.0.113.7", "2001:DB8::1", " 203.0.113.7 "]),
    ("ipCaptureEvent/port:port", ["1", "65535"]),
    ("person/age:age", ["0", "150", " 7 "]),
    ("phone:without-calling-code", ["92 300", "0300-0000123"]),
    ("phone/@verified:true-when-dated", ["1"]),
    (
        "email:email",
        [
            f"{'a' * 64}@example.org",
            "ا@مثال.pk",
            '"a b"@example.org',
            "a.b+c'd@x-y.example",
            "a@[203.0.113.7]",
        ],
    ),
    ("estimatedLocation/region:us-state", ["AS", "MP"]),
    ("victim/priorCTReports:report-number", ["1"]),
    (
        "victim/accountTemporarilyDisabled/@userNotifiedDate:not-before-disabled",
        ["2025-01-31T19:00:00-05:00"],
    ),
    # No zone: it may have been after.
    ("victim/accountTemporarilyDisabled/@userNotifiedDate:not-before-disabled", ["2025-01-31T12:00:00"]),
    ("victim/accountTemporarilyDisabled/@reenabledDate:after-disabled", ["2025-02-01T00:00:00"]),
]


@pytest.mark.parametrize(("rule", "texts"), KEPT, ids=[rule for rule, _ in KEPT])
def test_what_a_rule_must_not_refuse(rule: str, texts: list[str]) -> None:
    for text in texts:
        root = base(RULES[rule])
        for number, element in enumerate(spots(root, RULES[rule])):
            if element.tag != "emailAddress" and (number == 0 or rule != "phone:without-calling-code"):
                if attribute_of(RULES[rule]) or rule != "phone/@verified:true-when-dated":
                    put(element, RULES[rule], text)
                else:
                    element.set("verified", text)
        if rule.startswith("email"):
            without("emailAddress")(next(root.iter("emailIncident")), RULES[rule])
            without("emailAddress")(next(root.iter("newsgroupIncident")), RULES[rule])
        assert check(root).flags == (), text


def test_a_blank_text_counts_as_not_given() -> None:
    root = kept_report()
    for tag in ("url", "profileUrl", "legalURL", "screenName", "phone"):
        for element in root.iter(tag):
            element.text = "  "
    assert check(root).flags == ()


# -- batched reports ---


def batched(old: bytes = b"", new: bytes = b"") -> Checked:
    assert old in BATCHED
    return check_report(BATCHED.replace(old, new, 1), now=NOW)


def test_a_batched_report_may_come_in() -> None:
    assert batched().batched
    assert batched().flags == ()
    assert not check(kept_report()).batched


OPEN, CLOSE, SECOND = b"<report>", b"</report>", b"<personOrUserReported><espIdentifier>2"
BATCH_BREAKS: dict[str, tuple[bytes, bytes]] = {
    "incidentSummary/escalateToHighPriority:absent-if-batched": (
        b"<incidentDateTime>",
        b"<escalateToHighPriority>soon</escalateToHighPriority><incidentDateTime>",
    ),
    "report/internetDetails:absent-if-batched": (
        b"<reporter>",
        b"<internetDetails><webPageIncident/></internetDetails><reporter>",
    ),
    "report/lawEnforcement:absent-if-batched": (
        b"<reporter>",
        b"<lawEnforcement><agencyName>x</agencyName></lawEnforcement><reporter>",
    ),
    "report/intendedRecipient:absent-if-batched": (CLOSE, b"<intendedRecipient/></report>"),
    "report/victim:absent-if-batched": (CLOSE, b"<victim><victimPerson/></victim></report>"),
    "report/additionalInfo:absent-if-batched": (CLOSE, b"<additionalInfo/></report>"),
    "report/personOrUserReported:only-identifier-if-batched": (
        b"<espIdentifier>2</espIdentifier>",
        b"<espIdentifier>2</espIdentifier><screenName>two</screenName>",
    ),
    "report/personOrUserReported:identifier-if-batched": (b"<espIdentifier>2</espIdentifier>", b""),
    "report/personOrUserReported:some-if-batched": (
        BATCHED[BATCHED.index(b"</reporter>") : BATCHED.index(CLOSE)],
        b"</reporter>",
    ),
    "report/personOrUserReported:several-if-batched": (
        SECOND + b"</espIdentifier></personOrUserReported>",
        b"",
    ),
}


@pytest.mark.parametrize("rule", OF_BATCHES, ids=[rule.id for rule in OF_BATCHES])
def test_a_batched_report_that_breaks_one_rule_is_told_just_that(rule: Rule) -> None:
    change = BATCH_BREAKS[rule.id]
    if rule.answer is Answer.FLAGGED:
        assert batched(*change).flags == (rule.id,)
        return
    with pytest.raises(NotValid) as refused:
        batched(*change)
    assert {problem.rule for problem in refused.value.problems} == {rule.id}


def details(inside: str) -> etree._Element:
    raw = f"<fileDetails><reportId>1</reportId><fileId>a</fileId>{inside}</fileDetails>".encode()
    return check_file(raw, now=NOW).root


VIRAL = "<fileAnnotations><viral/></fileAnnotations>"


@pytest.mark.parametrize(
    "inside",
    [
        VIRAL,
        f"<fileRelevance>Reported</fileRelevance>{VIRAL}",
        "<potentialMeme>true</potentialMeme>",
        "<fileAnnotations><potentialMeme>true</potentialMeme><viral/></fileAnnotations>",
    ],
)
def test_the_one_file_of_a_batched_report(inside: str) -> None:
    check_batched_files([details(inside)])


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ([], "fileDetails:one-file"),
        ([VIRAL, VIRAL], "fileDetails:one-file"),
        ([None], "fileDetails/fileAnnotations:viral-or-meme"),
        ([""], "fileDetails/fileAnnotations:viral-or-meme"),
        (["<potentialMeme>false</potentialMeme>"], "fileDetails/fileAnnotations:viral-or-meme"),
        (
            [f"<fileRelevance>Supplemental Reported</fileRelevance>{VIRAL}"],
            "fileDetails/fileRelevance:relevance-reported",
        ),
    ],
)
def test_what_the_files_of_a_batched_report_may_not_be(files: list[str | None], rule: str) -> None:
    with pytest.raises(NotValid) as refused:
        check_batched_files([None if one is None else details(one) for one in files])
    assert [problem.rule for problem in refused.value.problems] == [rule]


def test_every_rule_is_tried_here_or_needs_the_stored_reports() -> None:
    assert {rule.id for rule in OF_FILES} == {
        "fileDetails:one-file",
        "fileDetails/fileAnnotations:viral-or-meme",
        "fileDetails/fileRelevance:relevance-reported",
    }
    assert [rule.id for rule in BY_THE_WIRE] == [
        "fileDetails/reportId:known",
        "fileDetails/reportId:permitted",
        "fileDetails/fileId:of-the-report",
    ]
    assert set(BATCH_BREAKS) == {rule.id for rule in OF_BATCHES}
    assert len(RULES) == sum(len(section.rules) for section in TABLE), "two rules have one id"
