"""Django's cache in our own table: what limits guessing counts across processes and survives a restart."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection, transaction
from django.utils import timezone

from amaan.accounts.models import Remembered

_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_TABLE = Remembered._meta.db_table

# One statement, so that of two processes that add the same key at once exactly one succeeds.
_ADD = f"""
    INSERT INTO "{_TABLE}" (key, value, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
    WHERE "{_TABLE}".expires_at <= %s
"""  # noqa: S608 - the name is the model's

_COUNT = f"""
    UPDATE "{_TABLE}" SET value = CAST(CAST(value AS integer) + %s AS text)
    WHERE key = %s AND expires_at > %s RETURNING value
"""  # noqa: S608 - the name is the model's


class SharedCache(BaseCache):
    """Keys to JSON values. Meant for small, short-lived things; it is not a page cache."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)

    def _expiry(self, timeout: Any) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return _FOREVER if seconds is None else timezone.now() + timedelta(seconds=seconds)

    def _key(self, key: Any, version: int | None) -> str:
        return self.make_and_validate_key(key, version=version)

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep `value` unless the key is there and alive; say whether it was kept."""
        adapt = connection.ops.adapt_datetimefield_value
        values = [
            self._key(key, version),
            json.dumps(value),
            adapt(self._expiry(timeout)),
            adapt(timezone.now()),
        ]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_ADD, values)
            return bool(cursor.rowcount)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        alive = Remembered.objects.filter(pk=self._key(key, version), expires_at__gt=timezone.now())
        found = alive.values_list("value", flat=True).first()
        return default if found is None else json.loads(found)

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        Remembered.objects.filter(expires_at__lte=timezone.now()).delete()
        Remembered.objects.update_or_create(
            key=self._key(key, version),
            defaults={"value": json.dumps(value), "expires_at": self._expiry(timeout)},
        )

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Count, in one statement, so that of many at once none is lost. Raises ValueError where the key is absent."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_COUNT, [delta, self._key(key, version), now])
            found = cursor.fetchone()
        if found is None:
            raise ValueError(f"Key {key!r} not found")
        return int(found[0])

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        alive = Remembered.objects.filter(pk=self._key(key, version), expires_at__gt=timezone.now())
        return bool(alive.update(expires_at=self._expiry(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(Remembered.objects.filter(pk=self._key(key, version)).delete()[0])

    def clear(self) -> None:
        Remembered.objects.all().delete()
