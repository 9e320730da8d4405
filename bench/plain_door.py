"""A plain Django view behind the same two gunicorns as the public's door: the limit of what its pages can reach.

`application` is what answers, with neither database nor template; `forwarding` hands requests on to it by the socket
that AMAAN_DOOR_SOCKET names, as the desk's web process does.
"""

from __future__ import annotations

import os

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import re_path

from amaan.portal.bodies import with_small_bodies
from amaan.web.forwarding import with_door

THREADS = 32
"""Of a web process, as `amaan serve` sets them on two cores."""
PAGE = b"a" * 8_000
"""About as long as a question's page."""


def page(request: HttpRequest) -> HttpResponse:
    """Reads the form that came, and answers with as many bytes as a question."""
    return HttpResponse(PAGE + str(len(request.POST)).encode())


urlpatterns = [re_path("^", page)]

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_I18N=False)
    django.setup()
application = with_small_bodies(WSGIHandler())
forwarding = with_door(application, os.environ.get("AMAAN_DOOR_SOCKET", ""), THREADS)
