"""Cases: the list, one case, and the work on it."""

from __future__ import annotations

from django.urls import URLPattern

from amaan.desk.pages.cases import left, listing, opening, page, work

urlpatterns: list[URLPattern] = [
    *listing.urlpatterns,
    *left.urlpatterns,
    *opening.urlpatterns,
    *page.urlpatterns,
    *work.urlpatterns,
]
