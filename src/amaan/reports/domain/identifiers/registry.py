"""All identifier types by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from amaan.reports.domain.identifiers.accounts import (
    AppPackage,
    CyberTiplineReport,
    Device,
    Email,
    GroupId,
    Handle,
    PlatformAccount,
)
from amaan.reports.domain.identifiers.base import Cleaned, IdentifierType, NotUnderstood
from amaan.reports.domain.identifiers.crypto import CryptoAddress
from amaan.reports.domain.identifiers.identity import Cnic, Other, Vehicle
from amaan.reports.domain.identifiers.invitations import Invitation
from amaan.reports.domain.identifiers.money import Bank, MobileWallet
from amaan.reports.domain.identifiers.network import IpAddress
from amaan.reports.domain.identifiers.phones import Phone
from amaan.reports.domain.identifiers.web import Domain, Url

_ALL: tuple[IdentifierType, ...] = (
    Phone(),
    Email(),
    Handle(),
    PlatformAccount(),
    Url(),
    Domain(),
    Invitation(),
    GroupId(),
    AppPackage(),
    IpAddress(),
    Device(),
    Cnic(),
    Bank(),
    MobileWallet(),
    CryptoAddress(),
    Vehicle(),
    CyberTiplineReport(),
    Other(),
)
TYPES: Mapping[str, IdentifierType] = MappingProxyType({kind.name: kind for kind in _ALL})


def clean(type_name: str, raw: str, *, platform: str = "", country: str = "PK") -> Cleaned:
    """Raises `NotUnderstood` when the text is not of this type, or when there is no such type."""
    kind = TYPES.get(type_name)
    if kind is None:
        message = f"Expected one of the identifier types: {', '.join(TYPES)}."
        raise NotUnderstood(message)
    return kind.clean(raw, platform=platform, country=country)
