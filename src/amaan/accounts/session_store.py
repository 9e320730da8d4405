"""Where sessions are kept: Django's table, which is asked only for what may be a key."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """A cookie may hold anything. What is no key of ours is nobody's session; PostgreSQL would break on a NUL."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and 8 <= len(key) <= 40 and key.isascii() and key.isalnum())
