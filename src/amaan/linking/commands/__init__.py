"""Command line: `amaan links …` and `amaan rings …`; one file each."""

from __future__ import annotations

from amaan.linking.commands.links import app as links
from amaan.linking.commands.rings import app as rings

__all__ = ["links", "rings"]
