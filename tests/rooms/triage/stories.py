"""A small story for each rule: facts that fire it, and a near miss that must not.

Facts only: words that the intake makes, no narrative.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Story = Mapping[str, Any]


def _marks(*words: str) -> Story:
    return {"incident.annotations": list(words)}


def _files(*words: str) -> Story:
    return {"content.annotations": list(words)}


_LURE = {"incident.type": "enticement"}
_HANDS_ON = {"incident.type": "molestation"}
_SOLD = {"incident.type": "sex_trafficking"}

# rule: (fires, does not fire)
STORIES: dict[str, tuple[Story, Story]] = {
    "live-streaming": (_files("live_streaming"), _files("viral")),
    "sextortion": (_marks("sextortion"), _marks("csam_solicitation")),
    "sadistic-exploitation": (_marks("sadistic"), _marks("sextortion")),
    "platform-escalated": ({"incident.escalated": True}, {"incident.escalated": False}),
    "access-to-victim": ({"reported.access_to_victim": "yes"}, {"reported.access_to_victim": "not_said"}),
    "threat-now": (_marks("threat_now"), _marks("meeting_arranged")),
    "meeting-arranged": (_marks("meeting_arranged"), {**_LURE, "incident.in_future": True}),
    "self-harm": (_marks("self_harm"), _marks("sextortion")),
    "child-missing": (_marks("child_missing"), {"victim.located": True}),
    "reporter-not-safe": (_marks("not_safe"), _marks("informational")),
    "enticement": (_LURE, {"incident.type": "not_said"}),
    "enticement-child-known": ({**_LURE, "victim.school": True}, {**_LURE, "victim.school": False}),
    "enticement-date-ahead": ({**_LURE, "incident.in_future": True}, {"incident.in_future": True}),
    "enticement-young-child": (
        {**_LURE, "victim.age_bands": ["11-13", "16-17"]},
        {**_LURE, "victim.age_bands": ["14-15", "not_said"]},
    ),
    "hands-on-abuse": (_HANDS_ON, {"incident.type": "csam"}),
    "hands-on-child-known": ({**_HANDS_ON, "victim.located": True}, {"victim.located": True}),
    "hands-on-young-child": (
        {**_HANDS_ON, "victim.age_bands": ["0-5"]},
        {**_HANDS_ON, "victim.age_bands": ["not_said"]},
    ),
    "hands-on-at-home": (
        {**_HANDS_ON, "reported.relationship": "carer"},
        {**_HANDS_ON, "reported.relationship": "stranger"},
    ),
    "trafficking": (_SOLD, {"incident.type": "sex_tourism"}),
    "trafficking-child-known": ({**_SOLD, "victim.contact": True}, {**_SOLD, "victim.contact": False}),
    "sex-tourism": ({"incident.type": "sex_tourism"}, _SOLD),
    "harm-child-known": (
        {**_files("physical_harm"), "victim.named": True},
        {**_files("physical_harm"), "victim.named": False},
    ),
    "child-coerced": ({"victim.possibly_coerced": "yes"}, {"victim.possibly_coerced": "no"}),
    "access-to-children": ({"reported.access_to_children": "yes"}, {"reported.access_to_children": "no"}),
    "works-with-children": (
        {"reported.works_with_children": "yes"},
        {"reported.works_with_children": "not_said"},
    ),
    "family-or-carer": ({"reported.relationship": "relative"}, {"reported.relationship": "not_said"}),
    "teacher": ({"reported.relationship": "teacher"}, {"reported.relationship": "acquaintance"}),
    "acquaintance": ({"reported.relationship": "acquaintance"}, {"reported.relationship": "online"}),
    "convicted-before": ({"reported.convicted": "yes"}, {"reported.convicted": "not_said"}),
    "firearms": ({"reported.firearms": "yes"}, {"reported.firearms": "no"}),
    "picture-solicitation": (_marks("csam_solicitation"), _marks("spam")),
    "paid-abuse": ({**_SOLD, "reported.payment": True}, {"incident.type": "csam", "reported.payment": True}),
    "demand-with-account": (
        {**_marks("sextortion"), "reported.payment": True},
        {**_marks("sextortion"), "reported.payment": False},
    ),
    "aggravating-factors": (_marks("aggravating"), _marks("informational")),
    "known-abuse-material": (
        {"match.exact": ["csam"], "match.known": 1},
        {"match.near": ["csam"], "match.exact": [], "match.survivor": True, "match.viral": True},
    ),
    "known-self-generated": ({"match.exact": ["self_generated"]}, {"match.near": ["self_generated"]}),
    "known-suspected-material": ({"match.exact": ["csam_suspected"]}, {"match.exact": ["csam"]}),
    "near-known-material": ({"match.near": ["csam"]}, {"match.near": ["generated"], "match.alike": 1}),
    "own-list": ({"match.own": True}, {"match.own": False, "match.known": 2}),
    "on-a-list": ({"match.known": 1}, {"match.known": 0, "match.alike": 1}),
    "like-a-listed-one": ({"match.alike": 1}, {"match.alike": 0, "match.known": 1}),
    "on-many-lists": ({"match.lists": 3}, {"match.lists": 2, "match.viral": False}),
    "unknown-beside-known": ({"match.known": 1, "match.unknown": 2}, {"match.known": 2, "match.unknown": 0}),
    "like-a-survivors-own": ({"match.survivor": True}, {"match.survivor": False, "match.known": 1}),
    "abuse-material": ({"incident.type": "csam"}, {"incident.type": "misleading_words"}),
    "obscene-to-child": ({"incident.type": "obscene_to_child"}, {"incident.type": "other"}),
    "infant": (_files("infant"), _files("anime")),
    "physical-harm": (_files("physical_harm"), _files("violence_gore")),
    "violence": (_files("violence_gore"), _files("physical_harm")),
    "class-young-child": ({"content.classes": ["A2"]}, {"content.classes": ["B2"]}),
    "class-act": ({"content.classes": ["B1"]}, {"content.classes": ["A2", "B2"]}),
    "victim-0-5": ({"victim.age_bands": ["0-5"]}, {"victim.age_bands": ["6-10"]}),
    "victim-6-13": ({"victim.age_bands": ["11-13"]}, {"victim.age_bands": ["14-15"]}),
    "victim-14-17": ({"victim.age_bands": ["16-17"]}, {"victim.age_bands": ["18+"]}),
    "child-can-be-found": ({"victim.contact": True}, {"victim.named": True}),
    "child-named": ({"victim.named": True}, {"victim.named": False}),
    "several-children": ({"victim.count": 2}, {"victim.count": 1}),
    "many-children": ({"victim.count": 5}, {"victim.count": 4}),
    "outside-the-screen": ({"incident.channels": ["offline", "web"]}, {"incident.channels": ["phone"]}),
    "reported-before": ({"reported.prior_reports": 1}, {"reported.prior_reports": 0}),
    "reported-often": ({"reported.prior_reports": 5}, {"reported.prior_reports": 4}),
    "in-a-group": ({"reported.group": True}, {"reported.group": False}),
    "passed-on": ({"recipient.count": 1}, {"recipient.count": 0}),
    "passed-on-widely": ({"recipient.count": 5}, {"recipient.count": 4}),
    "age-does-not-fit": (_marks("age_discrepancy"), _marks("spam")),
    "made-with-ai": (_files("generative_ai"), _files("anime")),
    "child-made-the-picture": (_files("possible_self_production"), _files("potential_meme")),
    "between-children": (_marks("minor_to_minor"), _marks("age_discrepancy")),
    "children-alone-with-pictures": (
        {**_marks("minor_to_minor"), **_files("possible_self_production")},
        _files("possible_self_production"),
    ),
    "reported-person-a-child": ({"reported.minor": "yes"}, {"reported.minor": "not_said"}),
    "network-address-complete": ({"reported.ip_with_port_time": 1}, {"reported.ip_count": 4}),
    "network-address-bare": (
        {"reported.ip_count": 1, "reported.ip_with_port_time": 0},
        {"reported.ip_count": 2, "reported.ip_with_port_time": 1},
    ),
    "upload-address": ({"reported.ip_upload": True}, {"reported.ip_upload": False}),
    "behind-a-proxy": ({"reported.ip_proxy": True}, {"reported.ip_proxy": False}),
    "contact-verified": ({"reported.contact_verified": True}, {"reported.contacts": 3}),
    "contact-given": ({"reported.contacts": 1}, {"reported.contacts": 0}),
    "person-named": ({"reported.named": True}, {"reported.named": False}),
    "in-this-country": ({"reported.in_country": "yes"}, {"reported.in_country": "not_said"}),
    "abroad": ({"reported.in_country": "no"}, {"reported.in_country": "not_said"}),
    "district-known": ({"incident.districts": ["PK701"]}, {"reported.districts": []}),
    "child-place-known": ({"victim.districts": ["PK701"]}, {"victim.districts": []}),
    "device-known": ({"reported.devices": 1}, {"reported.devices": 0}),
    "money-trail": ({"reported.payment": True}, {"reported.payment": False}),
    "vehicle-or-identity-card": ({"identifiers.types": ["ip", "cnic"]}, {"identifiers.types": ["ip"]}),
    "linked-accounts": ({"reported.associated_accounts": 1}, {"reported.associated_accounts": 0}),
    "told-first-hand": ({"source": "staff"}, {"source": "api"}),
    "police-already-told": ({"law_enforcement.reported": "yes"}, {"law_enforcement.reported": "no"}),
    "legal-process-served": (
        {"law_enforcement.legal_process": "yes"},
        {"law_enforcement.legal_process": "not_said"},
    ),
    "account-compromised": ({"reported.compromised": "yes"}, {"reported.compromised": "not_said"}),
    "third-party-account": ({"reported.third_party": "yes"}, {"reported.third_party": "no"}),
    "viral": (_files("viral"), _files("infant")),
    "meme": (_files("potential_meme"), _files("viral")),
    "batched": ({"incident.batched": True}, {"incident.batched": False}),
    "drawn": (_files("anime"), _files("generative_ai")),
    "spam": (_marks("spam"), _marks("informational")),
    "fresh-upload": (
        {"content.uploaded_days_before_receipt": 7},
        {"content.uploaded_days_before_receipt": 8},
    ),
    "perhaps-never-seen": (_files("possible_self_production"), _files("viral")),
    "made-live": (_files("live_streaming"), _files("viral")),
    "made-with-ai-unlisted": (_files("generative_ai"), _files("anime")),
    "first-hand-account": ({"source": "portal"}, {"source": "le_json"}),
    "told-again": ({"version": 2}, {"version": 1}),
    "has-text": ({"text.present": True}, {"text.present": False}),
    "has-long-text": ({"text.length": 200}, {"text.length": 199}),
    "has-hashes": ({"content.hashed": 1}, {"content.count": 1}),
    "viewed": ({"content.viewed_yes": 1}, {"content.viewed_not_said": 1}),
    "not-viewed": ({"content.viewed_no": 1}, {"content.viewed_not_said": 1}),
    "viewing-not-said": ({"content.viewed_not_said": 1}, {"content.viewed_no": 1}),
    "date-given": ({"incident.days_before_receipt": 0}, {"incident.type": "csam"}),
    "date-doubtful": ({"incident.in_future": True}, {**_LURE, "incident.in_future": True}),
    "nobody-reported": ({"reported.count": 0}, {"reported.count": 1}),
    "informational": (_marks("informational"), _marks("spam")),
    "labelled": ({"content.labels": ["apparent_child"]}, {"content.labels": []}),
    "partly-not-understood": ({"receipt.not_understood": 1}, {"receipt.not_understood": 0}),
    "largely-not-understood": ({"receipt.not_understood": 10}, {"receipt.not_understood": 9}),
    "within-two-days": ({"incident.days_before_receipt": 2}, {"incident.days_before_receipt": 3}),
    "within-a-week": ({"incident.days_before_receipt": 7}, {"incident.days_before_receipt": 8}),
    "preservation-ends": (
        {"content.uploaded_days_before_receipt": 300},
        {"content.uploaded_days_before_receipt": 366},
    ),
    "logs-run-out": (
        {"reported.ip_count": 1, "incident.days_before_receipt": 275},
        {"reported.ip_count": 0, "incident.days_before_receipt": 275},
    ),
    "open-to-everyone": ({"content.public": "yes"}, {"content.public": "not_said"}),
    "date-ahead": ({"incident.in_future": True}, {"incident.in_future": False}),
    "threat-runs": (_marks("sextortion"), _marks("sadistic")),
}

# A full platform report of material that has gone round for years: everything about it is known but a child.
MODEL_REPORT_OF_KNOWN_MATERIAL: Story = {
    "source": "cybertipline_xml",
    "incident.type": "csam",
    "incident.batched": False,
    "incident.days_before_receipt": 40,
    "victim.age_bands": [],
    "reported.count": 1,
    "reported.named": True,
    "reported.contacts": 2,
    "reported.contact_verified": True,
    "reported.ip_count": 4,
    "reported.ip_with_port_time": 4,
    "reported.ip_upload": True,
    "reported.in_country": "yes",
    "reported.districts": ["PK701"],
    "content.count": 1,
    "content.hashed": 1,
    "content.viewed_yes": 1,
    "content.classes": ["A1"],
    "content.annotations": ["viral"],
    "text.present": True,
    "text.length": 900,
}

# A handful of words and nothing else.
TEXT_ONLY_ENTICEMENT: Story = {
    "source": "cybertipline_xml",
    "incident.type": "enticement",
    "content.count": 0,
    "victim.age_bands": ["not_said"],
    "text.present": True,
    "text.length": 60,
}
