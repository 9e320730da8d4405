"""What may become of proposed rules, and why a step with them is refused. Pure; pages say it in their own words."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

MOST_REASON: Final = 2000
"""Characters of a reason."""
LARGEST_FILE: Final = 1_000_000
"""Characters of a rule file; the one that came with the program has about a tenth of it."""


class State(StrEnum):
    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    ADOPTED = "adopted"


class RuleProposalError(Exception):
    """Something stands in the way of proposed rules."""


class VersionAlreadyTaken(RuleProposalError):
    """Two different files call themselves by one version: an explanation could not say which one it means."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Other rules are adopted as {version} already; give the changed file a new version."
        )
        self.version = version


class RuleProposalNotFound(RuleProposalError):
    """No such proposal, or none for this actor: the answer is the same."""


class NothingChanged(RuleProposalError):
    """The file is, byte for byte, the one in force."""


class ProposedAlready(RuleProposalError):
    """The same file waits for a second person already."""


class FileTooLarge(RuleProposalError):
    """No rule file for people is longer than `LARGEST_FILE` characters."""


class ReasonNeeded(RuleProposalError):
    """A reason is 1 to `MOST_REASON` characters."""


class SecondPersonNeeded(RuleProposalError):
    """Who proposed can't approve or reject, and a process of the installation is no person."""


class NotYours(RuleProposalError):
    """Only whoever proposed takes it back, or lays it upon newer rules."""


class AnsweredAlready(RuleProposalError):
    """The proposal was adopted, rejected or withdrawn before."""


class BaseReplaced(RuleProposalError):
    """Other rules were put in force since this was proposed: what it would change is not what was read.

    `version` is the one in force now.
    """

    def __init__(self, version: str) -> None:
        super().__init__(f"Other rules are in force since, {version}; compare again, then decide.")
        self.version = version


class ReplayUnfinished(RuleProposalError):
    """Nobody knows yet which reports these rules would move."""


class NoSuchRule(RuleProposalError):
    """The rules in force have no rule of this name."""


class CannotRewrite(RuleProposalError):
    """The rule is written in a way that the small form can't change; the text can."""
