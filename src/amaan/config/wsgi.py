"""The WSGI entry point that gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
_application = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from amaan.web.checks import refuse_unfit  # noqa: E402 - needs the apps
from amaan.web.chunked import (  # noqa: E402
    with_chunked_bodies,
    with_prompt_bodies,
    with_readable_types,
    with_small_bodies,
)
from amaan.web.forwarding import with_door  # noqa: E402

# gunicorn runs no system checks: here a server with an undeclared view or an exposed demo world ends.
refuse_unfit()
connections.close_all()  # what it asked: gunicorn forks from here, and a process has connections of its own
application = with_prompt_bodies(
    with_readable_types(with_chunked_bodies(_application)), settings.AMAAN_THREADS
)
application = with_small_bodies(application)
if settings.AMAAN_DOOR_SOCKET:
    application = with_door(application, settings.AMAAN_DOOR_SOCKET, settings.AMAAN_THREADS)
