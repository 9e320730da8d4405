"""Uploaded files by the media policy: hashed and gone, or sealed to the examiner's key; and how that one gets them.

The policy is the environment's (AMAAN_MEDIA), the key is a file in AMAAN_KEYS, so that whoever writes to the database
can't send files to a key of their own. Which policy held since when is in the ledger.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.evidence.carried import blocks_of, write_new
from amaan.evidence.domain import (
    RECIPIENT_HEAD_BYTES,
    Digests,
    DiscardingSink,
    MediaAborted,
    MediaKey,
    MediaPolicy,
    MediaSink,
    ReceivedFile,
    Recipient,
    RecipientHead,
    RecipientStream,
    recipient_address,
    sealed_length,
)
from amaan.evidence.models import Exhibit, MediaRule
from amaan.evidence.services.photos import SeenSink
from amaan.evidence.services.storing import ExhibitUnknown, ids_of, the_vault
from amaan.evidence.vault import Place
from amaan.keyring.domain import KeysMissing, SealBroken
from amaan.keyring.domain.streams import SEALED_CHUNK
from amaan.keyring.services import index_keys, keep_media_recipient, media_recipient
from amaan.ledger.services import Act, append

_KNOWN_ONLY = "Only a file that a platform uploaded under the policy `sealed` can be carried to an examiner."


class MediaKeyMissing(KeysMissing):
    """The policy is `sealed`, and there is no key to seal to."""

    def __init__(self) -> None:
        super().__init__(
            "AMAAN_MEDIA=sealed needs the examiner's public key. Trust it first: amaan media trust PUBLICKEY "
            "(docs/how-to/media-policy.md)."
        )


class NotSealedToRecipient(Exception):
    """The exhibit isn't an uploaded file."""


class NoReasonNamed(Exception):
    """Whoever takes a file out says why; the reason is sealed in the ledger."""

    def __init__(self) -> None:
        super().__init__("Say why the file is taken out; the reason goes into the ledger.")


def _trusted() -> Recipient | None:
    text = media_recipient()
    return Recipient.parse(text) if text else None


def media_policy() -> tuple[MediaPolicy, Recipient | None]:
    """The policy that the environment names, and under `sealed` the key to seal to. Asks no database.

    Raises MediaKeyMissing, NotAMediaKey.
    """
    policy = MediaPolicy(settings.AMAAN_MEDIA)
    if policy is MediaPolicy.HASH_ONLY:
        return policy, None
    recipient = _trusted()
    if recipient is None:
        raise MediaKeyMissing
    return policy, recipient


def settle_policy(actor: Actor) -> tuple[MediaPolicy, Recipient | None]:
    """The policy in force, entered in the ledger where it isn't the one that held before.

    Every server asks it when it starts and before it takes a file, so no file comes in under a policy or for a key
    that isn't in the ledger yet. An installation begins with `hash-only`. Raises MediaKeyMissing, NotAMediaKey.
    """
    policy, recipient = media_policy()
    key = recipient.text if recipient else ""
    if _held_until_now() != (policy, key):
        with transaction.atomic():
            before, key_before = _held_until_now()
            if (before, key_before) == (policy, key):  # another process entered it meanwhile
                return policy, recipient
            MediaRule.objects.create(policy=policy.value, recipient=key, since=timezone.now())
            body = {
                "policy": policy.value,
                "before": before,
                "recipient": recipient.id.hex() if recipient else "",
                "fingerprint": recipient.fingerprint if recipient else "",
            }
            append(actor, [Act("media.policy_set", f"media:{policy.value}", "", body)])
    return policy, recipient


def _held_until_now() -> tuple[str, str]:
    newest = MediaRule.objects.order_by("-id").values_list("policy", "recipient").first()
    return newest or (MediaPolicy.HASH_ONLY.value, "")


def trust_media_key(actor: Actor, *, public: str) -> Recipient:
    """From now on files are sealed to this public key. What is sealed to an older one stays so.

    Raises NotAllowed, NotAMediaKey.
    """
    require(actor, Action.MANAGE_PLATFORMS)
    recipient = Recipient.parse(public)
    with transaction.atomic():
        body = {"recipient": recipient.id.hex(), "fingerprint": recipient.fingerprint}
        append(actor, [Act("media.key_trusted", f"media-key:{recipient.id.hex()}", "", body)])
        keep_media_recipient(recipient.text)  # last: a key in use is always in the ledger
    return recipient


def media_sink() -> MediaSink:
    """Where an uploaded file's bytes go, by the policy in force: call it before the first byte, and not inside a
    transaction. Raises MediaKeyMissing, NotAMediaKey, KeysMissing."""
    _, recipient = settle_policy(Actor.system("media"))
    return SeenSink(DiscardingSink() if recipient is None else SealingSink(recipient))


class SealingSink:
    """The policy `sealed`: a `MediaSink` that writes nothing but ciphertext. OSError from `write` and `finish` means
    that the disk didn't take it; abort then."""

    def __init__(self, recipient: Recipient) -> None:
        self._recipient = recipient
        self._address_key = index_keys().vault
        self._digests = Digests()
        self._sealed = hashlib.sha256()
        self._stream = RecipientStream(recipient)
        self._received: ReceivedFile | None = None
        self._aborted = False
        self._part = the_vault().incoming()
        self._put(self._stream.head)

    def _put(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        self._part.write(sealed)

    def write(self, data: bytes) -> None:
        """Raises MediaAborted, OSError."""
        if self._aborted or self._received:
            raise MediaAborted
        self._digests.update(data)
        self._put(self._stream.push(data))

    def finish(self) -> ReceivedFile:
        """The exhibit, durable on return (its row is the caller's transaction's). The same bytes sealed to the same
        key are stored once. Raises MediaAborted, OSError."""
        if self._aborted:
            raise MediaAborted
        if self._received is None:
            self._put(self._stream.end())
            self._received = self._digests.received(self._exhibit())
            self._part.close()
        return self._received

    def _exhibit(self) -> int:
        address = recipient_address(self._address_key, self._digests.sha256(), self._recipient.id)
        known = ids_of([address])
        if address in known:
            return known[address]
        place = self._part.keep()
        row = Exhibit(
            address=address,
            pack=place.pack,
            offset=place.offset,
            length=place.length,
            size=self._digests.size,
            created_at=timezone.now(),
            recipient=self._recipient.id,
            sealed_digest=self._sealed.digest(),
        )
        with transaction.atomic():
            Exhibit.objects.bulk_create([row], ignore_conflicts=True)
            exhibit_id = ids_of([address])[address]
            stored = Exhibit.objects.filter(id=exhibit_id, pack=place.pack).exists()
        if not stored:
            the_vault().discard(place)  # another process stored the same file meanwhile
        return exhibit_id

    def abort(self) -> None:
        """Nothing of it stays. After `finish`: nothing happens."""
        if self._received is None:
            self._aborted = True
            self._part.close()


def compare_sealed(place: Place, size: int, recipient: bytes, digest: bytes) -> None:
    """Whether what lies there is what was stored; it can't be opened here. Raises SealBroken, ExhibitBytesMissing."""
    for _ in _as_stored(place, size, recipient, digest):
        continue


def _as_stored(place: Place, size: int, recipient: bytes, digest: bytes) -> Iterator[bytes]:
    """The sealed exhibit in pieces, compared to its end: the same rule as with opening. Raises SealBroken."""
    if place.length != sealed_length(size):
        raise SealBroken(f"It is {place.length} bytes long, which {size} bytes of a file can't become.")
    found = hashlib.sha256()
    for number, block in enumerate(the_vault().blocks(place, RECIPIENT_HEAD_BYTES, SEALED_CHUNK)):
        if number == 0 and RecipientHead.read(block).recipient_id != recipient:
            raise SealBroken("It is sealed to another key than its row says.")
        found.update(block)
        yield block
    if not hmac.compare_digest(found.digest(), digest):
        raise SealBroken("Its sealed bytes aren't those that were stored.")


@dataclass(frozen=True)
class Exported:
    """`sha256` of the sealed bytes in hex, as it stands in the ledger; `bytes` of them; whose key opens it."""

    sha256: str
    bytes: int
    recipient: str


def export_media(actor: Actor, *, exhibit_id: int, reason: str, out: Path) -> Exported:
    """A sealed file, as it lies in the vault, to carry to the examiner. Nothing is opened.

    The ledger has it before the file is there. Raises NotAllowed, NoReasonNamed, ExhibitUnknown, NotSealedToRecipient,
    ExhibitBytesMissing, SealBroken, FileInTheWay, OSError.
    """
    row = _taken_out(actor, "media.exported", exhibit_id, reason)
    write_new(out, _pieces(row))
    return Exported(bytes(row.sealed_digest or b"").hex(), row.length, bytes(row.recipient or b"").hex())


def open_media(actor: Actor, *, exhibit_id: int, key: MediaKey, reason: str, out: Path) -> ReceivedFile:
    """Open a file on the installation itself, with the examiner's key that was brought for it. Better is
    `export_media`, which keeps key and server apart.

    Raises what `export_media` raises, and WrongMediaKey.
    """
    row = _taken_out(actor, "media.opened", exhibit_id, reason)
    digests = Digests()

    def plaintext() -> Iterator[bytes]:
        yield from _opened(key, _pieces(row), digests)
        address = recipient_address(index_keys().vault, digests.sha256(), bytes(row.recipient or b""))
        if not hmac.compare_digest(address, bytes(row.address)):
            raise SealBroken("The file opens, but it isn't the one that was stored under this number.")

    write_new(out, plaintext())
    return digests.received(exhibit_id)


def _taken_out(actor: Actor, act: str, exhibit_id: int, reason: str) -> Exhibit:
    require(actor, Action.UNSEAL)
    if not reason.strip():
        raise NoReasonNamed
    row = Exhibit.objects.filter(id=exhibit_id).first()
    if row is None:
        raise ExhibitUnknown(f"There is no exhibit {exhibit_id}.")
    if row.recipient is None or row.sealed_digest is None:
        raise NotSealedToRecipient(f"Exhibit {exhibit_id} is a document. {_KNOWN_ONLY}")
    body = {
        "reason": reason.strip(),
        "sealed_sha256": bytes(row.sealed_digest).hex(),
        "recipient": bytes(row.recipient).hex(),
    }
    with transaction.atomic():
        append(actor, [Act(act, f"exhibit:{exhibit_id}", "", body)])
    return row


def _pieces(row: Exhibit) -> Iterator[bytes]:
    place = Place(row.pack, row.offset, row.length)
    return _as_stored(place, row.size, bytes(row.recipient or b""), bytes(row.sealed_digest or b""))


def open_carried(key: MediaKey, *, sealed: Path, out: Path) -> ReceivedFile:
    """Open an exported file with the examiner's key. Needs no database, no vault and no other key.

    The hashes are those of the plaintext: compare them with the report's. Raises WrongMediaKey, SealBroken,
    FileInTheWay, OSError.
    """
    digests = Digests()
    blocks = blocks_of(sealed, RECIPIENT_HEAD_BYTES, SEALED_CHUNK)
    write_new(out, _opened(key, blocks, digests))
    return digests.received(None)


def _opened(key: MediaKey, blocks: Iterator[bytes], digests: Digests) -> Iterator[bytes]:
    for chunk in RecipientHead.read(next(blocks, b"")).open(key, blocks):
        digests.update(chunk)
        yield chunk
