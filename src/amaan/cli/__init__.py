"""The command line, assembled from the rooms' commands.

Enters: what an operator types. Leaves: calls of services as a system actor, and exit codes. Who may
come in: whoever may run it on the machine; the machine's own accounts guard it (docs/threat-model).
"""

from __future__ import annotations

import atexit
import gc
import os
import sys


def main() -> int:
    """Set Django up, then hand over to the command."""
    atexit.register(gc.freeze)  # a process that ends need not look through the program: half a second of each
    os.umask(0o077)  # what Amaan writes is its user's alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amaan.config.settings")
    import django

    django.setup()
    from amaan.cli.assembly import run

    return run(sys.argv[1:])
