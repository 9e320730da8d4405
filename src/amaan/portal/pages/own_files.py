"""What ships with Amaan and gives way to a file of the operator's in AMAAN_PORTAL_HOME."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from django.conf import settings


def own_file(*parts: str) -> str | None:
    """The operator's file, or None. A file that cannot be read as UTF-8 is none."""
    try:
        return Path(settings.AMAAN_PORTAL_HOME).joinpath(*parts).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def shipped_file(*parts: str) -> str | None:
    """The file in the package, or None."""
    file = resources.files("amaan.portal").joinpath(*parts)
    return file.read_text("utf-8") if file.is_file() else None
