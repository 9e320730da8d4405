"""The small checks that the table is made of. A name ends a rule's id; a demand is a sentence for whoever sent it."""

from __future__ import annotations

import ipaddress
import re

from lxml import etree

from amaan.formats.cybertipline.rules.addresses import is_email, is_url, lacks_scheme
from amaan.formats.cybertipline.rules.base import Answer, Check, Spot, text_of
from amaan.formats.cybertipline.rules.moments import is_before, is_now, is_past, moment_of

TRUE = frozenset({"true", "1"})
US_STATES = frozenset(
    (
        *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "FL", "GA", "HI", "ID", "IL", "IN"),
        *("IA", "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV"),
        *("NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN"),
        *("TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "DC", "AS", "GU", "MP", "PR", "VI"),
        *("UM"),
    )
)
"""The postal abbreviations of the states, the district and the territories."""

NOT_ASSIGNED = frozenset({"A1", "A2", "O1", "AN", "AP", "EU", "FX", "XK"})
"""What the schema lists beside ISO 3166-1."""


def longest(most: int) -> Check:
    return Check(f"at-most-{most}", f"At most {most} characters.", lambda spot: len(spot.text) <= most)


_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")


def _whole(text: str) -> int | None:
    """Not by trying `int`, which also reads what the schema refuses: other scripts' digits, underscores."""
    return int(text) if _WHOLE.fullmatch(text) else None


def between(name: str, least: int, most: int) -> Check:
    def keeps(spot: Spot) -> bool:
        number = _whole(spot.text)
        return number is None or least <= number <= most

    return Check(name, f"Between {least} and {most}.", keeps)


def _is_ip(text: str) -> bool:
    try:
        # Python also reads a zone ("fe80::1%eth0"), which means something on one machine only.
        return "%" not in text and ipaddress.ip_address(text) is not None
    except ValueError:
        return False


def _in_the_past(spot: Spot) -> bool:
    moment = moment_of(spot.text)
    return moment is None or is_past(moment, spot.document.now)


def _not_now(spot: Spot) -> bool:
    moment = moment_of(spot.text)
    return moment is None or not is_now(moment, spot.document.now)


def _order(spot: Spot, *, equal: bool) -> bool:
    later, earlier = moment_of(spot.text), moment_of(spot.attribute("disabledDate"))
    if later is None or earlier is None:
        return True
    if is_before(later, earlier):
        return False
    return equal or later.zoned != earlier.zoned or later.seconds != earlier.seconds


def _without_calling_code(spot: Spot) -> bool:
    code = spot.attribute("countryCallingCode")
    return not code or not "".join(spot.text.split()).startswith(code)


def _supplemental(spot: Spot) -> bool:
    return spot.text == "Supplemental Reported"


def is_meme(details: etree._Element) -> bool:
    """Whether a `<fileDetails>` says "potential meme", in the older way or the newer one."""
    older = details.find("potentialMeme")
    return details.find("fileAnnotations/potentialMeme") is not None or (
        older is not None and text_of(older) in TRUE
    )


def _meme_is_reported(spot: Spot) -> bool:
    parent = spot.element.getparent()
    return not _supplemental(spot) or parent is None or not is_meme(parent)


def _state_of_location(spot: Spot) -> bool:
    return spot.sibling("countryCode") != "US" or spot.text in US_STATES


PAST = Check("past", "In the past.", _in_the_past)
NOW = Check(
    "now",
    "The time of the incident, not of the sending: within 5 minutes of now it is taken for the latter.",
    _not_now,
    Answer.FLAGGED,
    "Clients that know no time of the incident write the present one.",
    added=True,
)
IP_ADDRESS = Check(
    "ip", "An IPv4, IPv6 or IPv4-mapped IPv6 address, without a zone.", lambda spot: _is_ip(spot.text)
)
NOT_BLANK = Check("not-blank", "Not blank.", lambda spot: bool(spot.text), blank=True)
PORT = between("port", 1, 65535)
AGE = between("age", 0, 150)
STATE = Check("us-state", "The postal abbreviation of a US state or territory.", None, Answer.SCHEMA)
COUNTRY = Check("country", "A two-letter country code (ISO 3166-1).", None, Answer.SCHEMA)
ASSIGNED = Check(
    "assigned",
    "A code that ISO 3166-1 assigns: not A1, A2, AN, AP, EU, FX, O1 or XK.",
    lambda spot: spot.text not in NOT_ASSIGNED,
    Answer.FLAGGED,
    "The protocol's own schema lists these, and location services give them.",
    added=True,
)
CALLING_CODE = Check("calling-code", "A plus sign and one to three digits.", None, Answer.SCHEMA)
DIGITS = Check("digits", "Digits only.", None, Answer.SCHEMA)
NO_CALLING_CODE = Check(
    "without-calling-code",
    "Where countryCallingCode is given, the number does not begin with it.",
    _without_calling_code,
)
VERIFIED = Check(
    "true-when-dated",
    "True where verificationDate is given.",
    lambda spot: not spot.attribute("verificationDate") or spot.attribute("verified") in TRUE,
    blank=True,
)
EMAIL = Check("email", "A well-formed email address.", lambda spot: is_email(spot.text))
LOCAL_PART = Check(
    "local-part-at-most-64",
    "At most 64 characters before the @.",
    lambda spot: len(spot.text.rpartition("@")[0]) <= 64,
)
EMAIL_OF_SOMEBODY = Check(
    "of-somebody",
    "The address also stands as an email of somebody reported, of a recipient or of a victim.",
    lambda spot: spot.text.casefold() in spot.document.emails_of_people,
)
EMAIL_GIVEN = Check(
    "email-given",
    "The reporting person has an email address.",
    lambda spot: bool(spot.child("email")),
    Answer.FLAGGED,
    "Some platforms give none; a report is not lost for that.",
    blank=True,
)
URL = Check("url", "A web address.", lambda spot: is_url(spot.text))
SCHEME = Check(
    "scheme",
    "A web address with its scheme, such as https://.",
    lambda spot: not lacks_scheme(spot.text),
    Answer.FLAGGED,
    "Clients in use leave it out, and the address can still be read.",
    added=True,
)
US_REGION = Check(
    "us-state",
    "Where countryCode is US: the postal abbreviation of a US state or territory.",
    _state_of_location,
)
REGION_OF_CITY = Check(
    "region-of-us-city",
    "Not blank where city is given and countryCode is US.",
    lambda spot: not (spot.child("city") and spot.child("countryCode") == "US") or bool(spot.child("region")),
    blank=True,
)
COUNTRY_GIVEN = Check(
    "given", "A location names its country.", lambda spot: bool(spot.child("countryCode")), blank=True
)
NOTIFIED_AFTER = Check(
    "not-before-disabled", "On or after disabledDate.", lambda spot: _order(spot, equal=True)
)
ENABLED_AFTER = Check("after-disabled", "After disabledDate.", lambda spot: _order(spot, equal=False))
NO_BIRTH = Check(
    "age-or-birth", "Not together with dateOfBirth.", lambda spot: not spot.sibling("dateOfBirth")
)
NO_AGE = Check(
    "age-or-birth", "Not together with approximateAge.", lambda spot: not spot.sibling("approximateAge")
)
REPORT_NUMBER = Check(
    "report-number",
    "A report's number: whole and above zero. Whether there is such a report is not asked: it may be another centre's.",
    lambda spot: (number := _whole(spot.text)) is None or number > 0,
)
VIEWED_WITH_EXIF = Check(
    "viewed-with-exif",
    "True where exifViewedByEsp is true.",
    lambda spot: spot.child("exifViewedByEsp") not in TRUE or spot.child("fileViewedByEsp") in TRUE,
    blank=True,
)
NOT_MEME = Check(
    "not-supplemental-meme", 'Not "Supplemental Reported" for a potential meme.', _meme_is_reported
)
NOT_CLASSIFIED = Check(
    "not-supplemental-classified",
    'Not "Supplemental Reported" for a file with an industryClassification.',
    lambda spot: not _supplemental(spot) or not spot.sibling("industryClassification"),
)
ACCOUNT_TYPE = Check(
    "given",
    "An associated account says its type.",
    lambda spot: spot.element.get("type") is not None or spot.element.get("accountType") is not None,
    added=True,
    blank=True,
)


def misplaced(place: str, why: str) -> Check:
    """Something that is kept where it stands although the protocol's schema puts it at `place`."""
    return Check("place", f"Its place is {place}.", _never, Answer.FLAGGED, why, added=True, blank=True)


def newer() -> Check:
    return Check(
        "newer",
        "Not in the protocol's schema of November 2025.",
        _never,
        Answer.FLAGGED,
        "Seen in documents of clients in use. It is kept with the report.",
        added=True,
        blank=True,
    )


def _never(_: Spot) -> bool:
    return False


def only_known(names: frozenset[str]) -> Check:
    """Flags an annotation that the protocol's schema does not list; unless it is empty, the schema refuses it."""
    return Check(
        "known",
        "An annotation that the protocol's schema of November 2025 lists. Another one must be empty.",
        lambda spot: names.issuperset(spot.tags()),
        Answer.FLAGGED,
        "The list grows faster than its schema. It is kept with the report.",
        added=True,
        blank=True,
    )
