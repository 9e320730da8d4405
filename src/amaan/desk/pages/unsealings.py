"""Asking for what is sealed, and the custodian's answer."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
