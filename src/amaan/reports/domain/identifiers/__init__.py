"""Identifiers: what was told about a person's phone, account, address on the web, money or machine.

In comes text as somebody wrote it; out comes a `Cleaned` value that equals another one exactly when the
two mean the same thing, or `NotUnderstood`, which says in plain words what was expected. Each type is a
small class that also says whether an equal value links people or only supports a comparison, and why.
Pure: any room may come in, from any process.
"""

from amaan.reports.domain.identifiers.base import Cleaned, IdentifierType, NotUnderstood, Text
from amaan.reports.domain.identifiers.network import address_and_port
from amaan.reports.domain.identifiers.platforms import platform_key
from amaan.reports.domain.identifiers.recognition import Found, recognise
from amaan.reports.domain.identifiers.registry import TYPES, clean

__all__ = [
    "TYPES",
    "Cleaned",
    "Found",
    "IdentifierType",
    "NotUnderstood",
    "Text",
    "address_and_port",
    "clean",
    "platform_key",
    "recognise",
]
