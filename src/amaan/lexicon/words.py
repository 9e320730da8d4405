"""The indicators in words, for pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from amaan.lexicon.domain.indicators import Indicator

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

INDICATORS: Final[Mapping[Indicator, _StrPromise]] = {
    Indicator.THREAT_TO_SHARE: _("a threat to share pictures"),
    Indicator.MONEY_DEMAND: _("money is demanded"),
    Indicator.MORE_IMAGES_DEMAND: _("pictures are demanded from a child"),
    Indicator.SELF_HARM_RISK: _("somebody may hurt themselves"),
    Indicator.MEETING_ARRANGED: _("a meeting to come"),
    Indicator.CHILD_WITH_SUSPECT_NOW: _("a child is with the reported person"),
    Indicator.FALSE_JOB_OFFER: _("a job or course as a lure"),
    Indicator.LIVE_STREAM: _("a child before a live camera"),
    Indicator.MISSING_CHILD: _("a child is missing"),
    Indicator.TRUSTED_POSITION: _("somebody whom the child depends on"),
    Indicator.AI_OR_MORPHED: _("made or changed pictures"),
    Indicator.GROUP_OR_RING: _("several offenders or several children"),
    Indicator.COMMERCIAL: _("a price or a sale"),
    Indicator.ONGOING_CONTACT: _("contact goes on"),
    Indicator.ALREADY_PAID: _("somebody has paid"),
}
