"""The reference page of evidence, written from the kinds themselves."""

from __future__ import annotations

from typing import Final

from amaan.linking.domain.kinds import KINDS, EvidenceKind, Family, KindOfEvidence
from amaan.linking.domain.strength import (
    FEWEST_ACCOUNTS,
    FEWEST_PLATFORMS,
    FEWEST_SOURCES,
    FEWEST_SPELLINGS,
    OF_ONE_HAND,
    PLAIN_AT,
    PRIOR,
    STRONG_AT,
    WEAK_AT,
)

_OPENING: Final = f"""\
# Evidence for links

Written by `amaan.linking.rendering` from the kinds themselves; do not edit here (`amaan docs`).

What two reports share is weighed in bits of log-odds: [how it is read](../explanation/linking-evidence.md), [how it is
weighed](../explanation/linking.md). A pair begins at {PRIOR:g}; it is kept from {WEAK_AT:g} on, *plain* from
{PLAIN_AT:g}, *strong* from {STRONG_AT:g}.

**Bits**: what a value weighs that two independent sources told (a source: a sender, a day, a door). **Slope**: bits
that it loses by each doubling of its sources beyond two. **Most**: in more reports than that it is a hub, which links
nothing, and is shown as one. **Family**: kinds of one family say much the same, so that the heaviest counts in full and
the others add little. **Links**: an equal value links by itself. **Supports**: it adds to what links, and no value
alone that only supports passes *weak*.

| kind | family | bits | slope | most | equality |
|---|---|--:|--:|--:|---|
"""
_TOLD_OF: Final = (
    (
        "the reported person or account",
        (
            "as the table says. Its own page says whose it is, as its number and its user name do: between two reports"
            " that tell it so it is of their family, and where the account may be somebody else's doing it supports"
        ),
    ),
    (
        "an associated account",
        (
            "as the table says: a report that names it as reported shares it, and that the reported account may be"
            " somebody else's doing takes nothing from it. In a report where one belongs to a child, or to whoever else"
            " is protected, they only support"
        ),
    ),
    (
        "a victim, a recipient",
        (
            "supports, even where the same report tells it of the reported person too: a family's telephone accuses"
            " nobody"
        ),
    ),
    (
        "nobody: the incident, a file",
        (
            "supports, since it may be the victim's own. Where money was asked to go (bank, wallet, crypto) is told of"
            " who asked, and counts as the table says"
        ),
    ),
    ("the reporter", "never read; reporters' identifiers are indexed under another key"),
)
_ONE_HAND: Final = f"""
## A similar user name that is one hand's

Some open account after account under one name, with other digits, dots and look-alike letters, and the reports of
several tell one telephone, mailbox, wallet, bank account or card. Then the similar user name weighs {OF_ONE_HAND:g}
bits and links, also a report that tells nothing else of that hand. The snapshot that counts values says of which names
this holds:

- {FEWEST_ACCOUNTS} accounts or more, told by {FEWEST_SOURCES} independent sources or more, bear the name and share one
  such value;
- most reports that tell the name tell that value too: it is no name of many;
- most reports that tell the value tell the name: it is one person's, and not what many are paid to;
- the name is written in {FEWEST_SPELLINGS} ways or more: who has one everywhere, digits and all, was never seen to
  change it;
- those accounts are of {FEWEST_PLATFORMS} platforms or more: whoever imitates somebody goes where that one is known;
- no two others who tell the name share a value or an account of their own: that would be a second hand, and one of the
  two may imitate the other.

An account that its platform calls compromised, a child's, an associated one, and one that says of itself that it is
the true one (*official*, *real*, *asli*: so imitators call theirs, and so do those whom they imitate) prove nothing
here, and their names only support.
"""
_CLOSING: Final = """
A user name, account or group number without its platform, and an account number without its bank, only support. Equal
user names of two platforms are no equal value; their stems are. A wallet's number and a telephone's are one thing.

## What is no evidence

- An IP address without port or time.
- Numbers, mailboxes and pages of helplines and offices (`src/amaan/linking/data/helplines.csv`, with source and date),
  the platforms' own domains, and web addresses that name no page.
- A file of no bytes, a digest of zeros, a PDQ hash of a plain surface.
- A text of fewer than twelve words; a single name; a stem shorter than six letters.
- Names of victims, recipients, children and reporters, and a reported account's name that is one of them. They are
  never made into a key. Nor is anything of values that no kind is for (`other`).

Only the newest telling of a report counts. What had to be unsealed for it (names, venues, wordings) was unsealed in the
worker's memory; what stands in the database are digests under the installation's key, which nobody can try words on
without it.
"""


def evidence_page() -> str:
    """`docs/reference/linking-evidence.md`; a test holds the committed page to it."""
    rows = "".join(_row(kind, told) for kind, told in KINDS.items())
    return (
        _OPENING + rows + "".join(_section(told) for told in KINDS.values()) + _ONE_HAND + _roles() + _CLOSING
    )


def _roles() -> str:
    rows = "".join(f"| {of} | {does} |\n" for of, does in _TOLD_OF)
    return f"\n## Of whom it is told\n\n| told of | what it does |\n|---|---|\n{rows}"


def _row(kind: EvidenceKind, told: KindOfEvidence) -> str:
    family = Family(told.family).name.lower()
    return (
        f"| {told.label.en} (`{kind.name.lower()}`) | {family} | {told.base:g} | {told.slope:g} | {told.most:,}"
        f" | {_equality(told)} |\n"
    )


def _equality(told: KindOfEvidence) -> str:
    return "links" if told.links else "supports"


def _section(told: KindOfEvidence) -> str:
    lines = [
        "",
        f"## {told.label.en}",
        "",
        f"{told.label.ur} · {_equality(told)}",
        "",
        told.why.en,
        "",
        f'<p dir="rtl" lang="ur">{told.why.ur}</p>',
    ]
    return "\n".join(lines) + "\n"
