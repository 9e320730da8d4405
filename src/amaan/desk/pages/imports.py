"""Imports with their receipts, and the quarantine with its retries."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
