"""Every kind of evidence that two reports belong together: its family, what it weighs, and why. Pure.

What identifiers are is told by `reports.domain.identifiers`, with why an equal one links or only supports; the kinds
that no identifier holds are described here. docs/reference/linking-evidence.md is made of this.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from amaan.reports.domain.identifiers import TYPES, Text


class EvidenceKind(IntEnum):
    """Never renumbered: clues and links hold these numbers. Below 63, since a link holds them as bits."""

    PHONE = 1
    EMAIL = 2
    HANDLE = 3
    PLATFORM_ACCOUNT = 4
    HANDLE_STEM = 5
    BANK = 6
    MOBILE_WALLET = 7
    CRYPTO = 8
    CNIC = 9
    DEVICE = 10
    VEHICLE = 11
    APP = 12
    URL = 13
    DOMAIN = 14
    GROUP = 15
    INVITATION = 16
    IP_MOMENT = 17
    REPORT_NUMBER = 18
    SAME_FILE = 19
    NEAR_FILE = 20
    WORDING = 21
    NAME = 22
    VENUE_WEEK = 23


class Family(IntEnum):
    """Kinds of one family say much the same: of a pair only the heaviest of a family counts in full."""

    PHONE = 1
    EMAIL = 2
    ACCOUNT = 3
    MONEY = 4
    PAPERS = 5
    THINGS = 6
    WEB = 7
    GROUP = 8
    NETWORK = 9
    REFERENCE = 10
    FILES = 11
    WORDS = 12
    NAMES = 13
    PLACE = 14


class KindOfEvidence(NamedTuple):
    """`base`: bits of log-odds of a value that two independent sources told; `slope`: bits lost by each doubling of
    the sources beyond two; `most`: in more reports than that the value is a hub, which links nothing. `links`: an equal
    value links; False: it only adds to what links. `type`: the identifier's type, "" where a clue holds it."""

    family: Family
    base: float
    slope: float
    most: int
    links: bool
    label: Text
    why: Text
    type: str = ""


def _of_type(
    name: str, family: Family, base: float, slope: float, most: int, *, links: bool | None = None
) -> KindOfEvidence:
    kind = TYPES[name]
    return KindOfEvidence(
        family, base, slope, most, kind.links if links is None else links, kind.label, kind.why, name
    )


_STEM: Final = KindOfEvidence(
    Family.ACCOUNT, 7, 1, 60, links=False,
    label=Text("Similar user name", "ملتا جلتا صارف نام"),
    why=Text(
        "Whoever loses an account often opens the next one under the same name with other digits or dots; "
        "others choose the same name too, and imitators take it over, so a similar one only supports. Where one hand "
        "was seen to carry it from account to account it links.",
        "جس کا اکاؤنٹ بند ہو وہ اکثر اسی نام میں ہندسے یا نقطے بدل کر نیا کھولتا ہے؛ مگر وہی نام کوئی اور بھی "
        "رکھ سکتا ہے اور نقل کرنے والے اسے اپنا لیتے ہیں، اس لیے ملتا جلتا نام صرف تائید کرتا ہے۔ "
        "جہاں دیکھا جا چکا ہو کہ ایک ہی ہاتھ یہ نام اکاؤنٹ در اکاؤنٹ استعمال کرتا ہے وہاں یہ جوڑتا ہے۔",
    ),
)  # fmt: skip
_PAGE: Final = KindOfEvidence(
    Family.WEB, 25, 1.5, 60, links=True, type="url",
    label=TYPES["url"].label,
    why=Text(
        "The page on which it happened, or that a reported account calls its own, belongs to whoever runs it: two who "
        "tell of it tell of the same doing. Where a file was found only supports, since such addresses are passed on; "
        "an address that names no page but a site says nothing.",
        "جس صفحے پر واقعہ ہوا، یا جسے رپورٹ کیا گیا اکاؤنٹ اپنا کہتا ہے، وہ اسے چلانے والے کا ہے: اس کے بارے میں بتانے "
        "والے دونوں ایک ہی کام بتا رہے ہیں۔ جہاں فائل ملی وہ پتہ صرف تائید کرتا ہے کیونکہ ایسے پتے آگے بھیجے جاتے ہیں؛ "
        "جو پتہ صفحے کی بجائے صرف ویب سائٹ بتائے وہ کچھ نہیں بتاتا۔",
    ),
)  # fmt: skip
_INVITATION: Final = KindOfEvidence(
    Family.GROUP, 24, 0.75, 200, links=True, type="invitation",
    label=TYPES["invitation"].label,
    why=Text(
        "The group in which it happened belongs to whoever runs it, and the link of its invitation names it for "
        "certain: that links. An invitation that somebody sends only supports: it passes from hand to hand, also to "
        "children.",
        "جس گروپ میں واقعہ ہوا وہ اسے چلانے والے کا ہے، اور دعوت نامے کا لنک اسے یقینی طور پر بتاتا ہے: یہ جوڑتا ہے۔ "
        "جو دعوت نامہ کوئی بھیجے وہ صرف تائید کرتا ہے: دعوت نامے ہاتھوں ہاتھ پھیلتے ہیں، بچوں تک بھی۔",
    ),
)  # fmt: skip
# A carrier gives one of its 64,000 ports to one subscriber for minutes: as good as a device that is not shared.
_IP_MOMENT: Final = KindOfEvidence(
    Family.NETWORK, 23, 1, 20, links=True,
    label=Text("IP address with port and time", "آئی پی ایڈریس، پورٹ اور وقت کے ساتھ"),
    why=Text(
        "Mobile networks put thousands of subscribers behind one address, so the address alone is no "
        "evidence. The same address with the same port links when it was seen twice within seven and a half "
        "minutes, and never when more than fifteen lie between: in so short a time the port belongs to one "
        "subscriber.",
        "موبائل نیٹ ورک ایک ہی پتے کے پیچھے ہزاروں صارف رکھتے ہیں، اس لیے اکیلا پتہ کوئی ثبوت نہیں۔ ایک ہی "
        "پتہ ایک ہی پورٹ کے ساتھ ساڑھے سات منٹ کے اندر دو بار نظر آئے تو جوڑتا ہے، اور پندرہ منٹ سے زیادہ "
        "فاصلہ ہو تو کبھی نہیں: اتنے تھوڑے وقت میں پورٹ ایک ہی صارف کی ہوتی ہے۔",
    ),
)  # fmt: skip
_SAME_FILE: Final = KindOfEvidence(
    Family.FILES, 15, 1, 64, links=False,
    label=Text("The same file", "ایک ہی فائل"),
    why=Text(
        "The same bytes were in both reports. Files are passed on by many who never met, so a file alone "
        "never makes a ring; one that many reports hold says nothing.",
        "دونوں رپورٹوں میں ایک ہی فائل ہے۔ فائلیں ایسے بہت سے لوگ آگے بھیجتے ہیں جو کبھی ملے ہی نہیں، اس لیے "
        "اکیلی فائل کبھی گروہ نہیں بناتی؛ جو فائل بہت سی رپورٹوں میں ہو وہ کچھ نہیں بتاتی۔",
    ),
)  # fmt: skip
_NEAR_FILE: Final = KindOfEvidence(
    Family.FILES, 10, 1, 64, links=False,
    label=Text("Nearly the same picture", "تقریباً وہی تصویر"),
    why=Text(
        "By their PDQ hashes the pictures look alike: a copy that was cut, written on or saved anew. As with "
        "the same file, it only supports.",
        "پی ڈی کیو ہیش کے حساب سے تصویریں ایک جیسی ہیں: کاٹی گئی، اس پر لکھا گیا، یا دوبارہ محفوظ کی گئی نقل۔ "
        "ایک ہی فائل کی طرح یہ بھی صرف تائید کرتی ہے۔",
    ),
)  # fmt: skip
_REPORT_NUMBER: Final = _of_type("ct_report", Family.REFERENCE, 20, 0.5, 200)
_WORDING: Final = KindOfEvidence(
    Family.WORDS, 15, 2, 200, links=False,
    label=Text("The same wording", "ایک جیسے الفاظ"),
    why=Text(
        "Long stretches of what was written are the same but for names and numbers: the same lure or demand, "
        "sent to several. Platforms' own sentences recur too, and anybody can copy a text, so wording only "
        "supports.",
        "ناموں اور نمبروں کے سوا تحریر کے لمبے حصے ایک جیسے ہیں: ایک ہی جھانسا یا مطالبہ جو کئی لوگوں کو "
        "بھیجا گیا۔ پلیٹ فارم کے اپنے جملے بھی بار بار آتے ہیں اور تحریر کوئی بھی نقل کر سکتا ہے، اس لیے "
        "الفاظ صرف تائید کرتے ہیں۔",
    ),
)  # fmt: skip
_NAME: Final = KindOfEvidence(
    Family.NAMES, 8, 1, 60, links=False,
    label=Text("A reported adult's name", "رپورٹ کیے گئے بالغ کا نام"),
    why=Text(
        "The name is the same, in Urdu letters, Roman Urdu or English. Many people share a name and an "
        "account can carry any, so it only supports. Names of victims, children and reporters are never "
        "compared.",
        "نام ایک ہی ہے، چاہے اردو، رومن اردو یا انگریزی میں لکھا ہو۔ ایک نام بہت سے لوگوں کا ہوتا ہے اور "
        "اکاؤنٹ پر کوئی بھی نام لکھا جا سکتا ہے، اس لیے یہ صرف تائید کرتا ہے۔ متاثرین، بچوں اور اطلاع دینے "
        "والوں کے ناموں کا موازنہ کبھی نہیں ہوتا۔",
    ),
)  # fmt: skip
_VENUE_WEEK: Final = KindOfEvidence(
    Family.PLACE, 4, 1, 30, links=False,
    label=Text("The same place in the same week", "ایک ہی جگہ، ایک ہی ہفتہ"),
    why=Text(
        "Both reports name one place below the district, a school or a hotel, in one week. Hundreds of others "
        "were there too, so it only supports.",
        "دونوں رپورٹیں ضلع کے اندر ایک ہی جگہ، جیسے سکول یا ہوٹل، اور ایک ہی ہفتہ بتاتی ہیں۔ وہاں سیکڑوں اور "
        "لوگ بھی تھے، اس لیے یہ صرف تائید کرتا ہے۔",
    ),
)  # fmt: skip

MOST_OF_MONEY: Final = 300
"""Past 512 sources a shared wallet is not strong by itself any more, and each two of its reports have a link: of 300
that is 44,850, which are read whenever another one comes; of 1,000 it were half a million, each saying the same."""

KINDS: Mapping[EvidenceKind, KindOfEvidence] = MappingProxyType(
    {
        # Platforms tell a wallet as the telephone that it is (`selectors.wallets`): it gets common as money does.
        EvidenceKind.PHONE: _of_type("phone", Family.PHONE, 24, 0.5, 400),
        EvidenceKind.EMAIL: _of_type("email", Family.EMAIL, 25, 0.75, 400),
        EvidenceKind.HANDLE: _of_type("handle", Family.ACCOUNT, 22, 0.75, 400),
        EvidenceKind.PLATFORM_ACCOUNT: _of_type("platform_account", Family.ACCOUNT, 26, 0.5, 400),
        EvidenceKind.HANDLE_STEM: _STEM,
        EvidenceKind.BANK: _of_type("bank", Family.MONEY, 26, 0.5, MOST_OF_MONEY),
        EvidenceKind.MOBILE_WALLET: _of_type("mobile_wallet", Family.MONEY, 26, 0.5, MOST_OF_MONEY),
        EvidenceKind.CRYPTO: _of_type("crypto", Family.MONEY, 26, 0.5, MOST_OF_MONEY),
        EvidenceKind.CNIC: _of_type("cnic", Family.PAPERS, 28, 0.5, 400),
        EvidenceKind.DEVICE: _of_type("device", Family.THINGS, 16, 0.75, 100),
        EvidenceKind.VEHICLE: _of_type("vehicle", Family.THINGS, 14, 0.75, 100),
        EvidenceKind.APP: _of_type("app_package", Family.THINGS, 4, 1, 100),
        EvidenceKind.URL: _PAGE,
        EvidenceKind.DOMAIN: _of_type("domain", Family.WEB, 3, 1, 100),
        EvidenceKind.GROUP: _of_type("group_id", Family.GROUP, 19, 0.75, 200),
        EvidenceKind.INVITATION: _INVITATION,
        EvidenceKind.IP_MOMENT: _IP_MOMENT,
        EvidenceKind.REPORT_NUMBER: _REPORT_NUMBER,
        EvidenceKind.SAME_FILE: _SAME_FILE,
        EvidenceKind.NEAR_FILE: _NEAR_FILE,
        EvidenceKind.WORDING: _WORDING,
        EvidenceKind.NAME: _NAME,
        EvidenceKind.VENUE_WEEK: _VENUE_WEEK,
    }
)
OF_MENTIONS: Mapping[str, EvidenceKind] = MappingProxyType(
    {told.type: kind for kind, told in KINDS.items() if told.type and kind is not EvidenceKind.REPORT_NUMBER}
)
"""The kinds that are read where mentions lie, by the identifier's type; clues hold the others."""
PAYS: frozenset[EvidenceKind] = frozenset(
    {EvidenceKind.BANK, EvidenceKind.MOBILE_WALLET, EvidenceKind.CRYPTO}
)
"""Where money was asked to go belongs to who asked, even where the report gives it to nobody."""
HAPPENS_IN: frozenset[EvidenceKind] = frozenset({EvidenceKind.URL, EvidenceKind.INVITATION})
"""The page or the group in which it happened belongs to whoever runs it, even where the report gives it to nobody. A
group that is told by its name only supports: many classes call theirs alike."""
