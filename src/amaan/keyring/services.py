"""Data keys made and opened, root keys rotated."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from nacl.signing import SigningKey, VerifyKey

from amaan.keyring import files
from amaan.keyring.domain import (
    HOW_TO,
    IndexKeys,
    KeyMissing,
    KeysDoNotFit,
    KeysMissing,
    Sealer,
    fingerprint,
    open_with,
    sealed_under,
    unwrap_data_key,
    wrap_data_key,
)
from amaan.keyring.files import Keyring
from amaan.keyring.models import DataKey

__all__ = [
    "Checked",
    "Opener",
    "check_keys",
    "door_private_key",
    "door_public_key",
    "drop_retired_roots",
    "fingerprints",
    "index_keys",
    "init_keys",
    "keep_media_recipient",
    "ledger_signing_key",
    "ledger_verify_key",
    "media_recipient",
    "new_sealer",
    "opener",
    "prepare_keys",
    "rotate_root",
]

_CACHED_KEYS = 8192
_REWRAP_SLICE = 500


def _folder() -> Path:
    return Path(settings.AMAAN_KEYS)


def new_sealer() -> Sealer:
    """A sealer with a fresh data key, wrapped under the current root. One a batch; costs one insert.

    Outside a transaction the key's row is committed at once. Inside one it is committed with it: then use
    the sealer for that transaction's rows only, because a rollback takes the key away. Raises KeysMissing,
    KeysTooOpen.
    """
    key_id = secrets.randbits(63)
    key = secrets.token_bytes(32)
    keyring = files.read_keyring(_folder())
    with transaction.atomic():
        row = DataKey(id=key_id, root=keyring.current, created_at=timezone.now())
        row.wrapped = wrap_data_key(keyring.wrapping(keyring.current), keyring.current, key_id, key)
        row.save(force_insert=True)
        # Another process may have dropped this root between our reading it and our row (`drop_retired_roots`
        # holds the table while it looks); a key wrapped under a root that is gone would lose a whole batch.
        now = files.read_keyring(_folder())
        if keyring.current not in now.roots:
            row.root, row.wrapped = (
                now.current,
                wrap_data_key(now.wrapping(now.current), now.current, key_id, key),
            )
            row.save(force_update=True)
    return Sealer(key_id, key)


class Opener:
    """Opens what sealers sealed. Keeps unwrapped data keys, so one opener a request or a batch."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._keys: dict[int, bytes] = {}
        self._ciphers: dict[int, AESGCM] = {}

    def open(self, place: str, blob: bytes) -> bytes:
        """The plaintext of `blob`, sealed to `place`. Raises SealBroken, KeyMissing, KeysDoNotFit."""
        blob = bytes(blob)  # PostgreSQL hands out memoryviews
        key_id = sealed_under(blob)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            cipher = self._ciphers[key_id] = AESGCM(self.data_key(key_id))
        return open_with(cipher, place, blob)

    def data_key(self, key_id: int) -> bytes:
        """An unwrapped data key, for container formats above this room. Raises KeyMissing, KeysDoNotFit."""
        if key_id not in self._keys:
            self.load([key_id])
        try:
            return self._keys[key_id]
        except KeyError:
            raise KeyMissing(key_id) from None

    def load(self, key_ids: Iterable[int]) -> None:
        """Unwrap many data keys with one query, ahead of opening many values. Unknown ids are passed over."""
        wanted = [i for i in set(key_ids) if i not in self._keys and i < 2**63]
        if len(self._keys) + len(wanted) > _CACHED_KEYS:
            self._keys.clear()
            self._ciphers.clear()
        rows = _slices(wanted, _REWRAP_SLICE)
        for key_id, root, wrapped in (
            row
            for part in rows
            for row in DataKey.objects.filter(id__in=part).values_list("id", "root", "wrapped")
        ):
            self._keys[key_id] = unwrap_data_key(self._wrapping(root), root, key_id, bytes(wrapped))

    def _wrapping(self, root: str) -> bytes:
        if root not in self._keyring.roots:  # a rotation since this opener was made
            self._keyring = files.read_keyring(_folder())
        return self._keyring.wrapping(root)


def opener() -> Opener:
    """Raises KeysMissing, KeysTooOpen."""
    return Opener(files.read_keyring(_folder()))


def index_keys() -> IndexKeys:
    """Raises KeysMissing, KeysTooOpen."""
    return files.read_keyring(_folder()).indexes


def ledger_signing_key() -> SigningKey:
    """Only the ledger's sequencer calls this. Raises KeysMissing, KeysTooOpen."""
    return files.read_signing_key(_folder())


def ledger_verify_key() -> VerifyKey:
    """The public half of the ledger's key, readable without the signing key. Raises KeysMissing."""
    return files.read_verify_key(_folder())


def door_private_key() -> bytes:
    """What opens envelopes of the public door, 32 bytes. Only `correspondence.carrying` calls this. Raises KeysMissing,
    KeysTooOpen."""
    return bytes(files.read_door_key(_folder()))


def door_public_key() -> bytes:
    """Its public half, which the door gets; the key is made where there is none yet."""
    folder = _folder()
    with files.locked(folder):
        files.make_door_key(folder)
    return bytes(files.read_door_key(folder).public_key)


def media_recipient() -> str:
    """The trusted public key for uploaded files, as text; empty where there is none."""
    return files.read_media_key(_folder())


def keep_media_recipient(text: str) -> None:
    """Trust this one from now on."""
    with files.locked(_folder()):
        files.write_media_key(_folder(), text)


def _data_keys_exist() -> bool:
    # A ceremony may come before the database is prepared.
    if DataKey._meta.db_table not in connection.introspection.table_names():
        return False
    return DataKey.objects.exists()


def init_keys() -> dict[str, str]:
    """The key ceremony: makes every key, returns fingerprints.

    Raises KeysAlreadyExist; KeysMissing where a database holds data that new keys wouldn't open.
    """
    folder = _folder()
    with files.locked(folder):
        if not (folder / files.KEYRING).exists() and _data_keys_exist():
            raise KeysMissing(
                f"The database holds data sealed under keys that aren't in {folder}. New keys would not open "
                f"it. Put the keys back from your backup (see {HOW_TO})."
            )
        files.make_keys(folder, timezone.now().isoformat())
    return fingerprints()


def prepare_keys() -> None:
    """Makes keys on the very first start; afterwards looks whether they are there and fit.

    Raises KeysMissing, KeysDoNotFit, KeysTooOpen: whoever starts Amaan then refuses to, for what it sealed
    under new keys would leave the old data unread without anybody noticing.
    """
    folder = _folder()
    if not (folder / files.KEYRING).exists():
        with files.locked(folder):
            if not (folder / files.KEYRING).exists():  # two processes of one first start
                if _data_keys_exist():
                    raise KeysMissing(
                        f"The keys aren't in {folder}, and this database holds data sealed under them. Put "
                        f"the keys back from your backup (see {HOW_TO}); nothing was changed."
                    )
                files.make_keys(folder, timezone.now().isoformat())
    keyring = files.read_keyring(folder)
    files.refuse_half_a_set(folder)
    if _data_keys_exist():
        for root in DataKey.objects.values_list("root", flat=True).distinct():
            keyring.wrapping(root)
        newest = DataKey.objects.order_by("-created_at").values_list("id", flat=True)[0]
        Opener(keyring).data_key(newest)


def fingerprints() -> dict[str, str]:
    """Names of keys to fingerprints to write on paper. No secret is in them."""
    folder = _folder()
    public = bytes(files.read_verify_key(folder))
    return files.read_keyring(folder).fingerprints() | {"ledger key (public)": fingerprint("ledger", public)}


@dataclass(frozen=True)
class Checked:
    """`faults` are sentences; `by_root` counts data keys a root key wraps."""

    data_keys: int
    by_root: dict[str, int]
    faults: list[str]


def check_keys() -> Checked:
    """Unwraps every data key. Raises KeysMissing, KeysTooOpen where there is nothing to check with."""
    folder = _folder()
    keyring = files.read_keyring(folder)
    files.refuse_half_a_set(folder)
    by_root: dict[str, int] = {}
    faults: list[str] = []
    for key_id, root, wrapped in DataKey.objects.values_list("id", "root", "wrapped").iterator(_REWRAP_SLICE):
        by_root[root] = by_root.get(root, 0) + 1
        try:
            unwrap_data_key(keyring.wrapping(root), root, key_id, bytes(wrapped))
        except KeysDoNotFit as fault:
            faults.append(f"data key {key_id}: {fault}")
    return Checked(data_keys=sum(by_root.values()), by_root=by_root, faults=faults)


def rotate_root() -> int:
    """A new root key; every data key wrapped anew under it, in one transaction. Returns how many.

    Sealed values and vault files don't change: they name data keys. The old root stays in the keyring,
    retired, until `drop_retired_roots`. The new root is on disk before any row names it.
    """
    folder = _folder()
    with files.locked(folder):
        keyring = files.read_keyring(folder).with_new_root(timezone.now().isoformat())
        files.write_keyring(folder, keyring)
        return _rewrap(keyring)


def _rewrap(keyring: Keyring) -> int:
    count = 0
    current = keyring.current
    with transaction.atomic():
        stale = list(DataKey.objects.exclude(root=current).values_list("id", flat=True))
        for part in _slices(stale, _REWRAP_SLICE):
            rows = list(DataKey.objects.filter(id__in=part))
            for row in rows:
                key = unwrap_data_key(keyring.wrapping(row.root), row.root, row.id, bytes(row.wrapped))
                row.root, row.wrapped = (
                    current,
                    wrap_data_key(keyring.wrapping(current), current, row.id, key),
                )
            count += DataKey.objects.bulk_update(rows, ["root", "wrapped"])
    return count


def drop_retired_roots() -> list[str]:
    """Takes retired root keys out of the keyring, once no data key needs them. Returns their ids.

    Backups of the database from before the rotation still need them: keep the old keys as long as those.
    """
    folder = _folder()
    with files.locked(folder):
        keyring = files.read_keyring(folder)
        _rewrap(keyring)  # and commit: a key file must never be ahead of the rows
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute(f'LOCK TABLE "{DataKey._meta.db_table}" IN EXCLUSIVE MODE')
            needed = set(DataKey.objects.values_list("root", flat=True).distinct()) - {keyring.current}
            if needed:
                raise KeysDoNotFit(
                    f"Data keys made meanwhile are wrapped under {', '.join(sorted(needed))}. Run "
                    "`amaan keys rotate --drop-old` again; nothing was dropped."
                )
            kept = keyring.without_retired()
            files.write_keyring(folder, kept)
    return sorted(set(keyring.roots) - set(kept.roots))


def _slices(values: Iterable[int], size: int) -> Iterator[list[int]]:
    iterator = iter(values)
    while part := list(islice(iterator, size)):
        yield part
