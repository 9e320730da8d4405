"""Rings: the list, one ring, one link, and the work on them."""

from __future__ import annotations

from django.urls import URLPattern

from amaan.desk.pages.rings import into_case, link, listing, page, value, work

urlpatterns: list[URLPattern] = [
    *listing.urlpatterns,
    *page.urlpatterns,
    *work.urlpatterns,
    *value.urlpatterns,
    *into_case.urlpatterns,
    *link.urlpatterns,
]
