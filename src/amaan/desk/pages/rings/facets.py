"""What a ring's reports tell, fact by fact, in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from amaan.desk.look_alikes import value_word
from amaan.linking.panels import RingPanel

_FACETS: Final = (
    (_("What it is about"), ("incident.type", "incident.annotations")),
    (_("Platforms and ways"), ("incident.channels",)),
    (_("Ways of payment"), ("told.pay_ways",)),
    (_("Lures"), ("told.promised",)),
    (_("Demands"), ("told.demanded",)),
    (_("What is told"), ("told.happening", "text.indicators")),
)
_MOST: Final = 6


def facets(panel: RingPanel) -> Iterable[tuple[str, list[tuple[str, int]], int]]:
    """What the reports tell, by what it is about: words with how many reports tell them, and how many words more."""
    for name, facts in _FACETS:
        told = sorted(
            ((value_word(fact, code), n) for fact in facts for code, n in panel.facets.get(fact, ())),
            key=lambda one: -one[1],
        )
        kept = [one for one in told if one[0]]
        if kept:
            yield str(name), kept[:_MOST], max(0, len(kept) - _MOST)
