"""The web process's own secret (sessions, CSRF). It lies with the keys, never in the repository or AMAAN_HOME."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def web_secret(keys: Path) -> str:
    """Read `keys/web.secret`; make it on the first start. Without it sessions end, and nothing else is lost."""
    path = keys / "web.secret"
    if path.exists():
        return path.read_text().strip()
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    value = secrets.token_urlsafe(50)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was first
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(value)
    return value
