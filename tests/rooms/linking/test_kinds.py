"""The table of evidence says what it must, and its page is current."""

from __future__ import annotations

from pathlib import Path

import pytest

from amaan.linking.domain.kinds import HAPPENS_IN, KINDS, OF_MENTIONS, PAYS, EvidenceKind
from amaan.linking.domain.strength import PLAIN_AT, PRIOR
from amaan.linking.rendering import evidence_page
from amaan.reports.domain.identifiers import TYPES

pytestmark = pytest.mark.pure
PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "linking-evidence.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == evidence_page(), "run `amaan docs`"


def test_every_kind_is_described_in_both_languages_and_fits_into_a_link() -> None:
    assert set(KINDS) == set(EvidenceKind)
    for kind, told in KINDS.items():
        assert 0 < kind < 63
        for text in (told.label, told.why):
            assert text.en
            assert any("\u0600" <= letter <= "\u06ff" for letter in text.ur)


def test_what_links_is_plain_by_itself_and_hubs_lie_above_two() -> None:
    for told in KINDS.values():
        if told.links:
            assert PRIOR + told.base >= PLAIN_AT
        assert told.most > 2
        assert told.slope > 0


def test_an_identifier_links_where_its_type_says_so_and_an_address_only_with_port_and_time() -> None:
    for name, kind in OF_MENTIONS.items():
        # Of pages and groups it is the role that says so: where it happened links.
        assert KINDS[kind].links is (TYPES[name].links or kind in HAPPENS_IN)
    assert "ip" not in OF_MENTIONS
    assert KINDS[EvidenceKind.IP_MOMENT].links
    assert {TYPES[KINDS[kind].type].name for kind in PAYS} == {"bank", "mobile_wallet", "crypto"}
    assert set(TYPES) - set(OF_MENTIONS) == {"ip", "ct_report", "other"}
