"""The public's door as it is, but for the pace of wrong codes: after sixty in a minute each try waits two seconds,
right and wrong alike, and the waiting would hide what is to be measured."""

from amaan.config.door_wsgi import application
from amaan.portal.services.pacing import CODES

CODES.free = 10**9

__all__ = ["application"]
