"""What a text may assert as true now. Pure.

The words and what each of them means are the issue's; `meaning` says it for whoever reads the reference page. What is
negated, supposed, settled or long past is none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Indicator(StrEnum):
    THREAT_TO_SHARE = "threat_to_share"
    MONEY_DEMAND = "money_demand"
    MORE_IMAGES_DEMAND = "more_images_demand"
    SELF_HARM_RISK = "self_harm_risk"
    MEETING_ARRANGED = "meeting_arranged"
    CHILD_WITH_SUSPECT_NOW = "child_with_suspect_now"
    FALSE_JOB_OFFER = "false_job_offer"
    LIVE_STREAM = "live_stream"
    MISSING_CHILD = "missing_child"
    TRUSTED_POSITION = "trusted_position"
    AI_OR_MORPHED = "ai_or_morphed"
    GROUP_OR_RING = "group_or_ring"
    COMMERCIAL = "commercial"
    ONGOING_CONTACT = "ongoing_contact"
    ALREADY_PAID = "already_paid"


MEANING: Final[Mapping[Indicator, str]] = MappingProxyType(
    {
        Indicator.THREAT_TO_SHARE: "A threat to publish or send private, edited or unspecified pictures stands.",
        Indicator.MONEY_DEMAND: "Money, cards, credit or a fee is asked for and not settled.",
        Indicator.MORE_IMAGES_DEMAND: "A child is asked for private pictures, also for the first.",
        Indicator.SELF_HARM_RISK: "A child or harmed person is in danger from themselves, said directly or not.",
        Indicator.MEETING_ARRANGED: "A meeting with the reported person is to come, with a time or a place.",
        Indicator.CHILD_WITH_SUSPECT_NOW: "A child is with the reported person as this is written, or in their care.",
        Indicator.FALSE_JOB_OFFER: "A job, modelling, training, audition, scheme or study group serves as a lure.",
        Indicator.LIVE_STREAM: "A child is made, told or pressed to be on camera or in a live room.",
        Indicator.MISSING_CHILD: "Nobody who writes knows where a child is, or it is listed as missing.",
        Indicator.TRUSTED_POSITION: (
            "The reported person is a teacher, coach, relative, driver, employer or religious teacher."
        ),
        Indicator.AI_OR_MORPHED: "Pictures were made or changed by a machine or by hand.",
        Indicator.GROUP_OR_RING: "Several offenders or several harmed children of this matter.",
        Indicator.COMMERCIAL: "A price, sale, channel, subscription or paid show of a child or of material.",
        Indicator.ONGOING_CONTACT: "Said in so many words: the reported person still writes, calls or comes.",
        Indicator.ALREADY_PAID: "The harmed person or somebody for them has paid, in money or kind.",
    }
)
