"""What the ledger keeps with the keys: under which name it signs, and the newest checkpoint it ever signed.

A backup never holds data and keys, so a database that was put back to an earlier day no longer fits this
file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from django.conf import settings

from amaan.keyring.services import ledger_verify_key
from amaan.ledger.domain.faults import CheckpointWrong, HeadMissing, LedgerRolledBack
from amaan.ledger.domain.note import CheckpointText, NoteRejected, VerifierKey, open_checkpoint
from amaan.ledger.models import Checkpoint

HEAD = "ledger.head"


def verifier_key() -> VerifierKey:
    """The key that outsiders check with. Its name is the ledger's origin. Raises keyring's KeysMissing."""
    return named(bytes(ledger_verify_key()))


def named(public: bytes) -> VerifierKey:
    """The origin is settings.AMAAN_LEDGER_ORIGIN, or amaan/ and 8 hex digits of SHA-256 of the public key."""
    origin = str(getattr(settings, "AMAAN_LEDGER_ORIGIN", "") or "")
    return VerifierKey(origin or f"amaan/{hashlib.sha256(public).hexdigest()[:8]}", public)


def _path() -> Path:
    return Path(settings.AMAAN_KEYS) / HEAD


def write_head(note: str) -> None:
    """Atomically; a crash leaves the old head or the new one, and an old one that the database has outgrown
    is fine."""
    path = _path()
    beside = path.with_name(f".{HEAD}.{secrets.token_hex(6)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read_head(key: VerifierKey) -> CheckpointText | None:
    """None where there is no file. Raises CheckpointWrong where it is not a checkpoint of this ledger."""
    try:
        note = _path().read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return open_checkpoint(note, key)
    except NoteRejected as fault:
        raise CheckpointWrong(f"{_path()} is not a checkpoint of this ledger. {fault}") from None


def check_head(head: CheckpointText | None, newest: Checkpoint | None) -> None:
    """The database is no older than the head, and continues it. Raises HeadMissing, LedgerRolledBack.

    Read the head before the newest checkpoint: the sequencer may move both meanwhile.
    """
    if head is None:
        if newest is not None:
            raise HeadMissing(
                f"{_path()} is missing, so nobody can tell whether this database is the newest. Put it "
                "back from a backup of the keys, or write into it the last checkpoint kept elsewhere."
            )
        return
    size = newest.size if newest else 0
    if head.size > size:
        raise LedgerRolledBack(
            f"the last signed checkpoint counts {head.size} leaves and this database {size}: it was "
            "put back to an earlier state, or it is another one. Restore the newest database. If it is lost for "
            "good, say so: amaan ledger restored --reason TEXT.",
            index=size,
        )
    if head.size and not Checkpoint.objects.filter(size=head.size, root=head.root).exists():
        raise LedgerRolledBack(
            f"the checkpoint of {head.size} leaves that was signed is not in this database: "
            "its history is another.",
            index=head.size - 1,
        )


def set_aside_head() -> Path:
    """Keep the head under a name that says why; its new place. The old head stays proof of what was lost."""
    kept = _path().with_name(f"{HEAD}.before-restore-{secrets.token_hex(3)}")
    _path().rename(kept)
    return kept
