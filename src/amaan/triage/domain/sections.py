"""Which sections of the law fit what was told: a list for a person to decide on, never an accusation. Pure.

A file of sections is data like the rules, and is refused like them. Whoever edits it, it can't name an offence of the
child or of the reporter:

1. a section is in force, and is one that is committed against a child;
2. each way in which its condition can hold tells of something done by somebody else (`DONE`);
3. nothing else is asked, but what narrows a section down (`NARROWING`): nobody's silence, and nothing that the child
   did or may have done, what was paid, or who told;
4. where a child may have made the material, where it may be between children, or where the reported person may be a
   child, sections about the material are held back, and the file says what comes first instead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from amaan.triage.domain.conditions import Condition, Group, Leaf, holds, leaves
from amaan.triage.domain.facts import Facts
from amaan.triage.domain.rule_tables import (
    BadRuleFile,
    Words,
    condition_of,
    line_of,
    lines_of,
    only_known,
    read_toml,
    tables_of,
    words_of,
)
from amaan.vocabulary.domain import Offence, offences


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DONE: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "incident.type": _set("csam sex_trafficking sex_tourism molestation enticement obscene_to_child"),
        "incident.annotations": _set(
            "sextortion csam_solicitation sadistic threat_now meeting_arranged child_missing"
        ),
        "content.annotations": _set(
            "physical_harm violence_gore bestiality live_streaming infant generative_ai"
        ),
        "content.classes": _set("A1 A2 B1 B2"),
        "match.exact": _set("csam csam_suspected exploitative generated"),
        "told.happening": _set(
            "threat asks_pictures asks_video asks_meeting sends_sexual pictures_shared hurt offer fake_pictures "
            "hidden_camera taken live group selling"
        ),
        "told.demanded": _set("money more_pictures video_call meeting other_child"),
        "told.promised": _set("job modelling study travel"),
        "text.indicators": _set(
            "threat_to_share money_demand more_images_demand meeting_arranged child_with_suspect_now false_job_offer "
            "live_stream missing_child commercial"
        ),
    }
)
"""Facts, and their words, that tell of something done to a child by somebody else."""
NARROWING: Final = frozenset({"victim.age_bands", "victim.sexes", "reported.payment", "recipient.minor"})
"""Facts that may stand beside those: a section's own terms, such as an age."""
_A_CHILD_MAY_STAND_BEHIND_IT: Final[tuple[Facts, ...]] = (
    {"content.annotations": ["possible_self_production"]},
    {"incident.annotations": ["minor_to_minor"]},
    {"reported.minor": "yes"},
)
_MATERIAL, _CONDUCT = "material", "conduct"
_TABLES: Final = frozenset({"version", "as_of", "note", "children", "section"})


@dataclass(frozen=True)
class Section:
    """`offence` is an id of the vocabulary's offences; several sections of a file may share one, each with its reason.

    `material`: it is about pictures; held back where a child may stand behind them.
    """

    id: str
    offence: Offence
    material: bool
    when: Condition
    reason: Words
    source: str


@dataclass(frozen=True, eq=False)
class Sections:
    """`note` stands beside every list; `children` is what comes first where a child may stand behind it."""

    version: str
    digest: str
    as_of: str
    note: Words
    children_when: Condition
    children: Words
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Fitting:
    """What fits one report. `children` is None unless a child may stand behind it; `held_back`: sections left out."""

    sections: tuple[Section, ...]
    children: Words | None
    held_back: bool


def fitting(file: Sections, facts: Facts) -> Fitting:
    """The sections whose condition holds, in the file's order, one an offence."""
    spared = holds(file.children_when, facts)
    found: dict[str, Section] = {}
    held_back = False
    for section in file.sections:
        if holds(section.when, facts):
            if spared and section.material:
                held_back = True
            else:
                found.setdefault(section.offence.id, section)
    return Fitting(tuple(found.values()), file.children if spared else None, held_back)


@lru_cache(maxsize=4)
def load_sections(data: bytes) -> Sections:
    """The sections that the bytes of a file spell; raises BadRuleFile with the section, its line and the cause."""
    body, table = read_toml(data, _TABLES)
    as_of = table.get("as_of")
    if not isinstance(as_of, str) or len(as_of) != 10:
        raise BadRuleFile("as_of", 'must be a day such as "2026-02-22"', line_of(body, "as_of"))
    note = words_of(table.get("note"), "note", "the file", line_of(body, "note"))
    at, children = line_of(body, "children"), table.get("children")
    if not isinstance(children, dict):
        raise BadRuleFile("children", "must be a table with when and words", at)
    only_known(children, {"when", "words"}, "children", at)
    spared = condition_of(children.get("when"), "children", at)
    if not all(holds(spared, facts) for facts in _A_CHILD_MAY_STAND_BEHIND_IT):
        cause = "must hold where a child may have made it, where it is between children, and where a child is reported"
        raise BadRuleFile("children", cause, at)
    return Sections(
        version=table["version"],
        digest=hashlib.sha256(data).hexdigest(),
        as_of=as_of,
        note=note,
        children_when=spared,
        children=words_of(children.get("words"), "words", "children", at),
        sections=tuple(
            _section(one, where, line)
            for one, where, line in tables_of(table.get("section"), "section", lines_of(body, ("section",)))
        ),
    )


def _section(table: dict[str, Any], where: str, line: int) -> Section:
    only_known(table, {"id", "offence", "about", "when", "reason", "source"}, where, line)
    offence = offences().get(str(table.get("offence")))
    if offence is None:
        raise BadRuleFile(
            where, f"unknown offence {table.get('offence')!r}; pk_offences.csv lists them", line
        )
    if not offence.in_force:
        raise BadRuleFile(where, f"{offence.act} {offence.section} is not in force", line)
    if not offence.fits:
        cause = (
            f"{offence.act} {offence.section} is no offence against a child: it may point at whoever tells"
        )
        raise BadRuleFile(where, cause, line)
    if table.get("about") not in {_MATERIAL, _CONDUCT}:
        raise BadRuleFile(where, "about must be conduct or material", line)
    source = table.get("source")
    if not isinstance(source, str) or not source.strip():
        raise BadRuleFile(where, "source is missing: where does this come from?", line)
    condition = condition_of(table.get("when"), where, line)
    if broken := _broken_by(condition):
        raise BadRuleFile(where, broken, line)
    reason = words_of(table.get("reason"), "reason", where, line)
    return Section(table["id"], offence, table["about"] == _MATERIAL, condition, reason, source)


def _broken_by(condition: Condition) -> str | None:
    for leaf, positive in leaves(condition):
        if not positive:
            return f"no section may rest on what was not told ({leaf.fact} {leaf.operator})"
        if leaf.fact not in NARROWING and not _tells_of_a_deed(leaf):
            return f"{leaf.fact} does not tell what somebody else did to a child; no section may rest on it"
    if not _rests_on_a_deed(condition):
        return "each way in which it can hold must tell what somebody else did to a child"
    return None


def _tells_of_a_deed(leaf: Leaf) -> bool:
    asked = leaf.value if isinstance(leaf.value, frozenset) else {leaf.value}
    return asked <= DONE.get(leaf.fact, frozenset())


def _rests_on_a_deed(condition: Condition) -> bool:
    if isinstance(condition, Group):
        parts = [_rests_on_a_deed(part) for part in condition.parts]
        return any(parts) if condition.how == "all" else all(parts)
    return _tells_of_a_deed(condition)
