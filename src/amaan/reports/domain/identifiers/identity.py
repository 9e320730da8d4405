"""Papers and plates: the CNIC (masked wherever it is read), vehicles, and what fits nowhere else."""

from __future__ import annotations

import re
from typing import ClassVar

from amaan.reports.domain.identifiers.base import (
    Cleaned,
    IdentifierType,
    NotUnderstood,
    Text,
    expected,
    folded,
    plain,
    plain_dashes,
)

_CNIC = re.compile(r"([1-8][0-9]{4})[ \-./]?([0-9]{7})[ \-./]?([0-9])")


class Cnic(IdentifierType):
    name: ClassVar[str] = "cnic"
    label: ClassVar[Text] = Text("Identity card number (CNIC, B-Form)", "شناختی کارڈ یا ب فارم نمبر")
    links: ClassVar[bool] = True
    why: ClassVar[Text] = Text(
        "The number belongs to one person for life, so it links. Only four digits are shown: the first "
        "five name the "
        "home district and the last one the sex.",
        "یہ نمبر عمر بھر ایک ہی شخص کا رہتا ہے، اس لیے جوڑتا ہے۔ صرف چار ہندسے دکھائے جاتے ہیں: پہلے "
        "پانچ آبائی ضلع اور آخری "
        "ہندسہ جنس بتاتا ہے۔",
    )
    accepts: ClassVar[str] = "Thirteen digits, 5-7-1, dashes or not, Urdu digits too. Shown masked."
    examples: ClassVar[tuple[tuple[str, str], ...]] = (("11111-1111111-1", ""),)

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain_dashes(plain(raw))
        if "*" in text:
            raise NotUnderstood("Expected all thirteen digits; this identity card number is masked.")
        match = _CNIC.fullmatch(re.sub(r"^(?:cnic|nic|nicop|b-?form)[ :.#]*", "", text, flags=re.IGNORECASE))
        if match is None:
            raise expected("thirteen digits such as 00000-0000000-0, the first from 1 to 8")
        return self.result("".join(match.groups()), f"*****-**{match[2][2:6]}*-*")


_PROVINCES = {
    "punjab": "PB", "pb": "PB", "پنجاب": "PB",
    "sindh": "SD", "sd": "SD", "سندھ": "SD",
    "khyber pakhtunkhwa": "KP", "kp": "KP", "kpk": "KP", "خیبر پختونخوا": "KP",
    "balochistan": "BA", "ba": "BA", "بلوچستان": "BA",
    "islamabad": "ICT", "ict": "ICT", "اسلام آباد": "ICT",
    "azad jammu & kashmir": "AJK", "ajk": "AJK", "azad kashmir": "AJK",
    "gilgit-baltistan": "GB", "gilgit baltistan": "GB", "gb": "GB",
}  # fmt: skip
_PLATE = re.compile(r"([A-Z]{1,4})-?(?:([0-9]{2})-)?([0-9]{1,4})-?([A-Z])?")
_FREE_PLATE = re.compile(r"[A-Z0-9]{2,18}")


class Vehicle(IdentifierType):
    name: ClassVar[str] = "vehicle"
    label: ClassVar[Text] = Text("Vehicle", "گاڑی")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Families, drivers and buyers share a vehicle, and two provinces can give the same number, so an "
        "equal plate "
        "only supports.",
        "گاڑی گھر والے، ڈرائیور اور خریدار بانٹتے ہیں، اور دو صوبے ایک ہی نمبر دے سکتے ہیں، اس لیے ایک "
        "جیسی نمبر پلیٹ صرف تائید "
        "کرتی ہے۔",
    )
    accepts: ClassVar[str] = (
        "Pakistani plates (letters, a year or not, digits), the province written before it or given as "
        "platform; any "
        "other plate of letters and digits. Spacing and case do not count; the year stays apart from the "
        "number."
    )
    examples: ClassVar[tuple[tuple[str, str], ...]] = (
        ("lea 16 1234", "Punjab"), ("Sindh ABC-123", ""), ("ICT AB 123", ""),
    )  # fmt: skip

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = plain_dashes(plain(raw))
        province = _PROVINCES.get(folded(platform), "")
        head, colon, rest = text.partition(":")
        if colon and (not head.strip() or folded(head) in _PROVINCES):
            province, text = province or _PROVINCES.get(folded(head), ""), rest.strip()
        else:
            for words in (2, 1):
                parts = text.split(" ", words)
                code = _PROVINCES.get(folded(" ".join(parts[:words]))) if len(parts) == words + 1 else None
                # Some codes are series as well: BA 1234 is a plate, BA ABC-123 names a province.
                if code and parts[-1][:1].isalpha():
                    province, text = province or code, parts[-1]
                    break
        plate = _plate(text.upper())
        return self.result(f"{province}:{plate}", plate, province)


def _plate(text: str) -> str:
    """Letters, year, number, with a dash between; another country's plate without any mark."""
    marked = re.sub(r"[\s./\-]+", "-", text).strip("-")
    bare = marked.replace("-", "")
    if match := _PLATE.fullmatch(marked) or _PLATE.fullmatch(bare):
        return "-".join(part for part in match.groups() if part)
    if _FREE_PLATE.fullmatch(bare) and any(character.isdigit() for character in bare):
        return bare
    raise expected("a number plate such as LEA-16-1234 or ABC-123")


class Other(IdentifierType):
    name: ClassVar[str] = "other"
    label: ClassVar[Text] = Text("Other", "دیگر")
    links: ClassVar[bool] = False
    why: ClassVar[Text] = Text(
        "Nobody can say what this value means or who else uses it, so an equal one only supports.",
        "کوئی نہیں کہہ سکتا کہ اس کا مطلب کیا ہے یا اسے اور کون استعمال کرتا ہے، اس لیے ایک جیسی چیز صرف "
        "تائید کرتی ہے۔",
    )
    accepts: ClassVar[str] = "Whatever could not be validated as anything else, kept as written."
    examples: ClassVar[tuple[tuple[str, str], ...]] = (("Locker  12, Green Gate", ""),)

    def clean(self, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
        text = " ".join(plain(raw).split())
        return self.result(folded(text), text)
