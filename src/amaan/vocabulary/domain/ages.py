"""Age bands: what is kept of an age where the age itself is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from amaan.vocabulary.domain.rows import rows

OLDEST = 125
"""Years. Anything above is a slip of the pen, so that it counts as not said."""


@dataclass(frozen=True, slots=True)
class AgeBand:
    """`from_age` and `to_age` in completed years, both included; None: open, or not said."""

    id: str
    from_age: int | None
    to_age: int | None
    name: str
    name_ur: str


AGE_BANDS: tuple[AgeBand, ...] = tuple(
    AgeBand(
        row["id"],
        int(row["from_age"]) if row["from_age"] else None,
        int(row["to_age"]) if row["to_age"] else None,
        row["name"],
        row["name_ur"],
    )
    for row in rows("age_bands")
)
_BY_YEARS: tuple[str, ...] = tuple(
    next(
        band.id
        for band in AGE_BANDS
        if band.from_age is not None
        and band.from_age <= years
        and (band.to_age is None or years <= band.to_age)
    )
    for years in range(OLDEST + 1)
)


def age_band(age: int | None, birth: date | None, on: date) -> str:
    """The band on the day `on`, from the birth date if there is a possible one, else from the age as told.

    An impossible age, or a birth after `on`, is `not_said`: a wrong band would hide a child.
    """
    if birth is not None and birth <= on:
        years = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
        if years <= OLDEST:
            return _BY_YEARS[years]
    if age is not None and 0 <= age <= OLDEST:
        return _BY_YEARS[age]
    return "not_said"
