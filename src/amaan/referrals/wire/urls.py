"""The wire's addresses. Clients join base and path in their own ways: a slash too many is no error."""

from __future__ import annotations

from django.urls import path

from amaan.referrals.wire import api

ENDPOINTS = (api.status, api.xsd, api.submit, api.upload, api.fileinfo, api.finish, api.retract)

urlpatterns = [
    *(path(f"/{view.__name__}", view, name=f"ispws_{view.__name__}") for view in ENDPOINTS),
    *(path(f"/{view.__name__}/", view) for view in ENDPOINTS),
    *(path(f"//{view.__name__}", view) for view in ENDPOINTS),
    path("", api.elsewhere, name="ispws"),
    path("/<path:rest>", api.elsewhere),
    path("/", api.elsewhere),
]
