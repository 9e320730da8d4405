"""What an officer decides on a report: open or join a case, refer, close."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
