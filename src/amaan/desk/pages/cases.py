"""Cases: the list, one case, and the work on it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
