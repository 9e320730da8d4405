"""What can go wrong with keys. Every message says what to do; none holds a secret."""

from __future__ import annotations

HOW_TO = "docs/how-to/keys.md"


class KeyringError(Exception):
    """Any trouble with keys or seals."""


class SealBroken(KeyringError):
    """A sealed value or stream was changed, cut, moved to another place, or never was one."""


class KeyMissing(KeyringError):
    """The data key that a sealed value names isn't in the database."""

    def __init__(self, key_id: int) -> None:
        super().__init__(
            f"Data key {key_id} isn't in the database, so what it sealed can't be read. The database is "
            f"older than the value: restore database and vault from the same backup (see {HOW_TO})."
        )
        self.key_id = key_id

    def __reduce__(self) -> tuple[type[KeyMissing], tuple[int]]:
        return type(self), (self.key_id,)


class KeysMissing(KeyringError):
    """Key files that this installation needs aren't there."""


class KeysDoNotFit(KeyringError):
    """Key files are there, but they aren't the ones that this database was sealed with."""


class KeysTooOpen(KeyringError):
    """Somebody else on this machine could read the keys."""


class KeysAlreadyExist(KeyringError):
    """A ceremony was asked for where keys already are."""
