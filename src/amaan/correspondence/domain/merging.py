"""What was answered in several tellings, as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from amaan.portal.domain.envelopes import Kind, Telling

_UNSURE: Final = frozenset({"not_sure", "not_said", "not_known"})


def merged(tellings: Sequence[Telling]) -> dict[str, Any]:
    """The answers of all reports among the tellings. Lists grow; a first word stands, later ones beside it, but that
    "not sure" gives way."""
    whole: dict[str, Any] = {}
    for number, telling in enumerate(one for one in tellings if one.kind is Kind.REPORT):
        for key, value in telling.answers.items():
            if key not in whole:
                whole[key] = value
            elif isinstance(whole[key], list) and isinstance(value, list | tuple):
                whole[key] = [*whole[key], *(one for one in value if one not in whole[key])]
            elif isinstance(value, str) and whole[key] in _UNSURE:
                whole[key] = value
            elif whole[key] != value and value not in _UNSURE:
                whole[f"{key}#{number + 1}"] = value
    return whole
