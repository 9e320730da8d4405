"""Credentials of platforms: given out once, changed, taken back."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from amaan.authority.actors import Actor
from amaan.authority.matrix import Action, require
from amaan.ledger.services import Act, append
from amaan.referrals.domain.receipts import KINDS, names_of, shape_digest
from amaan.referrals.domain.wire import secret_digest
from amaan.referrals.models import Platform, Shape
from amaan.reports.domain.preparing import dumps

if TYPE_CHECKING:
    from amaan.accounts.models import Unit

SECRET_BYTES = 32


class PlatformExists(Exception):
    """A platform of this name has a credential already."""


class PlatformUnknown(Exception):
    """No platform has this name or user."""


class PlatformRevoked(Exception):
    """The credential was taken back, which is final."""


class BadPlatformName(Exception):
    """A name is 1 to 120 characters."""


@dataclass(frozen=True)
class Issued:
    """A credential as it is shown once. The password is nowhere kept."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"Issued({self.user!r})"


@transaction.atomic
def add_platform(
    actor: Actor, *, name: str, unit: Unit, entity: str = "", may_look_up: bool = False
) -> Issued:
    """A credential for a platform whose reports go to `unit`, shown there as of `entity` (without one, of `name`).

    With `may_look_up` it may also ask whether one signal is on a list.

    Raises NotAllowed, PlatformExists, BadPlatformName.
    """
    require(actor, Action.MANAGE_PLATFORMS)
    name, entity = " ".join(name.split()), " ".join((entity or name).split())
    if not (1 <= len(name) <= 120 and len(entity) <= 200):
        raise BadPlatformName(
            "A platform's name has 1 to 120 characters, and its name on reports at most 200."
        )
    if Platform.objects.filter(name=name).exists():
        raise PlatformExists(
            f"{name} has a credential already. To give it a new password: amaan platform rotate."
        )
    for kind in KINDS:  # receipts of its reports are read with these
        Shape.objects.get_or_create(
            digest=shape_digest(kind), defaults={"kind": kind, "names": dumps(names_of(kind))}
        )
    user, secret = f"{_plain(name)}-{secrets.token_hex(3)}", secrets.token_urlsafe(SECRET_BYTES)
    platform = Platform.objects.create(
        name=name,
        entity=entity,
        unit=unit,
        user=user,
        secret=secret_digest(user, secret),
        may_look_up=may_look_up,
        made_at=timezone.now(),
    )
    body = {"name": name, "entity": entity, "user": user, "may_look_up": may_look_up}
    append(actor, [Act("platform.added", str(platform), unit.code, body)])
    return Issued(user, secret)


@transaction.atomic
def rotate_platform(actor: Actor, *, platform: str) -> Issued:
    """A new password; the old one ends within `wire.access.VERIFIED_SECONDS`. Raises as `revoke_platform`."""
    require(actor, Action.MANAGE_PLATFORMS)
    held = _living(platform)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    held.secret, held.rotated_at = secret_digest(held.user, secret), timezone.now()
    held.save(update_fields=["secret", "rotated_at"])
    append(actor, [Act("platform.rotated", str(held), held.unit.code, {"name": held.name})])
    return Issued(held.user, secret)


@transaction.atomic
def revoke_platform(actor: Actor, *, platform: str) -> None:
    """End a credential for good; reports that it left open expire.

    Raises NotAllowed, PlatformUnknown, PlatformRevoked.
    """
    require(actor, Action.MANAGE_PLATFORMS)
    held = _living(platform)
    held.revoked_at = timezone.now()
    held.save(update_fields=["revoked_at"])
    append(actor, [Act("platform.revoked", str(held), held.unit.code, {"name": held.name})])


def _living(platform: str) -> Platform:
    """The platform of this name or user."""
    found = Platform.objects.select_related("unit").select_for_update(of=("self",))
    held = found.filter(user=platform).first() or found.filter(name=" ".join(platform.split())).first()
    if held is None:
        raise PlatformUnknown(f"There is no platform {platform}. See: amaan platform list")
    if held.revoked_at:
        raise PlatformRevoked(f"The credential of {held.name} was taken back; add one under another name.")
    return held


def _plain(name: str) -> str:
    """A name's letters and digits for the user name: short, ASCII, no colon (HTTP Basic, RFC 7617)."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:40] or "platform"
