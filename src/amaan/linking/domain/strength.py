"""How strong a link is, in bits of log-odds. Pure.

A link's match weight is PRIOR plus what each kind of shared evidence adds (Fellegi and Sunter, 1969). Thresholds stand
in weight space, because a probability of 0.9999999 and one of 1 print alike (Splink, issue 3002).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PRIOR: Final = -14.0
"""Bits: how unlikely it is that two reports taken by chance belong together."""
WEAK_AT: Final = 0.0
PLAIN_AT: Final = 4.0
STRONG_AT: Final = 8.0
MOST_OF_PUBLIC: Final = 3.99
"""What the public's reports alone can reach: weak. Whoever invents a hundred of them makes no ring."""
MOST_TOLD_OF_PUBLIC: Final = 50
"""In more reports than that a value is a hub between two of the public's: links that make no ring would otherwise grow
with the square of what anybody sends."""
MOST_OF_SUPPORT: Final = 3.99
"""What two reports reach that share nothing but what supports: weak. A family's phone makes no ring, nor do a name, a
user name and a text together: whoever imitates somebody takes all of them over."""
LOST_BY_COMPROMISE: Final = 8.0
"""Bits that what names an account loses where somebody else may have used the account. What is left only supports: else
the owner's other reports would stand in the ring of whoever took the account over, or imitates it."""
OF_ONE_HAND: Final = 22.0
"""Bits of a similar user name that one hand was seen to carry from account to account (`hands`): as a user name at its
platform weighs, so that two reports share it and nothing else just to be strong. Not less where many tell it: most of
them are that hand."""
FEWEST_ACCOUNTS: Final = 3
FEWEST_SOURCES: Final = 3
FEWEST_PLATFORMS: Final = 2
FEWEST_SPELLINGS: Final = 3
"""From so many on a name is one hand's (`hands`). Different user names of the hand: who has one name everywhere, digits
and all, was never seen to change them; another one with other digits may be anybody's."""
FURTHER: Final = 4
"""Beside the heaviest of a family, one part in so many of its further evidence counts,"""
MOST_FURTHER: Final = 2
"""and all of that together at most one part in so many of the heaviest."""


class Strength(StrEnum):
    WEAK = "weak"  # shown beside a report, makes no ring
    PLAIN = "plain"
    STRONG = "strong"


def strength_of(weight: float) -> Strength | None:
    """None: below what is kept at all."""
    if weight >= STRONG_AT:
        return Strength.STRONG
    if weight >= PLAIN_AT:
        return Strength.PLAIN
    return Strength.WEAK if weight >= WEAK_AT else None
