"""What the public may read of the lists: how many, about what, from whom, and by which rules. Nobody signs in."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from amaan.accounts.audience import PUBLIC, audience
from amaan.matching.selectors import PublicLists, public_lists
from amaan.matching.words import CATEGORIES, KINDS, source_of

KEPT_SECONDS: Final = 60


@lru_cache(maxsize=1)
def counted(_minute: int) -> PublicLists:
    """Kept in this process; nobody who only reads makes the database write."""
    return public_lists()


@audience(PUBLIC)
@require_safe
def lists(request: HttpRequest) -> HttpResponse:
    """Counted at most once a minute; it names no person, no report and no hash."""
    found = counted(int(time.monotonic() // KEPT_SECONDS))
    context = {
        "lists": [
            (one, source_of(one.kind, one.source), CATEGORIES[one.category], KINDS[one.kind])
            for one in found.lists
        ],
        "counted": found,
        "categories": [(words, found.by_category.get(code, 0)) for code, words in CATEGORIES.items()],
        "now": timezone.now(),
    }
    return render(request, "matching/public_lists.html", context)
