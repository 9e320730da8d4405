"""The second-factor rule of this process, from its settings and the demo marker in AMAAN_HOME."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from amaan.accounts.domain import Policy, second_factor_policy

DEMO_MARKER = "demo.json"


def demo_marker_stands() -> bool:
    return (Path(settings.AMAAN_HOME) / DEMO_MARKER).exists()


def policy() -> Policy:
    """Raises DemoExposed; whoever starts a server asks here first and lets it end the start."""
    return second_factor_policy(demo_marker_stands(), settings.AMAAN_BIND, settings.AMAAN_HOSTS)
