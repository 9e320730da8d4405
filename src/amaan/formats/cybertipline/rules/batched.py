"""A batched report: one file that many people sent around, most without ill intent, so that little is said of each."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from amaan.formats.cybertipline.rules.base import Answer, Check, Rule, Section, Spot, at, text_of
from amaan.formats.cybertipline.rules.checks import is_meme


def _absent(spot: Spot) -> bool:
    return not spot.document.batched


_ABSENT = Check("absent-if-batched", "Not in a batched report.", _absent, added=True, blank=True)


def _only_identifier(spot: Spot) -> bool:
    return not spot.document.batched or all(tag == "espIdentifier" for tag in spot.tags())


def _identifier(spot: Spot) -> bool:
    return not spot.document.batched or bool(spot.child("espIdentifier"))


def _persons(spot: Spot) -> int:
    return sum(1 for _ in spot.element.iterchildren("personOrUserReported"))


_ONE_FILE = Check("one-file", "A batched report has exactly one file.", None, added=True)
_MARKED = Check(
    "viral-or-meme", "The file of a batched report is marked viral, potentialMeme, or both.", None, added=True
)
_REPORTED = Check(
    "relevance-reported",
    'The file of a batched report is relevant as "Reported", which is also what none means.',
    None,
    added=True,
)
_FILES = (
    *at("fileDetails", _ONE_FILE),
    *at("fileDetails/fileAnnotations", _MARKED),
    *at("fileDetails/fileRelevance", _REPORTED),
)

BATCHED = Section(
    "Batched reports",
    (
        *at("incidentSummary/escalateToHighPriority", _ABSENT),
        *(
            rule
            for part in ("internetDetails", "lawEnforcement", "intendedRecipient", "victim", "additionalInfo")
            for rule in at(f"report/{part}", _ABSENT)
        ),
        *at(
            "report/personOrUserReported",
            Check(
                "only-identifier-if-batched",
                "Of each person a batched report gives the espIdentifier and nothing else.",
                _only_identifier,
                added=True,
                blank=True,
            ),
            Check(
                "identifier-if-batched",
                "Of each person a batched report gives the espIdentifier.",
                _identifier,
                added=True,
                blank=True,
            ),
        ),
        *at(
            "report/personOrUserReported",
            Check(
                "some-if-batched",
                "A batched report names somebody.",
                lambda spot: not spot.document.batched or _persons(spot) > 0,
                added=True,
                blank=True,
            ),
            Check(
                "several-if-batched",
                "A batched report names several people.",
                lambda spot: not spot.document.batched or _persons(spot) != 1,
                Answer.FLAGGED,
                "One person is an ordinary report; it is not lost for that.",
                added=True,
                blank=True,
            ),
            bound="report",
        ),
        *_FILES,
    ),
)


def broken_by_files(files: Sequence[etree._Element | None]) -> list[Rule]:
    """The rules that the files of a batched report break: for each uploaded file its details, None without."""
    one, marked, reported = _FILES
    if len(files) != 1:
        return [one]
    details = files[0]
    if details is None:
        return [marked]
    broken = []
    if details.find("fileAnnotations/viral") is None and not is_meme(details):
        broken.append(marked)
    relevance = details.find("fileRelevance")
    if relevance is not None and text_of(relevance) != "Reported":
        broken.append(reported)
    return broken
