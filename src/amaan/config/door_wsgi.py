"""The WSGI entry point of the public door's process."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "amaan.config.door"

from django.core.wsgi import get_wsgi_application

from amaan.portal.bodies import with_small_bodies

application = with_small_bodies(get_wsgi_application())
