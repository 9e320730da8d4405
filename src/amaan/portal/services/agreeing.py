"""Whether the desk and a door elsewhere make the same box of a code: otherwise a code read out opens nothing there."""

from __future__ import annotations

import secrets

from django.db import DatabaseError

from amaan.portal.keys import DoorNotReady, mark_of
from amaan.portal.models import Codes
from amaan.portal.services.sending import door_keys


def say_codes() -> None:
    """The door's part, whenever it starts. Raises DoorNotReady."""
    Codes.objects.update_or_create(pk=1, defaults={"mark": mark_of(door_keys())})


def same_codes() -> bool:
    """The desk's part. False also where the door has not said it yet, or can't be reached."""
    try:
        said, ours = Codes.objects.filter(pk=1).first(), mark_of(door_keys())
    except (DatabaseError, DoorNotReady):
        return False
    return said is not None and secrets.compare_digest(bytes(said.mark), ours)
