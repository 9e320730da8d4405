"""What can be wrong with a list, in words for whoever runs this installation. Pure; pages say it in their own."""

from __future__ import annotations


class ListError(Exception):
    """Something about a list or a member is not as it must be."""


class BadList(ListError):
    """A field of a proposal is not as it must be. `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class ListExists(ListError):
    """A list of this slug stands already, perhaps withdrawn: a slug names one list for ever."""


class ListNotFound(ListError):
    """No such list, or none for this actor: the answer is the same."""


class ListWithdrawn(ListError):
    """The list was withdrawn, which is final; propose another one."""


class NothingToApprove(ListError):
    """The list is approved, and nobody wants anything of it changed."""


class ListMovedOn(ListError):
    """The list changed after it was read by whoever wants to approve it."""


class SecondPersonNeeded(ListError):
    """Who proposed can't approve or confirm, and a process of the installation is no person."""


class NotFilledThisWay(ListError):
    """The own list is filled by confirmed decisions, the survivors' by themselves, never from a file."""


class NotInForceYet(ListError):
    """The own list and the survivors' come as they are; what is near is set when a second person has approved it."""


class AlwaysThere(ListError):
    """The own list and the survivors' come with the program and are never withdrawn, only switched off."""


class NotDecided(ListError):
    """The report's newest telling was not decided upon; what nobody judged can't become known."""


class NothingToCompare(ListError):
    """The newest telling has no such file, or none with a hash that a list could hold."""


class KnownAlready(ListError):
    """The own list has this member already."""


class ProposedAlready(ListError):
    """It is proposed already, and waits for a second person."""


class ProposalNotFound(ListError):
    """No such proposal, or none for this actor: the answer is the same."""


class AnsweredAlready(ListError):
    """The proposal was confirmed or refused before."""


class QualityTooLow(ListError):
    """A PDQ hash of so little quality is near too much, and would find the wrong pictures."""


class SurvivorNotFound(ListError):
    """No survivor's hash has this reference, or it was taken back."""


class ReasonNeeded(ListError):
    """A reason is 1 to 2,000 characters."""


class NotAnExchange(ListError):
    """The list is filled by files or decisions, not by a service."""


class ExchangeOff(ListError):
    """There is no credential for the service; the message says where one is put."""


class ListDoesNotCount(ListError):
    """The list is not approved, or is switched off: nothing is fetched for it."""
