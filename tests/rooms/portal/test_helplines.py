"""Helplines: every number has a source and a day, none that is out of date can be dialled, and the page says so."""

from __future__ import annotations

import csv
import io
from html import escape
from pathlib import Path

import pytest
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from amaan.portal.domain.helplines import (
    COLUMNS,
    BadHelplines,
    Helpline,
    Kind,
    Need,
    Verified,
    by_need,
    for_danger,
    in_scope,
    out_of_date,
    read_helplines,
)
from amaan.portal.pages.help import current_helplines
from amaan.portal.pages.own_files import shipped_file
from amaan.vocabulary.domain.places import provinces

SHIPPED = shipped_file("data", "helplines.csv") or ""
GOOD = {
    "key": "one",
    "order": "1",
    "need": "danger",
    "for_danger": "yes",
    "scope": "PK",
    "kind": "phone",
    "contact": "0800-11111",
    "name_en": "One",
    "name_ur": "ایک",
    "what_en": "Helps.",
    "what_ur": "مدد۔",
    "hours_en": "",
    "hours_ur": "",
    "verified": "no",
    "checked": "",
    "source": "S",
    "as_of": "2026-11-21",
}


def _file(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@pytest.fixture(scope="module")
def lines() -> tuple[Helpline, ...]:
    return read_helplines(SHIPPED)


def test_every_row_that_ships_has_a_source_and_a_day_in_the_file_itself() -> None:
    rows = list(csv.DictReader(SHIPPED.splitlines()))
    assert len(rows) > 20
    assert [row["key"] for row in rows if not row["source"].strip() or len(row["as_of"]) != 10] == []


def test_what_ships_says_checked_only_with_the_day(lines: tuple[Helpline, ...]) -> None:
    assert all(line.checked for line in lines if line.verified is Verified.YES)
    assert not any(line.checked for line in lines if line.verified is not Verified.YES)


def test_the_whole_country_has_something_for_every_need(lines: tuple[Helpline, ...]) -> None:
    assert {need for need, _ in by_need(in_scope(lines, "PK"))} == set(Need)
    assert for_danger(lines)[0].contact == "15"
    assert Need.SELF_HARM in {line.need for line in for_danger(lines)}


def test_what_is_out_of_date_or_doubtful_can_not_be_dialled(lines: tuple[Helpline, ...]) -> None:
    withheld = [line for line in lines if line.verified in {Verified.OUT_OF_DATE, Verified.DOUBTFUL}]
    assert {"9911", "helpdesk@nr3c.gov.pk", "1138", "1098"} <= {line.contact for line in withheld}
    assert [line.link for line in withheld if line.link] == []
    shown = {line.key for scope in ("PK", *(p.code for p in provinces())) for line in in_scope(lines, scope)}
    assert shown.isdisjoint(line.key for line in withheld)
    assert not any(line.verified is not Verified.OUT_OF_DATE for line in out_of_date(lines))


def test_the_shared_list_and_ours_agree_on_what_must_not_be_published(
    shared: Path, lines: tuple[Helpline, ...]
) -> None:
    with (shared / "facts" / "helplines.csv").open(encoding="utf-8") as file:
        refused = {row["number_or_address"] for row in csv.DictReader(file) if row["publish_as_is"] == "no"}
    assert refused == {"helpdesk@nr3c.gov.pk", "9911"}
    assert refused <= {line.contact for line in out_of_date(lines)}


def test_somebody_in_danger_sees_the_country_and_only_their_own_province(
    lines: tuple[Helpline, ...],
) -> None:
    scopes = {line.scope for line in for_danger(lines, "SD")}
    assert scopes == {"PK", "SD"}


@pytest.mark.parametrize(
    ("changed", "column"),
    [
        ({"source": " "}, "source"),
        ({"as_of": "21/11/2026"}, "as_of"),
        ({"as_of": ""}, "as_of"),
        ({"verified": "yes"}, "checked"),
        ({"verified": "maybe"}, "verified"),
        ({"scope": "XX"}, "scope"),
        ({"kind": "web", "contact": "http://example.org/"}, "contact"),
        ({"kind": "web", "contact": 'https://example.org/"onclick="x'}, "contact"),
        ({"kind": "email", "contact": "nobody"}, "contact"),
        ({"contact": "call me"}, "contact"),
        ({"name_ur": ""}, "name_ur"),
        ({"hours_en": "9 to 5"}, "hours_ur"),
        ({"key": "../x"}, "key"),
        ({"order": "first"}, "order"),
        ({"for_danger": ""}, "for_danger"),
        ({"need": "fun"}, "need"),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line_and_column(
    changed: dict[str, str], column: str
) -> None:
    with pytest.raises(BadHelplines) as fault:
        read_helplines(_file(GOOD, {**GOOD, "key": "two", **changed}))
    assert (fault.value.line, fault.value.column) == (3, column)


def test_a_key_stands_once_and_a_column_is_not_forgotten() -> None:
    assert len(read_helplines("\ufeff" + _file(GOOD))) == 1  # as a spreadsheet writes it
    with pytest.raises(BadHelplines, match="twice"):
        read_helplines(_file(GOOD, GOOD))
    with pytest.raises(BadHelplines, match="source"):
        read_helplines(_file(GOOD).replace("source", "sauce"))


@examples(max_examples=50)
@given(st.text(max_size=200), st.lists(st.text(max_size=12), min_size=17, max_size=18))
def test_foreign_text_is_read_or_refused_by_name(text: str, cells: list[str]) -> None:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    for file in (text, _file() + out.getvalue()):
        try:
            found = read_helplines(file)
        except BadHelplines:
            continue
        assert all(line.source and line.as_of for line in found)


def test_a_link_dials_mails_or_opens() -> None:
    kinds = {
        "phone": "0800-11 111",
        "email": "a@example.org",
        "web": "https://example.org/ur/",
        "app": "An app",
    }
    rows = [{**GOOD, "key": kind, "kind": kind, "contact": contact} for kind, contact in kinds.items()]
    links = {line.kind: line.link for line in read_helplines(_file(*rows))}
    assert links == {
        Kind.PHONE: "tel:080011111",
        Kind.EMAIL: "mailto:a@example.org",
        Kind.WEB: "https://example.org/ur/",
        Kind.APP: "",
    }


@pytest.mark.parametrize("language", ["en", "ur", "ps", "sd"])
def test_the_page_puts_danger_first_and_names_every_province(door: Client, language: str) -> None:
    answer = door.get(f"/{language}/help/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(answer.content) < 50_000
    assert page.index('href="tel:15"') < page.index('href="tel:03117786264"') < page.index('href="tel:1799"')
    for province in provinces():
        assert f'href="#{province.code}"' in page
        assert f'id="{province.code}"' in page
        assert escape(province.name if language == "en" else province.name_ur) in page
    assert "9911" in page
    assert "tel:9911" not in page
    assert "1138" not in page
    # Urdu stands in on a Pashto or Sindhi page, and says so to a screen reader.
    assert ('class="helpline" lang="ur"' in page) is (language in {"ps", "sd"})


NEAR = ["15", "1122", "0311-7786264"]
THREAT = ["1799", "0800-39393"]


@pytest.mark.parametrize(
    ("danger", "contacts"),
    [
        (None, [*NEAR, *THREAT]),  # the first page
        ([], NEAR),
        (["meeting"], NEAR),
        (["threat_now"], [*THREAT, *NEAR]),
        (["threat_now", "live_now"], [*NEAR[:2], *THREAT, NEAR[2]]),
        (["self_harm", "threat_now"], [NEAR[2], *THREAT, *NEAR[:2]]),
        (["missing"], ["1099", *NEAR]),
    ],
)
def test_the_lines_fit_the_danger(
    lines: tuple[Helpline, ...], danger: list[str] | None, contacts: list[str]
) -> None:
    assert [line.contact for line in for_danger(lines, danger=danger)] == contacts


@pytest.mark.parametrize("language", ["en", "ur"])
def test_the_first_page_says_once_which_numbers_nobody_tried(
    door: Client, tmp_path: Path, language: str
) -> None:
    said = {"en": "none of us has tried them yet", "ur": "ہم میں سے کسی نے انہیں ابھی نہیں آزمایا"}[language]
    page = door.get(f"/{language}/").content.decode()
    assert page.count(said) == 1
    foot = page.partition(said)[2].partition("</p>")[0]
    assert [number for number in NEAR + THREAT if f'<bdi dir="ltr">{number}</bdi>' not in foot] == []
    tried = {**GOOD, "verified": "yes", "checked": "2026-12-01"}
    with override_settings(AMAAN_PORTAL_HOME=tmp_path):
        (tmp_path / "helplines.csv").write_text(
            _file(tried, {**GOOD, "key": "two", "contact": "0800-22222"}), "utf-8"
        )
        foot = door.get(f"/{language}/").content.decode().partition(said)[2].partition("</p>")[0]
        assert "0800-22222" in foot
        assert "0800-11111" not in foot
        (tmp_path / "helplines.csv").write_text(_file(tried), "utf-8")
        assert said not in door.get(f"/{language}/").content.decode()


def test_a_card_names_the_day_and_the_foot_says_what_it_means_without_one(door: Client) -> None:
    page = door.get("/en/help/").content.decode()
    cards = page.split('<div class="helpline"')[1:]
    police = next(card for card in cards if "tel:15" in card)
    take_it_down = next(card for card in cards if "takeitdown" in card)
    assert "Checked on" not in police
    assert "Checked on 21 November 2026." in take_it_down
    assert page.count("Where no day stands on which it was checked, none of us has tried it yet.") == 1


def test_an_operators_file_goes_first_and_a_broken_one_takes_nobodys_number_away(
    door: Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "helplines.csv"
    with override_settings(AMAAN_PORTAL_HOME=tmp_path):
        own.write_text(_file({**GOOD, "verified": "yes", "checked": "2026-12-01"}), "utf-8")
        page = door.get("/en/help/").content.decode()
        assert "Checked on 1 December 2026." in page
        assert "tel:1799" not in page
        own.write_text(_file({**GOOD, "source": ""}), "utf-8")
        assert current_helplines() == read_helplines(SHIPPED)
    assert "helplines.csv is not used" in caplog.text
