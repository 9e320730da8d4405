"""In a process of the desk, the door's tables lie in a database of their own, named `portal`."""

from __future__ import annotations

from typing import Any

DOOR = "portal"


class DoorRouter:
    """Django's router protocol. The door's own process has one database and no router."""

    def db_for_read(self, model: type[Any], **hints: object) -> str | None:
        return DOOR if model._meta.app_label == "portal" else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        return (db == DOOR) == (app_label == "portal")
