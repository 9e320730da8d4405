"""Chosen identifiers of one report as its page shows them: for pages that say what two reports share."""

from __future__ import annotations

from collections.abc import Collection

from amaan.authority.actors import Actor
from amaan.reports.opening import opened
from amaan.reports.panels.shown import identifiers_of
from amaan.reports.panels.values import IdentifierShown
from amaan.reports.selectors import access_report


def identifiers_shown(
    actor: Actor, reference: str, identifier_ids: Collection[int]
) -> dict[int, IdentifierShown]:
    """By row id. What is held stands there held, and what the newest telling does not mention is left out.

    Raises ReportNotFound, SealBroken, KeyMissing.
    """
    found = opened(access_report(actor, reference))
    asked = {one.identifier: one for one in found.named if one.identifier in identifier_ids}
    return {
        identifier: shown for identifier, one in asked.items() for shown in identifiers_of(found, [one], {})
    }
