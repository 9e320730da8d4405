"""The key files in AMAAN_KEYS: `keyring.json` (root and index keys), `ledger-signing.key`, public halves. No Django.

Files are 0600 in a folder that only their owner can list. They are written beside, fsynced and renamed, so
that a crash leaves the old file or the new one. Reading is cached by the file's identity: a rotation in
another process is seen at the next call, for the price of a `stat`.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from nacl.public import PrivateKey
from nacl.signing import SigningKey, VerifyKey

from amaan.keyring.domain.errors import HOW_TO, KeysAlreadyExist, KeysDoNotFit, KeysMissing, KeysTooOpen
from amaan.keyring.domain.sealing import KEY_BYTES, IndexKeys, fingerprint, wrapping_key

KEYRING: Final = "keyring.json"
SIGNING_KEY: Final = "ledger-signing.key"
VERIFY_KEY: Final = "ledger-signing.pub"
MEDIA_KEY: Final = "media.pub"
DOOR_KEY: Final = "door.key"
_FORMAT: Final = "amaan-keyring-1"
_INDEXES: Final = ("parties", "reporters", "references", "vault")


@dataclass(frozen=True)
class Root:
    """`retired` roots open what they wrapped and wrap nothing new."""

    id: str
    key: bytes = field(repr=False)
    made_at: str
    retired: bool = False


@dataclass(frozen=True)
class Keyring:
    current: str
    roots: Mapping[str, Root]
    indexes: IndexKeys
    _wrapping: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def wrapping(self, root_id: str) -> bytes:
        """The key that wraps data keys under a root. Raises KeysDoNotFit."""
        known = self._wrapping.get(root_id)
        if known is None:
            root = self.roots.get(root_id)
            if root is None:
                raise KeysDoNotFit(
                    f"Root key {root_id}, which data in this database needs, isn't in {KEYRING} (it holds "
                    f"{', '.join(sorted(self.roots))}). Put back the key files that belong to this database "
                    f"(see {HOW_TO})."
                )
            known = self._wrapping[root_id] = wrapping_key(root.key)
        return known

    def with_new_root(self, now: str) -> Keyring:
        root = _new_root(now)
        retired = {r.id: replace(r, retired=True) for r in self.roots.values()}
        return Keyring(current=root.id, roots={**retired, root.id: root}, indexes=self.indexes)

    def without_retired(self) -> Keyring:
        return Keyring(self.current, {self.current: self.roots[self.current]}, self.indexes)

    def fingerprints(self) -> dict[str, str]:
        """Names in plain words to fingerprints, in the order in which a ceremony writes them down."""
        shown = {
            f"root key {r.id} ({'current' if r.id == self.current else 'retired'})": fingerprint(
                "root", r.key
            )
            for r in self.roots.values()
        }
        return shown | {f"index key {n}": fingerprint(n, getattr(self.indexes, n)) for n in _INDEXES}


def _new_root(now: str) -> Root:
    return Root(id="r" + secrets.token_hex(5), key=secrets.token_bytes(KEY_BYTES), made_at=now)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _encode(keyring: Keyring) -> bytes:
    document = {
        "format": _FORMAT,
        "current": keyring.current,
        "roots": {
            r.id: {"key": _b64(r.key), "made_at": r.made_at, "retired": r.retired}
            for r in keyring.roots.values()
        },
        "indexes": {name: _b64(getattr(keyring.indexes, name)) for name in _INDEXES},
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _decode(path: Path, raw: bytes) -> Keyring:
    try:
        document = json.loads(raw)
        if document["format"] != _FORMAT:
            raise ValueError
        roots = {
            name: Root(name, _key(row["key"]), str(row["made_at"]), bool(row["retired"]))
            for name, row in document["roots"].items()
        }
        indexes = IndexKeys(**{name: _key(document["indexes"][name]) for name in _INDEXES})
        current = str(document["current"])
        roots[current]
    except (ValueError, KeyError, TypeError, AttributeError):
        # The cause is cut off: its text could quote the file, and the file is all secrets.
        raise KeysDoNotFit(
            f"{path} can't be read as a keyring. Put it back from your backup (see {HOW_TO})."
        ) from None
    return Keyring(current=current, roots=roots, indexes=indexes)


def _key(text: str) -> bytes:
    raw = base64.b64decode(text, validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError
    return raw


def _missing(path: Path) -> KeysMissing:
    return KeysMissing(
        f"{path} isn't there, and without it this installation's data can't be read. Put the keys back from "
        f"your backup (see {HOW_TO}). On a new installation, `amaan keys init` makes them."
    )


def _refuse_if_open(folder: Path, path: Path, mode: int) -> None:
    if mode & 0o077:
        raise KeysTooOpen(f"Others on this machine may read {path}. Run: chmod 600 '{path}'")
    if folder.stat().st_mode & 0o066:
        raise KeysTooOpen(f"Others on this machine may look into {folder}. Run: chmod 700 '{folder}'")


_cache: dict[Path, tuple[tuple[int, int, int], Keyring]] = {}


def read_keyring(folder: Path) -> Keyring:
    """Raises KeysMissing, KeysTooOpen, KeysDoNotFit."""
    path = folder / KEYRING
    try:
        found = path.stat()
    except FileNotFoundError:
        raise _missing(path) from None
    _refuse_if_open(folder, path, found.st_mode)
    identity = (found.st_ino, found.st_mtime_ns, found.st_size)
    cached = _cache.get(path)
    if cached is None or cached[0] != identity:
        cached = _cache[path] = (identity, _decode(path, path.read_bytes()))
    return cached[1]


def read_signing_key(folder: Path) -> SigningKey:
    """The ledger's Ed25519 key. Raises KeysMissing, KeysTooOpen, KeysDoNotFit."""
    path = folder / SIGNING_KEY
    try:
        _refuse_if_open(folder, path, path.stat().st_mode)
        return SigningKey(_key(path.read_text().strip()))
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError:
        raise KeysDoNotFit(
            f"{path} isn't a signing key. Put it back from your backup (see {HOW_TO})."
        ) from None


def read_verify_key(folder: Path) -> VerifyKey:
    """The public half, for processes that may not read the signing key. Raises KeysMissing, KeysDoNotFit."""
    path = folder / VERIFY_KEY
    try:
        return VerifyKey(_key(path.read_text().strip()))
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError:
        raise KeysDoNotFit(
            f"{path} isn't a public key. Put it back from your backup (see {HOW_TO})."
        ) from None


def read_door_key(folder: Path) -> PrivateKey:
    """What opens the public door's envelopes (X25519). Raises KeysMissing, KeysTooOpen, KeysDoNotFit."""
    path = folder / DOOR_KEY
    try:
        _refuse_if_open(folder, path, path.stat().st_mode)
        return PrivateKey(_key(path.read_text().strip()))
    except FileNotFoundError:
        raise _missing(path) from None
    except ValueError:
        raise KeysDoNotFit(f"{path} isn't a key. Put it back from your backup (see {HOW_TO}).") from None


def make_door_key(folder: Path) -> None:
    """Where there is none yet. Call inside `locked`."""
    if not (folder / DOOR_KEY).exists():
        _write(folder, DOOR_KEY, _b64(secrets.token_bytes(KEY_BYTES)).encode() + b"\n")


def read_media_key(folder: Path) -> str:
    """The examiner's public key as text, to which uploaded files are sealed; empty where none is trusted. Its private
    half is on no server. It lies here and not in the database, so that whoever writes there can't exchange it."""
    path = folder / MEDIA_KEY
    return path.read_text().strip() if path.exists() else ""


def write_media_key(folder: Path, text: str) -> None:
    """Replace it, durably. Call inside `locked`."""
    _write(folder, MEDIA_KEY, text.encode() + b"\n")


def refuse_half_a_set(folder: Path) -> None:
    """The signing key may belong to another user, so its presence is looked at and its content isn't."""
    for name in (SIGNING_KEY, VERIFY_KEY):
        if not (folder / name).exists():
            raise _missing(folder / name)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One process at a time makes or changes keys."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "keyring.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def make_keys(folder: Path, now: str) -> None:
    """The first keys. `now` is an ISO time. Raises KeysAlreadyExist; call inside `locked`.

    The keyring comes last: where it is, the set is whole. A signing key that is there already (a first start
    that was cut short) stays, for a ledger may have been signed with it.
    """
    if (folder / KEYRING).exists():
        raise KeysAlreadyExist(
            f"{folder / KEYRING} is there already; nothing was changed. To change keys, rotate them."
        )
    if not (folder / SIGNING_KEY).exists():
        _write(folder, SIGNING_KEY, _b64(secrets.token_bytes(KEY_BYTES)).encode() + b"\n")
    _write(folder, VERIFY_KEY, _b64(bytes(read_signing_key(folder).verify_key)).encode() + b"\n")
    root = _new_root(now)
    indexes = IndexKeys(**{name: secrets.token_bytes(KEY_BYTES) for name in _INDEXES})
    write_keyring(folder, Keyring(current=root.id, roots={root.id: root}, indexes=indexes))


def write_keyring(folder: Path, keyring: Keyring) -> None:
    """Replace the keyring, durably. Call inside `locked`."""
    _write(folder, KEYRING, _encode(keyring))


def _write(folder: Path, name: str, content: bytes) -> None:
    beside = folder / f".{name}.{secrets.token_hex(6)}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / name)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
