"""What somebody chose for themselves: what they would rather not read, their own caps, their buddy. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from amaan.care.domain.categories import CHOOSABLE, Category
from amaan.care.domain.enough import Caps

NO_CAP: Final = 10**6
UNCAPPED: Final = Caps(NO_CAP, NO_CAP, NO_CAP, 0)


@dataclass(frozen=True)
class Wishes:
    """`buddy` is a person's row id. Caps of one's own only lower the office's."""

    opted_out: Category = Category.NONE
    caps: Caps = UNCAPPED
    buddy: int | None = None

    def written(self) -> bytes:
        """As it is sealed, always of one length for the same caps: how much was opted out of shows in no size."""
        held = {"out": f"{int(self.opted_out):05d}", "buddy": self.buddy, **vars(self.caps)}
        return json.dumps(held, sort_keys=True).ljust(256).encode()

    @classmethod
    def read(cls, text: bytes) -> Wishes:
        held = json.loads(text)
        known = Category(sum(CHOOSABLE))
        caps = Caps(
            **{name: held[name] for name in ("minutes_day", "minutes_week", "heavy_day", "cooling_minutes")}
        )
        return cls(Category(int(held["out"])) & known, caps, held["buddy"])
