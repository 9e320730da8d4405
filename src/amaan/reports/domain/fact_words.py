"""Every fact in a sentence: the text of docs/reference/facts.md, which a test holds complete and up to date."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from amaan.reports.domain.told import TOLD_WORDS

_NOT_SAID = "`yes`, `no`, `not_said`"
_AGES = "list of `0-5` `6-10` `11-13` `14-15` `16-17` `18+` `not_said`"
_DISTRICTS = "list of district codes"
_FLAG, _NUMBER = "true or false", "number"


def _listed(key: str) -> str:
    return "list of " + " ".join(f"`{word}`" for word in sorted(TOLD_WORDS[key]))


SELDOM_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "incident.place": (_FLAG, "A place of the incident is told: an address, a venue, or a position."),
        "victim.prior_reports": (_NUMBER, "Earlier CyberTipline reports in which the sender saw a victim."),
        "victim.network": (_FLAG, "An IP address of one is given, with its time."),
        "victim.account": (_FLAG, "An account of one is named."),
        "victim.disability": (_FLAG, "One is said to live with a disability."),
        "reported.account": (_FLAG, "An account of theirs is named."),
        "reported.gang": (_NOT_SAID, "Whether one is said to belong to a gang."),
        "reported.aware": (
            _NOT_SAID,
            "Whether one knows of the report, or was told that the account is closed.",
        ),
        "reported.disabled": (
            _NOT_SAID,
            "Whether the platform closed the account; one that it opened again is a no.",
        ),
        "reported.location_verified": (_FLAG, "The platform verified where one is."),
        "recipient.minor": (_NOT_SAID, "Whether a recipient is under 18."),
        "content.ip_count": (
            _NUMBER,
            "IP addresses seen with a file or with the incident; nobody said whose.",
        ),
        "content.ip_with_port_time": (_NUMBER, "Those of them with port and time."),
        "content.exif": (_FLAG, "What a camera wrote into a file came with it."),
        "told.way": (_listed("way"), "By which of the door's four ways the reporter came."),
        "told.happening": (_listed("happening"), "What the reporter chose as happening."),
        "told.demanded": (_listed("demanded"), "What is demanded of the child."),
        "told.promised": (_listed("promised"), "What was promised to the child."),
        "told.pay_ways": (_listed("pay_ways"), "By which ways money is to be paid."),
        "told.paid": (_NOT_SAID, "Whether something was paid already."),
        "told.others": (_NOT_SAID, "Whether it happens to other children too."),
        "told.person": (_listed("person"), "Who is reported, as the reporter chose it."),
        "told.when": (_listed("when"), "When it happened, or that it goes on now."),
        "told.venue": (_listed("venue"), "At what kind of place."),
        "told.platforms": (_NUMBER, "Over how many platforms it went."),
        "told.contact": (_listed("contact"), "Whether the reporter may be reached, and how."),
        "told.find_child": (_FLAG, "The reporter wrote where or how the child can be found."),
    }
)
"""Facts that few reports have: they are written down only where somebody told them."""

FACT_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "source": (
            "`cybertipline_xml` `le_json` `csv` `api` `portal` `staff`",
            "How the report came.",
        ),
        "version": (_NUMBER, "Which telling this is; 1 is the first. Added when the facts are read."),
        "incident.type": (
            (
                "`csam` `sex_trafficking` `sex_tourism` `molestation` `misleading_domain` `misleading_words` "
                "`enticement` `obscene_to_child` `other` `not_said`"
            ),
            "What the report says it is about; `other` where its word is none that is known.",
        ),
        "incident.days_before_receipt": (
            _NUMBER,
            "Whole days from the incident to receipt; absent if not said.",
        ),
        "incident.channels": (
            "list of `web` `email` `newsgroup` `chat` `gaming` `phone` `offline` `p2p`",
            "Through which technologies it happened.",
        ),
        "incident.annotations": (
            (
                "list of `sextortion` `csam_solicitation` `minor_to_minor` `spam` `sadistic` `informational` "
                "`age_discrepancy` `aggravating` `instrumental_use` `threat_now` `meeting_arranged` `self_harm` "
                "`child_missing` `not_safe`"
            ),
            (
                "The sender's own annotations: `informational` to `instrumental_use` are newer than the published "
                "schema, and the last five are what people tell at the public's door or to staff."
            ),
        ),
        "incident.escalated": (_FLAG, "The sender asks for haste, with or without a reason."),
        "incident.batched": (_FLAG, "The sender put many reports of one viral file together."),
        "incident.in_future": (_FLAG, "The incident's time lies after receipt: a clock or an hour is wrong."),
        "incident.districts": (_DISTRICTS, "Districts that the incident itself names."),
        "law_enforcement.reported": (_NOT_SAID, "Whether the sender told the police already."),
        "law_enforcement.legal_process": (_NOT_SAID, "Whether legal process was served on the sender."),
        "victim.count": (_NUMBER, "How many victims are described."),
        "victim.age_bands": (_AGES, "Their age bands on the day of receipt."),
        "victim.sexes": ("list of `boy` `girl` `other` `not_said`", "Their sexes."),
        "victim.named": (_FLAG, "At least one is named."),
        "victim.school": (_FLAG, "A school is named."),
        "victim.contact": (_FLAG, "A telephone number or e-mail address of one is given."),
        "victim.located": (_FLAG, "A district of one was recognised."),
        "victim.districts": (_DISTRICTS, "Their districts."),
        "victim.possibly_coerced": (_NOT_SAID, "Whether one may act under pressure."),
        "reported.count": (_NUMBER, "How many reported persons or accounts."),
        "reported.named": (_FLAG, "At least one is named."),
        "reported.age_bands": (_AGES, "Their age bands on the day of receipt."),
        "reported.minor": (_NOT_SAID, "Whether one is under 18 (PECA 2016 s.2(xxiv))."),
        "reported.contacts": (_NUMBER, "Telephone numbers and e-mail addresses of theirs."),
        "reported.contact_verified": (_FLAG, "The platform verified one of them."),
        "reported.ip_count": (_NUMBER, "IP addresses."),
        "reported.ip_with_port_time": (
            _NUMBER,
            "IP addresses with port and time: without both, an operator cannot tell its customers apart.",
        ),
        "reported.ip_upload": (_FLAG, "An IP address stands with the time of an upload."),
        "reported.ip_proxy": (_FLAG, "The platform thinks that one is a proxy."),
        "reported.in_country": (_NOT_SAID, "Whether the report places one in this installation's country."),
        "reported.districts": (_DISTRICTS, "Their districts."),
        "reported.prior_reports": (_NUMBER, "Earlier CyberTipline reports that the sender names."),
        "reported.group": (_FLAG, "A group is named."),
        "reported.associated_accounts": (_NUMBER, "Accounts that belong to somebody in the report."),
        "reported.compromised": (_NOT_SAID, "Whether the account may have been taken over."),
        "reported.third_party": (_NOT_SAID, "Whether the person is on another platform than the sender's."),
        "reported.devices": (_NUMBER, "Device identifiers."),
        "reported.payment": (_FLAG, "A bank account, mobile wallet or crypto address is given."),
        "reported.access_to_children": (_NOT_SAID, "Whether one has access to children."),
        "reported.access_to_victim": (_NOT_SAID, "Whether one has access to the victim."),
        "reported.convicted": (_NOT_SAID, "Whether one was convicted of a sexual offence."),
        "reported.firearms": (_NOT_SAID, "Whether one has firearms at hand."),
        "reported.relationship": (
            "`parent` `relative` `teacher` `carer` `acquaintance` `stranger` `online` `other` `not_said`",
            "How the first one of whom it is said stands to the child.",
        ),
        "reported.works_with_children": (
            "`yes` `not_said`",
            "An occupation among children is named; no occupation is a no.",
        ),
        "recipient.count": (_NUMBER, "Intended recipients."),
        "content.count": (_NUMBER, "Files that the report speaks of."),
        "content.hashed": (_NUMBER, "Files with a hash."),
        "content.viewed_yes": (_NUMBER, "Files that somebody at the platform looked at."),
        "content.viewed_no": (_NUMBER, "Files that nobody there looked at."),
        "content.viewed_not_said": (_NUMBER, "Files of which it is not said."),
        "content.classes": ("list of `A1` `A2` `B1` `B2`", "The industry's classification."),
        "content.annotations": (
            (
                "list of `anime` `potential_meme` `viral` `possible_self_production` `physical_harm` `violence_gore` "
                "`bestiality` `live_streaming` `infant` `generative_ai`"
            ),
            "The sender's annotations of files.",
        ),
        "content.public": (_NOT_SAID, "Whether a file could be seen by anybody."),
        "content.uploaded_days_before_receipt": (
            _NUMBER,
            "Whole days from the newest upload to receipt; absent if not said.",
        ),
        "content.labels": (
            "list of words",
            "The clearing house's own tags, in lower case; one that names a protected party is left out.",
        ),
        "text.present": (_FLAG, "The report holds free text."),
        "text.length": (_NUMBER, "Characters of free text."),
        "identifiers.types": ("list of [identifier types](identifiers.md)", "Which types are mentioned."),
        "receipt.not_understood": (
            _NUMBER,
            "Parts of the documents that were not understood (they are kept).",
        ),
        **SELDOM_WORDS,
    }
)

_OPENING = """\
# Facts

<!-- Written by `amaan docs`; a test holds it equal to what intake makes. -->

What Amaan writes down unsealed about a report when it comes in. Triage and statistics read only these, never the
documents. A fact identifies nobody: counts, bands, codes and words of a fixed list. What was not said is `not_said`
or absent; it is never taken for a no. Facts are made once, when the report is read, and kept with that telling; those
of `match.` are made when triage reads them, from the matches that count then. A telling that came before a fact was
invented lacks it: not said. From `incident.place` to `told.find_child` a fact is written down only where it was told;
those of `told.` are the words that were chosen at the public's door, or by staff in the same questions.

| fact | values | meaning |
|---|---|---|
"""


def facts_page(later: Mapping[str, tuple[str, str]]) -> str:
    """docs/reference/facts.md; `later` are the facts that later rooms add."""
    return _OPENING + "".join(
        f"| `{name}` | {values} | {text} |\n" for name, (values, text) in {**FACT_WORDS, **later}.items()
    )
