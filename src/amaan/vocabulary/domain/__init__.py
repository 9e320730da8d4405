"""The vocabulary as plain values."""

from amaan.vocabulary.domain.ages import AGE_BANDS, AgeBand, age_band
from amaan.vocabulary.domain.places import (
    COUNTRY,
    District,
    Province,
    ambiguous_names,
    district,
    districts,
    find_district,
    find_province,
    is_country,
    province_of,
    provinces,
)
from amaan.vocabulary.domain.terms import (
    IncidentType,
    Language,
    Offence,
    incident_types,
    languages,
    offences,
)

__all__ = [
    "AGE_BANDS",
    "COUNTRY",
    "AgeBand",
    "District",
    "IncidentType",
    "Language",
    "Offence",
    "Province",
    "age_band",
    "ambiguous_names",
    "district",
    "districts",
    "find_district",
    "find_province",
    "incident_types",
    "is_country",
    "languages",
    "offences",
    "province_of",
    "provinces",
]
