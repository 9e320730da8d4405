"""The rules as a page of the reference, and an explanation as lines for a terminal."""

from __future__ import annotations

from amaan.triage.domain.conditions import OPERATORS, spell
from amaan.triage.domain.facts import FACTS
from amaan.triage.domain.ruleset import Axis, RuleSet, load_ruleset
from amaan.triage.rulebook import SHIPPED

_WRITTEN = "<!-- Written by `amaan triage rules page`; a test holds it equal to the rule file. -->"


def rules_page(ruleset: RuleSet | None = None) -> str:
    """docs/reference/triage-rules.md, from the shipped file unless another is given."""
    ruleset = ruleset or load_ruleset(SHIPPED.read_bytes())
    lines = [
        "# Triage rules",
        "",
        _WRITTEN,
        "",
        f"Version `{ruleset.version}`, {len(ruleset.rules)} rules. SHA-256 `{ruleset.digest}`.",
        (
            "Why it is made so: [triage](../explanation/triage.md); how to write one: "
            "[write a triage rule](../how-to/write-a-triage-rule.md). Weights order the work; they prove nothing."
        ),
        "",
        "Of the rules that share a word under *once*, the heaviest that fires counts; floors hold all the same.",
        "",
        "## Bands",
        "",
        "| band | promise | ways in |",
        "|---|---|---|",
    ]
    for spec in ruleset.bands.values():
        ways = "; or ".join(" and ".join(f"{a.value} ≥ {n}" for a, n in way.items()) for way in spec.when)
        lines.append(
            f"| **{spec.name.en}** · {spec.name.ur} | {spec.promise.en} | {ways or 'everything else'} |"
        )
    lines += ["", "A floor overrules points: a report never falls below the soonest floor that fired.", ""]
    for axis in Axis:
        lines += _axis_lines(ruleset, axis)
    lines += ["## What was not said and would matter", "", "| when | told as |", "|---|---|"]
    lines += [f"| {_code(spell(gap.when))} | {gap.words.en}<br>{gap.words.ur} |" for gap in ruleset.gaps]
    lines += ["", "## Facts that a rule may ask", "", "| fact | kind | reads |", "|---|---|---|"]
    for name, spec_of in FACTS.items():
        reads = ", ".join(sorted(spec_of.words)) or "-"
        lines.append(f"| `{name}` | {spec_of.kind.value} | {reads} |")
    lines += ["", "## How a rule may ask", "", "| operator | asks facts of kind |", "|---|---|"]
    lines += [f"| `{op}` | {', '.join(sorted(k.value for k in kinds))} |" for op, kinds in OPERATORS.items()]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{text}`"


def _axis_lines(ruleset: RuleSet, axis: Axis) -> list[str]:
    spec = ruleset.axes[axis]
    lines = [
        f"## {spec.name.en} · {spec.name.ur}",
        "",
        f"{spec.meaning.en} Starts at {spec.base}, stays between 0 and {spec.cap}.",
        "",
        "| rule | weight | floor | once | when | reason | source |",
        "|---|---:|---|---|---|---|---|",
    ]
    for rule in ruleset.rules:
        if rule.axis is axis:
            floor = ruleset.bands[rule.floor].name.en if rule.floor else ""
            lines.append(
                f"| `{rule.id}` | {rule.weight:+d} | {floor} | {rule.once} | {_code(spell(rule.when))} "
                f"| {rule.reason.en}<br>{rule.reason.ur} | {rule.source} |"
            )
    return [*lines, ""]
