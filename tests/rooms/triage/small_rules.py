"""A rule file small enough to be read in a test, and its variants."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_AXIS = """
[axis.{0}]
base = {1}
cap = 100
name = {{ en = "{0}", ur = "پیمانہ" }}
meaning = {{ en = "What {0} is.", ur = "یہ کیا ہے۔" }}
"""
_BAND = """
[[band]]
id = "{0}"
hours = {1}
name = {{ en = "{0}", ur = "درجہ" }}
promise = {{ en = "Read in time.", ur = "وقت پر۔" }}
{2}
"""
SMALL = (
    '# Rules for tests.\nversion = "small-1"\n'
    + "".join(_AXIS.format(axis, 0) for axis in ("danger", "actionability", "novelty", "quality", "clock"))
    + _BAND.format("one_day", 24, "when = [{ danger = 70 }]")
    + _BAND.format("one_week", 168, "when = [{ danger = 40 }]")
    + _BAND.format("two_weeks", 336, "when = [{ danger = 20 }, { clock = 10 }]")
    + _BAND.format("thirty_days", 720, "")
    + """
# What drives a child to despair.
[[rule]]
id = "solicitation"
axis = "danger"
weight = 50
floor = "one_week"
when = { fact = "incident.annotations", any_of = ["csam_solicitation"] }
reason.en = "Somebody asks a child for pictures."
reason.ur = "کوئی بچے سے تصویریں مانگ رہا ہے۔"
source = "test"

[[rule]]
id = "child-known"
axis = "danger"
weight = 30
when = { any = [{ fact = "victim.named", is = true }, { fact = "victim.school", is = true }] }
reason = { en = "The child can be found.", ur = "بچے تک پہنچا جا سکتا ہے۔" }
source = "test"

[[rule]]
id = "old-news"
axis = "clock"
weight = 10
when = { fact = "reported.ip_count", at_least = 1 }
reason.en = "Traces are deleted soon."
reason.ur = "نشانات جلد مٹ جائیں گے۔"
source = "test"

[[rule]]
id = "at-once"
axis = "danger"
weight = 0
floor = "one_day"
when = { any = [
  { fact = "content.annotations", any_of = ["live_streaming"] },
  { fact = "incident.annotations", any_of = ["sextortion", "self_harm", "threat_now", "meeting_arranged"] },
  { fact = "reported.access_to_victim", is = "yes" },
  { fact = "text.indicators", any_of = [
    "live_stream", "threat_to_share", "self_harm_risk", "meeting_arranged", "child_with_suspect_now", "missing_child",
  ] },
] }
reason.en = "It happens now."
reason.ur = "یہ ابھی ہو رہا ہے۔"
source = "test"
"""
)
RULES = ("solicitation", "child-known", "old-news")
SOLICITATION: dict[str, Any] = {"incident.annotations": ["csam_solicitation"]}
KNOWN_CHILD: dict[str, Any] = {"victim.named": True}


def variant(*, version: str = "small-2") -> str:
    """The file under another version."""
    return SMALL.replace('version = "small-1"', f'version = "{version}"')


def heavier(weight: int = 75, version: str = "small-2") -> str:
    """`child-known` alone leads to a day, from 70 on."""
    return variant(version=version).replace("weight = 30", f"weight = {weight}")


facts = st.fixed_dictionaries(
    {},
    optional={
        "incident.annotations": st.lists(st.sampled_from(["csam_solicitation", "viral"]), unique=True),
        "victim.named": st.booleans(),
        "victim.school": st.booleans(),
        "reported.ip_count": st.integers(0, 3),
    },
)
texts = st.builds(
    lambda weights, floor, least: (
        variant()
        .replace('axis = "clock"\nweight = 10', f'axis = "clock"\nweight = {weights[0]}')
        .replace("weight = 30\nwhen", f"weight = {weights[1]}\nwhen")
        .replace('weight = 50\nfloor = "one_week"', f"weight = {weights[2]}{floor}")
        .replace("danger = 70", f"danger = {least}")
    ),
    st.tuples(st.integers(10, 60), st.integers(45, 100), st.integers(45, 100)),
    st.sampled_from(["", '\nfloor = "one_day"', '\nfloor = "two_weeks"']),
    st.sampled_from([70, 80]),
)
"""Sound files that differ in weights, floors and ways into a band."""
