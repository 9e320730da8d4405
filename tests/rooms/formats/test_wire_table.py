"""The table of rules as a whole: it is the documentation's, all of it, and the committed page is written from it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from amaan.formats.cybertipline import schema
from amaan.formats.cybertipline.rules.base import Answer
from amaan.formats.cybertipline.rules.rendering import cybertipline_rules_page
from amaan.formats.cybertipline.rules.table import RULES

pytestmark = pytest.mark.pure


def test_every_path_of_the_table_is_one_of_the_schema() -> None:
    kinds = {"contactPerson", "person", "phone", "email", "address"}
    for rule in RULES.values():
        for name in re.split(r"[/@]+", rule.path):
            assert name in schema.names() | kinds, rule.id


def test_a_flag_says_why_and_the_rest_needs_no_excuse() -> None:
    for rule in RULES.values():
        assert rule.check.demand.endswith("."), rule.id
        assert bool(rule.check.why) == (rule.answer in {Answer.FLAGGED, Answer.WIRE}), rule.id


DOCUMENTED = [
    (r"must be in the past", "past"),
    (r"max length of local part \(before @ sign\) is 64 characters", "local-part-at-most-64"),
    (r"max length is (\d+) characters", r"at-most-\1"),
    (r"must be a valid URL", "url"),
    (r"must be a valid IPv4, IPv6, or IPv4-mapped IPv6 address", "ip"),
    (r"must be between 1 and 65535", "port"),
    (r"must be between 0 and 150", "age"),
    (r"must be not be blank if `<estimatedLocation>` is supplied", "given"),
    (r"must be not be blank if `<city>` is supplied and `<countryCode>` is \"US\"", "region-of-us-city"),
    (r"must not be blank.*", "not-blank"),
    (r"must be a valid US state or territory postal abbreviation.*", "us-state"),
    (r"must be a valid ISO 3166-1 alpha-2 country code", "country"),
    (r"if `countryCallingCode` supplied, must not start with country calling code", "without-calling-code"),
    (r"must be `true` when `verificationDate` is supplied", "true-when-dated"),
    (r"must conform to the regular expression `\\\+\[0-9\]\{1,3\}`", "calling-code"),
    (r"must conform to the regular expression `\[0-9\]\+`", "digits"),
    (r"must be a well-formed email address", "email"),
    (r"must also be supplied as a `<personOrUserReported>` email address.*", "of-somebody"),
    (r"`<email>` is required", "email-given"),
    (r"must be on or after the `disabledDate` if both are supplied", "not-before-disabled"),
    (r"must be after the `disabledDate` if both are supplied", "after-disabled"),
    (r"may not be set if `<(?:dateOfBirth|approximateAge)>` is supplied", "age-or-birth"),
    (r"must be a valid CyberTipline report ID", "report-number"),
    (r"reporter must have permission to update the supplied CyberTipline Report", "permitted"),
    (r"must be a valid file ID for the supplied report ID", "of-the-report"),
    (r'must be "true" when the value of `<exifViewedByEsp>` is "true"', "viewed-with-exif"),
    (
        r'may not be "Supplemental Reported" if a potential meme annotation is supplied',
        "not-supplemental-meme",
    ),
    (
        r'may not be "Supplemental Reported" if an `<industryClassification>` is supplied',
        "not-supplemental-classified",
    ),
]


@pytest.mark.shared
def test_every_documented_validation_is_a_rule(shared: Path) -> None:
    lines = (shared / "formats" / "cybertipline" / "validation-rules.txt").read_text("utf-8").splitlines()
    documented: Counter[tuple[str, str]] = Counter()
    for line in lines:
        _, path, kind, text = line.split(" | ", 3)
        if kind == "validation":
            name = next(
                (
                    re.fullmatch(p, text.strip()).expand(n)
                    for p, n in DOCUMENTED
                    if re.fullmatch(p, text.strip())
                ),
                text,
            )
            path = path.partition(" [")[0].strip()
            if (path, name) == ("fileDetails/reportId", "report-number"):
                name = "known"
            documented[path, name] += 1
    table = Counter((rule.documented, rule.check.name) for rule in RULES.values() if rule.documented)
    assert sum(documented.values()) == 144
    assert table == documented


def test_the_committed_page_is_the_one_that_the_table_writes() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "reference" / "cybertipline-rules.md"
    assert page.read_text(encoding="utf-8") == cybertipline_rules_page(), "run: amaan docs"
