"""Every door of this process."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from amaan.web import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", pages.healthz, name="healthz"),
    path("robots.txt", pages.robots, name="robots"),
]

if "desk" in settings.AMAAN_DOORS:
    urlpatterns += [
        path("", pages.front, name="front"),
        path("", include("amaan.ui.urls")),
        path("", include("amaan.web.sign_in")),
        path("desk/", include("amaan.desk.urls")),
        path("lists/", include("amaan.matching.urls")),
    ]

if "api" in settings.AMAAN_DOORS:
    urlpatterns += [
        path("ispws", include("amaan.referrals.wire.urls")),
        path("api/", include("amaan.matching.api")),
        path("feedback/", include("amaan.feedback.api")),
    ]

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler429 = pages.too_many
handler500 = pages.server_error
