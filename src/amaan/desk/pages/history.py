"""What was done on a report or case, the auditor's view, and proofs to take away."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
