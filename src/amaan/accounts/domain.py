"""When a second factor may be left out, and what an initial password looks like. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from ipaddress import ip_address


class Policy(StrEnum):
    """REQUIRED: nobody works without a second factor. RELAXED: a demo that only this machine can reach."""

    REQUIRED = "required"
    RELAXED = "relaxed"


class DemoExposed(Exception):
    """A demo world, whose sign-ins are public knowledge, would be reachable from other machines."""


def is_loopback(bind: str) -> bool:
    """Whether an address to listen on (`127.0.0.1`, `[::1]:8000`) is reachable from this machine only."""
    host = bind.strip().lower()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, a socket's path, nothing at all: somebody else may stand behind it
        return False


def second_factor_policy(demo_marker: bool, bind: str, hosts: Iterable[str] = ()) -> Policy:
    """The rule of this process. `hosts` are the names under which it answers besides the loopback's own.

    Raises DemoExposed where a demo marker stands and the server would be reachable beyond this machine.
    """
    if not demo_marker:
        return Policy.REQUIRED
    named = sorted(host for host in hosts if not is_loopback(host))
    if not is_loopback(bind) or named:
        reach = f"listens on {bind}" if not is_loopback(bind) else f"answers as {', '.join(named)}"
        raise DemoExposed(
            f"AMAAN_HOME holds a demo world (demo.json), whose passwords are public, and this server {reach}."
            " Listen on 127.0.0.1 without AMAAN_HOSTS, or set AMAAN_HOME to a folder that never held a demo."
        )
    return Policy.RELAXED
