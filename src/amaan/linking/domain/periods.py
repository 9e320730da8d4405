"""Days counted in weeks, months, quarters or years: what a time line can show side by side. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Step(StrEnum):
    WEEK = "week"  # from Monday
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Period:
    """From its first day on; `count` of the days lie in it."""

    begin: date
    count: int


MOST: Final = 40
"""Periods beside each other; longer spans are counted in longer periods."""


def periods_of(days: Sequence[date]) -> tuple[Step, tuple[Period, ...]]:
    """Every period from the first day to the last one, those without a day too; none for no days."""
    if not days:
        return Step.WEEK, ()
    for step in Step:
        counted = Counter(_begin(day, step) for day in days)
        begins = list(_walk(min(counted), max(counted), step))
        if len(begins) <= MOST or step is Step.YEAR:
            break
    return step, tuple(Period(begin, counted[begin]) for begin in begins)


def _begin(day: date, step: Step) -> date:
    if step is Step.WEEK:
        return day - timedelta(days=day.weekday())
    if step is Step.MONTH:
        return day.replace(day=1)
    if step is Step.QUARTER:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1)


def _walk(first: date, last: date, step: Step) -> Iterator[date]:
    months = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}
    begin = first
    while begin <= last:
        yield begin
        if step is Step.WEEK:
            begin += timedelta(days=7)
        else:
            ahead = begin.month - 1 + months[step]
            begin = begin.replace(year=begin.year + ahead // 12, month=ahead % 12 + 1)
