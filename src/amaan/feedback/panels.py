"""What a report's sender is told: a frozen value for the report's page, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from amaan.feedback.domain.codes import Hold
from amaan.feedback.selectors import standing_of
from amaan.feedback.words import HOLDS, code_words, field_words

if TYPE_CHECKING:
    from amaan.reports.models import Report


@dataclass(frozen=True)
class FeedbackPanel:
    """`waits` says that something is to be told and was not yet; `held` why it is held back, "" where it isn't."""

    partner: bool
    entity: str
    code: str
    words: str
    missing: tuple[str, ...]
    missing_ids: tuple[str, ...]
    lacks: tuple[str, ...]
    derived: bool
    revision: int
    waits: bool
    tell_from: datetime | None
    hold: Hold
    held: str
    withheld: bool
    told_at: datetime | None
    told_words: str
    acknowledged: bool


def feedback_panel(report: Report) -> FeedbackPanel | None:
    """Of a report that the caller was given by `access_report`; None where nothing is decided yet."""
    found = standing_of(report)
    if found is None:
        return None
    return FeedbackPanel(
        partner=found.partner,
        entity=found.entity,
        code=found.code,
        words=code_words(found.code) if found.code else "",
        missing=tuple(field_words(name) for name in found.missing),
        missing_ids=found.missing,
        lacks=tuple(field_words(name) for name in found.lacks),
        derived=found.derived,
        revision=found.revision,
        waits=found.revision > found.told,
        tell_from=found.tell_from,
        hold=found.hold,
        held=str(HOLDS[found.hold]) if found.hold else "",
        withheld=found.withheld,
        told_at=found.told_at,
        told_words=code_words(found.told_code) if found.told_code else "",
        acknowledged=found.acknowledged,
    )
