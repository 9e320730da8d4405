"""Reading: which service may be asked, and whether we could."""

from __future__ import annotations

from django.conf import settings

from amaan.clients.asking import Service
from amaan.matching.domain.errors import ExchangeOff, NotAnExchange
from amaan.matching.domain.lists import EXCHANGES


def exchange_on(exchange: str) -> bool:
    """Whether there is a credential for this service."""
    return exchange in settings.AMAAN_EXCHANGES


def service_of(exchange: str) -> Service:
    """Raises NotAnExchange, and ExchangeOff, which says what to set."""
    if exchange not in EXCHANGES:
        raise NotAnExchange("Files or decisions fill this list, not a service.")
    found: Service | None = settings.AMAAN_EXCHANGES.get(exchange)
    if found is None:
        raise ExchangeOff(
            f"The exchange {exchange} is off: there is no credential for it. Set {EXCHANGES[exchange]} to "
            "https://USER:PASSWORD@host/path and start Amaan again (docs/how-to/connect-a-hash-list.md)."
        )
    return found
