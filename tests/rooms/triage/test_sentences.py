"""The sentences that the lexicon is measured on: both files parse, are balanced, and share nothing."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure

FOLDER = Path(__file__).parent / "sentences"
BALANCED = ("dev.csv", "held_out.csv")
FILES = (*BALANCED, "unseen.csv", "unseen_2.csv", "unseen_3.csv", "unseen_4.csv")
LANGUAGES = ("en", "ur", "roman")
COLUMNS = ["id", "lang", "text", "indicators", "note"]
INDICATORS = frozenset(
    {
        "threat_to_share",
        "money_demand",
        "more_images_demand",
        "self_harm_risk",
        "meeting_arranged",
        "child_with_suspect_now",
        "false_job_offer",
        "live_stream",
        "missing_child",
        "trusted_position",
        "ai_or_morphed",
        "group_or_ring",
        "commercial",
        "ongoing_contact",
        "already_paid",
    }
)
Row = dict[str, str]


def _rows(name: str, language: str = "") -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        assert reader.fieldnames == COLUMNS[: len(reader.fieldnames or ())]
        return [row for row in reader if language in {"", row["lang"]}]


def _plain(text: str) -> str:
    """Without what only the eye or the machine tells apart: width, case, invisible characters, spaces."""
    shown = (sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return " ".join("".join(shown).casefold().split())


def _runs(text: str, words: int) -> set[tuple[str, ...]]:
    said = re.findall(r"\w+", _plain(text))
    return {tuple(said[at : at + words]) for at in range(len(said) - words + 1)}


@pytest.mark.parametrize("name", FILES)
def test_every_row_is_whole_and_uses_known_labels(name: str) -> None:
    rows = _rows(name)
    wrong = [
        row["id"]
        for row in rows
        if None in row
        or None in row.values()
        or not row["text"].strip()
        or not re.fullmatch(rf"[{name[0]}w]-{row['lang']}-\d{{3,4}}", row["id"])
        or set(row["indicators"].split()) - INDICATORS
        or len(row["indicators"].split()) != len(set(row["indicators"].split()))
    ]
    assert wrong == []
    assert len({row["id"] for row in rows}) == len(rows)
    assert {row["lang"] for row in rows} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BALANCED)
def test_every_indicator_is_covered_beside_enough_rows_with_none(name: str, language: str) -> None:
    rows = _rows(name, language)
    assert len(rows) == 150
    held = Counter(word for row in rows for word in row["indicators"].split())
    assert {word: held[word] for word in INDICATORS if held[word] < 8} == {}
    assert sum(not row["indicators"] for row in rows) >= 60
    hostile = [row for row in rows if row["note"].startswith("hostile: ")]
    assert len(hostile) >= 12
    assert any(row["indicators"] for row in hostile)
    assert any(len(row["text"]) > 2000 for row in hostile)


def test_no_sentence_stands_twice() -> None:
    seen = Counter(_plain(row["text"]) for name in FILES for row in _rows(name))
    assert [text for text, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("read", "measured"),
    [
        ("dev.csv", "held_out.csv"),
        ("dev.csv", "unseen.csv"),
        ("tuned.csv", "unseen.csv"),
        ("tuned_2.csv", "unseen.csv"),
        ("tuned_3.csv", "held_out.csv"),
        ("tuned_3.csv", "unseen.csv"),
        ("tuned_3.csv", "unseen_2.csv"),
        *(("tuned_4.csv", name) for name in ("held_out.csv", "unseen.csv", "unseen_2.csv", "unseen_3.csv")),
        *((f"{name}.csv", "unseen_3.csv") for name in ("dev", "tuned", "tuned_2", "tuned_3")),
        *((f"{name}.csv", "unseen_4.csv") for name in ("dev", "tuned", "tuned_2", "tuned_3", "tuned_4")),
        *(("tuned_5.csv", name) for name in ("held_out.csv", *FILES[2:])),
    ],
)
def test_the_files_share_no_run_of_five_words(read: str, measured: str, language: str) -> None:
    """What was learnt by heart from one file would else look like skill on the other."""
    known = {run for row in _rows(read, language) for run in _runs(row["text"], 5)}
    assert {
        row["id"]: shared for row in _rows(measured, language) if (shared := _runs(row["text"], 5) & known)
    } == {}


def test_every_telephone_number_is_an_invented_one() -> None:
    found = {
        number
        for name in FILES
        for row in _rows(name)
        for number in re.findall(r"\d[\d -]{7,}\d", unicodedata.normalize("NFKC", row["text"]))
    }
    assert found, "the search would find nothing"
    assert {number for number in found if not re.fullmatch(r"03\d\d-0000000", number)} == set()
