"""One report, in the order an officer reads; its panels come from the rooms."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
