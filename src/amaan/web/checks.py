"""What must hold before a server starts. `manage check` says it, and `refuse_unfit` ends the start."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

from amaan.accounts.audience import audience_of
from amaan.accounts.domain import DemoExposed
from amaan.accounts.second_factor import policy
from amaan.evidence.services import media_policy
from amaan.keyring.domain import KeyringError


class ServerRefused(Exception):
    """The server does not start like this; the message says what to change."""


def views(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of this process with its pattern, depth first."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, route)
        else:
            yield route, entry


@register("amaan")
def every_view_declares(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [
        Error(
            f"The view at /{route} does not say whom it is for.",
            hint="Put @audience(…) from amaan.accounts.audience on it.",
            obj=pattern.lookup_str,
            id="amaan.E001",
        )
        for route, pattern in views()
        if audience_of(pattern.callback) is None
    ]


@register("amaan")
def demo_stays_home(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        policy()
    except DemoExposed as exposed:
        return [Error(str(exposed), id="amaan.E002")]
    return []


@register("amaan")
def files_have_a_key(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        media_policy()
    except KeyringError as fault:
        return [Error(str(fault), id="amaan.E003")]
    return []


def refuse_unfit() -> None:
    """Raise ServerRefused unless every view declares its audience, no demo world is exposed, and files that are to be
    sealed have a key to be sealed to."""
    faults = [*every_view_declares(), *demo_stays_home(), *files_have_a_key()]
    if faults:
        raise ServerRefused(
            "\n".join(f"{fault.obj or 'Amaan'}: {fault.msg} {fault.hint or ''}" for fault in faults)
        )
