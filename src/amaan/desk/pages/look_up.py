"""Looking an identifier up, for a report or case that is named."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
