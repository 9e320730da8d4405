"""The reference page of what a document at the wire must be, written from the table and the codes themselves."""

from __future__ import annotations

from collections import Counter

from amaan.formats.cybertipline.answers import Code
from amaan.formats.cybertipline.rules.base import Answer, Section
from amaan.formats.cybertipline.rules.table import RULES, TABLE

_OPENING = """\
# What a CyberTipline document must be

Written by `amaan.formats.cybertipline.rules.rendering` from the table itself; do not edit here.

A document at `/ispws` is held against the schema that `/ispws/xsd` serves, and against these rules, which a schema
can't say. {documented} of them are the lists of validations in the protocol's documentation. The {added} others, marked
*added*, come from its prose (batched reports) and from what clients in use write.

| word | what happens to a document that breaks the rule |
|---|---|
| refused | Code 4100 with HTTP 400. Up to 20 problems are told: the rule, the path, what is demanded; never a value |
| refused, by the schema | The same; the schema says it already |
| refused, by the wire | Refused where the stored reports are looked up, with the code given |
| flagged | It is taken in and kept whole; the rule's name stands on the receipt |

What is not XML at all, or declares a document type or entities, is refused with 4110.

- A blank text counts as not given, except where a rule says *not blank*. Spaces around a text don't count.
- A path names a kind or an element: `phone` is every phone, also phoneNumber; `email` also emailAddress; `person` is
  whoever reports, is reported, receives or is harmed; `address` also incidentAddress; `contactPerson` also
  officerContact. `@` marks an attribute.
- A rule's name, as it stands on receipts, is its path, a colon and its word: `email:at-most-255`.
- *In the past*: a clock may be 5 minutes ahead. A time without a zone is refused only if it is ahead in every zone.
"""

_CODES = """
## Response codes

| code | what is answered |
|---|---|
"""


def cybertipline_rules_page() -> str:
    """`docs/reference/cybertipline-rules.md`; a test holds the committed page to it."""
    counts = Counter(bool(rule.documented) for rule in RULES.values())
    codes = "".join(f"| {int(code)} | {code.words} |\n" for code in Code)
    opening = _OPENING.format(documented=counts[True], added=counts[False])
    return opening + "".join(_section(section) for section in TABLE) + _CODES + codes


def _section(section: Section) -> str:
    lines = [
        "",
        f"## {section.title}",
        "",
        "| where | rule | what is demanded | otherwise |",
        "|---|---|---|---|",
    ]
    before = ""
    for rule in section.rules:
        where = f"`{rule.path}`" if rule.path != before else ""
        before = rule.path
        demand = rule.check.demand if rule.documented else f"{rule.check.demand} *added*"
        answer = f"**{rule.answer.value}**" if rule.answer is Answer.FLAGGED else rule.answer.value
        why = f". {rule.check.why}" if rule.check.why else ""
        lines.append(f"| {where} | `{rule.check.name}` | {demand} | {answer}{why} |")
    return "\n".join(lines) + "\n"
