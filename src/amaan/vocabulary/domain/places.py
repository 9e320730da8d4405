"""Districts and provinces of Pakistan, found by name, Urdu name, other name or code; never by guessing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from amaan.vocabulary.domain.rows import rows

COUNTRY = "PK"
_COUNTRY_NAMES = frozenset({"pk", "pak", "pakistan", "islamicrepublicofpakistan", "پاکستان", "586"})


@dataclass(frozen=True, slots=True)
class Province:
    """A province or territory."""

    code: str
    name: str
    name_ur: str


@dataclass(frozen=True, slots=True)
class District:
    """`lon`, `lat`: the centroid in degrees, WGS 84. `division` is empty where there is none."""

    pcode: str
    name: str
    name_ur: str
    province: Province
    division: str
    lon: float
    lat: float


# Letters that keyboards exchange: Arabic for Urdu forms, and the two letters for h.
_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ې": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "ھ": "ہ", "ە": "ہ"}
    | {chr(0x06F0 + n): str(n) for n in range(10)}
    | {chr(0x0660 + n): str(n) for n in range(10)}
)
_WORD_FOR_DISTRICT = re.compile(
    r"^(?:district|distt?\.?|zila|zilla|ضلع)[\s:.\-]+(?:of\s+)?|[\s\-]+(?:district|distt?\.?|zila|zilla|ضلع)$",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[,،;/|\n]+")


def _key(text: str) -> str:
    """What is left when case, spaces, hyphens, dots and diacritics don't count."""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf"}).translate(
            _LETTERS
        )
    return "".join(filter(str.isalnum, text.casefold()))


def _read_provinces() -> Mapping[str, Province]:
    return MappingProxyType(
        {
            row["province_code"]: Province(row["province_code"], row["province"], row["province_ur"])
            for row in rows("districts")
        }
    )


_PROVINCES = _read_provinces()
_DISTRICTS: Mapping[str, District] = MappingProxyType(
    {
        row["pcode"]: District(
            row["pcode"],
            row["name"],
            row["name_ur"],
            _PROVINCES[row["province_code"]],
            row["division"],
            float(row["lon"]),
            float(row["lat"]),
        )
        for row in rows("districts")
    }
)
_AMBIGUOUS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {row["name"]: tuple(row["pcodes"].split()) for row in rows("district_ambiguous")}
)


def _names() -> Mapping[str, District]:
    """Key → district; a key that two districts share, or that is listed as ambiguous, is left out."""
    owners: dict[str, set[str]] = {}
    for place in _DISTRICTS.values():
        for name in (place.pcode, place.name, place.name_ur):
            owners.setdefault(_key(name), set()).add(place.pcode)
    for row in rows("district_aliases"):
        owners.setdefault(_key(row["alias"]), set()).add(row["pcode"])
    for name, pcodes in _AMBIGUOUS.items():
        owners.setdefault(_key(name), set()).update((*pcodes, ""))
    return MappingProxyType(
        {key: _DISTRICTS[next(iter(codes))] for key, codes in owners.items() if len(codes) == 1}
    )


_BY_KEY = _names()
_PROVINCE_OTHER_NAMES = {
    "kpk": "KP", "khyber pukhtunkhwa": "KP", "nwfp": "KP", "fata": "KP", "azad kashmir": "AJK",
    "azad jammu and kashmir": "AJK", "northern areas": "GB", "baluchistan": "BA", "sind": "SD",
    "panjab": "PB",
}  # fmt: skip
_PROVINCE_BY_KEY: Mapping[str, Province] = MappingProxyType(
    {
        _key(name): province
        for province in _PROVINCES.values()
        for name in (province.code, province.name, province.name_ur)
    }
    | {_key(name): _PROVINCES[code] for name, code in _PROVINCE_OTHER_NAMES.items()}
)


def provinces() -> tuple[Province, ...]:
    return tuple(_PROVINCES.values())


def districts() -> tuple[District, ...]:
    return tuple(_DISTRICTS.values())


def district(pcode: str) -> District | None:
    """By its exact P-code."""
    return _DISTRICTS.get(pcode)


def ambiguous_names() -> Mapping[str, tuple[str, ...]]:
    """Names that mean more than one district, with their P-codes: a person must be asked."""
    return _AMBIGUOUS


def find_province(text: str) -> Province | None:
    return _PROVINCE_BY_KEY.get(_key(text[:100]))


def province_of(pcode: str) -> Province | None:
    """The province of a district's P-code."""
    place = _DISTRICTS.get(pcode)
    return place.province if place else None


def is_country(text: str) -> bool:
    """Whether the text names Pakistan: its name, or its ISO 3166-1 codes."""
    return _key(text[:100]) in _COUNTRY_NAMES


@lru_cache(maxsize=4096)
def find_district(text: str) -> District | None:
    """The district that the text names, or None when it names none, or more than one.

    Forgives case, spaces, hyphens, diacritics, Arabic letter forms and the word for district; takes
    "Kasur, Punjab, Pakistan", and refuses it when the province does not fit. It never picks the nearest
    spelling: a child looked for in the wrong district is worse than a question asked.
    """
    if len(text) > 200:
        return None
    named, *around = [part.strip() for part in _PARTS.split(text) if part.strip()] or [""]
    place = _BY_KEY.get(_key(named)) or _BY_KEY.get(_key(_WORD_FOR_DISTRICT.sub("", named)))
    if place is None:
        return None
    for part in around:
        province = find_province(part)
        if province is None and not is_country(part):
            return None
        if province is not None and province != place.province:
            return None
    return place
