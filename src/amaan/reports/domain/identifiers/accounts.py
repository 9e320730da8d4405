"""What a platform knows people by: mail addresses, handles, account and group numbers, devices, apps."""

from __future__ import annotations

import re
from typing import ClassVar

from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    Text,
    ascii_digits,
    expected,
    folded,
    plain,
)
from amaan.reports.domain.identifiers.platforms import KNOWN, platform_key, without_prefix
from amaan.reports.domain.identifiers.web import host_key

_SIMPLE_EMAIL = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}")
_EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@\"(),:;<>\[\]\\/?#]{3,255}")
_TAGGED = frozenset(
    {"gmail.com", "outlook.com", "hotmail.com", "live.com", "icloud.com", "protonmail.com", "proton.me"}
)
_PROFILE = re.compile(
    r"(?:https?://)?(?:www\.|m\.|web\.)?([a-z0-9.-]+\.[a-z]{2,10})/"
    r"(?:@|add/|user/|u/|c/|in/)?@?([^/?#\s]+)/?(?:[?#].*)?",
    re.IGNORECASE,
)
_NOT_PROFILES = frozenset(
    {"p", "reel", "reels", "stories", "watch", "groups", "profile.php", "channel", "joinchat", "s"}
)
_HANDLE = re.compile(r"[^\s/\\?<>\"|]+(?: [^\s/\\?<>\"|]+){0,5}")


class Email(IdentifierType):
    name: ClassVar[str] = "email"
    label: ClassVar[Text] = Text("Email address", "ای میل پتہ")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "A mailbox has one owner at a time, so the same address links people.",
        "ایک ای میل ڈبہ ایک وقت میں ایک ہی شخص کا ہوتا ہے، اس لیے ایک جیسا پتہ لوگوں کو جوڑتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "local@domain, any case. At Gmail dots and a +tag do not count, at other large providers the "
        "+tag does not, "
        "because their mail reaches the same box."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("A.Sample+games@GoogleMail.com", ""),
        ("mailto:name@example.org", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        if _SIMPLE_EMAIL.fullmatch(raw):
            text = raw
        else:
            text = plain(raw)
            if text[:7].lower() == "mailto:":
                text = text[7:].split("?", 1)[0].strip()
            text = text.strip("<>")
            if not _EMAIL.fullmatch(text):
                raise expected("an email address such as name@example.com")
        local, _at, domain = text.partition("@")
        domain = "gmail.com" if (name := _mail_domain(domain)) == "googlemail.com" else name
        key = folded(local)
        if domain in _TAGGED:
            key = key.split("+", 1)[0] or key
            if domain == "gmail.com":
                key = key.replace(".", "") or key
        return self.result(f"{key}@{domain}", f"{local}@{domain}")


def _mail_domain(domain: str) -> str:
    try:
        name = host_key(domain)
    except NotUnderstood:
        name = ""
    if "." not in name:
        raise expected("an email address whose domain can exist, such as name@example.com")
    return name


class Handle(IdentifierType):
    name: ClassVar[str] = "handle"
    label: ClassVar[Text] = Text("User name at a platform", "پلیٹ فارم پر صارف نام")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "At one platform a user name belongs to one account at a time, so it links; it can be given up "
        "and taken by "
        "another, so dates matter. Without the platform the same name may be anyone's and only supports.",
        "ایک پلیٹ فارم پر صارف نام ایک وقت میں ایک اکاؤنٹ کا ہوتا ہے، اس لیے جوڑتا ہے؛ مگر چھوڑا ہوا نام "
        "کوئی اور لے سکتا "
        "ہے، اس لیے تاریخ دیکھیں۔ پلیٹ فارم معلوم نہ ہو تو ایک جیسا نام صرف تائید کرتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "A name with or without @, or the address of a profile. Case does not count; at Facebook dots do "
        "not either. "
        "Normalised as platform:name."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("@Sample_Name", "Instagram, Inc."),
        ("https://www.tiktok.com/@sample.name?lang=ur", ""),
        ("Sample_Name", ""),
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        key = ""
        if "/" in text:
            match = _PROFILE.fullmatch(text)
            at = KNOWN.get(match[1].lower()) if match else None
            if match is None or at is None or match[2].lower() in _NOT_PROFILES:
                raise expected("a user name such as @name, or the address of a profile")
            text, key = match[2], at
        text, asked = without_prefix(text, platform)
        key = asked or key
        text = text.strip("@ ")
        if not text or len(text) > 200 or not _HANDLE.fullmatch(text):
            raise expected("a user name such as @name")
        value = folded(text)
        if key == "facebook" and not value.isdigit():
            value = value.replace(".", "") or value
        return self.result(f"{key}:{value}", text, key, linking=bool(key))


class PlatformAccount(IdentifierType):
    name: ClassVar[str] = "platform_account"
    label: ClassVar[Text] = Text("Account number at a platform", "پلیٹ فارم پر اکاؤنٹ نمبر")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "A platform gives its account number once and never again, so it is the strongest link there is. "
        "Without "
        "the platform it only supports.",
        "پلیٹ فارم اکاؤنٹ کا نمبر ایک ہی بار دیتا ہے، اس لیے یہ سب سے مضبوط جوڑ ہے۔ پلیٹ فارم معلوم نہ "
        "ہو تو صرف تائید "
        "کرتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "Any number or code, case kept, or the address that holds it. Normalised as platform:code."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("1000000000000001", "facebook"),
        ("UCabcDEF0123", "YouTube"),
        ("https://www.facebook.com/profile.php?id=1000000000000001", ""),
    )
    _ADDRESS = re.compile(
        r"(?:https?://)?(?:[a-z]+\.)?((?:facebook|youtube|discord)\.com)/"
        r"(?:profile\.php\?(?:\S*&)?id=|channel/|users/)([A-Za-z0-9_-]{5,64})(?:[/?#&]\S*)?",
        re.IGNORECASE,
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        if "/" in text and (match := self._ADDRESS.fullmatch(text)):
            platform, text = match.groups()
        text, key = without_prefix(text, platform)
        text = " ".join(text.split())
        if not text or len(text) > 512:
            raise expected("an account's number or code, at most 512 characters")
        return self.result(f"{key}:{text}", text, key, linking=bool(key))


class GroupId(IdentifierType):
    name: ClassVar[str] = "group_id"
    label: ClassVar[Text] = Text("Group or channel at a platform", "پلیٹ فارم پر گروپ یا چینل")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Many people belong to a group, and some do not know what it is for, so an equal group only "
        "supports.",
        "ایک گروپ میں بہت سے لوگ ہوتے ہیں اور کچھ کو پتا بھی نہیں ہوتا کہ وہ کس لیے ہے، اس لیے ایک جیسا "
        "گروپ صرف تائید "
        "کرتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "A group's number at a platform: WhatsApp …@g.us, Telegram -100…, Discord server numbers, the "
        "address of a "
        "Facebook group. Normalised as platform:number."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("120363000000000000@g.us", ""),
        ("-1001234567890", "telegram"),
        ("https://www.facebook.com/groups/1000000000000002/", ""),
    )
    _AT_FACEBOOK = re.compile(r"(?:https?://)?(?:[a-z]+\.)?facebook\.com/groups/([^/?#\s]+).*", re.IGNORECASE)
    _WHATSAPP = re.compile(r"[0-9]{10,20}(?:-[0-9]{6,14})?@g\.us", re.IGNORECASE)

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        key = ""
        if match := self._AT_FACEBOOK.fullmatch(text):
            text, key = match[1], "facebook"
        text, asked = without_prefix(text, platform)
        key = asked or key
        if self._WHATSAPP.fullmatch(text):
            text, key = text.lower(), key or "whatsapp"
        text = " ".join(text.split())
        if not text or len(text) > 256:
            raise expected("a group's number or name at a platform, at most 256 characters")
        return self.result(f"{key}:{text}", text, key)


class AppPackage(IdentifierType):
    name: ClassVar[str] = "app_package"
    label: ClassVar[Text] = Text("App", "ایپ")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "An app may be on millions of phones, so an equal one only supports.",
        "ایک ایپ لاکھوں فونوں میں ہو سکتی ہے، اس لیے ایک جیسی ایپ صرف تائید کرتی ہے۔",
    )
    accepts: ClassVar[str] = (
        "An Android package name, an Apple app number (id…), or its address in either store."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("https://play.google.com/store/apps/details?id=com.example.chat&hl=ur", ""),
        ("id1234567890", ""),
    )
    _PLAY = re.compile(r"(?:https?://)?play\.google\.com/\S*[?&]id=([A-Za-z0-9._]+)\S*", re.IGNORECASE)
    _APPLE = re.compile(r"(?:https?://)?(?:apps|itunes)\.apple\.com/\S*?/id([0-9]{6,12})\S*", re.IGNORECASE)
    _PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_-]*)+")
    _NUMBER = re.compile(r"id([0-9]{6,12})", re.IGNORECASE)

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain(raw)
        if match := self._PLAY.fullmatch(text):
            text = match[1]
        elif match := self._APPLE.fullmatch(text) or self._NUMBER.fullmatch(text):
            return self.result(f"id{match[1]}", f"id{match[1]}", "ios")
        if len(text) > 255 or not self._PACKAGE.fullmatch(text):
            raise expected(
                "an app's package name such as com.example.chat, or an Apple number such as id1234567890"
            )
        return self.result(text, text, platform_key(platform))


class Device(IdentifierType):
    name: ClassVar[str] = "device"
    label: ClassVar[Text] = Text("Device", "آلہ")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Phones are shared in families, lent and sold on, so an equal device only supports.",
        "فون گھر میں بانٹے جاتے ہیں، ادھار دیے جاتے اور بیچے جاتے ہیں، اس لیے ایک جیسا آلہ صرف تائید "
        "کرتا ہے۔",
    )
    accepts: ClassVar[str] = (
        "IMEI (its check digit is tested), MAC address, UUID (advertising or installation), or a maker's "
        "own code."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("49-015420-323751-8", ""),
        ("00:00:5E:00:53:AF", ""),
        ("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", ""),
    )
    _IMEI = re.compile(r"[0-9]{15}")
    _MAC = re.compile(r"[0-9a-f]{12}")
    _PREFIXES = ("imei:", "mac:", "uuid:", "imei ")
    _SEPARATORS = re.compile(r"[ \-./]")
    _WRITTEN_MAC = re.compile(r"(?:[0-9a-f]{2}[:\- ]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}")
    _UUID = re.compile(r"\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?")

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = " ".join(plain(raw).split())
        lowered = text.lower()
        if lowered.startswith(self._PREFIXES):
            for prefix in self._PREFIXES:
                lowered = lowered.removeprefix(prefix).strip()
        if match := self._UUID.fullmatch(lowered):
            value = "-".join(match.groups())
            return self.result(f"uuid:{value}", value)
        bare = self._SEPARATORS.sub("", lowered)
        if len(bare) == 15 and self._IMEI.fullmatch(bare) and luhn(bare):
            return self.result(f"imei:{bare}", bare)
        bare = bare.replace(":", "")
        if len(bare) == 12 and self._MAC.fullmatch(bare) and self._WRITTEN_MAC.fullmatch(lowered):
            value = ":".join(bare[n : n + 2] for n in range(0, 12, 2))
            return self.result(f"mac:{value}", value)
        if len(text) > 256:
            raise expected("a device's number or code, at most 256 characters")
        return self.result(folded(text), text)


class CyberTiplineReport(IdentifierType):
    name: ClassVar[str] = "ct_report"
    label: ClassVar[Text] = Text("Earlier CyberTipline report", "پہلے کی سائبر ٹپ لائن رپورٹ")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "The platform itself says that its report goes on from that one, so the number links the two "
        "reports.",
        "پلیٹ فارم خود بتاتا ہے کہ یہ رپورٹ اُسی رپورٹ سے آگے ہے، اس لیے نمبر دونوں رپورٹوں کو جوڑتا ہے۔",
    )
    accepts: ClassVar[str] = "The report's number, with or without CT, # or leading zeros."
    examples: ClassVar[tuple[tuple[str, str], ...]] = (("CT #0123456789", ""),)
    _NUMBER = re.compile(
        r"(?:ct|cybertip|cybertipline|ncmec)?(?: report)?(?: (?:no|number|id))?[ .:#-]*0*([1-9][0-9]{0,17})",
        re.IGNORECASE,
    )

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        match = self._NUMBER.fullmatch(raw) or self._NUMBER.fullmatch(ascii_digits(plain(raw)))
        if match is None:
            raise expected("a CyberTipline report's number, digits only")
        return self.result(match[1], match[1])


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        digit = int(character) * (2 if place % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
