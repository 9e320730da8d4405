"""The reference page of identifier types, written from the types themselves."""

from __future__ import annotations

from amaan.reports.domain.identifiers.base import IdentifierType
from amaan.reports.domain.identifiers.registry import TYPES

_OPENING = """\
# Identifiers

Written by `amaan.reports.domain.identifiers.rendering` from the types themselves; do not edit here.

An identifier is told in a report, about a person, an account or a machine. Amaan keeps two forms: the
*display*, which an officer reads, and the *normalised* form, which is indexed. Two values are the same
exactly when their normalised forms are. First of all every type takes out control, zero-width and
direction characters, puts letters in one Unicode form (NFC) and, except in web addresses, turns Urdu
(۰-۹) and Arabic-Indic (٠-٩) digits into 0-9. A text is never cut to fit. What is not understood stays
in the report as it was written and is named in its completeness receipt.

**Links** means that an equal value may link people: the link is still proposed with its reason, and a
person decides. **Supports** means that an equal value alone never proposes a link; it only adds to one.
A value of a linking type that lacks its platform or bank only supports.

| type | what | equality |
|---|---|---|
"""


def identifiers_page() -> str:
    """`docs/reference/identifiers.md`; a test holds the committed page to it."""
    rows = "".join(
        f"| [`{kind.name}`](#{kind.name}) | {kind.label.en} | {_equality(kind)} |\n"
        for kind in TYPES.values()
    )
    return _OPENING + rows + "".join(_section(kind) for kind in TYPES.values())


def _equality(kind: IdentifierType) -> str:
    return "links" if kind.links else "supports"


def _section(kind: IdentifierType) -> str:
    lines = [
        "",
        f"## {kind.name}",
        "",
        f"**{kind.label.en}** · {kind.label.ur} · {_equality(kind)}",
        "",
        kind.why.en,
        "",
        f'<p dir="rtl" lang="ur">{kind.why.ur}</p>',
        "",
        f"Understood: {kind.accepts}",
        "",
        "| written | platform | normalised | display |",
        "|---|---|---|---|",
    ]
    for raw, platform in kind.examples:
        value = kind.clean(raw, platform=platform)
        lines.append(f"| `{raw}` | {platform} | `{value.normalised}` | `{value.display}` |")
    return "\n".join(lines) + "\n"
